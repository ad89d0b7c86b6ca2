#include "ops/rope.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "base/threads.h"

namespace r1 {

RopeFrequencies plain_rope(std::int64_t dims, double theta) {
  RopeFrequencies rope;
  for (std::int64_t i = 0; i < dims / 2; ++i) {
    rope.frequencies.push_back(static_cast<float>(
        1.0 / std::pow(theta, 2.0 * static_cast<double>(i) / static_cast<double>(dims))));
  }
  return rope;
}

RopeFrequencies llama3_rope(std::int64_t dims, double theta, const Llama3Scaling& scaling) {
  RopeFrequencies rope = plain_rope(dims, theta);
  const double longest = scaling.original_length / scaling.low_freq_factor;
  const double shortest = scaling.original_length / scaling.high_freq_factor;
  for (float& frequency : rope.frequencies) {
    const double wave = 2 * std::numbers::pi / static_cast<double>(frequency);
    if (wave < shortest) continue;
    const double smooth = wave > longest
                              ? 0.0
                              : (scaling.original_length / wave - scaling.low_freq_factor) /
                                    (scaling.high_freq_factor - scaling.low_freq_factor);
    frequency = static_cast<float>((1 - smooth) * static_cast<double>(frequency) / scaling.factor +
                                   smooth * static_cast<double>(frequency));
  }
  return rope;
}

double yarn_mscale(double factor, double mscale) {
  return factor <= 1 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

RopeFrequencies yarn_rope(std::int64_t dims, double theta, const YarnScaling& scaling) {
  RopeFrequencies rope = plain_rope(dims, theta);
  const auto d = static_cast<double>(dims);
  // The pair that turns `turns` times over the original length.
  const auto pair_of = [&](double turns) {
    return d * std::log(scaling.original_length / (turns * 2 * std::numbers::pi)) /
           (2 * std::log(theta));
  };
  const double low = std::max(std::floor(pair_of(scaling.beta_fast)), 0.0);
  const double high = std::min(std::ceil(pair_of(scaling.beta_slow)), d - 1);
  const double width = std::max(high - low, 0.001);
  for (std::size_t i = 0; i < rope.frequencies.size(); ++i) {
    const double ramp = std::clamp((static_cast<double>(i) - low) / width, 0.0, 1.0);
    const auto frequency = static_cast<double>(rope.frequencies[i]);
    rope.frequencies[i] =
        static_cast<float>(frequency / scaling.factor * ramp + frequency * (1 - ramp));
  }
  rope.magnitude = static_cast<float>(
      scaling.attention_factor > 0 ? scaling.attention_factor
                                   : yarn_mscale(scaling.factor, scaling.mscale) /
                                         yarn_mscale(scaling.factor, scaling.mscale_all_dim));
  return rope;
}

RopeAngles rope_angles(const RopeFrequencies& rope, std::span<const std::int64_t> positions) {
  RopeAngles angles;
  angles.pairs = static_cast<std::int64_t>(rope.frequencies.size());
  for (const std::int64_t position : positions) {
    for (const float frequency : rope.frequencies) {
      // The product is rounded to float, as the reference implementations do.
      const float angle = static_cast<float>(position) * frequency;
      angles.cosines.push_back(rope.magnitude *
                               static_cast<float>(std::cos(static_cast<double>(angle))));
      angles.sines.push_back(rope.magnitude *
                             static_cast<float>(std::sin(static_cast<double>(angle))));
    }
  }
  return angles;
}

Tensor rope(const Tensor& x, const RopeAngles& angles, RopePairs pairs) {
  const std::int64_t tokens = x.dim(0), heads = x.dim(1), dims = x.dim(2), count = angles.pairs;
  assert(2 * count <= dims);
  Tensor y = Tensor::empty(x.shape());
  const bool halves = pairs == RopePairs::halves;
  const std::int64_t step = halves ? 1 : 2, partner = halves ? count : 1;
  parallel_blocks(tokens, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin * heads; row < end * heads; ++row) {
      const float* from = x.data() + row * dims;
      float* to = y.data() + row * dims;
      const float* cosines = &angles.cosines[static_cast<std::size_t>(row / heads * count)];
      const float* sines = &angles.sines[static_cast<std::size_t>(row / heads * count)];
      for (std::int64_t i = 0; i < count; ++i) {
        const float a = from[step * i], b = from[step * i + partner];
        to[step * i] = a * cosines[i] - b * sines[i];
        to[step * i + partner] = a * sines[i] + b * cosines[i];
      }
      std::copy(from + 2 * count, from + dims, to + 2 * count);
    }
  });
  return y;
}

}  // namespace r1
