#include "learn/language_loss.h"

#include <vector>

#include "base/error.h"
#include "ops/elementwise.h"

namespace r1 {
namespace {

Tensor negative_sum(const Tensor& log_probabilities, std::int64_t total) {
  const auto count = static_cast<std::size_t>(log_probabilities.elements());
  return weighted_sum(log_probabilities,
                      std::vector<float>(count, -1.0f / static_cast<float>(total)));
}

Tensor negative_mean(const Tensor& log_probabilities) {
  const std::int64_t count = log_probabilities.elements();
  if (count == 0) throw Error("documents", "are too short to have a token to predict");
  return negative_sum(log_probabilities, count);
}

}  // namespace

Tensor next_token_loss(const PackedPass& pass) {
  return negative_mean(pass.log_probabilities());
}

Tensor prediction_loss(PackedPass& pass) {
  return negative_mean(pass.predicted_log_probabilities());
}

Tensor next_token_loss(const PackedPass& pass, std::span<const std::uint8_t> counts,
                       std::int64_t total) {
  return negative_sum(pass.log_probabilities(counts), total);
}

Tensor prediction_loss(PackedPass& pass, std::span<const std::uint8_t> counts, std::int64_t total) {
  return negative_sum(pass.predicted_log_probabilities(counts), total);
}

Tensor joint_loss(const Tensor& a, const Tensor& b, float factor) {
  const float factors[] = {1.0f, factor};
  return weighted_sum(concatenate(a, b), factors);
}

}  // namespace r1
