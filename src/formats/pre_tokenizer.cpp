#include "formats/pre_tokenizer.h"

#include <span>

namespace r1 {
namespace {

struct Named {
  std::string_view name;
  PreTokenizer pre_tokenizer;
};

const std::vector<Named>& all_named() {
  using namespace split_patterns;
  static const PreTokenizer gpt2({&gpt2_words}), llama3({&llama3_words}), qwen2({&qwen2_words});
  static const std::vector<Named> all = {
      {"deepseek-v3", PreTokenizer({&numbers_of_three, &han_and_kana, &deepseek_v3_words})},
      {"deepseek-llm", PreTokenizer({&line_breaks, &spaced_cased_letters, &spaced_wide_punctuation,
                                     &trailing_spaces, &east_asian, &digits})},
      {"deepseek-coder",
       PreTokenizer({&line_breaks, &spaced_letters, &spaced_punctuation, &east_asian, &digits})},
      {"llama-bpe", llama3},
      {"llama3", llama3},
      {"llama-v3", llama3},
      {"qwen2", qwen2},
      {"deepseek-r1-qwen", qwen2},
      {"smollm", PreTokenizer({&digits, &gpt2_words})},
      {"gpt-2", gpt2},
  };
  return all;
}

void split_by(std::span<const SplitPattern* const> patterns, const unicode::Scanner& text,
              const std::function<void(std::string_view)>& piece) {
  if (patterns.empty()) {
    piece(text.text());
    return;
  }
  for (std::size_t position = 0; position < text.size();) {
    const SplitMatch match = patterns.front()->first_match(text, position);
    const auto rest = patterns.subspan(1);
    if (match.begin > position) split_by(rest, text.part(position, match.begin), piece);
    if (match.end > match.begin) split_by(rest, text.part(match.begin, match.end), piece);
    position = match.end;
  }
}

}  // namespace

std::optional<PreTokenizer> PreTokenizer::named(std::string_view name) {
  for (const Named& entry : all_named()) {
    if (entry.name == name) return entry.pre_tokenizer;
  }
  return std::nullopt;
}

std::string_view PreTokenizer::name() const {
  for (const Named& entry : all_named()) {
    if (entry.pre_tokenizer == *this) return entry.name;
  }
  return {};
}

void PreTokenizer::split(std::string_view text,
                         const std::function<void(std::string_view)>& piece) const {
  if (!text.empty()) split_by(patterns_, unicode::Scanner(text), piece);
}

}  // namespace r1
