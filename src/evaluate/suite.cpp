#include "evaluate/suite.h"

#include <algorithm>

#include "base/error.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

std::vector<Suite> all_suites() {
  return {
      aime_2024(),      aime_2025(),      amc_2023(),       math_500(),           gsm8k(),
      minerva(),        olympiad_bench(), hmmt_2025(),      olym_math(),          humaneval(),
      mbpp(),           humaneval_cpp(),  leetcode(),       code_contests(),      codeforces(),
      mmlu(),           mmlu_redux(),     big_bench_hard(), knights_and_knaves(), gpqa_diamond(),
      live_code_bench()};
}

std::vector<Suite> find_suites(std::string_view names) {
  const std::vector<Suite> known = all_suites();
  std::vector<Suite> found;
  while (!names.empty()) {
    const std::string name(names.substr(0, names.find(',')));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
    const auto suite = std::find_if(known.begin(), known.end(),
                                    [&](const Suite& one) { return one.name == name; });
    if (suite == known.end()) {
      std::string all;
      for (const Suite& one : known) all += (all.empty() ? "" : ", ") + one.name;
      throw Error("--suite", "there is no suite \"" + name + "\"", "take of " + all);
    }
    found.push_back(*suite);
  }
  return found;
}

}  // namespace r1::evaluate
