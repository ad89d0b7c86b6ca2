#include "statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace r1::app {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

Rate rate_of(const std::vector<double>& values) {
  Rate rate;
  const auto count = static_cast<double>(values.size());
  for (double value : values) rate.mean += value / count;
  for (double value : values) rate.deviation += (value - rate.mean) * (value - rate.mean);
  rate.deviation = values.size() > 1 ? std::sqrt(rate.deviation / (count - 1)) : 0.0;
  return rate;
}

}  // namespace r1::app
