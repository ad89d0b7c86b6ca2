// Questions of tasks, as prompts for a model that learns or teaches.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "formats/chat_template.h"
#include "formats/tokenizer.h"
#include "learn/recipe.h"
#include "tasks/task.h"

namespace r1 {

/// The tasks named under the key `tasks`; `data` is the folder of data sets. Throws Error, with the
/// line.
std::vector<tasks::Task> read_tasks(const Section& section, const std::filesystem::path& data);

/// How a question is put.
struct QuestionOptions {
  enum class Form : std::uint8_t {
    chat,     // as the user's message in the model's chat template
    r1_zero,  // by R1's Table 1, for base models: think inside tags, answer inside tags
    text,     // a text of the recipe in which {question} is replaced
  };
  std::vector<tasks::Task> tasks;  // asked in turn
  int difficulty = 0;              // 0: the tasks' default
  Form form = Form::chat;
  std::string system;               // message before the user's, in a chat
  std::string text = "{question}";  // of the message, or of the whole prompt
  std::int64_t longest_prompt = 0;  // tokens; set by the stage

  /// Keys tasks, data (folder of the tasks' data sets), difficulty, prompt ("chat", "r1-zero" or
  /// "text"), system, template. Throws Error, with the line.
  static QuestionOptions read(const Section& section);
};

struct Question {
  const tasks::Task* task;
  tasks::Instance instance;
  std::string message;      // what a user would have said
  std::string prompt_text;  // as the tokenizer got it
  std::vector<int> prompt;
  std::string opened;  // the "<think>\n" that ends the prompt, and begins the response; or ""
};

/// The tokenizer must outlive it. Questions keep pointers to its tasks.
class Questions {
 public:
  /// Throws Error where a chat template is wanted and there is none.
  Questions(QuestionOptions options, const Tokenizer& tokenizer,
            std::optional<ChatTemplate> chat_template);

  /// The question number `index` of a side under a seed, the same wherever it is asked. Throws
  /// Error for prompts that are too long.
  Question ask(tasks::Split split, std::uint64_t seed, std::int64_t index) const;
  const QuestionOptions& options() const { return options_; }

 private:
  std::string render(const std::string& message) const;

  QuestionOptions options_;
  const Tokenizer& tokenizer_;
  std::optional<ChatTemplate> template_;
};

}  // namespace r1
