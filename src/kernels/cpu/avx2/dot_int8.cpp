// One token times packed weights, straight from memory: the product of decoding. Each 16 rows are
// one sequential stream, and nothing is stored but the sums, so that memory is never idle.
#include "kernels/cpu/avx2/functions.h"
#include "kernels/cpu/avx2/int8.h"
#include "kernels/cpu/avx2/unpack_int8.h"

namespace r1::panel::avx2 {
namespace {

constexpr std::int64_t kAhead = 8192;  // bytes between what is read and what is asked for

/// Multiplies what an unpacking function hands it: a block that starts at column 0.
template <typename Block>
struct Dot {
  static constexpr int kGroups = static_cast<int>(Block::kColumns / Block::kGroup);
  static constexpr int kRuns = static_cast<int>(Block::kColumns / 16);
  const std::int8_t* x;  // the block's activations, and what goes with them
  const std::int32_t* q_sum;
  const float* x_scale;
  const float* x_sum;
  const std::byte* ahead;
  __m256i integer[kRuns][kHalves];
  __m256 scales[kGroups][kHalves], mins[Block::kMin ? kGroups : 1][kHalves];

  template <typename Get>
  [[gnu::always_inline]] void run(std::int64_t dword, const Get& get) {
    Sum sum[kHalves];
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const __m256i xs = broadcast4(x + 4 * (dword + k));
#pragma GCC unroll 2
      for (int half = 0; half < kHalves; ++half) sum[half].add(k, get(half, k), xs);
    }
    end_run(dword, sum);
    prefetch_part<kRuns>();
  }
  template <typename Get>
  [[gnu::always_inline]] void two_runs(std::int64_t dword, std::int64_t other, const Get& get) {
    Sum sum[kHalves], top_sum[kHalves];
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const __m256i xs = broadcast4(x + 4 * (dword + k)), top_xs = broadcast4(x + 4 * (other + k));
#pragma GCC unroll 2
      for (int half = 0; half < kHalves; ++half) {
        __m256i low, top;
        get(half, k, low, top);
        sum[half].add(k, low, xs);
        top_sum[half].add(k, top, top_xs);
      }
    }
    end_run(dword, sum);
    end_run(other, top_sum);
    prefetch_part<kRuns / 2>();
  }
  [[gnu::always_inline]] void scale(int half, std::int64_t group, __m256 value) {
    scales[group][half] = value;
  }
  [[gnu::always_inline]] void min(int half, std::int64_t b, __m256 value) { mins[b][half] = value; }

  /// Adds the block to the running sums.
  [[gnu::always_inline]] void end(__m256 sum[kHalves]) const {
    constexpr int kOffset = offset_of(Block::kBits, Block::kMin);
#pragma GCC unroll 2
    for (int g = 0; g < kGroups; ++g) {
      const int b = g * Block::kGroup / 32;
      const __m256 xs = _mm256_broadcast_ss(x_scale + b);
#pragma GCC unroll 2
      for (int half = 0; half < kHalves; ++half) {
        __m256i all = integer[g][half];
        if constexpr (Block::kGroup == 32) {
          all = _mm256_add_epi32(integer[2 * g][half], integer[2 * g + 1][half]);
        }
        if constexpr (kOffset != 0) {
          all = _mm256_sub_epi32(all, times_offset<kOffset>(broadcast4(q_sum + g)));
        }
        const __m256 both = _mm256_mul_ps(scales[g][half], xs);
        sum[half] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(all), both, sum[half]);
        if constexpr (Block::kMin) {
          sum[half] = _mm256_fmadd_ps(mins[g][half], _mm256_broadcast_ss(x_sum + b), sum[half]);
        }
      }
    }
  }

 private:
  /// The sum over 16 columns, as long as possible in 16 bits.
  struct Sum {
    __m256i words, dwords;

    [[gnu::always_inline]] void add(int k, __m256i q, __m256i xs) {
      constexpr int kTogether = sums_in_int16(Block::kBits) < 4 ? sums_in_int16(Block::kBits) : 4;
      const __m256i product = multiply_bytes<Block::kBits>(q, xs);
      words = k % kTogether == 0 ? product : add_words(words, product);
      if (k % kTogether != kTogether - 1) return;
      dwords = k < kTogether ? add_pairs(words) : add_dwords(dwords, add_pairs(words));
    }
  };

  [[gnu::always_inline]] void end_run(std::int64_t dword, const Sum sum[kHalves]) {
    integer[dword / 4][0] = sum[0].dwords;
    integer[dword / 4][1] = sum[1].dwords;
  }
  /// Asks for one of kParts parts of the memory to come: all at once would stop the loads.
  template <int kParts>
  [[gnu::always_inline]] void prefetch_part() {
    constexpr std::int64_t kLines = (kLanes * Block::kBytes / 64 + kParts) / kParts;
    prefetch(ahead, kLines * 64);
    ahead += kLines * 64;
  }
};

template <typename Block>
void dot_rows(const Source& source, const Int8Activations* x, float* y) {
  constexpr std::int64_t kPerChunk = kInt8Chunk / Block::kColumns;
  const std::int64_t blocks = source.columns / Block::kColumns;
  const std::byte* from = source.data;
  for (std::int64_t row = 0; row < source.rows; row += kLanes) {
    __m256 sum[kHalves] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    for (std::int64_t block = 0; block < blocks; ++block, from += kLanes * Block::kBytes) {
      const Int8Activations& chunk = x[block / kPerChunk];
      const std::int64_t b = block % kPerChunk * (Block::kColumns / 32);
      Dot<Block> dot;
      dot.x = chunk.q + 32 * b;
      dot.q_sum = Block::kGroup == 32 ? chunk.sum32 + b : chunk.sum16;
      dot.x_scale = chunk.scale + b;
      dot.x_sum = chunk.sum + b;
      dot.ahead = from + kAhead;
      Block::unpack(PackedRows{from}, 0, dot);
      dot.end(sum);
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
