// Figures of repeated measurements.
#pragma once

#include <vector>

namespace r1::app {

/// The middle of the values, of which there must be one: the mean of the two in the middle if their
/// number is even.
double median(std::vector<double> values);

struct Rate {
  double mean = 0, deviation = 0;
};

/// The mean and the sample's standard deviation, 0 of one value.
Rate rate_of(const std::vector<double>& values);

}  // namespace r1::app
