#include "learn/teacher.h"

#include "formats/checkpoint.h"

namespace r1 {

Teacher Teacher::open(const std::filesystem::path& path) {
  Tokenizer tokenizer = Tokenizer::open(path);
  std::optional<ChatTemplate> chat;
  if (!tokenizer.chat_template().empty()) chat = ChatTemplate::of(tokenizer);
  return {Model::load(Checkpoint::open(path), {}), std::move(tokenizer), std::move(chat)};
}

bool same_vocabulary(const Tokenizer& a, const Tokenizer& b) {
  if (a.vocab_size() != b.vocab_size()) return false;
  for (TokenId id = 0; id < a.vocab_size(); ++id) {
    if (a.token_bytes(id) != b.token_bytes(id) || a.is_special(id) != b.is_special(id))
      return false;
  }
  return true;
}

}  // namespace r1
