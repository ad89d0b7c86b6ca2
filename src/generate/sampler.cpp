#include "generate/sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "base/random.h"
#include "kernels/elementwise.h"
#include "ops/token_distribution.h"

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
  for (const auto& [id, bias] : options.logit_bias) logits[static_cast<std::size_t>(id)] += bias;
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
    top.push_back({all[i].id, log_probability(all[i].logit, log_total)});
  }
  return top;
}

Sample most_probable_token(std::span<const float> logits, int top) {
  const double total = log_total(logits, {});
  const auto best = std::max_element(logits.begin(), logits.end());
  Sample result;
  result.id = static_cast<int>(best - logits.begin());
  result.logprob = log_probability(*best, total);
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

/// Where the running sum of weight(0), weight(1) ... passes the share `point` of their total.
template <typename Weight>
std::size_t place_of(double point, std::size_t count, const Weight& weight) {
  std::vector<double> running(count);
  double total = 0.0;
  for (std::size_t i = 0; i < count; ++i) running[i] = total += weight(i);
  const auto at = std::upper_bound(running.begin(), running.end(), point * total);
  return std::min(static_cast<std::size_t>(at - running.begin()), count - 1);
}

/// `point`: in [0, 1).
const Candidate& drawn_from(const std::vector<Candidate>& kept, double point) {
  float largest = kept[0].logit;
  for (const Candidate& c : kept) largest = std::max(largest, c.logit);
  return kept[place_of(point, kept.size(), [&](std::size_t i) {
    return std::exp(static_cast<double>(kept[i].logit - largest));
  })];
}

/// A token of the whole vocabulary: first its block of 512, by the blocks' shares, then its place
/// there, so that few exponentials are computed one by one.
int drawn_from_all(std::span<const float> logits, double point) {
  constexpr std::size_t kBlock = 512;
  std::vector<double> running;
  const double largest = *std::max_element(logits.begin(), logits.end());
  double total = 0.0;
  for (std::size_t begin = 0; begin < logits.size(); begin += kBlock) {
    const auto count = static_cast<std::int64_t>(std::min(kBlock, logits.size() - begin));
    total += std::exp(log_sum_exp(logits.data() + begin, count) - largest);
    running.push_back(total);
  }
  point *= total;
  const auto at = std::upper_bound(running.begin(), running.end(), point);
  const std::size_t block =
      std::min(static_cast<std::size_t>(at - running.begin()), running.size() - 1);
  const double before = block == 0 ? 0.0 : running[block - 1];
  const auto inside =
      logits.subspan(block * kBlock, std::min(kBlock, logits.size() - block * kBlock));
  const double share = std::clamp((point - before) / (running[block] - before), 0.0, 1.0);
  const std::size_t place = place_of(share, inside.size(), [&](std::size_t i) {
    return std::exp(static_cast<double>(inside[i]) - largest);
  });
  return static_cast<int>(block * kBlock + place);
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
  for (const auto& [id, bias] : logit_bias) {
    require(std::fabs(bias) <= 100, "logit_bias", "from -100 to 100");
  }
}

Sample sample(std::span<const float> raw_logits, const TokenHistory& history,
              const SamplingOptions& options, std::uint64_t stream, std::uint64_t position,
              const SampleReport& report) {
  std::vector<float> logits(raw_logits.begin(), raw_logits.end());
  require_finite(logits);
  penalise(logits, history, options);
  if (options.temperature == 0.0 || options.top_k == 1) {
    return most_probable_token(logits, report.top);
  }
  apply_temperature(logits, options.temperature);
  Random random(options.seed, stream, position);
  if (options.top_k == 0 && options.top_p >= 1.0 && options.min_p == 0.0) {
    const double total = log_total(logits, {});
    Sample result;
    result.id = drawn_from_all(logits, random.uniform());
    result.logprob = log_probability(logits[static_cast<std::size_t>(result.id)], total);
    if (report.top > 0) result.top = most_probable(logits, total, report.top);
    return result;
  }
  std::vector<Candidate> kept = kept_candidates(logits, options);
  std::vector<int> ids(kept.size());
  std::transform(kept.begin(), kept.end(), ids.begin(), [](const Candidate& c) { return c.id; });
  std::sort(ids.begin(), ids.end());
  const double total = log_total(logits, ids);
  const Candidate& drawn = drawn_from(kept, random.uniform());
  Sample result;
  result.id = drawn.id;
  result.logprob = log_probability(drawn.logit, total);
  if (report.kept) result.kept = std::move(ids);
  if (report.top > 0) {
    std::sort(kept.begin(), kept.end(), better);
    for (std::size_t i = 0; i < std::min(kept.size(), static_cast<std::size_t>(report.top)); ++i) {
      result.top.push_back({kept[i].id, log_probability(kept[i].logit, total)});
    }
  }
  return result;
}

}  // namespace r1
