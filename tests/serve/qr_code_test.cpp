#include "serve/qr_code.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace r1::serve {
namespace {

TEST(QrCode, has_the_squares_that_readers_look_for_within_a_quiet_zone) {
  const std::string code = qr_code("http://192.168.1.20:8080/#key=r1-0123456789abcdef");
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < code.size(); at = code.find('\n', at) + 1) {
    lines.push_back(code.substr(at, code.find('\n', at) - at));
  }
  const std::string begin = "\x1b[38;5;16;48;5;231m", end = "\x1b[0m";
  ASSERT_GT(lines.size(), 14U);
  for (const std::string& line : lines) {
    EXPECT_TRUE(line.starts_with(begin + "    ") && line.ends_with("    " + end)) << line;
  }
  EXPECT_EQ(lines[0].find_first_not_of(' ', begin.size()), lines[0].size() - end.size());
  EXPECT_TRUE(lines[2].starts_with(begin + "    █▀▀▀▀▀█ ")) << lines[2];
  EXPECT_TRUE(lines[2].ends_with(" █▀▀▀▀▀█    " + end)) << lines[2];
}

TEST(QrCode, of_what_is_too_long_is_nothing) {
  EXPECT_EQ(qr_code(std::string(5000, 'x')), "");
}

}  // namespace
}  // namespace r1::serve
