#include "learn/questions.h"

#include <cassert>
#include <utility>

#include "base/error.h"

namespace r1 {
namespace {

constexpr std::string_view kPlace = "{question}";

/// DeepSeek-R1, Table 1.
constexpr std::string_view kR1Zero =
    "A conversation between User and Assistant. The user asks a question, and the Assistant solves "
    "it. The assistant first thinks about the reasoning process in the mind and then provides the "
    "user with the answer. The reasoning process and answer are enclosed within <think> </think> "
    "and <answer> </answer> tags, respectively, i.e., <think> reasoning process here </think> "
    "<answer> answer here </answer>. User: {question}. Assistant:";

std::string filled(std::string_view text, const std::string& question) {
  std::string result;
  for (std::size_t at = 0;;) {
    const std::size_t place = text.find(kPlace, at);
    result += text.substr(at, place - at);
    if (place == std::string_view::npos) return result;
    result += question;
    at = place + kPlace.size();
  }
}

}  // namespace

std::vector<tasks::Task> read_tasks(const Section& section, const std::filesystem::path& data) {
  const std::vector<std::string> names = section.texts("tasks");
  if (names.empty()) throw section.error("", "lacks tasks, like [\"countdown\"]");
  std::vector<tasks::Task> all;
  for (const std::string& name : names) {
    try {
      for (tasks::Task& task : tasks::find_tasks(name, data)) all.push_back(std::move(task));
    } catch (const Error& error) {
      throw section.error("tasks", error.what());
    }
  }
  return all;
}

QuestionOptions QuestionOptions::read(const Section& section) {
  QuestionOptions options;
  options.tasks = read_tasks(section, section.input("data"));
  options.difficulty = static_cast<int>(section.integer("difficulty", 0, 0, tasks::kHardest));
  const std::string form = section.choice("prompt", "chat", {"chat", "r1-zero", "text"});
  options.form = form == "chat" ? Form::chat : form == "text" ? Form::text : Form::r1_zero;
  if (options.form != Form::chat && section.has("system")) {
    throw section.error("system", "is for prompts in a chat");
  }
  if (options.form == Form::r1_zero && section.has("template")) {
    throw section.error("template", "is for other prompts than R1-Zero's");
  }
  options.system = section.text("system", "");
  options.text = section.text("template", std::string(kPlace));
  if (options.form == Form::r1_zero) options.text = kR1Zero;
  if (options.text.find(kPlace) == std::string::npos) {
    throw section.error("template", "has no place for the {question}");
  }
  return options;
}

Questions::Questions(QuestionOptions options, const Tokenizer& tokenizer,
                     std::optional<ChatTemplate> chat_template)
    : options_(std::move(options)), tokenizer_(tokenizer), template_(std::move(chat_template)) {
  if (options_.form == QuestionOptions::Form::chat && !template_) {
    throw Error("prompt", "is a chat, and the model has no chat template",
                "take prompt = \"text\" with a template");
  }
}

std::string Questions::render(const std::string& message) const {
  ChatRequest request = ChatRequest::of(tokenizer_);
  if (!options_.system.empty()) {
    request.messages.push_back({{"role", "system"}, {"content", options_.system}});
  }
  request.messages.push_back({{"role", "user"}, {"content", message}});
  assert(template_);
  return template_->render(request);
}

Question Questions::ask(tasks::Split split, std::uint64_t seed, std::int64_t index) const {
  const auto count = static_cast<std::int64_t>(options_.tasks.size());
  Question question;
  question.task = &options_.tasks[static_cast<std::size_t>(index % count)];
  question.instance = tasks::draw(*question.task, split, seed,
                                  static_cast<std::uint64_t>(index / count), options_.difficulty);
  question.message = filled(options_.text, question.instance.question);
  const bool chat = options_.form == QuestionOptions::Form::chat;
  question.prompt_text = chat ? render(question.message) : question.message;
  question.prompt = tokenizer_.encode(question.prompt_text, {.add_special = !chat});
  if (begins_in_thinking(question.prompt_text)) question.opened = "<think>\n";
  const auto size = static_cast<std::int64_t>(question.prompt.size());
  if (options_.longest_prompt > 0 && size > options_.longest_prompt) {
    throw Error("a prompt of " + question.task->name,
                "has " + std::to_string(size) + " tokens, and the model's context leaves " +
                    std::to_string(options_.longest_prompt),
                "lower max_tokens");
  }
  return question;
}

}  // namespace r1
