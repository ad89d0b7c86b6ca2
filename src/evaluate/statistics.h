// What samples say of a model, and how sure that is.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace r1::evaluate {

/// The chance that one of k samples, drawn without replacement from n of which `right` are right,
/// is right: 1 - C(n - right, k) / C(n, k) (Chen et al., Evaluating Large Language Models Trained
/// on Code). 1 <= k <= n.
double pass_at_k(std::int64_t n, std::int64_t right, std::int64_t k);

/// The chance that the most frequent answer of k samples is right, the mean over all choices of k
/// from n samples; a tie shares the point equally. `votes`: how many samples gave each answer, the
/// right one first (0 if nobody gave it); `silent`: how many gave none. Where nobody votes it is 0.
double consensus_at_k(const std::vector<std::int64_t>& votes, std::int64_t silent, std::int64_t k);

struct Interval {
  double low = 0, high = 0;
};

double mean(std::span<const double> values);

/// 95 % interval of the mean by bootstrap over the values (one a question), the same for the same
/// seed. Not of samples: those of one question are no independent draws.
Interval bootstrap_interval(std::span<const double> values, std::uint64_t seed);

/// Two runs over the same questions, a value each.
struct PairedTest {
  double difference = 0;  // mean of second - first
  Interval interval;      // its 95 % interval, by bootstrap over questions
  double p = 1;           // two-sided, by random exchange of the two values of questions
};
/// Throws nothing; the spans are equally long.
PairedTest compare_paired(std::span<const double> first, std::span<const double> second,
                          std::uint64_t seed);

}  // namespace r1::evaluate
