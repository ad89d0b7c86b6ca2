// A model's chat template: conversation in, prompt text out.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace r1 {

class Tokenizer;
namespace jinja {
struct Program;
}

/// What a template is rendered with.
struct ChatRequest {
  /// An empty conversation with the special tokens of a model.
  static ChatRequest of(const Tokenizer& tokenizer);

  nlohmann::ordered_json messages = nlohmann::ordered_json::array();
  nlohmann::ordered_json tools;  // an array, or null for none
  bool add_generation_prompt = true;
  std::string bos_token, eos_token;  // their spellings; the template decides where they stand
  nlohmann::ordered_json extra;      // an object of further variables, or null ("enable_thinking")
};

/// A template in the language of Jinja 2, rendered as the transformers library does: trim_blocks,
/// lstrip_blocks, loop controls, containers that cannot be changed, its own tojson,
/// raise_exception and strftime_now. Copies share the parsed template; threads may use it together.
///
/// Left out, each an Error of its own: import, include, extends, block, with and do; recursive
/// loops; varargs, kwargs and * in calls; the filters batch, slice, groupby, random, truncate,
/// wordwrap, wordcount, urlencode, urlize, striptags, xmlattr, pprint, filesizeformat and
/// forceescape; str.format. Text is never marked as safe, so nothing is escaped that `escape` did
/// not see. Integers have 128 bits; case mapping is one code point to one.
/// Bounded: nesting of the source (200) and of values (200), depth of recursion (600 expressions,
/// statements and macro calls in all), ranges (100,000), and work and output together (256 MiB of
/// text touched; each step counts 16 bytes). Beyond a bound, render throws Error.
class ChatTemplate {
 public:
  /// `tool_use`: another template for requests with tools, "" for none. Throws Error, with the
  /// line, for text that is no template.
  explicit ChatTemplate(std::string_view text, std::string_view tool_use = {});
  /// What the model came with. Throws Error if that is none.
  static ChatTemplate of(const Tokenizer& tokenizer);
  /// A file that holds a template, such as chat_template.jinja.
  static ChatTemplate read(const std::filesystem::path& path);
  /// The prompt's text. Throws Error when the template refuses the request.
  std::string render(const ChatRequest& request) const;

 private:
  std::shared_ptr<const jinja::Program> program_, tool_use_;  // the latter may be null
};

/// Whether a rendered prompt ends in an opened <think>, so that the answer to it begins inside the
/// thinking, without an opening tag of its own.
bool begins_in_thinking(std::string_view prompt);

}  // namespace r1
