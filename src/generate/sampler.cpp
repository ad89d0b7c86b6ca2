#include "generate/sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "base/random.h"
#include "kernels/elementwise.h"

namespace r1 {
namespace {

void require(bool holds, const char* option, const char* range) {
  if (!holds) throw Error(option, std::string("must be ") + range);
}

void penalise(std::vector<float>& logits, const TokenHistory& history,
              const SamplingOptions& options) {
  if (options.repetition_penalty != 1.0) {
    std::unordered_map<int, bool> seen;
    for (const int id : history.all) {
      if (!seen.emplace(id, true).second) continue;
      float& logit = logits[static_cast<std::size_t>(id)];
      const auto penalty = static_cast<float>(options.repetition_penalty);
      logit = logit > 0 ? logit / penalty : logit * penalty;
    }
  }
  if (options.presence_penalty != 0.0 || options.frequency_penalty != 0.0) {
    std::unordered_map<int, int> times;
    for (const int id : history.generated) ++times[id];
    for (const auto& [id, count] : times) {
      logits[static_cast<std::size_t>(id)] -=
          static_cast<float>(options.presence_penalty + options.frequency_penalty * count);
    }
  }
}

/// Tokens with scaled logits, best first; ties by id.
struct Candidate {
  int id;
  float logit;
};

bool better(const Candidate& a, const Candidate& b) {
  return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

void require_finite(std::span<const float> logits) {
  bool finite = true;
  for (const float logit : logits) {
    constexpr std::uint32_t kExponent = 0x7f800000;
    finite &= (std::bit_cast<std::uint32_t>(logit) & kExponent) != kExponent;
  }
  if (!finite) throw Error("logits", "are no finite numbers", "the weights may be damaged");
}

std::vector<TokenProbability> most_probable(std::span<const float> logits, double log_total,
                                            int count) {
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < logits.size(); ++i) all.push_back({static_cast<int>(i), logits[i]});
  const auto keep = std::min(static_cast<std::size_t>(std::max(count, 0)), all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(keep), all.end(),
                    better);
  std::vector<TokenProbability> top;
  for (std::size_t i = 0; i < keep; ++i) {
    top.push_back({all[i].id, static_cast<float>(static_cast<double>(all[i].logit) - log_total)});
  }
  return top;
}

Sample most_probable_token(std::span<const float> logits, int top) {
  const double total = log_sum_exp(logits.data(), static_cast<std::int64_t>(logits.size()));
  const auto best = std::max_element(logits.begin(), logits.end());
  Sample result;
  result.id = static_cast<int>(best - logits.begin());
  result.logprob = static_cast<float>(static_cast<double>(*best) - total);
  if (top > 0) result.top = most_probable(logits, total, top);
  return result;
}

/// The candidates that the cuts of logits already divided by the temperature leave, best first
/// where a cut needs the order.
std::vector<Candidate> kept_candidates(std::span<const float> logits,
                                       const SamplingOptions& options) {
  std::vector<Candidate> all;
  const float largest = *std::max_element(logits.begin(), logits.end());
  // Far below the best nothing is ever drawn. min_p names a nearer limit, which may be applied at
  // once unless top_p is a share of what top_k leaves.
  const float least_kept =
      options.min_p > 0.0 ? largest + static_cast<float>(std::log(options.min_p)) : largest - 60.0f;
  const bool both = options.top_k > 0 && options.top_p < 1.0;
  const float limit = both ? largest - 60.0f : least_kept;
  double total = 0.0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const float logit = logits[i];
    total += std::exp(static_cast<double>(logit - largest));
    if (logit >= limit) all.push_back({static_cast<int>(i), logit});
  }
  const bool cut_k = options.top_k > 0 && static_cast<std::size_t>(options.top_k) < all.size();
  if (!cut_k && options.top_p >= 1.0) return all;
  if (cut_k) {
    std::partial_sort(all.begin(), all.begin() + options.top_k, all.end(), better);
    all.resize(static_cast<std::size_t>(options.top_k));
    total = 0.0;
    for (const Candidate& c : all) total += std::exp(static_cast<double>(c.logit - largest));
  }
  if (options.top_p >= 1.0) return all;
  // Sort in growing parts: the nucleus is mostly small.
  std::size_t sorted = 0, count = 0;
  double sum = 0.0;
  while (count < all.size() && sum < options.top_p * total) {
    if (count == sorted) {
      sorted = std::min(all.size(), std::max<std::size_t>(64, sorted * 8));
      std::partial_sort(all.begin() + static_cast<std::ptrdiff_t>(count),
                        all.begin() + static_cast<std::ptrdiff_t>(sorted), all.end(), better);
    }
    sum += std::exp(static_cast<double>(all[count].logit - largest));
    ++count;
  }
  all.resize(std::max<std::size_t>(count, 1));
  while (all.size() > 1 && all.back().logit < least_kept) all.pop_back();
  return all;
}

}  // namespace

void SamplingOptions::check() const {
  require(temperature == 0 || (temperature >= 1e-3 && temperature <= 100), "temperature",
          "0 or from 0.001 to 100");
  require(top_k >= 0, "top_k", "0 or more");
  require(top_p > 0 && top_p <= 1, "top_p", "more than 0 and at most 1");
  require(min_p >= 0 && min_p <= 1, "min_p", "from 0 to 1");
  require(repetition_penalty > 0 && repetition_penalty <= 100, "repetition_penalty",
          "more than 0 and at most 100");
  require(std::fabs(presence_penalty) <= 100, "presence_penalty", "from -100 to 100");
  require(std::fabs(frequency_penalty) <= 100, "frequency_penalty", "from -100 to 100");
}

Sample sample(std::span<const float> raw_logits, const TokenHistory& history,
              const SamplingOptions& options, std::uint64_t stream, std::uint64_t position,
              int top) {
  std::vector<float> logits(raw_logits.begin(), raw_logits.end());
  require_finite(logits);
  penalise(logits, history, options);
  if (options.temperature == 0.0 || options.top_k == 1) return most_probable_token(logits, top);
  const auto inverse = static_cast<float>(1.0 / options.temperature);
  for (float& logit : logits) logit *= inverse;
  std::vector<Candidate> kept = kept_candidates(logits, options);
  float largest = kept[0].logit;
  for (const Candidate& c : kept) largest = std::max(largest, c.logit);
  std::vector<double> running;
  running.reserve(kept.size());
  double total = 0.0;
  for (const Candidate& c : kept) {
    running.push_back(total += std::exp(static_cast<double>(c.logit - largest)));
  }
  Random random(options.seed, stream, position);
  const double point = random.uniform() * total;
  auto drawn = static_cast<std::size_t>(std::upper_bound(running.begin(), running.end(), point) -
                                        running.begin());
  drawn = std::min(drawn, kept.size() - 1);
  // Nothing cut off: the sum is that of scoring and training, to the last bit.
  const bool whole = options.top_k == 0 && options.top_p >= 1.0 && options.min_p == 0.0;
  const double log_total =
      whole ? log_sum_exp(logits.data(), static_cast<std::int64_t>(logits.size()))
            : static_cast<double>(largest) + std::log(total);
  Sample result;
  result.id = kept[drawn].id;
  result.logprob = static_cast<float>(static_cast<double>(kept[drawn].logit) - log_total);
  if (top > 0) {
    std::sort(kept.begin(), kept.end(), better);
    for (std::size_t i = 0; i < std::min(kept.size(), static_cast<std::size_t>(top)); ++i) {
      result.top.push_back(
          {kept[i].id, static_cast<float>(static_cast<double>(kept[i].logit) - log_total)});
    }
  }
  return result;
}

}  // namespace r1
