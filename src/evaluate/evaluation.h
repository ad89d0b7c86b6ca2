// Running a suite: asks what isn't answered yet, judges, keeps.
#pragma once

#include <cstdint>
#include <vector>

#include "evaluate/responder.h"
#include "evaluate/sample_file.h"
#include "evaluate/suite.h"

namespace r1::evaluate {

/// `count` questions spread evenly over the suite; 0 or more than there are: all.
std::vector<Question> choose_questions(std::vector<Question> questions, std::int64_t count);

/// Adds to `file` the samples 0 ... samples - 1 of each question that it doesn't hold yet. Answers
/// are judged by a thread of their own while the next ones are generated. Throws Error.
void run_suite(const Suite& suite, const std::vector<Question>& questions, std::int64_t samples,
               Responder& responder, SampleFile& file);

}  // namespace r1::evaluate
