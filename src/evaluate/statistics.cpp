#include "evaluate/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"

namespace r1::evaluate {
namespace {

constexpr int kResamples = 10000;

/// C(n, 0) ... C(n, most); beyond n they are 0.
std::vector<long double> binomials(std::int64_t n, std::int64_t most) {
  std::vector<long double> values(static_cast<std::size_t>(most) + 1, 0);
  values[0] = 1;
  for (std::int64_t i = 1; i <= std::min(n, most); ++i) {
    values[static_cast<std::size_t>(i)] = values[static_cast<std::size_t>(i - 1)] *
                                          static_cast<long double>(n - i + 1) /
                                          static_cast<long double>(i);
  }
  return values;
}

Interval middle_95(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(
        std::lround(share * static_cast<double>(values.size() - 1)))];
  };
  return {at(0.025), at(0.975)};
}

/// Ways to choose samples in which the right answer has exactly `lead` votes, nobody has more, and
/// t others have as many, each way weighted by 1 / (t + 1).
class Ways {
 public:
  Ways(std::int64_t k, std::int64_t lead)
      : k_(k), lead_(lead), ties_(k / lead + 1), ways_(static_cast<std::size_t>((k + 1) * ties_)) {
    at(0, 0) = 1;
  }
  /// Adds an answer of `votes` votes that gets at most `lead` of them.
  void add_rival(std::int64_t votes) {
    const auto choose = binomials(votes, lead_);
    std::vector<long double> before(ways_.size());
    before.swap(ways_);
    for (std::int64_t used = 0; used <= k_; ++used) {
      for (std::int64_t ties = 0; ties < ties_; ++ties) {
        const long double ways = before[index(used, ties)];
        if (ways == 0) continue;
        for (std::int64_t got = 0; got <= std::min(lead_, k_ - used); ++got) {
          const std::int64_t tied = ties + (got == lead_ ? 1 : 0);
          if (tied < ties_) at(used + got, tied) += ways * choose[static_cast<std::size_t>(got)];
        }
      }
    }
  }
  /// With the right answer's `right` votes and `silent` samples that may fill up.
  long double total(std::int64_t right, std::int64_t silent) const {
    const auto choose_right = binomials(right, lead_), choose_silent = binomials(silent, k_);
    long double sum = 0;
    for (std::int64_t used = 0; used + lead_ <= k_; ++used) {
      for (std::int64_t ties = 0; ties < ties_; ++ties) {
        sum += ways_[index(used, ties)] *
               choose_silent[static_cast<std::size_t>(k_ - lead_ - used)] /
               static_cast<long double>(ties + 1);
      }
    }
    return sum * choose_right[static_cast<std::size_t>(lead_)];
  }

 private:
  std::size_t index(std::int64_t used, std::int64_t ties) const {
    return static_cast<std::size_t>(used * ties_ + ties);
  }
  long double& at(std::int64_t used, std::int64_t ties) { return ways_[index(used, ties)]; }

  std::int64_t k_, lead_, ties_;
  std::vector<long double> ways_;  // [samples used][rivals tied]
};

}  // namespace

double pass_at_k(std::int64_t n, std::int64_t right, std::int64_t k) {
  if (n - right < k) return 1;
  long double miss = 1;
  for (std::int64_t i = n - right + 1; i <= n; ++i) {
    miss *= 1 - static_cast<long double>(k) / static_cast<long double>(i);
  }
  return static_cast<double>(1 - miss);
}

double consensus_at_k(const std::vector<std::int64_t>& votes, std::int64_t silent, std::int64_t k) {
  const std::int64_t n = std::accumulate(votes.begin(), votes.end(), silent);
  long double won = 0;
  for (std::int64_t lead = 1; lead <= std::min(votes[0], k); ++lead) {
    Ways ways(k, lead);
    for (std::size_t rival = 1; rival < votes.size(); ++rival) ways.add_rival(votes[rival]);
    won += ways.total(votes[0], silent);
  }
  return static_cast<double>(won / binomials(n, k)[static_cast<std::size_t>(k)]);
}

double mean(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Interval bootstrap_interval(std::span<const double> values, std::uint64_t seed) {
  if (values.empty()) return {};
  Random random(seed, 0);
  std::vector<double> means(kResamples);
  for (double& one : means) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[random.below(values.size())];
    one = sum / static_cast<double>(values.size());
  }
  return middle_95(std::move(means));
}

PairedTest compare_paired(std::span<const double> first, std::span<const double> second,
                          std::uint64_t seed) {
  std::vector<double> differences(first.size());
  for (std::size_t i = 0; i < first.size(); ++i) differences[i] = second[i] - first[i];
  PairedTest test;
  test.difference = mean(differences);
  test.interval = bootstrap_interval(differences, seed);
  Random random(seed, 1);
  int as_far = 0;
  // Sums of few values in another order differ in their last bits.
  const double far = std::abs(test.difference) - 1e-12;
  for (int i = 0; i < kResamples; ++i) {
    double sum = 0;
    for (const double difference : differences) {
      sum += (random.bits() & 1u) != 0 ? difference : -difference;
    }
    if (std::abs(sum) >= far * static_cast<double>(differences.size())) ++as_far;
  }
  test.p = static_cast<double>(as_far + 1) / (kResamples + 1);
  return test;
}

}  // namespace r1::evaluate
