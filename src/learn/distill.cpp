#include "learn/distill.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "base/error.h"
#include "learn/group_pass.h"
#include "learn/grpo_options.h"
#include "learn/language_loss.h"
#include "learn/model_input.h"
#include "learn/selection.h"
#include "learn/teacher.h"
#include "ops/divergence.h"
#include "ops/elementwise.h"
#include "ops/tape.h"

namespace r1 {
namespace {

struct DistillOptions {
  QuestionOptions questions;
  RolloutOptions rollouts;
  SelectionOptions selection;
  TrainerOptions trainer;
  std::filesystem::path teacher;
  std::int64_t steps = 0, prompts = 32;
  std::int64_t micro_batch_tokens = 2048;
  double divergence_weight = 0;
  std::int64_t evaluate_every = 20, evaluation_questions = 200;
};

/// Answers that are computed together, for the student and for the teacher: the prompts may be put
/// in other words.
struct Lessons {
  std::vector<PromptAnswers> student, teacher;
  std::int64_t tokens = 0, learned = 0;
};

Tensor mean(const Tensor& numbers, double weight, std::int64_t count) {
  const std::vector<float> weights(static_cast<std::size_t>(numbers.elements()),
                                   static_cast<float>(weight / static_cast<double>(count)));
  return weighted_sum(numbers, weights);
}

class Distill : public Stage {
 public:
  explicit Distill(DistillOptions options) : options_(std::move(options)) {}

  void begin(StageContext& context) override;
  std::int64_t steps() const override { return options_.steps; }
  StageReport step(std::int64_t index) override;
  void visit(State& state) override { trainer_->visit(state); }

 private:
  std::vector<Lessons> lessons(const std::vector<ScoredGroup>& groups, std::int64_t first) const;
  std::vector<int> as_student(const ScoredGroup& group, std::size_t answer) const;
  double learn(const std::vector<Lessons>& parts, std::int64_t learned);

