#include "learn/advantages.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>

namespace r1 {
namespace {

constexpr double kStdEpsilon = 1e-4;

double mean(std::span<const double> numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

double squares_around_mean(std::span<const double> numbers) {
  const double center = mean(numbers);
  double sum = 0;
  for (const double number : numbers) sum += (number - center) * (number - center);
  return sum;
}

double sample_std(std::span<const double> numbers) {
  if (numbers.size() < 2) return 0.0;
  return std::sqrt(squares_around_mean(numbers) / static_cast<double>(numbers.size() - 1));
}

double population_std(std::span<const double> numbers) {
  return std::sqrt(squares_around_mean(numbers) / static_cast<double>(numbers.size()));
}

bool all_equal(std::span<const double> numbers) {
  return std::adjacent_find(numbers.begin(), numbers.end(), std::not_equal_to<>()) == numbers.end();
}

/// (r - mean) / divisor(rewards of the group); zeros for equal rewards, as the mean of ten times
/// 1.1 is not 1.1.
template <typename Divisor>
std::vector<double> normalized(std::span<const double> rewards, std::int64_t group,
                               Divisor divisor) {
  const auto size = static_cast<std::size_t>(group);
  assert(group > 0 && rewards.size() % size == 0);
  std::vector<double> result(rewards.size(), 0.0);
  for (std::size_t first = 0; first < rewards.size(); first += size) {
    const auto of_group = rewards.subspan(first, size);
    if (all_equal(of_group)) continue;
    const double center = mean(of_group), by = divisor(of_group);
    for (std::size_t i = 0; i < size && by > 0; ++i) {
      result[first + i] = (of_group[i] - center) / by;
    }
  }
  return result;
}

}  // namespace

std::vector<double> advantages(std::span<const double> rewards, std::int64_t group,
                               RewardScale scale) {
  return normalized(rewards, group, [&](std::span<const double> of_group) {
    if (scale == RewardScale::none) return 1.0;
    return sample_std(scale == RewardScale::batch ? rewards : of_group) + kStdEpsilon;
  });
}

std::vector<double> paper_advantages(std::span<const double> rewards, std::int64_t group) {
  return normalized(rewards, group, population_std);
}

}  // namespace r1
