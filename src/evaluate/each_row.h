// Suites whose questions are the rows of a file.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "evaluate/rows.h"
#include "evaluate/suite.h"

namespace r1::evaluate {

/// What loads a suite (Suite::load): the question that `make` makes of each row of the file, but
/// for rows of which it makes none.
std::function<std::vector<Question>(const Sources&)> each_row(
    const std::string& file,
    const std::function<std::optional<Question>(const Row& row, const Sources& sources)>& make);

}  // namespace r1::evaluate
