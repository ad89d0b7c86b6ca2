// From a row of logits to the distribution that a token is drawn from: one arithmetic for the
// sampler, for scoring and for the trainer, so that their log-probabilities have the same bits.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace r1 {

/// Of several tokens, each: the ids that cuts (top-k, top-p, min-p) had left to draw it from.
class KeptTokens {
 public:
  /// One more token. `ids` ascend; none: nothing was cut off, the token came from all.
  void add(std::span<const int> ids);
  std::int64_t tokens() const { return static_cast<std::int64_t>(ends_.size()); }
  std::span<const int> of(std::int64_t token) const;

 private:
  std::vector<std::size_t> ends_;
  std::vector<int> ids_;
};

/// How tokens were drawn whose log-probabilities are computed again.
struct TokenDistribution {
  double temperature = 1.0;                          // more than 0
  std::shared_ptr<const KeptTokens> kept = nullptr;  // null: nothing was cut off
};

/// What logits are multiplied by.
float inverse_temperature(double temperature);

/// logits *= inverse_temperature.
void apply_temperature(std::span<float> logits, double temperature);

/// log of the sum of exp(logits[id]) over the ids that were kept, all if `kept` is empty.
double log_total(std::span<const float> logits, std::span<const int> kept);

/// Of a token with this logit.
inline float log_probability(float logit, double log_total) {
  return static_cast<float>(static_cast<double>(logit) - log_total);
}

/// logits[i] = factor * exp(logits[i] - log_total) for the ids that were kept (all if `kept` is
/// empty), 0 for the others.
void scaled_probabilities(std::span<float> logits, std::span<const int> kept, float log_total,
                          float factor);

}  // namespace r1
