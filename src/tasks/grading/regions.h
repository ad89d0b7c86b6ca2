// Sets of real numbers: intervals, points and what is joined of them, however they are written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tasks/grading/expression.h"

namespace r1::grading {

/// The numbers between two ends; a point has the same end twice.
struct Interval {
  Expr low, high;
  bool low_closed, high_closed;
};

struct Region {
  std::vector<Interval> intervals;
  std::string variable;  // of an inequality; may be empty
};

/// The region that an interval, a set of numbers, an inequality or several of them describe.
std::optional<Region> region_of(const Expr& expr);
/// Whether it is written as a region and could be nothing else, as (1, 2) could be a point.
bool is_certainly_region(const Expr& expr);
bool are_same(const Region& a, const Region& b);

}  // namespace r1::grading
