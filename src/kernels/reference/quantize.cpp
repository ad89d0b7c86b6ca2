#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "base/float_types.h"
#include "kernels/reference/blocks.h"
#include "kernels/reference/quantization.h"

namespace r1 {
namespace {

using namespace blocks;

/// NaN becomes `low`, so that the conversion to an integer that follows is always defined.
float clamped(float value, float low, float high) {
  return value > low ? (value < high ? value : high) : low;
}

/// Rounds half up, as the reference implementation of the 32-element types does.
std::uint8_t half_up(float value, float levels) {
  return static_cast<std::uint8_t>(clamped(value + 0.5f, 0.0f, levels));
}

float inverse(float d) {
  return d == 0.0f ? 0.0f : 1.0f / d;
}

void encode(const float* x, Q8_0& block) {
  float largest = 0.0f;
  for (int i = 0; i < 32; ++i) largest = std::max(largest, std::fabs(x[i]));
  const float d = largest / 127.0f;
  block.d = float_to_f16(d);
  for (int i = 0; i < 32; ++i) {
    block.q[i] = static_cast<std::int8_t>(std::round(clamped(x[i] * inverse(d), -128.0f, 127.0f)));
  }
}

/// The element of largest magnitude, with its sign; the first of several.
float extreme(const float* x) {
  return *std::max_element(x, x + 32, [](float a, float b) { return std::fabs(a) < std::fabs(b); });
}

void pack_halves(const std::uint8_t (&q)[32], std::uint8_t (&packed)[16]) {
  for (int i = 0; i < 16; ++i) {
    packed[i] = static_cast<std::uint8_t>((q[i] & 15) | (q[i + 16] & 15) << 4);
  }
}

void pack_fifth_bits(const std::uint8_t (&q)[32], std::uint8_t (&high)[4]) {
  std::memset(high, 0, sizeof(high));
  for (int i = 0; i < 32; ++i) high[i / 8] |= static_cast<std::uint8_t>((q[i] >> 4) << (i % 8));
}

void encode(const float* x, Q4_0& block) {
  const float d = extreme(x) / -8.0f;
  std::uint8_t q[32];
  for (int i = 0; i < 32; ++i) q[i] = half_up(x[i] * inverse(d) + 8.0f, 15.0f);
  block.d = float_to_f16(d);
  pack_halves(q, block.q);
}

void encode(const float* x, Q5_0& block) {
  const float d = extreme(x) / -16.0f;
  std::uint8_t q[32];
  for (int i = 0; i < 32; ++i) q[i] = half_up(x[i] * inverse(d) + 16.0f, 31.0f);
  block.d = float_to_f16(d);
  pack_halves(q, block.q);
  pack_fifth_bits(q, block.high);
}

/// q of x = d q + m with `levels` steps from the least to the largest element.
template <typename Block>
void encode_range(const float* x, float levels, std::uint8_t (&q)[32], Block& block) {
  const auto [least, largest] = std::minmax_element(x, x + 32);
  const float d = (*largest - *least) / levels;
  for (int i = 0; i < 32; ++i) q[i] = half_up((x[i] - *least) * inverse(d), levels);
  block.d = float_to_f16(d);
  block.m = float_to_f16(*least);
  pack_halves(q, block.q);
}

void encode(const float* x, Q4_1& block) {
  std::uint8_t q[32];
  encode_range(x, 15.0f, q, block);
}

void encode(const float* x, Q5_1& block) {
  std::uint8_t q[32];
  encode_range(x, 31.0f, q, block);
  pack_fifth_bits(q, block.high);
}

/// Nearest integer of |value| < 2^22, by pushing the fraction out of the mantissa.
float nearest(float value) {
  constexpr float kShift = 12582912.0f;
  return (value + kShift) - kShift;
}

/// Sums by halves: the order is fixed, and it is vector code.
template <int N>
float sum_of(const float (&values)[N]) {
  if constexpr (N == 2) {
    return values[0] + values[1];
  } else {
    float halves[N / 2];
    for (int i = 0; i < N / 2; ++i) halves[i] = values[i] + values[i + N / 2];
    return sum_of(halves);
  }
}

/// A sub-block, and what the squared error of each element counts: large weights matter more than
/// their number.
template <int N>
struct Weighted {
  float x[N], weight[N], weighted[N];  // weighted = weight x
  float root_mean_square;

