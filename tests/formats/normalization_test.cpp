#include "formats/normalization.h"

#include <gtest/gtest.h>

#include <string>

namespace r1::unicode {
namespace {

std::string nfc(const std::string& text) {
  std::string buffer;
  return std::string(compose(text, buffer));
}

TEST(Normalization, ComposesInCanonicalOrder) {
  EXPECT_EQ(nfc("e\u0301"), "\u00e9");
  EXPECT_EQ(nfc("a\u0301\u0323"), "\u1ea1\u0301");  // the mark below comes first
  EXPECT_EQ(nfc("s\u0323\u0307"), "\u1e69");
  EXPECT_EQ(nfc("\u212b\u2126"), "\u00c5\u03a9");  // singletons
  EXPECT_EQ(nfc("\u0958"), "\u0915\u093c");        // excluded from composition
  EXPECT_EQ(nfc("\u0344"), "\u0308\u0301");
  EXPECT_EQ(nfc("a\u0328\u0301\u0304"), "\u0105\u0301\u0304");  // 301 blocks 304
  EXPECT_EQ(nfc("\u0301a"), "\u0301a");
}

TEST(Normalization, ComposesHangul) {
  EXPECT_EQ(nfc("\u1112\u1161\u11ab"), "\ud55c");
  EXPECT_EQ(nfc("\ud558\u11ab"), "\ud55c");
  EXPECT_EQ(nfc("\ud55c\u11ab"), "\ud55c\u11ab");  // has a trailing consonant already
  EXPECT_EQ(nfc("\u1112\u1161\u11a7"), "\ud558\u11a7");
}

TEST(Normalization, KnowsNothingAfterUnicode9) {
  EXPECT_EQ(nfc("\U00011935\U00011930"), "\U00011935\U00011930");  // composes since 13.0
  EXPECT_EQ(nfc("e\u1df9\u0301"), "e\u1df9\u0301");  // U+1DF9 came with 10.0 and is a starter here
}

TEST(Normalization, LeavesComposedTextWhereItIs) {
  std::string buffer;
  const std::string text = "plain, d\u00e9j\u00e0 vu, \u4f60\u597d, \ud55c\uae00";
  EXPECT_EQ(compose(text, buffer).data(), text.data());
}

}  // namespace
}  // namespace r1::unicode
