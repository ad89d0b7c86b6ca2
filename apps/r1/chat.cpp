// r1 chat: a conversation at the terminal.
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "command.h"
#include "formats/chat_template.h"
#include "formats/json.h"
#include "generate/think_splitter.h"
#include "line_editor.h"
#include "load_model.h"
#include "sampling_options.h"
#include "terminal.h"

namespace r1::app {
namespace {

constexpr std::string_view help =
    "/reset          forget the conversation\n"
    "/system TEXT    begin again with this system message (none: without one)\n"
    "/think on|off   whether the model thinks before it answers\n"
    "/quit           leave (or Ctrl-D)\n"
    "Ctrl-C stops an answer.\n";

struct ChatOptions {
  CommonOptions common;
  ModelOptions model;
  GenerateOptions generate;
  std::string system, chat_template;
  bool no_think = false;
};

class Chat {
 public:
  Chat(Engine& engine, const Tokenizer& tokenizer, ChatTemplate chat_template,
       const ChatOptions& options)
      : engine_(engine),
        tokenizer_(tokenizer),
        chat_template_(std::move(chat_template)),
        generate_(options.generate),
        system_(options.system),
        thinks_(!options.no_think),
        as_json_(options.common.json),
        colours_(wants_colours()) {
    reset();
  }

  /// Does what a line says; false to leave.
  bool take(const std::string& line) {
    if (line.find_first_not_of(" \t") == std::string::npos) return true;
    if (line == "/quit" || line == "/exit") return false;
    try {
      if (line.front() == '/') {
        command(line);
      } else {
        answer(line);
      }
    } catch (const Error& error) {
      if (as_json_) throw;
      std::cout << error.what() << '\n';
    }
    return true;
  }

 private:
  void reset() {
    messages_ = nlohmann::ordered_json::array();
    if (!system_.empty()) messages_.push_back({{"role", "system"}, {"content", system_}});
  }

  void command(const std::string& line) {
    const std::size_t space = line.find(' ');
    const std::string name = line.substr(0, space);
    const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
    if (name == "/help") {
      std::cout << help;
    } else if (name == "/reset") {
      reset();
    } else if (name == "/system") {
      system_ = rest;
      reset();
    } else if (name == "/think" && (rest == "on" || rest == "off")) {
      thinks_ = rest == "on";
    } else {
      throw Error(line, "is no command", "/help lists them");
    }
  }

  /// The prompt for the conversation so far.
  std::string prompt() const {
    ChatRequest request = ChatRequest::of(tokenizer_);
    request.messages = messages_;
    request.extra = {{"enable_thinking", thinks_}};
    std::string text = chat_template_.render(request);
    // Some templates open the thinking whatever they are asked.
    if (!thinks_ && begins_in_thinking(text)) text += "\n</think>\n\n";
    return text;
  }

  /// Asks the model; its answer joins the conversation. A question that got none leaves it again.
  void answer(const std::string& question) {
    messages_.push_back({{"role", "user"}, {"content", question}});
    std::string content;
    try {
      content = stream(prompt());
    } catch (const Error&) {
      messages_.erase(messages_.size() - 1);
      throw;
    }
    if (content.empty()) {
      messages_.erase(messages_.size() - 1);
    } else {
      messages_.push_back({{"role", "assistant"}, {"content", content}});
    }
  }

  /// Generates and prints; returns the answer without its thinking.
  std::string stream(const std::string& prompt) {
    generate_.starts_in_thinking = begins_in_thinking(prompt);
    ThinkSplitter splitter(generate_.starts_in_thinking);
    AnswerPrinter printer(std::cout, colours_);
    AnswerPart whole;
    const auto show = [&](const AnswerPart& part) {
      whole.reasoning += part.reasoning;
      whole.content += part.content;
      if (!as_json_) printer.print(part);
    };
    const InterruptGuard guard;
    const auto ids = tokenizer_.encode(prompt, {.add_special = false, .parse_special = true});
    const Answer answer = engine_
                              .generate(ids, generate_, 1,
                                        [&](std::size_t, const GeneratedToken& token) {
                                          show(splitter.push(token.text));
                                          return !guard.interrupted();
                                        })
                              .front();
    show(splitter.flush());
    if (!as_json_) printer.finish();
    ++generate_.sampling.seed;  // the same question again may get another answer
    report(answer, whole);
    return whole.content;
  }

