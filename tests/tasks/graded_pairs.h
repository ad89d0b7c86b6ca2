// Pairs of a right answer and a given one, with the verdict that they should get.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>

#include "tasks/grading/grade.h"

namespace r1 {

struct GradedPair {
  const char* gold;
  const char* answer;
};

inline void expect_grades(bool equal, std::initializer_list<GradedPair> pairs) {
  for (const GradedPair& pair : pairs) {
    const Grade grade = grade_answer(pair.gold, pair.answer);
    EXPECT_EQ(grade.equal, equal) << pair.gold << " | " << pair.answer << ": " << grade.reason;
  }
}

}  // namespace r1
