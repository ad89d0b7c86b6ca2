// r1 tokenize: text to token ids and back.
#include <functional>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "base/error.h"
#include "command.h"
#include "formats/json.h"
#include "formats/tokenizer.h"
#include "tokenize_chat.h"

namespace r1::app {
namespace {

struct TokenizeOptions {
  CommonOptions common;
  std::string model;
  bool no_special = false, plain = false, lines = false, decode = false, chat = false;
  std::string chat_template;
};

std::string read_standard_input() {
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

/// Answers each line that isn't empty; `answer` gets its text and its name for errors.
void answer_lines(
    const std::function<std::string(const std::string&, const std::string&)>& answer) {
  std::string line;
  for (int number = 1; std::getline(std::cin, line); ++number) {
    if (line.empty() || line == "\r") continue;
    const std::string where = "line " + std::to_string(number) + " of the input";
    std::cout << answer(line, where) << '\n' << std::flush;
  }
}

std::string ids_answer(const std::vector<TokenId>& ids, bool as_json) {
  std::string text = as_json ? R"({"ids":[)" : "";
  const char* separator = "";
  for (const TokenId id : ids) {
    text += separator + std::to_string(id);
    separator = as_json ? "," : " ";
  }
  return as_json ? text + "]}" : text;
}

std::string decoded_answer(const Tokenizer& tokenizer, const std::string& text,
                           const std::string& where, bool as_json) {
  const nlohmann::json line = parse_json(text, where);
  const auto list = line.is_object() ? line.find("ids") : line.end();
  if (!line.is_object() || list == line.end() || !list->is_array()) {
    throw Error(where, "it is not like {\"ids\":[1,2,3]}");
  }
  std::vector<TokenId> ids;
  for (const nlohmann::json& id : *list) {
    if (!id.is_number_integer() || id < 0 || id >= tokenizer.vocab_size()) {
      throw Error(where, id.dump() + " is no token id",
                  "use ids from 0 to " + std::to_string(tokenizer.vocab_size() - 1));
    }
    ids.push_back(id.get<TokenId>());
  }
  const std::string decoded = tokenizer.decode(ids);
  // All but ASCII is escaped: some readers would split a line at U+0085 or U+2028.
  return as_json ? nlohmann::json{{"text", decoded}}.dump(-1, ' ', true) : decoded;
}

void tokenize(const TokenizeOptions& options) {
  const Tokenizer tokenizer = Tokenizer::open(options.model);
  const bool as_json = options.common.json;
  const EncodeOptions encoding{!options.no_special && !options.plain, !options.plain};
  if (options.chat) {
    const ChatTemplate chat_template = options.chat_template.empty()
                                           ? ChatTemplate::of(tokenizer)
                                           : ChatTemplate::read(options.chat_template);
    answer_lines([&](const std::string& line, const std::string& where) {
      return chat_answer(tokenizer, chat_template, parse_ordered_json(line, where), as_json);
    });
  } else if (options.decode) {
    answer_lines([&](const std::string& line, const std::string& where) {
      return decoded_answer(tokenizer, line, where, as_json);
    });
  } else if (options.lines) {
    answer_lines([&](const std::string& text, const std::string& where) {
      const nlohmann::json line = parse_json(text, where);
      if (!line.is_string()) throw Error(where, "it is no JSON string");
      return ids_answer(tokenizer.encode(line.get_ref<const std::string&>(), encoding), as_json);
    });
  } else {
    std::cout << ids_answer(tokenizer.encode(read_standard_input(), encoding), as_json) << '\n';
  }
  if (!std::cout.flush()) throw Error("standard output", "it can't be written");
}

}  // namespace

void add_tokenize(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("tokenize", "text to token ids and back");
  const auto options = std::make_shared<TokenizeOptions>();
  add_common_options(command, options->common,
                     "echo 'What is 6 times 7?' | r1 tokenize -m model.gguf --json");
  add_model_option(command, options->model);
  auto* no_special = command.add_flag("--no-special", options->no_special,
                                      "add no special tokens (BOS), but take their spellings");
  auto* plain = command.add_flag("--plain", options->plain,
                                 "add none and take their spellings as ordinary text");
  auto* lines = command.add_flag("--lines", options->lines,
                                 "read a JSON string a line, print an answer a line");
  auto* decode =
      command
          .add_flag("--decode", options->decode,
                    "read {\"ids\":[...]} a line and print the text, special tokens written out")
          ->excludes(no_special)
          ->excludes(plain)
          ->excludes(lines);
  auto* chat =
      command
          .add_flag("--chat", options->chat,
                    "read {\"messages\":[...],\"tools\":[...]} a line, print the model's prompt")
          ->excludes(no_special)
          ->excludes(plain)
          ->excludes(lines)
          ->excludes(decode);
  command
      .add_option("--chat-template", options->chat_template,
                  "file with a Jinja template to use instead of the model's own")
      ->needs(chat);
  command.callback([options] { tokenize(*options); });
}

}  // namespace r1::app
