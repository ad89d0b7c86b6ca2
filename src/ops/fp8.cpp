#include "ops/fp8.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "base/threads.h"

namespace r1 {
namespace {

constexpr std::int64_t kGroup = 128;
constexpr float kLargest = 448.0f;
// No scale may be so small that its reciprocal overflows.
constexpr float kTiny = 1e-30f;

/// The nearest e4m3 number to one of at most 448, ties to even: 3 bits of fraction, or multiples of
/// 2^-9 below 2^-6.
float rounded(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const float normal = std::bit_cast<float>((bits + 0x7ffffu + ((bits >> 20) & 1u)) & ~0xfffffu);
  constexpr float kQuantum = 3 * 0x1p13f;  // its last bit is 2^-9
  const float magnitude = std::fabs(value);
  const float subnormal = std::copysign((magnitude + kQuantum) - kQuantum, value);
  return magnitude < 0x1p-6f ? subnormal : normal;
}

float largest(const float* x, std::int64_t count, float least) {
  for (std::int64_t i = 0; i < count; ++i) least = std::max(least, std::fabs(x[i]));
  return least;
}

void round_group(const float* x, std::int64_t count, float largest, float* to) {
  const float scale = largest / kLargest;
  for (std::int64_t i = 0; i < count; ++i) to[i] = rounded(x[i] / scale) * scale;
}

}  // namespace

Tensor fp8_by_rows(const Fp8Source& source, float least) {
  Tensor result = Tensor::empty({source.rows, source.cols});
  parallel_blocks(source.rows, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const float* from = source.x + row * source.stride;
      float* to = result.data() + row * source.cols;
      for (std::int64_t col = 0; col < source.cols; col += kGroup) {
        const std::int64_t count = std::min(kGroup, source.cols - col);
        round_group(from + col, count, largest(from + col, count, std::max(least, kTiny)),
                    to + col);
      }
    }
  });
  return result;
}

Tensor fp8_by_columns(const Fp8Source& source) {
  Tensor result = Tensor::empty({source.rows, source.cols});
  parallel_blocks(source.rows, kGroup, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> scales(static_cast<std::size_t>(source.cols), kTiny);
    for (std::int64_t row = begin; row < end; ++row) {
      const float* from = source.x + row * source.stride;
      for (std::size_t i = 0; i < scales.size(); ++i) {
        scales[i] = std::max(scales[i], std::fabs(from[i]));
      }
    }
    for (float& scale : scales) scale /= kLargest;
    for (std::int64_t row = begin; row < end; ++row) {
      const float* from = source.x + row * source.stride;
      float* to = result.data() + row * source.cols;
      for (std::size_t i = 0; i < scales.size(); ++i)
        to[i] = rounded(from[i] / scales[i]) * scales[i];
    }
  });
  return result;
}

void fp8_by_blocks(const Fp8Source& source, float* to) {
  parallel_blocks(source.rows, kGroup, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t col = 0; col < source.cols; col += kGroup) {
      const std::int64_t count = std::min(kGroup, source.cols - col);
      float most = kTiny;
      for (std::int64_t row = begin; row < end; ++row) {
        most = largest(source.x + row * source.stride + col, count, most);
      }
      for (std::int64_t row = begin; row < end; ++row) {
        round_group(source.x + row * source.stride + col, count, most,
                    to + row * source.cols + col);
      }
    }
  });
}

}  // namespace r1
