#include "learn/reject.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "formats/json.h"
#include "learn/grpo_options.h"
#include "learn/model_input.h"
#include "learn/selection.h"
#include "learn/teacher.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

struct RejectOptions {
  QuestionOptions questions;
  RolloutOptions rollouts;
  SelectionOptions selection;
  fs::path teacher, output;
  std::int64_t count = 0;     // questions in all
  std::int64_t prompts = 32;  // a step
};

class Reject : public Stage {
 public:
  explicit Reject(RejectOptions options) : options_(std::move(options)) {}

  void begin(StageContext& context) override;
  std::int64_t steps() const override {
    return (options_.count + options_.prompts - 1) / options_.prompts;
  }
  StageReport step(std::int64_t index) override;
  void visit(State& state) override { state.integer("reject.bytes", bytes_); }
  void finish() override;

 private:
  fs::path unfinished() const { return options_.output.string() + ".part"; }
  std::string line_of(const ScoredGroup& group, std::size_t answer) const;

  RejectOptions options_;
  std::uint64_t seed_ = 0;
  std::optional<Teacher> teacher_;
  const Model* model_ = nullptr;
  const Tokenizer* tokenizer_ = nullptr;
  std::unique_ptr<Questions> questions_;
  std::unique_ptr<tasks::Reward> accuracy_;
  std::int64_t bytes_ = 0;  // of the unfinished file that were written by whole steps
};

void Reject::begin(StageContext& context) {
  seed_ = context.seed;
  options_.rollouts.seed = seed_;
  std::optional<ChatTemplate> chat;
  const bool chats = options_.questions.form == QuestionOptions::Form::chat;
  if (options_.teacher.empty()) {
    model_ = &context.model.model();
    tokenizer_ = &context.model.tokenizer();
    if (chats) chat = context.model.chat_template();
  } else {
    teacher_ = Teacher::open(options_.teacher);
    model_ = teacher_->model.get();
    tokenizer_ = &teacher_->tokenizer;
    chat = teacher_->chat_template;
  }
  options_.questions.longest_prompt =
      model_->config().context_length - options_.rollouts.max_tokens;
  questions_ = std::make_unique<Questions>(options_.questions, *tokenizer_, chat);
  accuracy_ = std::make_unique<tasks::Reward>(tasks::RewardSettings{});
}

/// As sft reads it: a conversation, or what stood before the answer and the answer.
std::string Reject::line_of(const ScoredGroup& group, std::size_t answer) const {
  const Question& question = group.question;
  const std::string response = group.response(answer);
  nlohmann::ordered_json line;
  if (options_.questions.form == QuestionOptions::Form::chat) {
    auto& messages = line["messages"] = nlohmann::ordered_json::array();
    if (!options_.questions.system.empty()) {
      messages.push_back({{"role", "system"}, {"content", options_.questions.system}});
    }
    messages.push_back({{"role", "user"}, {"content", question.message}});
    messages.push_back({{"role", "assistant"}, {"content", response}});
  } else {
    line["prompt"] = question.prompt_text;
    line["completion"] = response;
  }
  line["task"] = question.task->name;
  line["answer"] = question.instance.answer;
  return json_text(line) + "\n";
}

StageReport Reject::step(std::int64_t index) {
  std::vector<Question> questions;
  const std::int64_t first = index * options_.prompts;
  const std::int64_t end = std::min(options_.count, first + options_.prompts);
  for (std::int64_t i = first; i < end; ++i) {
    questions.push_back(questions_->ask(tasks::Split::train, seed_, i));
  }
  RolloutFigures figures;
  const auto groups = scored_rollouts(*model_, *tokenizer_, std::move(questions), *accuracy_,
                                      options_.rollouts, index, 0, figures);
  std::string lines;
  double right = 0, answers = 0;
  std::int64_t kept = 0, kept_questions = 0;
  for (const ScoredGroup& group : groups) {
    for (const tasks::RewardParts& parts : group.rewards) right += parts.correct ? 1 : 0;
    answers += static_cast<double>(group.rewards.size());
    const std::vector<std::size_t> chosen = selected(group, options_.selection);
    for (const std::size_t answer : chosen) lines += line_of(group, answer);
    kept += static_cast<std::int64_t>(chosen.size());
    kept_questions += chosen.empty() ? 0 : 1;
  }
  std::ofstream file(unfinished(), std::ios::app | std::ios::binary);
  // What a step that was not saved had written goes away.
  fs::resize_file(unfinished(), static_cast<std::uintmax_t>(bytes_));
  file << lines << std::flush;
  if (!file) throw Error(unfinished().string(), "can't be written");
  bytes_ += static_cast<std::int64_t>(lines.size());
  StageReport report;
  report.metrics = {
      {"accuracy", right / answers},
      {"kept", kept},
      {"kept_questions", kept_questions},
      {"questions", end - first},
      {"rollout_tokens_per_second", static_cast<double>(figures.answer_tokens) / figures.seconds}};
  report.tokens = figures.answer_tokens;
  return report;
}

void Reject::finish() {
  if (bytes_ == 0) {
    throw Error(options_.output.string(), "no answer was good enough to be kept",
                "ask easier questions or draw more answers");
  }
  fs::resize_file(unfinished(), static_cast<std::uintmax_t>(bytes_));
  fs::rename(unfinished(), options_.output);
}

}  // namespace

std::unique_ptr<Stage> make_reject(const Section& section, const ModelConfig& model) {
  RejectOptions options;
  options.questions = QuestionOptions::read(section);
  options.rollouts = read_rollouts(section, model, options.rollouts);
  options.selection = SelectionOptions::read(section);
  options.teacher = model_input(section, "teacher");
  options.output = section.output("output", "rejected.jsonl");
  options.count = section.integer("questions", 1, std::int64_t{1} << 40);
  options.prompts = section.integer("prompts", options.prompts, 1, 1 << 16);
  return std::make_unique<Reject>(std::move(options));
}

}  // namespace r1
