// r1 grade as a user and a script call it.
#include <gtest/gtest.h>

#include <string>

#include "run_program.h"

namespace r1 {
namespace {

TEST(GradeCommand, answers_each_line_in_order) {
  const ProgramResult result =
      run_program("grade --json",
                  "{\"gold\":\"1/2\",\"pred\":\"So it is \\\\boxed{0.5}.\"}\n"
                  "\n"
                  "{\"gold\":\"7\",\"pred\":\"9**9**9\"}\n");
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(result.output,
            "{\"equal\":true,\"extracted\":\"0.5\",\"reason\":\"proven equal\"}\n"
            "{\"equal\":false,\"extracted\":\"9**9**9\",\"reason\":\"proven different\"}\n");
}

TEST(GradeCommand, judges_two_arguments) {
  const ProgramResult result = run_program("grade '\\frac{1}{2}' '\\boxed{0.5}'");
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(result.output, "equal (proven equal): 0.5\n");
  EXPECT_EQ(run_program("grade 1").status, 2);
}

TEST(GradeCommand, names_the_line_that_is_wrong) {
  for (const std::string line :
       {"nonsense", "[1]", "{\"gold\":\"1\"}", "{\"gold\":1,\"pred\":\"1\"}"}) {
    const ProgramResult result =
        run_program("grade --json", "{\"gold\":\"1\",\"pred\":\"1\"}\n" + line);
    EXPECT_EQ(result.status, 1) << line;
    EXPECT_NE(result.errors.find("line 2 of the input"), std::string::npos) << result.errors;
    EXPECT_NE(result.output, "") << line;
  }
}

}  // namespace
}  // namespace r1
