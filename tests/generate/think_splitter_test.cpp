#include "generate/think_splitter.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace r1 {
namespace {

struct Parts {
  std::string reasoning, content;
  bool operator==(const Parts&) const = default;
};

void PrintTo(const Parts& parts, std::ostream* stream) {
  *stream << "[" << parts.reasoning << "|" << parts.content << "]";
}

Parts split(const std::vector<std::string_view>& pieces, bool begins_in_thinking) {
  ThinkSplitter splitter(begins_in_thinking);
  Parts parts;
  const auto add = [&](const AnswerPart& part) {
    parts.reasoning += part.reasoning;
    parts.content += part.content;
  };
  for (const std::string_view piece : pieces) add(splitter.push(piece));
  add(splitter.flush());
  return parts;
}

TEST(ThinkSplitter, separatesThinkingThatThePromptOpened) {
  EXPECT_EQ(split({"Okay, 2+2.\n</think>\n\nIt is 4."}, true), (Parts{"Okay, 2+2.", "It is 4."}));
  EXPECT_EQ(split({"</think>4"}, true), (Parts{"", "4"}));
  EXPECT_EQ(split({"\n\n</think>\n\n4\n"}, true), (Parts{"", "4\n"}));
}

TEST(ThinkSplitter, separatesThinkingThatTheAnswerOpens) {
  EXPECT_EQ(split({"<think>\nHm.\n</think>\n\n4"}, false), (Parts{"Hm.", "4"}));
  EXPECT_EQ(split({" \n<think>Hm.</think>4"}, false), (Parts{"Hm.", "4"}));
}

TEST(ThinkSplitter, dropsASecondOpeningTag) {
  EXPECT_EQ(split({"<think>\nHm.</think>4"}, true), (Parts{"Hm.", "4"}));
}

TEST(ThinkSplitter, leavesAnAnswerWithoutThinkingAsItIs) {
  EXPECT_EQ(split({"  4 <think> is a tag</think>\n"}, false),
            (Parts{"", "  4 <think> is a tag</think>\n"}));
  EXPECT_EQ(split({"<thin"}, false), (Parts{"", "<thin"}));
  EXPECT_EQ(split({}, false), (Parts{"", ""}));
}

TEST(ThinkSplitter, takesTagsAfterTheFirstEndAsText) {
  EXPECT_EQ(split({"a</think>b </think> <think>c"}, true), (Parts{"a", "b </think> <think>c"}));
}

TEST(ThinkSplitter, givesUnfinishedThinkingOutAtTheEnd) {
  EXPECT_EQ(split({"Hm, </thi"}, true), (Parts{"Hm, </thi", ""}));
  EXPECT_EQ(split({"Hm.\n"}, true), (Parts{"Hm.\n", ""}));
}

TEST(ThinkSplitter, holdsBackNoMoreThanWhatMayBeATag) {
  ThinkSplitter splitter(true);
  EXPECT_EQ(splitter.push("Hm, a<b").reasoning, "Hm, a<b");
  EXPECT_EQ(splitter.push(" and </").reasoning, " and");
  EXPECT_EQ(splitter.push("b> c").reasoning, " </b> c");
  EXPECT_TRUE(splitter.thinking());
  EXPECT_EQ(splitter.push("</think").reasoning, "");
  EXPECT_EQ(splitter.push(">4").content, "4");
  EXPECT_FALSE(splitter.thinking());
  EXPECT_EQ(splitter.push(" <").content, " <");
}

TEST(ThinkSplitter, givesTheSameHoweverTheTextIsCut) {
  std::mt19937 random(1);
  for (const std::string text :
       {" <think>\n a <b </thin </think \n</think>\n\n It </think> is <think> 4.\n ",
        "</think></think>", "<think></think><think>x</think>", "no tag \xc3\xa9 at all"}) {
    for (const bool begins_in_thinking : {false, true}) {
      const Parts whole = split({text}, begins_in_thinking);
      for (int round = 0; round < 200; ++round) {
        std::vector<std::string_view> pieces;
        for (std::string_view rest = text; !rest.empty();) {
          const std::size_t size = std::min<std::size_t>(1 + random() % 5, rest.size());
          pieces.push_back(rest.substr(0, size));
          rest.remove_prefix(size);
        }
        ASSERT_EQ(split(pieces, begins_in_thinking), whole) << text;
      }
    }
  }
}

}  // namespace
}  // namespace r1
