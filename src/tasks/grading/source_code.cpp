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

/// "let x = 7;" and "double x = 7;": words that may begin prose, too.
bool declares(std::string_view line) {
  constexpr std::array<std::string_view, 9> kWords = {
      "let ", "double ", "long ", "auto ", "static ", "final ", "const ", "var ", "char "};
  return line.ends_with(';') && line.find('=') != std::string_view::npos &&
         std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return line.starts_with(word); });
}

}  // namespace

bool is_statement(std::string_view text) {
  constexpr std::array<std::string_view, 18> kBeginnings = {
      "return ",  "assert ", "echo ",  "SELECT ", "print ", "import ",
      "#include", "#!",      "while ", "def ",    "class ", "INSERT ",
      "UPDATE ",  "DELETE ", "DROP ",  "int ",    "printf", "lambda:"};
  return declares(text) ||
         std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view beginning) { return text.starts_with(beginning); });
}

bool is_code(std::string_view line) {
  if (line.find('\n') != std::string_view::npos) return false;
  constexpr std::array<std::string_view, 15> kSigns = {"__",   "(\"", "('",  "()",  "range(",
                                                       "</",   "::",  "<<",  "\":", " # ",
                                                       "; --", "+=",  "===", "&&",  ".log("};
  return is_statement(line) || has_in_order(line, "lambda ", ":") ||
         has_in_order(line, " if ", " else ") ||
         std::any_of(kSigns.begin(), kSigns.end(), [&](std::string_view sign) {
           return line.find(sign) != std::string_view::npos;
         });
}

}  // namespace r1::grading
