#include "formats/pre_tokenizer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace r1 {
namespace {

using Pieces = std::vector<std::string>;

PreTokenizer named(const std::string& name) {
  const auto found = PreTokenizer::named(name);
  EXPECT_TRUE(found.has_value()) << name;
  return found.value_or(PreTokenizer());
}

Pieces split(const char* name, const std::string& text) {
  Pieces pieces;
  named(name).split(text, [&](std::string_view piece) { pieces.emplace_back(piece); });
  return pieces;
}

TEST(PreTokenizer, Gpt2SplitsWords) {
  EXPECT_EQ(split("gpt-2", "I've 123  big dogs!!\n\n x"),
            (Pieces{"I", "'ve", " 123", " ", " big", " dogs", "!!", "\n\n", " x"}));
  EXPECT_EQ(split("gpt-2", "WE'VE"), (Pieces{"WE", "'", "VE"}));
  EXPECT_EQ(split("gpt-2", "end  "), (Pieces{"end", "  "}));
}

TEST(PreTokenizer, SmollmSplitsDigitsBeforeWords) {
  EXPECT_EQ(split("smollm", "a  12"), (Pieces{"a", "  ", "1", "2"}));
}

TEST(PreTokenizer, Llama3TakesThreeDigitsAndAnyCaseOfContractions) {
  EXPECT_EQ(split("llama-bpe", "We'LL see 12345 (ok)\r\n\r\n  go"),
            (Pieces{"We", "'LL", " see", " ", "123", "45", " (", "ok", ")\r\n\r\n", " ", " go"}));
  EXPECT_EQ(split("llama-bpe", "it'\u017f"), (Pieces{"it", "'\u017f"}));
  EXPECT_EQ(split("llama-bpe", "a \n \n  b"), (Pieces{"a", " \n \n", " ", " b"}));
}

TEST(PreTokenizer, Qwen2TakesSingleDigits) {
  EXPECT_EQ(split("qwen2", "x12 y"), (Pieces{"x", "1", "2", " y"}));
}

TEST(PreTokenizer, DeepseekV3SplitsNumbersAndHanFirst) {
  EXPECT_EQ(split("deepseek-v3", "12345 中文abc, .net 'tis"),
            (Pieces{"123", "45", " ", "中文", "abc", ",", " .", "net", " '", "tis"}));
  EXPECT_EQ(split("deepseek-v3", "x.net"), (Pieces{"x", ".net"}));
  EXPECT_EQ(split("deepseek-v3", "e\u0301 \u0301"), (Pieces{"e\u0301", " \u0301"}));
  // What no part of the pattern matches is a piece of its own up to the next match.
  EXPECT_EQ(split("deepseek-v3", "\x01\x02\x03go"), (Pieces{"\x01\x02", "\x03go"}));
}

TEST(PreTokenizer, DeepseekLlmSplitsStepByStep) {
  EXPECT_EQ(split("deepseek-llm", "Hi  you!\n42 中文 "),
            (Pieces{"Hi", " ", " you", "!", "\n", "4", "2", " ", "中文", " "}));
}

TEST(PreTokenizer, DeepseekCoderSplitsStepByStep) {
  EXPECT_EQ(split("deepseek-coder", "if x == 10:\n"),
            (Pieces{"if", " x", " == ", "1", "0", ":", "\n"}));
}

TEST(PreTokenizer, PiecesJoinToTheTextInLinearTime) {
  const std::string name_of_all[] = {"deepseek-v3", "deepseek-llm", "deepseek-coder", "llama-bpe",
                                     "qwen2",       "smollm",       "gpt-2"};
  for (const std::string& name : name_of_all) {
    for (const std::string unit :
         {" ", "a", "\n", "\n ", "7", "\u4e2d", "'", "!", "\x01", "\u0301"}) {
      std::string text;
      while (text.size() < 300'000) text += unit;
      text += "\u4e2d";
      const auto start = std::chrono::steady_clock::now();
      std::string joined;
      named(name).split(text, [&](std::string_view piece) {
        ASSERT_FALSE(piece.empty());
        joined += piece;
      });
      ASSERT_EQ(joined, text);
      // Quadratic time would be minutes.
      ASSERT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5)) << name << unit;
    }
  }
}

TEST(PreTokenizer, NamesAreGgufs) {
  EXPECT_EQ(PreTokenizer::named("nonsense"), std::nullopt);
  EXPECT_EQ(named("deepseek-r1-qwen").name(), "qwen2");
  EXPECT_EQ(named("deepseek-v3").name(), "deepseek-v3");
  EXPECT_EQ(PreTokenizer().name(), "");
}

}  // namespace
}  // namespace r1
