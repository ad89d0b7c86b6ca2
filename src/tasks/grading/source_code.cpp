#include "tasks/grading/source_code.h"

#include <algorithm>
#include <array>

namespace r1::grading {
namespace {

bool has_in_order(std::string_view text, std::string_view first, std::string_view second) {
  const std::size_t at = text.find(first);
  return at != std::string_view::npos &&
         text.find(second, at + first.size()) != std::string_view::npos;
}

}  // namespace

bool is_statement(std::string_view text) {
  constexpr std::array<std::string_view, 11> kBeginnings = {
      "return ",  "assert ", "echo ",  "SELECT ", "print ", "import ",
      "#include", "#!",      "while ", "def ",    "class "};
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view beginning) { return text.starts_with(beginning); });
}

bool is_code(std::string_view line) {
  if (line.find('\n') != std::string_view::npos) return false;
  constexpr std::array<std::string_view, 11> kSigns = {"__", "(\"", "('",  "()",  "range(", "</",
                                                       "::", "<<",  "\":", " # ", "; --"};
  return is_statement(line) || has_in_order(line, "lambda ", ":") ||
         has_in_order(line, " if ", " else ") ||
         std::any_of(kSigns.begin(), kSigns.end(), [&](std::string_view sign) {
           return line.find(sign) != std::string_view::npos;
         });
}

}  // namespace r1::grading
