#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "run_program.h"

namespace r1 {
namespace {

using nlohmann::json;

TEST(BenchCommand, measures_a_shape_with_random_weights) {
  const ProgramResult result =
      run_program("bench --random smollm2-135m --dtype q4_0 -p 8 -n 2 -r 1 --json");
  ASSERT_EQ(result.status, 0) << result.errors;
  const json figures = json::parse(result.output);
  for (const char* tokens : {"prompt_tps", "decode_tps"}) {
    EXPECT_GT(figures.at(tokens).at("mean").get<double>(), 0.0) << tokens;
  }
  for (const char* limit :
       {"bandwidth_gbs", "matrix_peak_gflops", "prompt_share", "decode_share"}) {
    EXPECT_GT(figures.at(limit).get<double>(), 0.0) << limit;
  }
}

}  // namespace
}  // namespace r1
