// The blocks of every int8 type, 8 rows at a time. `from` reads either layout (transpose.h); `to`
// takes what was read: run(dword, 4 registers of 8 x 4 bytes: 16 columns), scale(group, 8 floats),
// min(b, 8 floats), numbered within the chunk of 256 columns. Q8_0 and IQ4_NL come signed, as
// PMADDUBSW has no room for larger unsigned bytes; the others unsigned and with their offset.
#pragma once

#include "kernels/cpu/avx2/transpose.h"

namespace r1::panel::avx2 {
namespace {

[[gnu::always_inline]] inline __m256i low_nibbles(__m256i bytes) {
  return _mm256_and_si256(bytes, _mm256_set1_epi8(15));
}
[[gnu::always_inline]] inline __m256i high_nibbles(__m256i bytes) {
  return low_nibbles(_mm256_srli_epi16(bytes, 4));
}

/// f16 numbers in the low (high) halves of 8 dwords.
[[gnu::always_inline]] inline __m256 low_f16(__m256i dwords) {
  const __m256i low = _mm256_and_si256(dwords, _mm256_set1_epi32(0xffff));
  const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(low, low), 0x08);
  return _mm256_cvtph_ps(_mm256_castsi256_si128(packed));
}
[[gnu::always_inline]] inline __m256 high_f16(__m256i dwords) {
  return low_f16(_mm256_srli_epi32(dwords, 16));
}

template <typename Access, typename Sink>
[[gnu::always_inline]] inline void unpack_q8_0(const Access& from, std::int64_t b, Sink& to) {
  to.scale(b, from.f16(0));
#pragma GCC unroll 2
  for (int half = 0; half < 2; ++half) {
    __m256i q[4];
    from.transposed(2 + 16 * half, q);
    to.run(b * 8 + half * 4, q);
  }
}

/// Bits 4j .. 4j+3 of each lane's 32 to bit 4 of its four bytes.
[[gnu::always_inline]] inline __m256i fifth_bits(__m256i high, int j) {
  // Byte t of a lane takes the byte that holds its bit, and keeps that bit alone.
  const __m256i first = _mm256_setr_epi32(0, 0x04040404, 0x08080808, 0x0c0c0c0c, 0, 0x04040404,
                                          0x08080808, 0x0c0c0c0c);
  const __m256i spread = _mm256_add_epi8(first, _mm256_set1_epi8(static_cast<char>(j / 2)));
  const __m256i bits =
      _mm256_set1_epi32(static_cast<std::int32_t>(j % 2 == 0 ? 0x08040201u : 0x80402010u));
  const __m256i kept = _mm256_and_si256(_mm256_shuffle_epi8(high, spread), bits);
  return _mm256_and_si256(_mm256_cmpeq_epi8(kept, bits), _mm256_set1_epi8(16));
}

template <bool kMin, bool kFiveBits, typename Access, typename Sink>
[[gnu::always_inline]] inline void unpack_nibbles(const Access& from, std::int64_t b, Sink& to) {
  constexpr int kHeader = kMin ? 4 : 2;
  if constexpr (kMin) {
    const __m256i both = from.u32(0);
    to.scale(b, low_f16(both));
    to.min(b, high_f16(both));
  } else {
    to.scale(b, from.f16(0));
  }
  __m256i q[4], low[4], top[4];
  from.transposed(kHeader + (kFiveBits ? 4 : 0), q);
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    low[k] = low_nibbles(q[k]);
    top[k] = high_nibbles(q[k]);
  }
  if constexpr (kFiveBits) {
    const __m256i high = from.u32(kHeader);
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      low[k] = _mm256_or_si256(low[k], fifth_bits(high, k));
      top[k] = _mm256_or_si256(top[k], fifth_bits(high, k + 4));
    }
  }
  to.run(b * 8, low);
  to.run(b * 8 + 4, top);
}

template <typename Access, typename Sink>
[[gnu::always_inline]] inline void unpack_iq4_nl(const Access& from, std::int64_t b, Sink& to) {
  const __m256i values = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113));
  to.scale(b, from.f16(0));
  __m256i q[4], low[4], top[4];
  from.transposed(2, q);
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    low[k] = _mm256_shuffle_epi8(values, low_nibbles(q[k]));
    top[k] = _mm256_shuffle_epi8(values, high_nibbles(q[k]));
  }
  to.run(b * 8, low);
  to.run(b * 8 + 4, top);
}

