#include "learn/event_file.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "base/files.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

TEST(EventFile, crc32c_is_that_of_rfc_3720) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
}

template <typename Number>
Number number_at(const std::string& bytes, std::size_t at) {
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

TEST(EventFile, holds_records_with_masked_sums_and_the_scalar_where_protobuf_has_it) {
  const TemporaryFolder folder;
  {
    EventFile events(folder / "events");
    events.scalar("sft/loss", 300, 1.5f, 17.25);
    events.flush();
  }
  const std::string bytes = read_file(folder / "events");
  std::vector<std::string> records;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto length = number_at<std::uint64_t>(bytes, at);
    const auto masked = [](std::string_view text) {
      return std::rotr(crc32c(text), 15) + 0xa282ead8u;
    };
    EXPECT_EQ(number_at<std::uint32_t>(bytes, at + 8), masked(bytes.substr(at, 8)));
    records.push_back(bytes.substr(at + 12, length));
    EXPECT_EQ(number_at<std::uint32_t>(bytes, at + 12 + length), masked(records.back()));
    at += length + 16;
  }
  ASSERT_EQ(records.size(), 2u);
  EXPECT_NE(records[0].find("brain.Event:2"), std::string::npos);
  // wall_time 17.25; step 300 as a varint; summary{value{tag, simple_value}}.
  const std::string want = std::string("\x09") + std::string(6, '\0') + "\x31\x40" +
                           "\x10\xac\x02" + "\x2a\x11\x0a\x0f" + "\x0a\x08sft/loss" + "\x15" +
                           std::string("\x00\x00\xc0\x3f", 4);
  EXPECT_EQ(records[1].substr(0, 1), want.substr(0, 1));
  EXPECT_EQ(number_at<double>(records[1], 1), 17.25);
  EXPECT_EQ(records[1].substr(9), want.substr(9));
}

}  // namespace
}  // namespace r1
