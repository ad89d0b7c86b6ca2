// One token times packed weights, straight from memory: the product of decoding. Each 16 rows are
// one sequential stream, and nothing is stored but the sums, so that memory is never idle.
#include "kernels/cpu/avx512/functions.h"
#include "kernels/cpu/avx512/unpack_int8.h"

namespace r1::panel::avx512 {
namespace {

constexpr std::int64_t kAhead = 4096;  // bytes between what is read and what is asked for

/// Multiplies what an unpacking function hands it. Groups are numbered within one block.
template <int kGroup, bool kMin, int kBlockColumns>
struct Dot {
  static constexpr int kGroups = kBlockColumns / kGroup;
  const Int8Activations* x;
  std::int64_t first_block;  // of 32 columns, within the chunk
  __m512i integer[kGroups];
  __m512 scales[kGroups], mins[kMin ? kBlockColumns / 32 : 1];

  void begin(int offset) {
#pragma GCC unroll 16
    for (int g = 0; g < kGroups; ++g) {
      const std::int32_t sum = kGroup == 32 ? x->sum32[first_block + g] : x->sum16[g];
      integer[g] = offset == 0 ? _mm512_setzero_si512() : _mm512_set1_epi32(-offset * sum);
    }
  }
  void q(std::int64_t dword, __m512i value) {
    const auto* at = reinterpret_cast<const __attribute__((may_alias)) int*>(x->q + 4 * dword);
    const std::int64_t group = (dword - 8 * first_block) / (kGroup / 4);
    integer[group] = _mm512_dpbusd_epi32(integer[group], value, _mm512_set1_epi32(*at));
  }
  void scale(std::int64_t group, __m512 value) {
    scales[group - first_block * (32 / kGroup)] = value;
  }
  void min(std::int64_t b, __m512 value) { mins[kMin ? b - first_block : 0] = value; }

  __m512 end(__m512 sum) const {
#pragma GCC unroll 16
    for (int g = 0; g < kGroups; ++g) {
      const std::int64_t b = first_block + g * kGroup / 32;
      const __m512 both = _mm512_mul_ps(scales[g], _mm512_set1_ps(x->scale[b]));
      sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(integer[g]), both, sum);
      if constexpr (kMin) sum = _mm512_fmadd_ps(mins[g], _mm512_set1_ps(x->sum[b]), sum);
    }
    return sum;
  }
};

template <int kGroup, bool kMin, std::int64_t kBlockColumns, std::int64_t kBlockBytes,
          typename Unpack>
void dot_rows(const Source& source, int offset, const Unpack& unpack, const Int8Activations* x,
              float* y) {
  const std::int64_t blocks = source.columns / kBlockColumns;
  constexpr std::int64_t kPerChunk = kInt8Chunk / kBlockColumns;
  const std::byte* from = source.data;
  for (std::int64_t row = 0; row < source.rows; row += kLanes) {
    __m512 sum = _mm512_setzero_ps();
    for (std::int64_t b = 0; b < blocks; ++b) {
#pragma GCC unroll 64
      for (std::int64_t line = 0; line < kLanes * kBlockBytes; line += 64) {
        _mm_prefetch(reinterpret_cast<const char*>(from + kAhead + line), _MM_HINT_T0);
      }
      Dot<kGroup, kMin, kBlockColumns> dot;
      dot.x = x + b / kPerChunk;
      dot.first_block = kPerChunk == 1 ? 0 : b % kPerChunk * (kBlockColumns / 32);
      dot.begin(offset);
      unpack(PackedRows{from}, dot.first_block, dot);
      sum = dot.end(sum);
      from += kLanes * kBlockBytes;
    }
    _mm512_storeu_ps(y + row, sum);
  }
}

}  // namespace

void dot_int8(DType type, const Source& source, const Int8Activations* x, float* y) {
  const Int8Format format = int8_format(type);
  with_type(type, [&](auto unpack, auto columns, auto bytes) {
    constexpr std::int64_t kColumns = decltype(columns)::value, kBytes = decltype(bytes)::value;
    if constexpr (kBytes == 210) {
      dot_rows<16, false, kColumns, kBytes>(source, format.offset, unpack, x, y);
    } else if constexpr (kBytes == 20 || kBytes == 24 || kBytes == 144 || kBytes == 176) {
      dot_rows<32, true, kColumns, kBytes>(source, format.offset, unpack, x, y);
    } else {
      dot_rows<32, false, kColumns, kBytes>(source, format.offset, unpack, x, y);
    }
  });
}

}  // namespace r1::panel::avx512
