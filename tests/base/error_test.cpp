#include "base/error.h"

#include <gtest/gtest.h>

namespace r1 {
namespace {

TEST(Error, is_one_sentence_of_where_what_and_remedy) {
  EXPECT_STREQ(Error("a.gguf", "is truncated", "fetch it again").what(),
               "a.gguf: is truncated; fetch it again");
}

TEST(Error, keeps_control_characters_of_damaged_files_out_of_the_terminal) {
  EXPECT_STREQ(Error("a\x1b[31m\n", "bad").what(), "a?[31m?: bad");
}

}  // namespace
}  // namespace r1