  void report(const Answer& answer, const AnswerPart& whole) const {
    const auto tokens = static_cast<std::int64_t>(answer.ids.size());
    const double rate =
        answer.decode_seconds > 0 ? static_cast<double>(tokens - 1) / answer.decode_seconds : 0.0;
    if (as_json_) {
      const nlohmann::ordered_json line = {{"reasoning_content", whole.reasoning},
                                           {"content", whole.content},
                                           {"finish_reason", answer.finish_reason},
                                           {"timings",
                                            {{"prompt_tokens", answer.prompt_tokens},
                                             {"reused_tokens", answer.reused_tokens},
                                             {"prompt_seconds", answer.prompt_seconds},
                                             {"generated_tokens", tokens},
                                             {"decode_seconds", answer.decode_seconds},
                                             {"decode_tps", rate}}}};
      std::cout << json_text(line) << '\n' << std::flush;
      return;
    }
    if (!is_terminal(1)) return;
    std::string note = std::to_string(tokens) + " tokens";
    char speed[64];
    std::snprintf(speed, sizeof speed, ", %.1f tokens/s", rate);
    if (tokens > 1) note += speed;
    if (answer.finish_reason == "cancelled") note += ", stopped";
    if (answer.finish_reason == "length") note += ", cut off at the longest length";
    if (whole.content.empty()) note += ", no answer: the question is dropped";
    std::cout << dimmed("[" + note + "]", colours_) << "\n\n";
  }

  Engine& engine_;
  const Tokenizer& tokenizer_;
  ChatTemplate chat_template_;
  GenerateOptions generate_;
  std::string system_;
  bool thinks_, as_json_, colours_;
  nlohmann::ordered_json messages_;
};

void chat(ChatOptions options, const CLI::App& command) {
  const LoadedModel loaded = load_model(options.model);
  const Tokenizer* tokenizer = loaded.engine->tokenizer();
  if (tokenizer == nullptr) {
    throw Error(options.model.model, "has no tokenizer", "put its tokenizer.json into the folder");
  }
  use_model_defaults(command, loaded.checkpoint, options.generate);
  Chat chat(*loaded.engine, *tokenizer,
            options.chat_template.empty() ? ChatTemplate::of(*tokenizer)
                                          : ChatTemplate::read(options.chat_template),
            options);
  LineEditor editor(state_folder() / "history");
  if (is_terminal(0) && !options.common.json) {
    std::cout << dimmed("Ask away; /help lists the commands.", wants_colours()) << '\n';
  }
  for (;;) {
    const auto line = editor.read(">>> ");
    if (!line && is_terminal(0)) std::cout << '\n';
    if (!line || !chat.take(*line)) break;
  }
}

}  // namespace

void add_chat(CLI::App& program) {
  const auto options = std::make_shared<ChatOptions>();
  CLI::App* command = program.add_subcommand("chat", "talk with a model");
  add_common_options(*command, options->common, "r1 chat -m model.gguf");
  add_model_options(*command, options->model);
  default_to_shipped_model(*command, options->model.model);
  add_sampling_options(*command, options->generate);
  command->add_option("--system", options->system, "a system message");
  command->add_option("--chat-template", options->chat_template,
                      "file with a Jinja template to use instead of the model's own");
  command->add_flag("--no-think", options->no_think, "answer without thinking first");
  command->callback([options, command] { chat(*options, *command); });
}

}  // namespace r1::app
