// The blocks of every int8 type, 16 rows at a time. `from` reads either layout (transpose.h); `to`
// takes what was read, numbered within the chunk of 256 columns:
//   begin<place>(group); q<place>(dword, 16 x 4 unsigned bytes) ...;
//   end<place>(group, scale) or end<place>(group, scale, min), each 16 floats.
// A few groups are open at a time, each in its place. Groups end in order; where a type's don't
// come in order, keep<place>(group) puts one aside until end_kept(group, scale).
//
// Two things decide how fast one token is (dot_int8.cpp). Packed blocks are read from beginning to
// end: out of order, the processor's prefetcher doesn't recognise the stream. And the loops over a
// large block stay loops: unrolled, their code is so long that the stream of weights drives it out
// of the caches.
#pragma once

#include <utility>

#include "kernels/cpu/avx512/transpose.h"

namespace r1::panel::avx512 {
namespace {

template <std::int64_t kValue>
struct Constant {
  static constexpr std::int64_t value = kValue;
};

/// Calls visit(Constant<0>) to visit(Constant<kCount - 1>).
template <int kCount, typename Visit>
[[gnu::always_inline]] inline void in_places(const Visit& visit) {
  [&]<std::size_t... kPlaces>(std::index_sequence<kPlaces...>) __attribute__((always_inline)) {
    (visit(Constant<static_cast<std::int64_t>(kPlaces)>{}), ...);
  }
  (std::make_index_sequence<kCount>{});
}

[[gnu::always_inline]] inline __m512i low_nibbles(__m512i bytes) {
  return _mm512_and_si512(bytes, _mm512_set1_epi8(15));
}
[[gnu::always_inline]] inline __m512i high_nibbles(__m512i bytes) {
  return low_nibbles(_mm512_srli_epi16(bytes, 4));
}

template <typename Access, typename Sink>
[[gnu::always_inline]] inline void unpack_q8_0(const Access& from, std::int64_t b, Sink& to) {
  const __m512 scale = from.f16(0);
  to.template begin<0>(b);
  const __m512i offset = _mm512_set1_epi8(static_cast<char>(0x80));
#pragma GCC unroll 2
  for (int half = 0; half < 2; ++half) {
    __m512i q[4];
    from.transposed(2 + 16 * half, q);
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k)
      to.template q<0>(b * 8 + half * 4 + k, _mm512_xor_si512(q[k], offset));
  }
  to.template end<0>(b, scale);
}

/// Bits 4j .. 4j+3 of each lane's 32 to bit 4 of its four bytes.
inline __m512i fifth_bits(__m512i high, int j) {
  const __m512i four = _mm512_and_si512(_mm512_srli_epi32(high, static_cast<unsigned>(4 * j)),
                                        _mm512_set1_epi32(15));
  const __m512i spread = _mm512_mullo_epi32(four, _mm512_set1_epi32(0x00204081));
  return _mm512_slli_epi32(_mm512_and_si512(spread, _mm512_set1_epi32(0x01010101)), 4);
}

template <bool kMin, bool kFiveBits, typename Access, typename Sink>
[[gnu::always_inline]] inline void unpack_nibbles(const Access& from, std::int64_t b, Sink& to) {
  constexpr int kHeader = kMin ? 4 : 2;
  __m512 scale, min;
  if constexpr (kMin) {
    const __m512i both = from.u32(0);
    scale = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(both));
    min = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(_mm512_srli_epi32(both, 16)));
  } else {
    scale = from.f16(0);
  }
  to.template begin<0>(b);
  __m512i high = _mm512_setzero_si512();
  if constexpr (kFiveBits) high = from.u32(kHeader);
  __m512i q[4];
  from.transposed(kHeader + (kFiveBits ? 4 : 0), q);
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    __m512i low = low_nibbles(q[k]), top = high_nibbles(q[k]);
    if constexpr (kFiveBits) {
      low = _mm512_or_si512(low, fifth_bits(high, k));
      top = _mm512_or_si512(top, fifth_bits(high, k + 4));
    }
    to.template q<0>(b * 8 + k, low);
    to.template q<0>(b * 8 + 4 + k, top);
  }
  if constexpr (kMin) {
    to.template end<0>(b, scale, min);
  } else {
    to.template end<0>(b, scale);
  }
}

