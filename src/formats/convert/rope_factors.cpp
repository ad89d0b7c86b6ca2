#include "formats/convert/rope_factors.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;

/// Positions that the wave of dimension pair i takes for a turn.
double wave_length(double theta, std::int64_t head_dim, std::size_t i) {
  return 2.0 * std::numbers::pi *
         std::pow(theta, 2.0 * static_cast<double>(i) / static_cast<double>(head_dim));
}

Json scaling_of(double factor, double low, double high, double original) {
  return {{"rope_type", "llama3"},
          {"factor", factor},
          {"low_freq_factor", low},
          {"high_freq_factor", high},
          {"original_max_position_embeddings", std::llround(original)}};
}

bool gives(const Json& scaling, const std::vector<float>& factors, double theta,
           std::int64_t head_dim) {
  const std::vector<float> given = llama3_rope_factors(scaling, theta, head_dim);
  return std::equal(given.begin(), given.end(), factors.begin(), factors.end(),
                    [](float a, float b) { return std::fabs(a - b) <= 1e-4f * std::fabs(b); });
}

}  // namespace

std::vector<float> llama3_rope_factors(const Json& scaling, double theta, std::int64_t head_dim) {
  const double factor = scaling.at("factor"), low = scaling.at("low_freq_factor");
  const double high = scaling.at("high_freq_factor");
  const double original = scaling.at("original_max_position_embeddings");
  std::vector<float> factors;
  for (std::int64_t i = 0; i < head_dim / 2; ++i) {
    const double turns = original / wave_length(theta, head_dim, static_cast<std::size_t>(i));
    const double smooth = std::clamp((turns - low) / (high - low), 0.0, 1.0);
    factors.push_back(static_cast<float>(1.0 / ((1.0 - smooth) / factor + smooth)));
  }
  return factors;
}

std::optional<Json> llama3_rope_scaling(const std::vector<float>& factors, double theta,
                                        std::int64_t head_dim, std::int64_t longest_context) {
  if (factors.empty() || static_cast<std::int64_t>(factors.size()) != head_dim / 2) return {};
  const double factor = *std::max_element(factors.begin(), factors.end());
  if (!(factor > 1.0) || !std::isfinite(factor)) return std::nullopt;
  // Released models have these; where a head has too few waves in the passage they are the guess.
  const auto longest = static_cast<double>(longest_context);
  for (const double original : {8192.0, longest / factor, longest, longest / 4.0}) {
    const Json usual = scaling_of(factor, 1.0, 4.0, original);
    if (gives(usual, factors, theta, head_dim)) return usual;
  }
  // In the passage smooth = (original / wave - low) / (high - low) is linear in 1 / wave: two waves
  // give both coefficients, and low = 1 is free to choose.
  std::vector<std::pair<double, double>> points;  // 1 / wave, smooth
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const double smooth =
        (1.0 / static_cast<double>(factors[i]) - 1.0 / factor) / (1.0 - 1.0 / factor);
    if (smooth > 1e-4 && smooth < 1.0 - 1e-4) {
      points.emplace_back(1.0 / wave_length(theta, head_dim, i), smooth);
    }
  }
  if (points.size() < 2) return std::nullopt;
  const auto [first_x, first_y] = points.front();
  const auto [last_x, last_y] = points.back();
  const double slope = (first_y - last_y) / (first_x - last_x);
  const double offset = slope * first_x - first_y;
  if (!(offset > 0.0) || !(slope > 0.0)) return std::nullopt;
  const Json fitted = scaling_of(factor, 1.0, 1.0 + 1.0 / offset, slope / offset);
  if (!gives(fitted, factors, theta, head_dim)) return std::nullopt;
  return fitted;
}

}  // namespace r1
