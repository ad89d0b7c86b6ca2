#include "ops/token_distribution.h"

#include <algorithm>

#include "kernels/elementwise.h"
#include "kernels/elementwise_gradient.h"

namespace r1 {
namespace {

std::vector<float> gathered(std::span<const float> logits, std::span<const int> ids) {
  std::vector<float> some(ids.size());
  std::transform(ids.begin(), ids.end(), some.begin(),
                 [&](int id) { return logits[static_cast<std::size_t>(id)]; });
  return some;
}

}  // namespace

void KeptTokens::add(std::span<const int> ids) {
  ids_.insert(ids_.end(), ids.begin(), ids.end());
  ends_.push_back(ids_.size());
}

std::span<const int> KeptTokens::of(std::int64_t token) const {
  const auto i = static_cast<std::size_t>(token);
  const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
  return std::span(ids_).subspan(begin, ends_[i] - begin);
}

float inverse_temperature(double temperature) {
  return static_cast<float>(1.0 / temperature);
}

void apply_temperature(std::span<float> logits, double temperature) {
  if (temperature == 1.0) return;
  multiply_by(logits.data(), inverse_temperature(temperature),
              static_cast<std::int64_t>(logits.size()));
}

double log_total(std::span<const float> logits, std::span<const int> kept) {
  if (kept.empty()) return log_sum_exp(logits.data(), static_cast<std::int64_t>(logits.size()));
  const std::vector<float> some = gathered(logits, kept);
  return log_sum_exp(some.data(), static_cast<std::int64_t>(some.size()));
}

void scaled_probabilities(std::span<float> logits, std::span<const int> kept, float log_total,
                          float factor) {
  if (kept.empty()) {
    scaled_softmax(logits.data(), log_total, factor, static_cast<std::int64_t>(logits.size()));
    return;
  }
  std::vector<float> some = gathered(logits, kept);
  scaled_softmax(some.data(), log_total, factor, static_cast<std::int64_t>(some.size()));
  std::fill(logits.begin(), logits.end(), 0.0f);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    logits[static_cast<std::size_t>(kept[i])] = some[i];
  }
}

}  // namespace r1
