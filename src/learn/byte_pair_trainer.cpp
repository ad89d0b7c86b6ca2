#include "learn/byte_pair_trainer.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "base/threads.h"

namespace r1 {
namespace {

/// A piece as tokens, and how often it stands.
struct Word {
  std::vector<TokenId> ids;
  std::int64_t count;
};

bool may_join(std::string_view piece) {
  const auto is_letter = [](unsigned char c) { return std::isalpha(c) != 0 || c >= 0x80; };
  const auto first = static_cast<unsigned char>(piece.front());
  return first == ' ' || first == '\\' || first == '<' || std::isupper(first) != 0 ||
         std::none_of(piece.begin(), piece.end(), is_letter);
}

/// Counts of neighbours, kept up to date as pairs are joined.
class PairTable {
 public:
  using Pair = std::pair<TokenId, TokenId>;

  PairTable(std::vector<Word> words, bool at_begin)
      : words_(std::move(words)), at_begin_(at_begin) {
    for (std::size_t word = 0; word < words_.size(); ++word) count(word, 1);
  }

  /// The commonest pair and its count; a count of 0 if there is none.
  std::pair<Pair, std::int64_t> commonest() const {
    std::pair<Pair, std::int64_t> best = {{}, 0};
    for (const auto& [pair, place] : places_) {
      if (place.count > best.second) best = {pair, place.count};
    }
    return best;
  }

  void join(const Pair& pair, TokenId joined) {
    const std::set<std::size_t> words = std::move(places_.at(pair).words);
    for (const std::size_t word : words) {
      count(word, -1);
      std::vector<TokenId>& ids = words_[word].ids;
      std::size_t to = 0;
      for (std::size_t from = 0; from < ids.size(); ++to) {
        const bool here = from + 1 < ids.size() && ids[from] == pair.first &&
                          ids[from + 1] == pair.second && (!at_begin_ || from == 0);
        ids[to] = here ? joined : ids[from];
        from += here ? 2 : 1;
      }
      ids.resize(to);
      count(word, 1);
    }
    places_.erase(pair);
  }

 private:
  struct Place {
    std::int64_t count = 0;
    std::set<std::size_t> words;
  };

  /// Adds (sign 1) or takes away (-1) what a word counts.
  void count(std::size_t word, std::int64_t sign) {
    const std::vector<TokenId>& ids = words_[word].ids;
    const std::size_t pairs = ids.empty() ? 0
                              : at_begin_ ? std::min<std::size_t>(1, ids.size() - 1)
                                          : ids.size() - 1;
    for (std::size_t i = 0; i < pairs; ++i) {
      Place& place = places_[{ids[i], ids[i + 1]}];
      place.count += sign * words_[word].count;
      if (sign > 0) place.words.insert(word);
    }
  }

  std::vector<Word> words_;
  bool at_begin_;
  std::map<Pair, Place> places_;  // words may be in it that no longer hold the pair
};

}  // namespace

PieceCounts count_pieces(const std::vector<std::string>& texts, const PreTokenizer& pre_tokenizer) {
  constexpr std::int64_t kGrain = 256;
  const auto count = static_cast<std::int64_t>(texts.size());
  std::vector<PieceCounts> parts(static_cast<std::size_t>((count + kGrain - 1) / kGrain));
  parallel_blocks(count, kGrain, [&](std::int64_t begin, std::int64_t end) {
    PieceCounts& part = parts[static_cast<std::size_t>(begin / kGrain)];
    for (std::int64_t i = begin; i < end; ++i) {
      pre_tokenizer.split(texts[static_cast<std::size_t>(i)], [&](std::string_view piece) {
        const auto found = part.find(piece);
        if (found != part.end()) {
          ++found->second;
        } else {
          part.emplace(piece, 1);
        }
      });
    }
  });
  PieceCounts all;
  for (const PieceCounts& part : parts) {
    for (const auto& [piece, number] : part) all[piece] += number;
  }
  return all;
}

std::vector<MergeRule> train_byte_pairs(const PieceCounts& pieces, std::int64_t vocabulary,
                                        Joining joining, std::vector<Token>& tokens) {
  const auto first_byte = static_cast<TokenId>(tokens.size());
  for (int byte = 0; byte < 256; ++byte) {
    tokens.push_back({std::string(1, static_cast<char>(byte)), TokenKind::normal, false});
  }
  std::map<std::string, TokenId> ids;  // what was joined before in another way is no new token
  std::vector<Word> words;
  for (const auto& [piece, count] : pieces) {
    if (piece.empty() || (joining == Joining::words && !may_join(piece))) continue;
    Word word = {{}, count};
    for (const char c : piece) word.ids.push_back(first_byte + static_cast<unsigned char>(c));
    words.push_back(std::move(word));
  }
  PairTable pairs(std::move(words), joining == Joining::words);
  std::vector<MergeRule> merges;
  std::set<PairTable::Pair> known;  // a pair may come again by a token that was there before
  while (static_cast<std::int64_t>(tokens.size()) < vocabulary) {
    const auto [pair, count] = pairs.commonest();
    if (count < 2) break;
    const auto bytes_of = [&](TokenId id) { return tokens[static_cast<std::size_t>(id)].bytes; };
    const std::string bytes = bytes_of(pair.first) + bytes_of(pair.second);
    const auto next = static_cast<TokenId>(tokens.size());
    const TokenId joined = ids.emplace(bytes, next).first->second;
    if (joined == next) tokens.push_back({bytes, TokenKind::normal, false});
    if (known.insert(pair).second) merges.push_back({pair.first, pair.second, joined});
    pairs.join(pair, joined);
  }
  return merges;
}

}  // namespace r1
