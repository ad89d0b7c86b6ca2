// One token times packed float weights, straight from memory: the product of decoding.
#include "kernels/cpu/avx2/functions.h"
#include "kernels/cpu/avx2/plain_floats.h"

namespace r1::panel::avx2 {
namespace {

constexpr std::int64_t kAhead = 4096;  // bytes between what is read and what is asked for

/// kVectors sequential streams at once, so that the sums' latency is hidden.
template <typename Type, int kVectors>
void dot_vectors(const std::byte* from, const Source& source, const float* x, float* y) {
  __m256 sum[kVectors][kHalves];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) sum[v][0] = sum[v][1] = _mm256_setzero_ps();
  for (std::int64_t k = 0; k < source.columns; k += Type::kLineColumns, from += 64) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const std::byte* line = from + v * kLanes * source.row_bytes;
      prefetch(line + kAhead, 1);
      __m256 columns[Type::kLineColumns][kHalves];
      Type::from_line(line, columns);
#pragma GCC unroll 2
      for (int i = 0; i < Type::kLineColumns; ++i) {
        const __m256 value = _mm256_broadcast_ss(x + k + i);
        sum[v][0] = _mm256_fmadd_ps(columns[i][0], value, sum[v][0]);
        sum[v][1] = _mm256_fmadd_ps(columns[i][1], value, sum[v][1]);
      }
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    _mm256_storeu_ps(y + v * kLanes, sum[v][0]);
    _mm256_storeu_ps(y + v * kLanes + kHalf, sum[v][1]);
  }
}

template <typename Type>
void dot_rows(const Source& source, const float* x, float* y) {
  std::int64_t row = 0;
  for (; row + 2 * kLanes <= source.rows; row += 2 * kLanes) {
    dot_vectors<Type, 2>(source.data + row * source.row_bytes, source, x, y + row);
  }
  for (; row < source.rows; row += kLanes) {
    dot_vectors<Type, 1>(source.data + row * source.row_bytes, source, x, y + row);
  }
}

}  // namespace

void dot_floats(DType type, const Source& source, const float* x, float* y) {
  with_float_type(type, [&](auto float_type) { dot_rows<decltype(float_type)>(source, x, y); });
}

}  // namespace r1::panel::avx2
