#include "base/memory.h"

#include <gtest/gtest.h>

namespace r1 {
namespace {

TEST(Memory, bytes_are_shown_with_two_or_three_digits) {
  EXPECT_EQ(readable_bytes(0), "0.0 KB");
  EXPECT_EQ(readable_bytes(1500), "1.5 KB");
  EXPECT_EQ(readable_bytes(999'400), "999 KB");
  EXPECT_EQ(readable_bytes(999'600), "1.0 MB");
  EXPECT_EQ(readable_bytes(16'000'000'000), "16 GB");
}

}  // namespace
}  // namespace r1
