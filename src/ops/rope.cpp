#include "ops/rope.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "base/threads.h"
#include "ops/tape.h"

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
  const auto pairs = static_cast<std::int64_t>(rope.frequencies.size());
  const auto tokens = static_cast<std::int64_t>(positions.size());
  RopeAngles angles = {pairs, Tensor::empty({tokens, pairs}), Tensor::empty({tokens, pairs})};
  std::int64_t at = 0;
  for (const std::int64_t position : positions) {
    for (const float frequency : rope.frequencies) {
      // The product is rounded to float, as the reference implementations do.
      const float angle = static_cast<float>(position) * frequency;
      angles.cosines.data()[at] =
          rope.magnitude * static_cast<float>(std::cos(static_cast<double>(angle)));
      angles.sines.data()[at++] =
          rope.magnitude * static_cast<float>(std::sin(static_cast<double>(angle)));
    }
  }
  return angles;
}

namespace {

/// Calls turn(from, to, cosine, sine, first, second) for each pair of each head, and copies the
/// dimensions that don't turn: from and to [tokens][heads][dims].
struct Rotation {
  std::int64_t tokens, heads, dims;
  RopePairs pairs;

  template <typename Turn, typename Rest>
  void for_each(const RopeAngles& angles, const Turn& turn, const Rest& rest) const {
    const std::int64_t count = angles.pairs;
    const bool halves = pairs == RopePairs::halves;
    const std::int64_t step = halves ? 1 : 2, partner = halves ? count : 1;
    parallel_blocks(tokens, 16, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin * heads; row < end * heads; ++row) {
        const float* cosines = angles.cosines.data() + row / heads * count;
        const float* sines = angles.sines.data() + row / heads * count;
        for (std::int64_t i = 0; i < count; ++i) {
          const std::int64_t first = row * dims + step * i;
          turn(first, first + partner, cosines[i], sines[i]);
        }
        rest(row * dims + 2 * count, dims - 2 * count);
      }
    });
  }
};

}  // namespace

Tensor rope(const Tensor& x, const RopeAngles& angles, RopePairs pairs) {
  assert(2 * angles.pairs <= x.dim(2));
  const Rotation rotation = {x.dim(0), x.dim(1), x.dim(2), pairs};
  Tensor y = Tensor::empty(x.shape());
  const float* from = x.data();
  float* to = y.data();
  rotation.for_each(
      angles,
      [&](std::int64_t a, std::int64_t b, float cosine, float sine) {
        to[a] = from[a] * cosine - from[b] * sine;
        to[b] = from[a] * sine + from[b] * cosine;
      },
      [&](std::int64_t first, std::int64_t count) {
        std::copy_n(from + first, count, to + first);
      });
  if (Tape::recording() == nullptr) return y;
  on_backward(y, [rotation, angles, gradient = x.gradient()](const float* dy) {
    float* dx = gradient.data();
    rotation.for_each(
        angles,
        [&](std::int64_t a, std::int64_t b, float cosine, float sine) {
          dx[a] += dy[a] * cosine + dy[b] * sine;
          dx[b] += dy[b] * cosine - dy[a] * sine;
        },
        [&](std::int64_t first, std::int64_t count) {
          for (std::int64_t i = first; i < first + count; ++i) dx[i] += dy[i];
        });
  });
  return y;
}

}  // namespace r1
