// How byte-level tokenizers cut a text into pieces before merging.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/split_patterns.h"

namespace r1 {

/// Cuts a text at the matches of patterns: each match and each gap between two is a piece, which
/// the next pattern sees as a text of its own.
class PreTokenizer {
 public:
  PreTokenizer() = default;
  explicit PreTokenizer(std::vector<const SplitPattern*> patterns)
      : patterns_(std::move(patterns)) {}
  /// The one that a GGUF file calls so in tokenizer.ggml.pre, or nothing if the name is unknown.
  static std::optional<PreTokenizer> named(std::string_view name);
  /// The (first) name that GGUF files have for it; empty if there is none.
  std::string_view name() const;

  const std::vector<const SplitPattern*>& patterns() const { return patterns_; }
  void add(const SplitPattern& pattern) { patterns_.push_back(&pattern); }
  /// Calls `piece` for each piece of valid UTF-8, in order. Joined, the pieces are the text. Takes
  /// linear time.
  void split(std::string_view text, const std::function<void(std::string_view)>& piece) const;
  bool operator==(const PreTokenizer&) const = default;

 private:
  std::vector<const SplitPattern*> patterns_;
};

}  // namespace r1