template <typename Access, typename Sink>
[[gnu::always_inline]] inline void unpack_iq4_nl(const Access& from, std::int64_t b, Sink& to) {
  const __m512i values = _mm512_broadcast_i32x4(
      _mm_setr_epi8(1, 24, 45, 63, 79, 93, 106, 118, -127, -115, -103, -90, -75, -59, -39, -15));
  const __m512 scale = from.f16(0);
  to.template begin<0>(b);
  __m512i q[4];
  from.transposed(2, q);
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    to.template q<0>(b * 8 + k, _mm512_shuffle_epi8(values, low_nibbles(q[k])));
    to.template q<0>(b * 8 + 4 + k, _mm512_shuffle_epi8(values, high_nibbles(q[k])));
  }
  to.template end<0>(b, scale);
}

/// Byte t of each lane, times that lane's factor.
inline __m512 scaled_byte(__m512i bytes, unsigned t, __m512 factor) {
  const __m512i value = _mm512_and_si512(_mm512_srli_epi32(bytes, 8 * t), _mm512_set1_epi32(255));
  return _mm512_mul_ps(factor, _mm512_cvtepi32_ps(value));
}

/// Header of Q4_K and Q5_K: f16 d and dmin, then 8 six-bit scales and 8 six-bit minima.
struct SixBitScales {
  __m512 d, minus_dmin;
  __m512i scales[2], mins[2];

  template <typename Access>
  [[gnu::always_inline]] explicit SixBitScales(const Access& from) {
    __m512i h[4];
    from.transposed(0, h);
    d = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(h[0]));
    minus_dmin = _mm512_xor_ps(_mm512_cvtph_ps(_mm512_cvtepi32_epi16(_mm512_srli_epi32(h[0], 16))),
                               _mm512_set1_ps(-0.0f));
    const __m512i six = _mm512_set1_epi8(63), two = _mm512_set1_epi8(48);
    const auto top_bits = [&](__m512i v) { return _mm512_and_si512(_mm512_srli_epi32(v, 2), two); };
    scales[0] = _mm512_and_si512(h[1], six);
    scales[1] = _mm512_or_si512(low_nibbles(h[3]), top_bits(h[1]));
    mins[0] = _mm512_and_si512(h[2], six);
    mins[1] = _mm512_or_si512(high_nibbles(h[3]), top_bits(h[2]));
  }
  template <unsigned kPlace, typename Sink>
  [[gnu::always_inline]] void end(unsigned pair, Sink& to) const {
    const unsigned j = 2 * pair + kPlace;
    to.template end<kPlace>(j, scaled_byte(pair < 2 ? scales[0] : scales[1], j % 4, d),
                            scaled_byte(pair < 2 ? mins[0] : mins[1], j % 4, minus_dmin));
  }
};

template <bool kFiveBits, typename Access, typename Sink>
[[gnu::always_inline]] inline void unpack_q45_k(const Access& from, Sink& to) {
  const SixBitScales scales(from);
  const __m512i bit = _mm512_set1_epi8(1);
  __m512i high[2][4];
  if constexpr (kFiveBits) {
    from.transposed(16, high[0]);
    from.transposed(32, high[1]);
  }
#pragma GCC unroll 1
  for (unsigned pair = 0; pair < 4; ++pair) {
    to.template begin<0>(2 * pair);
    to.template begin<1>(2 * pair + 1);
#pragma GCC unroll 2
    for (unsigned half = 0; half < 2; ++half) {
      __m512i q[4];
      from.transposed((kFiveBits ? 48 : 16) + 32 * pair + 16 * half, q);
#pragma GCC unroll 4
      for (unsigned k = 0; k < 4; ++k) {
        __m512i low = low_nibbles(q[k]), top = high_nibbles(q[k]);
        if constexpr (kFiveBits) {
          const auto fifth = [&](unsigned j) {
            const __m512i one = _mm512_and_si512(_mm512_srli_epi16(high[half][k], j), bit);
            return _mm512_slli_epi16(one, 4);
          };
          low = _mm512_or_si512(low, fifth(2 * pair));
          top = _mm512_or_si512(top, fifth(2 * pair + 1));
        }
        to.template q<0>(16 * pair + 4 * half + k, low);
        to.template q<1>(16 * pair + 8 + 4 * half + k, top);
      }
    }
    scales.template end<0>(pair, to);
    scales.template end<1>(pair, to);
  }
}

