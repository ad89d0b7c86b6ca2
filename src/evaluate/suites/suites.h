// The suites there are, a file each.
#pragma once

#include "evaluate/suite.h"

namespace r1::evaluate {

Suite aime_2024();
Suite aime_2025();
Suite amc_2023();
Suite math_500();
Suite gsm8k();
Suite minerva();
Suite olympiad_bench();
Suite hmmt_2025();
Suite olym_math();
Suite humaneval();
Suite mbpp();
Suite humaneval_cpp();
Suite leetcode();
Suite code_contests();
Suite codeforces();
Suite mmlu();
Suite mmlu_redux();
Suite big_bench_hard();
Suite knights_and_knaves();
Suite gpqa_diamond();
Suite live_code_bench();

}  // namespace r1::evaluate