/// Byte t of each lane, times that lane's factor.
[[gnu::always_inline]] inline __m256 scaled_byte(__m256i bytes, int t, __m256 factor) {
  const __m256i value = _mm256_and_si256(_mm256_srli_epi32(bytes, 8 * t), _mm256_set1_epi32(255));
  return _mm256_mul_ps(factor, _mm256_cvtepi32_ps(value));
}

/// Header of Q4_K and Q5_K: f16 d and dmin, then 8 six-bit scales and 8 six-bit minima.
template <typename Access, typename Sink>
[[gnu::always_inline]] inline void unpack_six_bit_scales(const Access& from, Sink& to) {
  __m256i h[4];
  from.transposed(0, h);
  const __m256 d = low_f16(h[0]);
  const __m256 minus_dmin = _mm256_xor_ps(high_f16(h[0]), _mm256_set1_ps(-0.0f));
  const __m256i six = _mm256_set1_epi8(63), two = _mm256_set1_epi8(48);
  const auto top_bits = [&](__m256i v) __attribute__((always_inline)) {
    return _mm256_and_si256(_mm256_srli_epi32(v, 2), two);
  };
  const __m256i scales[2] = {_mm256_and_si256(h[1], six),
                             _mm256_or_si256(low_nibbles(h[3]), top_bits(h[1]))};
  const __m256i mins[2] = {_mm256_and_si256(h[2], six),
                           _mm256_or_si256(high_nibbles(h[3]), top_bits(h[2]))};
#pragma GCC unroll 8
  for (int j = 0; j < 8; ++j) {
    to.scale(j, scaled_byte(scales[j / 4], j % 4, d));
    to.min(j, scaled_byte(mins[j / 4], j % 4, minus_dmin));
  }
}

template <bool kFiveBits, typename Access, typename Sink>
[[gnu::always_inline]] inline void unpack_q45_k(const Access& from, Sink& to) {
  unpack_six_bit_scales(from, to);
#pragma GCC unroll 2
  for (int half = 0; half < 2; ++half) {
    __m256i high[4];
    if constexpr (kFiveBits) from.transposed(16 + 16 * half, high);
#pragma GCC unroll 4
    for (int pair = 0; pair < 4; ++pair) {
      __m256i q[4], low[4], top[4];
      from.transposed((kFiveBits ? 48 : 16) + 32 * pair + 16 * half, q);
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        low[k] = low_nibbles(q[k]);
        top[k] = high_nibbles(q[k]);
        if constexpr (kFiveBits) {
          const auto fifth = [&](int j) __attribute__((always_inline)) {
            const __m256i moved =
                j < 4 ? _mm256_slli_epi16(high[k], 4 - j) : _mm256_srli_epi16(high[k], j - 4);
            return _mm256_and_si256(moved, _mm256_set1_epi8(16));
          };
          low[k] = _mm256_or_si256(low[k], fifth(2 * pair));
          top[k] = _mm256_or_si256(top[k], fifth(2 * pair + 1));
        }
      }
      to.run(16 * pair + 4 * half, low);
      to.run(16 * pair + 8 + 4 * half, top);
    }
  }
}

template <typename Access, typename Sink>
[[gnu::always_inline]] inline void unpack_q6_k(const Access& from, Sink& to) {
  const __m256 d = from.f16(208);
  __m256i scales[4];
  from.transposed(192, scales);
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
#pragma GCC unroll 4
    for (int t = 0; t < 4; ++t) {
      const __m256i scale = _mm256_srai_epi32(_mm256_slli_epi32(scales[k], 24 - 8 * t), 24);
      to.scale(4 * k + t, _mm256_mul_ps(d, _mm256_cvtepi32_ps(scale)));
    }
  }
  const __m256i top_two = _mm256_set1_epi8(48);
