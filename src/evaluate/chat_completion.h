// OpenAI's chat completions as a client sees them, with DeepSeek's reasoning_content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "evaluate/responder.h"
#include "generate/sequence.h"

namespace r1::evaluate {

/// What is said of sampling that OpenAI's own server doesn't know. Others have defaults of their
/// own for it, and differ in how top_k is switched off. In the order in which they are tried.
enum class Dialect { minus_one, zero, openai };

/// The body of a request for one answer to one question.
std::string completion_request(const std::string& model, const std::string& question,
                               const GenerateOptions& options, std::uint64_t seed, PromptForm form,
                               bool stream, Dialect dialect);

/// Whether a server's complaint is about a field that not all dialects have.
bool is_about_dialect(std::string_view complaint);

/// Reads an answer, whole or as a stream of events, whichever the server sends; of a chat or of a
/// text. For one answer.
class CompletionReader {
 public:
  /// Throws Error for events that are none, and for what the server reports as an error in them.
  void take(std::string_view bytes);
  /// The answer. Throws Error if it isn't whole.
  Response finish();
  /// What was read, for messages about answers that are no completions.
  const std::string& unread() const { return unread_; }

 private:
  void take_line(std::string_view line);
  void take_object(std::string_view text);
  std::string unread_;  // the beginning of a line, or a whole document
  std::string reasoning_, content_, finish_reason_;
  std::int64_t tokens_ = 0, pieces_ = 0;
  std::size_t size_ = 0;
  bool events_ = false;
};

}  // namespace r1::evaluate
