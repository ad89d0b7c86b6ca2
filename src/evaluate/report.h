// Runs as people read them.
#pragma once

#include <string>
#include <vector>

#include "evaluate/summary.h"

namespace r1::evaluate {

/// A Markdown table, a line a suite.
std::string markdown_table(const std::vector<Summary>& summaries);

/// R1's published results with the run's own beside them, as a Markdown table.
std::string paper_table(const std::vector<Summary>& summaries);

/// A page without any other file: the figures, and every sample with the judge's reason, to be
/// opened and filtered.
std::string html_report(const Summary& summary, const std::vector<Question>& questions,
                        const std::vector<Sample>& samples);

/// Two runs of one suite: the difference over the questions that both answered, its interval and
/// the p of a paired test. Throws Error unless they have questions in common.
std::string compare_runs(const RecordedRun& first, const RecordedRun& second);

}  // namespace r1::evaluate