  DistillOptions options_;
  StageContext* context_ = nullptr;
  const Model* model_ = nullptr;
  const Tokenizer* tokenizer_ = nullptr;
  std::optional<Teacher> teacher_;
  bool same_vocabulary_ = false;
  std::optional<Questions> asked_, put_;  // to the teacher, and to the student
  std::optional<tasks::Reward> accuracy_;
  std::optional<Trainer> trainer_;
};

void Distill::begin(StageContext& context) {
  context_ = &context;
  model_ = &context.model.model();
  tokenizer_ = &context.model.tokenizer();
  teacher_ = Teacher::open(options_.teacher);
  same_vocabulary_ = same_vocabulary(*tokenizer_, teacher_->tokenizer);
  if (options_.divergence_weight > 0) {
    const bool same = same_vocabulary_ && teacher_->model->head().out() == model_->head().out();
    if (!same) {
      throw Error(options_.teacher.string(), "has another vocabulary than the student",
                  "leave out divergence_weight");
    }
  }
  options_.rollouts.seed = context.seed;
  QuestionOptions questions = options_.questions;
  questions.longest_prompt =
      teacher_->model->config().context_length - options_.rollouts.max_tokens;
  asked_.emplace(questions, teacher_->tokenizer, teacher_->chat_template);
  std::optional<ChatTemplate> chat;
  if (questions.form == QuestionOptions::Form::chat) chat = context.model.chat_template();
  questions.longest_prompt = model_->config().context_length / 2;
  put_.emplace(questions, *tokenizer_, chat);
  accuracy_.emplace(tasks::RewardSettings{});
  trainer_.emplace(*model_, options_.trainer, options_.steps);
}

/// An answer's tokens as the student says it, with its own end.
std::vector<int> Distill::as_student(const ScoredGroup& group, std::size_t answer) const {
  if (same_vocabulary_) return group.group.answers[answer].ids;
  std::vector<int> ids = tokenizer_->encode(group.group.answers[answer].text,
                                            {.add_special = false, .parse_special = true});
  if (tokenizer_->eos()) ids.push_back(*tokenizer_->eos());
  return ids;
}

std::vector<Lessons> Distill::lessons(const std::vector<ScoredGroup>& groups,
                                      std::int64_t first) const {
  std::vector<Lessons> parts;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const ScoredGroup& group = groups[g];
    const std::vector<std::size_t> chosen = selected(group, options_.selection);
    if (chosen.empty()) continue;
    const Question question =
        put_->ask(tasks::Split::train, context_->seed, first + static_cast<std::int64_t>(g));
    PromptAnswers student = {question.prompt, {}}, teacher = {group.group.prompt, {}};
    auto tokens = static_cast<std::int64_t>(question.prompt.size());
    std::int64_t learned = 0;
    for (const std::size_t answer : chosen) {
      student.answers.push_back(as_student(group, answer));
      if (same_vocabulary_) teacher.answers.push_back(student.answers.back());
      learned += static_cast<std::int64_t>(student.answers.back().size());
    }
    tokens += learned;
    if (parts.empty() || parts.back().tokens + tokens > options_.micro_batch_tokens) {
      parts.emplace_back();
    }
    parts.back().student.push_back(std::move(student));
    parts.back().teacher.push_back(std::move(teacher));
    parts.back().tokens += tokens;
    parts.back().learned += learned;
  }
  return parts;
}

/// The loss, a mean over `learned` tokens of all micro-batches.
double Distill::learn(const std::vector<Lessons>& parts, std::int64_t learned) {
  const double weight = options_.divergence_weight;
  std::vector<double> shares;
  for (const Lessons& part : parts) {
    shares.push_back(static_cast<double>(part.learned) / static_cast<double>(learned));
  }
  const auto forward = [&](std::size_t i, const PackedOptions& packing) -> MicroLoss {
    const auto student = std::make_shared<GroupPass>(*model_, parts[i].student, packing);
    const Tensor said = mean(student->log_probabilities(), weight - 1, learned);
    if (weight <= 0) return {said, student};
    Tensor hidden;
    {
      const Tape::Pause pause;  // nothing of the teacher learns
      hidden = GroupPass(*teacher_->model, parts[i].teacher).answer_hidden();
    }
    const Tensor apart =
        divergence(student->answer_hidden(), model_->head(), hidden, teacher_->model->head());
    return {joint_loss(said, mean(apart, weight, learned), 1.0f), student};
  };
  const std::vector<double> losses = trainer_->accumulate(shares, forward);
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

StageReport Distill::step(std::int64_t index) {
  const std::int64_t first = index * options_.prompts;
  std::vector<Question> questions;
  for (std::int64_t i = 0; i < options_.prompts; ++i) {
    questions.push_back(asked_->ask(tasks::Split::train, context_->seed, first + i));
  }
  RolloutFigures figures;
  const auto groups = scored_rollouts(*teacher_->model, teacher_->tokenizer, std::move(questions),
                                      *accuracy_, options_.rollouts, index, 0, figures);
  double right = 0, answers = 0;
  for (const ScoredGroup& group : groups) {
    for (const tasks::RewardParts& parts : group.rewards) right += parts.correct ? 1 : 0;
    answers += static_cast<double>(group.rewards.size());
  }
  const std::vector<Lessons> parts = lessons(groups, first);
  std::int64_t learned = 0;
  for (const Lessons& part : parts) learned += part.learned;
  StageReport report;
  for (const Lessons& part : parts) report.tokens += part.tokens;
  auto& metrics = report.metrics;
  metrics = {{"teacher_accuracy", right / answers}, {"learned_tokens", learned}};
  if (learned > 0) {
    metrics["loss"] = learn(parts, learned);
    const UpdateFigures update = trainer_->update();
    metrics["grad_norm"] = update.gradient_norm;
    metrics["learning_rate"] = update.learning_rate;
    add_expert_load(update.expert_load, metrics);
  }
  metrics["rollout_tokens_per_second"] =
      static_cast<double>(figures.answer_tokens) / figures.seconds;
  report.operations = training_operations(*model_, report.tokens, learned);
  const bool last = index + 1 == options_.steps;
  if (options_.evaluation_questions > 0 && (last || (index + 1) % options_.evaluate_every == 0)) {
    report.quality = held_out(*model_, *tokenizer_, *put_, *accuracy_, options_.rollouts,
                              context_->seed, options_.evaluation_questions)
                         .accuracy;
    metrics["held_out_accuracy"] = *report.quality;
  }
  return report;
}

}  // namespace

std::unique_ptr<Stage> make_distill(const Section& section, const ModelConfig& model) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  DistillOptions options;
  options.trainer.optimizer.weight_decay = 0;
  options.trainer.schedule.highest = 1e-5;
  options.questions = QuestionOptions::read(section);
  options.rollouts.group = 1;
  options.rollouts = read_rollouts(section, model, options.rollouts);
  options.selection = SelectionOptions::read(section);
  options.trainer = TrainerOptions::read(section, model, options.trainer);
  options.teacher = model_input(section, "teacher");
  if (options.teacher.empty()) throw section.error("", "lacks a teacher, a model's file or folder");
  options.steps = section.integer("steps", 1, kMost);
  options.prompts = section.integer("prompts", options.prompts, 1, 1 << 16);
  options.micro_batch_tokens =
      section.integer("micro_batch_tokens", options.micro_batch_tokens, 2, kMost);
  options.divergence_weight = section.number("divergence_weight", 0, 0, 1);
  options.evaluate_every = section.integer("evaluate_every", options.evaluate_every, 1, kMost);
  options.evaluation_questions =
      section.integer("evaluation_questions", options.evaluation_questions, 0, 1 << 16);
  return std::make_unique<Distill>(std::move(options));
}

}  // namespace r1
