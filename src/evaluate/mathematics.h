// Suites whose answers are mathematics.
#pragma once

#include <string>

#include "evaluate/suite.h"

namespace r1::evaluate {

struct MathematicsSet {
  std::string name, about;
  std::string file;  // rows with "id", the question and the answer
  int samples = 1;
  const char* question = "problem";
  const char* answer = "answer";
  const char* subject = "subject";  // shown where a row has it
};

/// Asks for a final answer in a box, and judges it by grade_answer().
Suite mathematics(const MathematicsSet& set);

/// The question with R1's instruction on how to answer.
std::string ask_for_box(const std::string& question);
/// By grade_answer(), with "gold" as the right answer.
Judged judge_mathematics(const std::string& gold, std::string_view response);
bool same_mathematics(const std::string& a, const std::string& b);

}  // namespace r1::evaluate
