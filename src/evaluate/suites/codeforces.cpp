#include "evaluate/each_row.h"
#include "evaluate/programs.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite codeforces() {
  return {"codeforces", "408 Codeforces problems against their sample tests", 16,
          each_row("codeforces_test.jsonl", [](const Row& row, const Sources& sources) {
            Submission submission;
            // Limits are set for C++; Python gets what contests give it.
            submission.seconds = 5 * row.number_or("time_limit_ms", 2000, 1, 1e6) / 1000;
            const double megabytes = 2 * row.number_or("memory_limit_mb", 256, 1, 1e5);
            submission.memory = static_cast<std::int64_t>(megabytes) << 20;
            submission.tests = input_output_tests(row);
            return program_question(row.text("id"), ask_for_program(row.text("problem")),
                                    submission, sources);
          })};
}

}  // namespace r1::evaluate