template <typename Access, typename Sink>
[[gnu::always_inline]] inline void unpack_q6_k(const Access& from, Sink& to) {
  const auto at = [](std::int64_t offset) {
    return Access::kPacked ? q6_k_packed_offset(offset) : offset;
  };
  const __m512 d = from.f16(at(208));
  __m512i scales[4];
  from.transposed(at(192), scales);
  const __m512i three = _mm512_set1_epi8(3);
#pragma GCC unroll 1
  for (int n = 0; n < 4; ++n) {  // 128 columns in two halves of 16 bytes
    const int part = n / 2, half = n % 2, group = 8 * part + half;
    __m512i high[4];
    from.transposed(at(128 + 16 * n), high);
    in_places<2>([&](auto side) {
      constexpr int kLow = 2 * side.value, kTop = kLow + 1;
      to.template begin<kLow>(group + 2 * side.value);
      to.template begin<kTop>(group + 2 * side.value + 4);
      __m512i low[4];
      from.transposed(at(64 * part + 32 * side.value + 16 * half), low);
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        const auto bits = [&](unsigned shift) {
          return _mm512_slli_epi16(_mm512_and_si512(_mm512_srli_epi16(high[k], shift), three), 4);
        };
        constexpr unsigned kShift = 2 * side.value;
        const std::int64_t dword = 32 * part + 8 * side.value + 4 * half + k;
        to.template q<kLow>(dword, _mm512_or_si512(low_nibbles(low[k]), bits(kShift)));
        to.template q<kTop>(dword + 16, _mm512_or_si512(high_nibbles(low[k]), bits(kShift + 4)));
      }
      to.template keep<kLow>(group + 2 * side.value);
      to.template keep<kTop>(group + 2 * side.value + 4);
    });
  }
#pragma GCC unroll 1
  for (int four = 0; four < 4; ++four) {
    const __m512i bytes = scales[four];
#pragma GCC unroll 4
    for (int t = 0; t < 4; ++t) {
      const auto shift = 24 - 8 * static_cast<unsigned>(t);
      const __m512i scale = _mm512_srai_epi32(_mm512_slli_epi32(bytes, shift), 24);
      to.end_kept(4 * four + t, _mm512_mul_ps(d, _mm512_cvtepi32_ps(scale)));
    }
  }
}

/// Calls visit(unpack, columns of a block, bytes of a block) with the type's function; unpack(from,
/// b, to) reads the block that begins at block b of a chunk.
template <typename Visit>
void with_type(DType type, const Visit& visit) {
  const auto small = [&](auto unpack, auto bytes) { visit(unpack, Constant<32>{}, bytes); };
  const auto large = [&](auto unpack, auto bytes) { visit(unpack, Constant<256>{}, bytes); };
  switch (type) {
    case DType::q8_0:
      return small(
          [](const auto& from, std::int64_t b, auto& to)
              __attribute__((always_inline)) { unpack_q8_0(from, b, to); },
          Constant<34>{});
    case DType::q4_0:
      return small(
          [](const auto& from, std::int64_t b, auto& to)
              __attribute__((always_inline)) { unpack_nibbles<false, false>(from, b, to); },
          Constant<18>{});
    case DType::q4_1:
      return small(
          [](const auto& from, std::int64_t b, auto& to)
              __attribute__((always_inline)) { unpack_nibbles<true, false>(from, b, to); },
          Constant<20>{});
    case DType::q5_0:
      return small(
          [](const auto& from, std::int64_t b, auto& to)
              __attribute__((always_inline)) { unpack_nibbles<false, true>(from, b, to); },
          Constant<22>{});
    case DType::q5_1:
      return small(
          [](const auto& from, std::int64_t b, auto& to)
              __attribute__((always_inline)) { unpack_nibbles<true, true>(from, b, to); },
          Constant<24>{});
    case DType::iq4_nl:
      return small(
          [](const auto& from, std::int64_t b, auto& to)
              __attribute__((always_inline)) { unpack_iq4_nl(from, b, to); },
          Constant<18>{});
    case DType::q4_k:
      return large(
          [](const auto& from, std::int64_t, auto& to)
              __attribute__((always_inline)) { unpack_q45_k<false>(from, to); },
          Constant<144>{});
    case DType::q5_k:
      return large(
          [](const auto& from, std::int64_t, auto& to)
              __attribute__((always_inline)) { unpack_q45_k<true>(from, to); },
          Constant<176>{});
    case DType::q6_k:
      return large(
          [](const auto& from, std::int64_t, auto& to)
              __attribute__((always_inline)) { unpack_q6_k(from, to); },
          Constant<210>{});
    default:
      return;
  }
}

}  // namespace
}  // namespace r1::panel::avx512
