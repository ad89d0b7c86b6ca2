// The figures of a run.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "evaluate/sample_file.h"
#include "evaluate/statistics.h"

namespace r1::evaluate {

struct Summary {
  std::string suite, model;
  std::int64_t questions = 0, samples = 0;  // samples of each question
  double pass_at_1 = 0;                     // the mean over questions of their samples' scores
  Interval interval;                        // its 95 % interval
  std::optional<double> consensus;          // cons@k with all samples, where answers vote
  std::vector<std::pair<std::int64_t, double>> pass_at;  // k = 2, 4, 8 ... samples
  double mean_tokens = 0, longest_tokens = 0;
  std::int64_t median_tokens = 0;
  double truncated = 0;                                  // share of samples that were cut off
  double no_answer = 0;                                  // share in which no final answer was found
  std::optional<double> accepted;                        // share of the tokens drafted
  std::vector<std::pair<std::string, double>> subjects;  // pass@1 by subject
};

/// Of the questions that have all `samples`.
Summary summarize(const Suite& suite, const std::vector<Question>& questions,
                  const std::vector<Sample>& samples, std::int64_t samples_each,
                  const std::string& model);

/// Mean score a question, in the order of `ids`; nothing for those without samples.
std::vector<std::optional<double>> scores_of(const std::vector<std::string>& ids,
                                             const std::vector<Sample>& samples);

/// Of all suites alike, however many questions each has; 0 of none.
double mean_pass_at_1(const std::vector<Summary>& summaries);

nlohmann::ordered_json json_of(const Summary& summary);

}  // namespace r1::evaluate
