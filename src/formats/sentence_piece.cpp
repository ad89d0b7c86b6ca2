#include "formats/sentence_piece.h"

#include <algorithm>
#include <functional>

#include "formats/unicode.h"

namespace r1 {
namespace {

bool has_space_inside(std::string_view token) {
  const std::size_t first = token.find_first_not_of(' ');
  return first != std::string_view::npos && token.find(' ', first) != std::string_view::npos;
}

}  // namespace

SentencePieceEncoder::SentencePieceEncoder(const TokenizerData& data) {
  std::vector<float> scores = data.scores;
  std::sort(scores.begin(), scores.end(), std::greater<>());
  scores.erase(std::unique(scores.begin(), scores.end()), scores.end());
  byte_ids_.fill(-1);
  for (std::size_t i = 0; i < data.tokens.size(); ++i) {
    const Token& token = data.tokens[i];
    const auto id = static_cast<TokenId>(i);
    if (token.kind == TokenKind::unknown) unknown_ = id;
    if (token.kind == TokenKind::byte) byte_ids_[static_cast<unsigned char>(token.bytes[0])] = id;
    if (token.kind != TokenKind::normal && token.kind != TokenKind::user_defined) continue;
    const auto rank =
        std::lower_bound(scores.begin(), scores.end(), data.scores[i], std::greater<>());
    entries_.emplace(token.bytes, Entry{id, static_cast<std::uint32_t>(rank - scores.begin())});
    longest_ = std::max(longest_, token.bytes.size());
    if (has_space_inside(token.bytes)) spaces_begin_tokens_ = false;
  }
}

std::string replace_meta_spaces(std::string_view text) {
  constexpr std::string_view meta_space = "\u2581";
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = std::min(text.find(meta_space, at), text.size());
    result += text.substr(at, next - at);
    if (next < text.size()) result += ' ';
    at = next + meta_space.size();
  }
  return result;
}

void SentencePieceEncoder::encode(std::string_view text, std::vector<TokenId>& ids,
                                  MergeMemory& memory) const {
  // Where no token crosses from another character to a space, nothing is ever joined across.
  while (spaces_begin_tokens_ && !text.empty()) {
    const std::size_t word = text.find_first_not_of(' ');
    const std::size_t end = word == text.npos ? text.npos : text.find(' ', word);
    encode_word(text.substr(0, end), ids, memory);
    text.remove_prefix(std::min(end, text.size()));
  }
  if (!text.empty()) encode_word(text, ids, memory);
}

void SentencePieceEncoder::encode_word(std::string_view word, std::vector<TokenId>& ids,
                                       MergeMemory& memory) const {
  memory.symbols.clear();
  for (std::uint32_t begin = 0; begin < word.size();) {
    const std::uint32_t length = unicode::decode(word.substr(begin)).length;
    const auto entry = entries_.find(word.substr(begin, length));
    memory.symbols.push_back(
        {begin, begin + length, entry == entries_.end() ? -1 : entry->second.id});
    begin += length;
  }
  merge_symbols(memory, [&](const Symbol& left, const Symbol& right) -> PairMerge {
    const std::size_t length = right.end - left.begin;
    if (length > longest_) return {};
    const auto entry = entries_.find(word.substr(left.begin, length));
    if (entry == entries_.end()) return {};
    return {entry->second.rank, entry->second.id};
  });
  for (const Symbol& symbol : memory.symbols) {
    if (symbol.id >= 0) {
      ids.push_back(symbol.id);
      continue;
    }
    for (std::uint32_t i = symbol.begin; i < symbol.end; ++i) {
      const TokenId id = byte_ids_[static_cast<unsigned char>(word[i])];
      if (id >= 0) {
        ids.push_back(id);
      } else if (unknown_ >= 0 && i == symbol.begin) {
        ids.push_back(unknown_);
      }
    }
  }
}

}  // namespace r1
