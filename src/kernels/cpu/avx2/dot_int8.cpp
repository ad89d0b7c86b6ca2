// One token times packed weights, straight from memory: the product of decoding. Each 16 rows are
// one sequential stream, and nothing is stored but the sums, so that memory is never idle.
#include "kernels/cpu/avx2/functions.h"
#include "kernels/cpu/avx2/int8.h"
#include "kernels/cpu/avx2/unpack_int8.h"

namespace r1::panel::avx2 {
namespace {

constexpr std::int64_t kAhead = 4096;  // bytes between what is read and what is asked for

/// Multiplies what an unpacking function hands it: 8 rows of one block, which starts at column 0.
template <typename Block>
struct Dot {
  static constexpr int kGroups = static_cast<int>(Block::kColumns / Block::kGroup);
  const std::int8_t* x;  // the block's activations, and what goes with them
  const std::int32_t* q_sum;
  const float* x_scale;
  const float* x_sum;
  __m256i integer[Block::kColumns / 16];
  __m256 scales[kGroups], mins[Block::kMin ? kGroups : 1];

  [[gnu::always_inline]] void run(std::int64_t dword, const __m256i q[4]) {
    constexpr int kTogether = sums_in_int16(Block::kBits) < 4 ? sums_in_int16(Block::kBits) : 4;
    __m256i sum = _mm256_setzero_si256();
#pragma GCC unroll 4
    for (int k = 0; k < 4; k += kTogether) {
      __m256i words = multiply(dword + k, q[k]);
#pragma GCC unroll 4
      for (int i = k + 1; i < k + kTogether; ++i) {
        words = _mm256_add_epi16(words, multiply(dword + i, q[i]));
      }
      const __m256i added = add_pairs(words);
      sum = k == 0 ? added : _mm256_add_epi32(sum, added);
    }
    integer[dword / 4] = sum;
  }
  [[gnu::always_inline]] void scale(std::int64_t group, __m256 value) { scales[group] = value; }
  [[gnu::always_inline]] void min(std::int64_t b, __m256 value) { mins[b] = value; }

  [[gnu::always_inline]] __m256i multiply(std::int64_t dword, __m256i q) const {
    return multiply_bytes<Block::kBits>(q, broadcast4(x + 4 * dword));
  }

  [[gnu::always_inline]] __m256 end(__m256 sum) const {
    constexpr int kOffset = offset_of(Block::kBits, Block::kMin);
#pragma GCC unroll 16
    for (int g = 0; g < kGroups; ++g) {
      const int b = g * Block::kGroup / 32;
      __m256i all = integer[g];
      if constexpr (Block::kGroup == 32) {
        all = _mm256_add_epi32(integer[2 * g], integer[2 * g + 1]);
      }
      if constexpr (kOffset != 0) {
        all = _mm256_sub_epi32(all, times_offset<kOffset>(broadcast4(q_sum + g)));
      }
      const __m256 both = _mm256_mul_ps(scales[g], _mm256_broadcast_ss(x_scale + b));
      sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(all), both, sum);
      if constexpr (Block::kMin) {
        sum = _mm256_fmadd_ps(mins[g], _mm256_broadcast_ss(x_sum + b), sum);
      }
    }
    return sum;
  }
};

template <typename Block>
void dot_rows(const Source& source, const Int8Activations* x, float* y) {
  constexpr std::int64_t kPerChunk = kInt8Chunk / Block::kColumns;
  constexpr std::int64_t kStep = kLanes * Block::kBytes;
  const std::int64_t blocks = source.columns / Block::kColumns;
  const std::byte* from = source.data;
  for (std::int64_t row = 0; row < source.rows; row += kLanes) {
    __m256 sum[kHalves] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    for (std::int64_t block = 0; block < blocks; ++block, from += kStep) {
#pragma GCC unroll 64
      for (std::int64_t line = 0; line < kStep; line += 64) {
        _mm_prefetch(reinterpret_cast<const char*>(from + kAhead + line), _MM_HINT_T0);
      }
      const Int8Activations& chunk = x[block / kPerChunk];
      const std::int64_t b = block % kPerChunk * (Block::kColumns / 32);
#pragma GCC unroll 2
      for (int half = 0; half < kHalves; ++half) {
        Dot<Block> dot;
        dot.x = chunk.q + 32 * b;
        dot.q_sum = Block::kGroup == 32 ? chunk.sum32 + b : chunk.sum16;
        dot.x_scale = chunk.scale + b;
        dot.x_sum = chunk.sum + b;
        Block::unpack(PackedRows{from, half}, 0, dot);
        sum[half] = dot.end(sum[half]);
      }
    }
    _mm256_storeu_ps(y + row, sum[0]);
    _mm256_storeu_ps(y + row + kHalf, sum[1]);
  }
}

}  // namespace

void dot_int8(DType type, const Source& source, const Int8Activations* x, float* y) {
  with_type(type, [&](auto block) { dot_rows<decltype(block)>(source, x, y); });
}

}  // namespace r1::panel::avx2
