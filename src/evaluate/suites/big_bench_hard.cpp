#include <algorithm>
#include <cctype>

#include "base/characters.h"
#include "evaluate/each_row.h"
#include "evaluate/final_answer.h"
#include "evaluate/mathematics.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {
namespace {

/// Without white space, backslashes and case.
std::string bare(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\' || std::isspace(static_cast<unsigned char>(c)) != 0) continue;
    result += lower_case(c);
  }
  return result;
}

/// Some answers are brackets, which needn't fit together: a box ends with the last "}" of its line.
std::string_view box_of_line(std::string_view text) {
  constexpr std::string_view kBox = "\\boxed{";
  const std::size_t at = text.rfind(kBox);
  if (at == std::string_view::npos) return {};
  std::string_view line = text.substr(at + kBox.size());
  line = line.substr(0, line.find('\n'));
  return line.substr(0, std::min(line.rfind('}'), line.size()));
}

Judged judge_text(const std::string& gold, std::string_view response) {
  const std::string_view box = box_of_line(after_thinking(response));
  if (!box.empty() && bare(box) == bare(gold)) return {1, std::string(box), "same text"};
  return judge_mathematics(gold, response);
}

}  // namespace

Suite big_bench_hard() {
  return {"bbh", "BIG-Bench Hard: 6,511 questions of 27 kinds", 1,
          each_row("bbh.jsonl",
                   [](const Row& row, const Sources&) -> Question {
                     const std::string gold = row.text("answer");
                     return {row.text("id"),
                             row.text("input") +
                                 "\n\nThink step by step, and put your final answer, as short as "
                                 "possible, within \\boxed{}.",
                             gold, row.text("task"),
                             [gold](std::string_view r) { return judge_text(gold, r); }};
                   }),
          same_mathematics};
}

}  // namespace r1::evaluate
