#include <functional>

#include "base/characters.h"
#include "evaluate/each_row.h"
#include "evaluate/final_answer.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {
namespace {

/// 'k' knight, 'n' knave, 0 for a person of whom neither or both are said; by the first of the two
/// words after each mention of the name and before the next line or sentence.
char said_of(const std::string& name, const std::string& text) {
  char said = 0;
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const std::string rest = text.substr(at, text.find_first_of("\n.,;", at) - at);
    const std::size_t knight = rest.find("knight"), knave = rest.find("knave");
    if (knight == knave) continue;
    const char now = knight < knave ? 'k' : 'n';
    if (said != 0 && said != now) return 0;
    said = now;
  }
  return said;
}

Judged judge_roles(const std::vector<std::string>& names, const std::string& gold,
                   std::string_view response) {
  const std::string_view said = after_thinking(response);
  const auto box = last_box(said);
  const std::string text = lower_case(box ? *box : said);
  std::string roles;
  for (const std::string& name : names) {
    const char role = said_of(lower_case(name), text);
    if (role == 0) return {0, "", "nothing clear is said of " + name};
    roles += role;
  }
  return {roles == gold ? 1.0 : 0.0, roles, roles == gold ? "all roles are right" : "other roles"};
}

}  // namespace

Suite knights_and_knaves() {
  return {"knights", "knights and knaves: 500 puzzles of 3 to 7 people", 1,
          each_row("knights_knaves_test.jsonl",
                   [](const Row& row, const Sources&) -> Question {
                     const std::vector<std::string> names = row.texts("names");
                     std::string gold;
                     for (const bool knight : row.flags("solution")) gold += knight ? 'k' : 'n';
                     return {
                         row.text("id"),
                         row.text("quiz") +
                             "\n\nThink step by step, and put who is what within \\boxed{}, "
                             "like \\boxed{Ann is a knight, Bob is a knave}.",
                         gold, row.text("n_people") + " people",
                         [names, gold](std::string_view r) { return judge_roles(names, gold, r); }};
                   }),
          std::equal_to<std::string>()};
}

}  // namespace r1::evaluate