  explicit Weighted(const float* from) {
    float squares[N];
    for (int i = 0; i < N; ++i) {
      x[i] = from[i];
      squares[i] = x[i] * x[i];
    }
    root_mean_square = std::sqrt(sum_of(squares) / N);
    for (int i = 0; i < N; ++i) {
      weight[i] = root_mean_square + std::fabs(x[i]);
      weighted[i] = weight[i] * x[i];
    }
  }
};

/// x = scale q - min with q in [0, levels] and min >= 0.
struct Affine {
  float scale = 0.0f, min = 0.0f;
};

float affine_error(const Weighted<32>& block, Affine fit, float levels) {
  const float per_step = inverse(fit.scale);
  float errors[32];
  for (int i = 0; i < 32; ++i) {
    const float q = nearest(clamped((block.x[i] + fit.min) * per_step, 0.0f, levels));
    const float difference = fit.scale * q - fit.min - block.x[i];
    errors[i] = block.weight[i] * difference * difference;
  }
  return sum_of(errors);
}

/// Tries steps around the one that just spans the elements: each gives a q, and that by weighted
/// least squares a scale and a min.
Affine fit_affine(const Weighted<32>& block, float levels) {
  const auto [lowest, highest] = std::minmax_element(block.x, block.x + 32);
  const float least = std::min(*lowest, 0.0f), range = *highest - least;
  Affine best{range / levels, -least};
  if (!(range > 0.0f)) return {0.0f, -least};
  const float sum_w = sum_of(block.weight), sum_wx = sum_of(block.weighted);
  // The error without the constant sum of weight x^2: -scale wqx + min wx at a least squares fit.
  float best_error = INFINITY;
  const float per_range = 1.0f / range;
  for (int trial = -10; trial <= 10; ++trial) {
    const float per_step = (levels + 0.1f * static_cast<float>(trial)) * per_range;
    float wq[32], wqq[32], wqx[32];
    for (int i = 0; i < 32; ++i) {
      const float q = nearest(clamped((block.x[i] - least) * per_step, 0.0f, levels));
      wq[i] = block.weight[i] * q;
      wqq[i] = wq[i] * q;
      wqx[i] = block.weighted[i] * q;
    }
    const float sum_wq = sum_of(wq), sum_wqq = sum_of(wqq), sum_wqx = sum_of(wqx);
    const float determinant = sum_w * sum_wqq - sum_wq * sum_wq;
    if (!(determinant > 0.0f)) continue;
    Affine fit{(sum_w * sum_wqx - sum_wx * sum_wq) / determinant,
               (sum_wq * sum_wqx - sum_wqq * sum_wx) / determinant};
    if (fit.min < 0.0f) fit = {sum_wqx / sum_wqq, 0.0f};
    const float error = fit.min * sum_wx - fit.scale * sum_wqx;
    if (fit.scale > 0.0f && error < best_error) {
      best_error = error;
      best = fit;
    }
  }
  return best;
}

/// The 6-bit scale and min of a sub-block: the rounded ones or their neighbours, whichever give
/// the least error.
ScaleMin fit_scale_min(const Weighted<32>& block, Affine fit, Affine unit, float levels) {
  const float scale = nearest(clamped(fit.scale * inverse(unit.scale), 0.0f, 63.0f));
  const float min = nearest(clamped(fit.min * inverse(unit.min), 0.0f, 63.0f));
  ScaleMin best{};
  float best_error = INFINITY;
  for (float s = std::max(scale - 1.0f, 0.0f); s <= std::min(scale + 1.0f, 63.0f); ++s) {
    for (float m = std::max(min - 1.0f, 0.0f); m <= std::min(min + 1.0f, 63.0f); ++m) {
      const float error = affine_error(block, {unit.scale * s, unit.min * m}, levels);
      if (error < best_error) {
        best_error = error;
        best = {static_cast<std::uint8_t>(s), static_cast<std::uint8_t>(m)};
      }
    }
  }
  return best;
}

void pack_scale_min(ScaleMin value, int s, std::uint8_t (&packed)[12]) {
  if (s < 4) {
    packed[s] = value.scale;
    packed[s + 4] = value.min;
    return;
  }
  packed[s + 4] = static_cast<std::uint8_t>((value.scale & 15) | (value.min & 15) << 4);
  packed[s - 4] |= static_cast<std::uint8_t>(value.scale >> 4 << 6);
  packed[s] |= static_cast<std::uint8_t>(value.min >> 4 << 6);
}

/// Scales, mins and q of a Q4_K or Q5_K block.
template <typename Block>
void encode_affine(const float* x, float levels, std::uint8_t (&q)[kSuper], Block& block) {
  Affine fits[8], largest;
  for (int s = 0; s < 8; ++s) {
    fits[s] = fit_affine(Weighted<32>(x + s * 32), levels);
    largest = {std::max(largest.scale, fits[s].scale), std::max(largest.min, fits[s].min)};
  }
  block.d = float_to_f16(largest.scale / 63.0f);
  block.dmin = float_to_f16(largest.min / 63.0f);
  const Affine unit{f16_to_float(block.d), f16_to_float(block.dmin)};
  for (int s = 0; s < 8; ++s) {
    const ScaleMin chosen = fit_scale_min(Weighted<32>(x + s * 32), fits[s], unit, levels);
    pack_scale_min(chosen, s, block.scales);
    const float per_step = inverse(unit.scale * chosen.scale), min = unit.min * chosen.min;
    for (int i = s * 32; i < s * 32 + 32; ++i) {
      q[i] = static_cast<std::uint8_t>(nearest(clamped((x[i] + min) * per_step, 0.0f, levels)));
    }
  }
  for (int i = 0; i < 128; ++i) {
    const int at = i / 32 * 64 + i % 32;
    block.q[i] = static_cast<std::uint8_t>((q[at] & 15) | (q[at + 32] & 15) << 4);
  }
}

void encode(const float* x, Q4K& block) {
  std::uint8_t q[kSuper];
  encode_affine(x, 15.0f, q, block);
}

void encode(const float* x, Q5K& block) {
  std::uint8_t q[kSuper];
  encode_affine(x, 31.0f, q, block);
  std::memset(block.high, 0, sizeof(block.high));
  for (int i = 0; i < kSuper; ++i) {
    block.high[i % 32] |= static_cast<std::uint8_t>((q[i] >> 4) << (i / 32));
  }
}

/// Error of x = scale q, q in [-32, 31].
float linear_error(const Weighted<16>& block, float scale) {
  const float per_step = inverse(scale);
  float errors[16];
  for (int i = 0; i < 16; ++i) {
    const float q = nearest(clamped(block.x[i] * per_step, -32.0f, 31.0f));
    const float difference = scale * q - block.x[i];
    errors[i] = block.weight[i] * difference * difference;
  }
  return sum_of(errors);
}

/// The scale of least error among those fitted to steps that bring the extreme element near -32.
float fit_linear(const Weighted<16>& block) {
  const float most = *std::max_element(
      block.x, block.x + 16, [](float a, float b) { return std::fabs(a) < std::fabs(b); });
  if (most == 0.0f) return 0.0f;
  const float per_unit = -1.0f / most;
  float best = most / -32.0f, best_error = 0.0f;  // less the constant sum of weight x^2
  for (int trial = -9; trial <= 9; ++trial) {
    const float per_step = (32.0f + 0.1f * static_cast<float>(trial)) * per_unit;
    float wqx[16], wqq[16];
    for (int i = 0; i < 16; ++i) {
      const float q = nearest(clamped(block.x[i] * per_step, -32.0f, 31.0f));
      wqx[i] = block.weighted[i] * q;
      wqq[i] = block.weight[i] * q * q;
    }
    const float sum_wqx = sum_of(wqx), scale = sum_wqx / sum_of(wqq);
    const float error = -scale * sum_wqx;  // NaN if all q are 0
    if (error < best_error) {
      best_error = error;
      best = scale;
    }
  }
  return best;
}

void pack_q6(const std::uint8_t (&q)[kSuper], Q6K& block) {
  std::memset(block.low, 0, sizeof(block.low));
  std::memset(block.high, 0, sizeof(block.high));
  for (int i = 0; i < kSuper; ++i) {
    const int half = i / 128, quarter = i / 32 % 4, at = i % 32;
    block.low[half * 64 + quarter % 2 * 32 + at] |=
        static_cast<std::uint8_t>((q[i] & 15) << (quarter / 2 * 4));
    block.high[half * 32 + at] |= static_cast<std::uint8_t>((q[i] >> 4) << (quarter * 2));
  }
}

/// The 8-bit scale: the rounded one or a neighbour, whichever gives the least error.
float fit_scale(const Weighted<16>& block, float fit, float unit) {
  const float rounded = nearest(clamped(fit * inverse(unit), -128.0f, 127.0f));
  float best = rounded, best_error = INFINITY;
  for (float scale = rounded - 1.0f; scale <= rounded + 1.0f; ++scale) {
    if (scale < -128.0f || scale > 127.0f) continue;
    const float error = linear_error(block, unit * scale);
    if (error < best_error) {
      best_error = error;
      best = scale;
    }
  }
  return best;
}

void encode(const float* x, Q6K& block) {
  float fits[16], largest = 0.0f;
  for (int s = 0; s < 16; ++s) {
    fits[s] = fit_linear(Weighted<16>(x + s * 16));
    if (std::fabs(fits[s]) > std::fabs(largest)) largest = fits[s];
  }
  block.d = float_to_f16(largest / -128.0f);
  const float unit = f16_to_float(block.d);
  std::uint8_t q[kSuper];
  for (int s = 0; s < 16; ++s) {
    const float chosen = fit_scale(Weighted<16>(x + s * 16), fits[s], unit);
    block.scales[s] = static_cast<std::int8_t>(chosen);
    const float per_step = inverse(unit * chosen);
    for (int i = s * 16; i < s * 16 + 16; ++i) {
      q[i] = static_cast<std::uint8_t>(nearest(clamped(x[i] * per_step, -32.0f, 31.0f)) + 32.0f);
    }
  }
  pack_q6(q, block);
}

template <typename Block>
void each_block(const float* x, std::int64_t elements, std::int64_t size, std::byte* out) {
  for (std::int64_t i = 0; i < elements; i += size, out += sizeof(Block)) {
    Block block{};
    encode(x + i, block);
    std::memcpy(out, &block, sizeof(Block));
  }
}

template <typename Convert>
void each_half(const float* x, std::int64_t elements, std::byte* out, const Convert& convert) {
  for (std::int64_t i = 0; i < elements; ++i) {
    const std::uint16_t bits = convert(x[i]);
    std::memcpy(out + 2 * i, &bits, 2);
  }
}

}  // namespace

bool can_quantize(DType type) {
  switch (type) {
    case DType::f32:
    case DType::f16:
    case DType::bf16:
    case DType::q8_0:
    case DType::q4_0:
    case DType::q4_1:
    case DType::q5_0:
    case DType::q5_1:
    case DType::q4_k:
    case DType::q5_k:
    case DType::q6_k:
      return true;
    default:
      return false;
  }
}

void quantize(DType type, const float* x, std::int64_t n, std::byte* out) {
  assert(can_quantize(type) && n % info(type).block == 0);
  if (n == 0) return;  // there may be no memory on either side
  switch (type) {
    case DType::f32:
      std::memcpy(out, x, static_cast<std::size_t>(n) * sizeof(float));
      return;
    case DType::f16:
      return each_half(x, n, out, float_to_f16);
    case DType::bf16:
      return each_half(x, n, out, float_to_bf16);
    case DType::q8_0:
      return each_block<Q8_0>(x, n, 32, out);
    case DType::q4_0:
      return each_block<Q4_0>(x, n, 32, out);
    case DType::q4_1:
      return each_block<Q4_1>(x, n, 32, out);
    case DType::q5_0:
      return each_block<Q5_0>(x, n, 32, out);
    case DType::q5_1:
      return each_block<Q5_1>(x, n, 32, out);
    case DType::q4_k:
      return each_block<Q4K>(x, n, kSuper, out);
    case DType::q5_k:
      return each_block<Q5K>(x, n, kSuper, out);
    case DType::q6_k:
      return each_block<Q6K>(x, n, kSuper, out);
    default:
      return;
  }
}

}  // namespace r1
