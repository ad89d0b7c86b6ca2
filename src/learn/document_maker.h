// From a line of a data set to token ids, and which of them a model learns to say.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "formats/chat_template.h"
#include "formats/tokenizer.h"

namespace r1 {

/// How lines are read. A line has messages, or prompt and completion, or text; the keys may have
/// other names.
struct DocumentOptions {
  std::string messages = "messages", prompt = "prompt", completion = "completion", text = "text";
  bool as_chat = false;         // prompt and completion are a question and its answer in a chat
  bool learn_all = false;       // else only what the assistant says, completions, and texts
  std::int64_t longest = 2048;  // tokens
  bool cut = false;             // longer documents become several; else their end is left out
};

struct TokenizedDocument {
  std::vector<int> ids;
  std::vector<std::uint8_t> counts;  // 1 for tokens that are learned
};

/// What became of a line.
struct TokenizedLine {
  std::vector<TokenizedDocument> documents;
  std::int64_t truncated = 0;  // documents whose end was left out
  std::int64_t dropped = 0;    // documents with nothing to learn
};

/// Prompts and what is learned are tokenized apart, as they are when a model answers. Conversations
/// are rendered by the template; where it renders past turns in another way than the turn that is
/// being answered (as R1's, which leaves out past thoughts), each turn of the assistant becomes a
/// document of its own, and from the second turn on what stands before it is never learned. A
/// completion or a text ends with the end-of-text token.
class DocumentMaker {
 public:
  /// Without a template, conversations are an Error.
  DocumentMaker(Tokenizer tokenizer, std::optional<ChatTemplate> chat_template,
                DocumentOptions options);

  /// `where` names the line in errors.
  TokenizedLine make(const nlohmann::ordered_json& line, const std::string& where) const;

 private:
  struct Part {
    std::string text;
    bool learned;
  };
  using Parts = std::vector<Part>;

  std::vector<Parts> conversation(const nlohmann::ordered_json& messages,
                                  const nlohmann::ordered_json& tools,
                                  const std::string& where) const;
  std::vector<Parts> turns_apart(const nlohmann::ordered_json& messages,
                                 const nlohmann::ordered_json& tools,
                                 const std::string& where) const;
  std::string render(const nlohmann::ordered_json& messages, const nlohmann::ordered_json& tools,
                     std::size_t count, bool prompt) const;
  TokenizedDocument tokenize(const Parts& parts) const;
  TokenizedDocument tokenize_plain(const std::string& prompt, const std::string& learned) const;
  void add(TokenizedDocument document, TokenizedLine& line) const;

  Tokenizer tokenizer_;
  std::optional<ChatTemplate> template_;
  DocumentOptions options_;
};

}  // namespace r1
