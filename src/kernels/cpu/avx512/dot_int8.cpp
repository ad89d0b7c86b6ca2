// One token times packed weights, straight from memory: the product of decoding. Each 16 rows are
// one sequential stream, and nothing is stored but the sums, so that memory is never idle.
#include "kernels/cpu/avx512/functions.h"
#include "kernels/cpu/avx512/unpack_int8.h"

namespace r1::panel::avx512 {
namespace {

constexpr std::int64_t kAhead = 8192;  // bytes between what is read and what is asked for

/// Packed rows that ask for what lies kAhead behind each vector they read: evenly, as a burst of
/// requests a block would leave memory idle between the bursts.
struct StreamedRows : PackedRows {
  static void ask(const std::byte* at) {
    _mm_prefetch(reinterpret_cast<const char*>(at + kAhead), _MM_HINT_T0);
  }
  void transposed(std::int64_t offset, __m512i out[4]) const {
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) ask(from + kLanes * offset + 64 * k);
    PackedRows::transposed(offset, out);
  }
  __m512 f16(std::int64_t offset) const {
    ask(from + kLanes * offset);
    return PackedRows::f16(offset);
  }
  __m512i u32(std::int64_t offset) const {
    ask(from + kLanes * offset);
    return PackedRows::u32(offset);
  }
};

/// Multiplies what an unpacking function hands it.
template <int kGroup, bool kMin>
struct Dot {
  const Int8Activations* x;
  int offset;
  __m512 sum;
  __m512i integer[4];
  __m512i kept[kGroup == 16 ? 16 : 1];

  template <int kPlace>
  void begin(std::int64_t group) {
    const std::int32_t q_sum = kGroup == 32 ? x->sum32[group] : x->sum16[group];
    integer[kPlace] = kMin ? _mm512_setzero_si512() : _mm512_set1_epi32(-offset * q_sum);
  }
  template <int kPlace>
  void q(std::int64_t dword, __m512i value) {
    const auto* at = reinterpret_cast<const __attribute__((may_alias)) int*>(x->q + 4 * dword);
    integer[kPlace] = _mm512_dpbusd_epi32(integer[kPlace], value, _mm512_set1_epi32(*at));
  }
  template <int kPlace>
  void end(std::int64_t group, __m512 scale) {
    add(group, integer[kPlace], scale);
  }
  template <int kPlace>
  void end(std::int64_t b, __m512 scale, __m512 min) {
    add(b, integer[kPlace], scale);
    sum = _mm512_fmadd_ps(min, _mm512_set1_ps(x->sum[b]), sum);
  }
  template <int kPlace>
  void keep(std::int64_t group) {
    kept[group] = integer[kPlace];
  }
  void end_kept(std::int64_t group, __m512 scale) { add(group, kept[group], scale); }

 private:
  void add(std::int64_t group, __m512i integers, __m512 scale) {
    const __m512 both = _mm512_mul_ps(scale, _mm512_set1_ps(x->scale[group * kGroup / 32]));
    sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(integers), both, sum);
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
      Dot<kGroup, kMin> dot;
      dot.x = x + b / kPerChunk;
      dot.offset = offset;
      dot.sum = sum;
      unpack(StreamedRows{{from}}, kPerChunk == 1 ? 0 : b % kPerChunk * (kBlockColumns / 32), dot);
      sum = dot.sum;
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