#pragma GCC unroll 4
  for (int n = 0; n < 4; ++n) {  // 128 columns in two halves of 16 bytes
    const int part = n / 2, half = n % 2;
    __m256i high[4];
    from.transposed(128 + 32 * part + 16 * half, high);
#pragma GCC unroll 2
    for (int side = 0; side < 2; ++side) {
      __m256i q[4], low[4], top[4];
      from.transposed(64 * part + 32 * side + 16 * half, q);
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        const __m256i below = _mm256_slli_epi16(high[k], side == 0 ? 4 : 2);
        const __m256i above = side == 0 ? high[k] : _mm256_srli_epi16(high[k], 2);
        low[k] = _mm256_or_si256(low_nibbles(q[k]), _mm256_and_si256(below, top_two));
        top[k] = _mm256_or_si256(high_nibbles(q[k]), _mm256_and_si256(above, top_two));
      }
      const std::int64_t dword = 32 * part + 8 * side + 4 * half;
      to.run(dword, low);
      to.run(dword + 16, top);
    }
  }
}

/// A type's block: its columns and bytes, the bits of a stored number (8: signed), the columns that
/// share a scale, and whether it has minima.
template <std::int64_t kBlockColumns, std::int64_t kBlockBytes, int kBlockBits, int kScaleGroup,
          bool kHasMin>
struct Block {
  static constexpr std::int64_t kColumns = kBlockColumns, kBytes = kBlockBytes;
  static constexpr int kBits = kBlockBits, kGroup = kScaleGroup;
  static constexpr bool kMin = kHasMin;
};

struct Q8_0 : Block<32, 34, 8, 32, false> {
  template <typename Access, typename Sink>
  [[gnu::always_inline]] static void unpack(const Access& from, std::int64_t b, Sink& to) {
    unpack_q8_0(from, b, to);
  }
};

struct Iq4Nl : Block<32, 18, 8, 32, false> {
  template <typename Access, typename Sink>
  [[gnu::always_inline]] static void unpack(const Access& from, std::int64_t b, Sink& to) {
    unpack_iq4_nl(from, b, to);
  }
};

/// Q4_0, Q4_1, Q5_0 and Q5_1.
template <int kBlockBits, bool kHasMin>
struct Nibbles
    : Block<32, 18 + (kHasMin ? 2 : 0) + (kBlockBits == 5 ? 4 : 0), kBlockBits, 32, kHasMin> {
  template <typename Access, typename Sink>
  [[gnu::always_inline]] static void unpack(const Access& from, std::int64_t b, Sink& to) {
    unpack_nibbles<kHasMin, kBlockBits == 5>(from, b, to);
  }
};

/// Q4_K and Q5_K.
template <int kBlockBits>
struct Q45K : Block<256, kBlockBits == 5 ? 176 : 144, kBlockBits, 32, true> {
  template <typename Access, typename Sink>
  [[gnu::always_inline]] static void unpack(const Access& from, std::int64_t, Sink& to) {
    unpack_q45_k<kBlockBits == 5>(from, to);
  }
};

struct Q6K : Block<256, 210, 6, 16, false> {
  template <typename Access, typename Sink>
  [[gnu::always_inline]] static void unpack(const Access& from, std::int64_t, Sink& to) {
    unpack_q6_k(from, to);
  }
};

/// Calls visit(block) with the type's Block; block.unpack(from, b, to) reads the block that begins
/// at block b of a chunk.
template <typename Visit>
void with_type(DType type, const Visit& visit) {
  switch (type) {
    case DType::q8_0:
      return visit(Q8_0{});
    case DType::q4_0:
      return visit(Nibbles<4, false>{});
    case DType::q4_1:
      return visit(Nibbles<4, true>{});
    case DType::q5_0:
      return visit(Nibbles<5, false>{});
    case DType::q5_1:
      return visit(Nibbles<5, true>{});
    case DType::iq4_nl:
      return visit(Iq4Nl{});
    case DType::q4_k:
      return visit(Q45K<4>{});
    case DType::q5_k:
      return visit(Q45K<5>{});
    case DType::q6_k:
      return visit(Q6K{});
    default:
      return;
  }
}

}  // namespace
}  // namespace r1::panel::avx2
