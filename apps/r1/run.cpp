// r1 run: one question, one answer.
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>

#include "base/error.h"
#include "command.h"
#include "formats/chat_template.h"
#include "formats/json.h"
#include "generate/think_splitter.h"
#include "id_lists.h"
#include "load_model.h"
#include "sampling_options.h"
#include "terminal.h"

namespace r1::app {
namespace {

struct RunOptions {
  CommonOptions common;
  ModelOptions model;
  GenerateOptions generate;
  std::string text, ids, system;
  std::size_t count = 1;
  bool raw = false;
};

std::vector<int> prompt_of(RunOptions& options, const LoadedModel& loaded) {
  if (!options.ids.empty()) return parse_ids(options.ids);
  const Tokenizer* tokenizer = loaded.engine->tokenizer();
  if (tokenizer == nullptr)
    throw Error(options.model.model, "has no tokenizer", "give the prompt with --ids");
  if (options.raw) return tokenizer->encode(options.text);
  ChatRequest request = ChatRequest::of(*tokenizer);
  if (!options.system.empty())
    request.messages.push_back({{"role", "system"}, {"content", options.system}});
  request.messages.push_back({{"role", "user"}, {"content", options.text}});
  const std::string prompt = ChatTemplate::of(*tokenizer).render(request);
  options.generate.starts_in_thinking = begins_in_thinking(prompt);
  return tokenizer->encode(prompt, {.add_special = false, .parse_special = true});
}

nlohmann::ordered_json as_json(const Answer& answer) {
  nlohmann::ordered_json logprobs = nlohmann::ordered_json::array();
  for (const Sample& sample : answer.samples)
    logprobs.push_back(static_cast<double>(sample.logprob));
  const auto rate = [](std::int64_t tokens, double seconds) {
    return seconds > 0 ? static_cast<double>(tokens) / seconds : 0.0;
  };
  const auto generated = static_cast<std::int64_t>(answer.ids.size());
  return {{"text", answer.text},
          {"ids", answer.ids},
          {"finish_reason", answer.finish_reason},
          {"logprobs", logprobs},
          {"timings",
           {{"prompt_tokens", answer.prompt_tokens},
            {"prompt_seconds", answer.prompt_seconds},
            {"prompt_tps", rate(answer.prompt_tokens, answer.prompt_seconds)},
            {"generated_tokens", generated},
            {"decode_seconds", answer.decode_seconds},
            {"decode_tps", rate(generated - 1, answer.decode_seconds)},
            {"drafted_tokens", answer.drafted},
            {"accepted_tokens", answer.accepted}}}};
}

std::string speed_of(const Answer& answer) {
  const auto tokens = static_cast<std::int64_t>(answer.ids.size());
  std::string text = std::to_string(tokens) + " tokens";
  if (tokens > 1 && answer.decode_seconds > 0) {
    char speed[64];
    std::snprintf(speed, sizeof speed, ", %.1f tokens/s",
                  static_cast<double>(tokens - 1) / answer.decode_seconds);
    text += speed;
  }
  return text + (answer.finish_reason == "length" ? ", cut off at the longest length" : "");
}

void run(RunOptions options, const CLI::App& command) {
  if (options.ids.empty() && options.text.empty()) {
    options.text.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  if (!options.ids.empty()) options.generate.ignore_end = true;
  LoadedModel loaded = load_model(options.model, static_cast<std::int64_t>(options.count));
  use_model_defaults(command, loaded.checkpoint, options.generate);
  const std::vector<int> prompt = prompt_of(options, loaded);
  const bool stream = !options.common.json && options.count == 1;
  // At a terminal the thinking is dimmed and the speed told; elsewhere the text is all there is.
  const bool shown = stream && !options.raw && is_terminal(1);
  ThinkSplitter splitter(options.generate.starts_in_thinking);
  AnswerPrinter printer(std::cout, wants_colours());
  const auto answers = loaded.engine->generate(prompt, options.generate, options.count,
                                               [&](std::size_t, const GeneratedToken& token) {
                                                 if (shown) {
                                                   printer.print(splitter.push(token.text));
                                                 } else if (stream) {
                                                   std::cout << token.text << std::flush;
                                                 }
                                                 return true;
                                               });
  if (shown) {
    printer.print(splitter.flush());
    printer.finish();
    std::cout << dimmed("[" + speed_of(answers.front()) + "]", wants_colours()) << '\n';
    return;
  }
  for (const Answer& answer : answers) {
    if (options.common.json) {
      std::cout << json_text(as_json(answer)) << '\n';
    } else if (stream) {
      std::cout << '\n';
    } else {
      std::cout << answer.text << "\n\n";
    }
  }
}

}  // namespace

void add_run(CLI::App& program) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = program.add_subcommand("run", "answer one question");
  add_common_options(*command, options->common,
                     "r1 run -m model.gguf \"How many r are in strawberry?\"");
  add_model_options(*command, options->model);
  default_to_shipped_model(*command, options->model.model);
  add_sampling_options(*command, options->generate);
  command->add_option("text", options->text, "the question (default: standard input)");
  command->add_option("--ids", options->ids, "token ids in place of text, like 1,2,3");
  command->add_option("--system", options->system, "a system message");
  command->add_option("--n", options->count, "answers to draw, sharing the prompt")
      ->check(CLI::Range(1, 4096));
  command->add_flag("--raw", options->raw, "continue the text, without the chat template");
  command->add_flag("--ignore-eos", options->generate.ignore_end,
                    "only --max-tokens ends the answer");
  command->callback([options, command] { run(*options, *command); });
}

}  // namespace r1::app
