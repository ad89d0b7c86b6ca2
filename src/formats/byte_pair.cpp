#include "formats/byte_pair.h"

#include <bit>

#include "formats/unicode.h"

namespace r1 {
namespace {

std::size_t hash_pair(TokenId left, TokenId right, int shift) {
  const std::uint64_t key = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
                            static_cast<std::uint32_t>(right);
  return (key * 0x9E3779B97F4A7C15u) >> shift;
}

/// Bytes that are visible in Latin-1 stand for themselves, the others for U+0100 and up, in order.
constexpr bool is_visible(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct ByteAlphabet {
  std::array<char32_t, 256> characters{};
  std::array<int, 0x144> bytes{};  // -1: stands for none
};
constexpr ByteAlphabet byte_alphabet = [] {
  ByteAlphabet alphabet;
  alphabet.bytes.fill(-1);
  char32_t next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char32_t character = is_visible(byte) ? byte : next++;
    alphabet.characters[byte] = character;
    alphabet.bytes[character] = static_cast<int>(byte);
  }
  return alphabet;
}();

}  // namespace

std::string to_byte_alphabet(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    unicode::append(text, byte_alphabet.characters[static_cast<unsigned char>(byte)]);
  }
  return text;
}

std::optional<std::string> from_byte_alphabet(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    const unicode::Decoded decoded = unicode::decode(text);
    if (decoded.character >= byte_alphabet.bytes.size()) return std::nullopt;
    const int byte = byte_alphabet.bytes[decoded.character];
    if (byte < 0) return std::nullopt;
    bytes += static_cast<char>(byte);
    text.remove_prefix(decoded.length);
  }
  return bytes;
}

BytePairEncoder::BytePairEncoder(const TokenizerData& data) {
  const std::size_t capacity = std::bit_ceil(2 * data.merges.size() + 2);
  shift_ = 64 - std::countr_zero(capacity);
  slots_.resize(capacity);
  for (std::size_t rank = 0; rank < data.merges.size(); ++rank) {
    insert_merge(static_cast<std::uint32_t>(rank), data.merges[rank]);
  }
  byte_ids_.fill(-1);
  for (std::size_t id = 0; id < data.tokens.size(); ++id) {
    const Token& token = data.tokens[id];
    if (token.kind != TokenKind::normal) continue;
    if (token.bytes.size() == 1) {
      byte_ids_[static_cast<unsigned char>(token.bytes[0])] = static_cast<TokenId>(id);
    }
    if (data.ignore_merges) whole_.emplace(token.bytes, static_cast<TokenId>(id));
  }
}

void BytePairEncoder::insert_merge(std::uint32_t rank, const MergeRule& rule) {
  std::size_t place = hash_pair(rule.left, rule.right, shift_);
  while (slots_[place].left != -1 &&
         !(slots_[place].left == rule.left && slots_[place].right == rule.right)) {
    place = (place + 1) & (slots_.size() - 1);
  }
  slots_[place] = {rule.left, rule.right, {rank, rule.merged}};  // of equal rules the last holds
}

PairMerge BytePairEncoder::find_merge(TokenId left, TokenId right) const {
  std::size_t place = hash_pair(left, right, shift_);
  while (slots_[place].left != -1) {
    if (slots_[place].left == left && slots_[place].right == right) return slots_[place].merge;
    place = (place + 1) & (slots_.size() - 1);
  }
  return {};
}

void BytePairEncoder::encode(std::string_view piece, std::vector<TokenId>& ids,
                             MergeMemory& memory) const {
  if (const auto whole = whole_.find(piece); whole != whole_.end()) {
    ids.push_back(whole->second);
    return;
  }
  memory.symbols.clear();
  for (std::uint32_t i = 0; i < piece.size(); ++i) {
    const TokenId id = byte_ids_[static_cast<unsigned char>(piece[i])];
    if (id >= 0) memory.symbols.push_back({i, i + 1, id});
  }
  merge_symbols(memory, [this](const Symbol& left, const Symbol& right) {
    return find_merge(left.id, right.id);
  });
  for (const Symbol& symbol : memory.symbols) ids.push_back(symbol.id);
}

}  // namespace r1
