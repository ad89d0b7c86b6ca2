// The blocks of every int8 type, 16 rows at a time. `from` reads either layout (transpose.h); `to`
// takes what was read, numbered within the chunk of 256 columns:
//   run(dword, get), where get(half, k) makes bytes 4 * (dword + k) on of 8 rows, k < 4;
//   two_runs(dword, other, get), where get(half, k, low, top) makes those of both;
//   scale(half, group, 8 floats), min(half, b, 8 floats).
// Q8_0 and IQ4_NL come signed, as PMADDUBSW has no room for larger unsigned bytes; the others
// unsigned and with their offset.
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
#pragma GCC unroll 2
    for (int half = 0; half < kHalves; ++half) to.scale(half, b, from.f16(half, 0));
    to.run(b * 8, from.field(2));
    to.run(b * 8 + 4, from.field(18));
  }
};

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

/// Q4_0, Q4_1, Q5_0 and Q5_1.
template <int kBlockBits, bool kHasMin>
struct Nibbles
    : Block<32, 18 + (kHasMin ? 2 : 0) + (kBlockBits == 5 ? 4 : 0), kBlockBits, 32, kHasMin> {
  template <typename Access, typename Sink>
  [[gnu::always_inline]] static void unpack(const Access& from, std::int64_t b, Sink& to) {
    constexpr int kHeader = kHasMin ? 4 : 2;
    __m256i high[kHalves];
#pragma GCC unroll 2
    for (int half = 0; half < kHalves; ++half) {
      if constexpr (kHasMin) {
        const __m256i both = from.u32(half, 0);
        to.scale(half, b, low_f16(both));
        to.min(half, b, high_f16(both));
      } else {
        to.scale(half, b, from.f16(half, 0));
      }
      if constexpr (kBlockBits == 5) high[half] = from.u32(half, kHeader);
    }
    const auto q = from.field(kHeader + (kBlockBits == 5 ? 4 : 0));
    to.two_runs(
        b * 8,
        b * 8 + 4, [&](int half, int k, __m256i& low, __m256i& top) __attribute__((always_inline)) {
          const __m256i bytes = q(half, k);
          low = low_nibbles(bytes);
          top = high_nibbles(bytes);
          if constexpr (kBlockBits == 5) {
            low = _mm256_or_si256(low, fifth_bits(high[half], k));
            top = _mm256_or_si256(top, fifth_bits(high[half], k + 4));
          }
        });
  }
};

struct Iq4Nl : Block<32, 18, 8, 32, false> {
  template <typename Access, typename Sink>
  [[gnu::always_inline]] static void unpack(const Access& from, std::int64_t b, Sink& to) {
    const __m256i values = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113));
#pragma GCC unroll 2
    for (int half = 0; half < kHalves; ++half) to.scale(half, b, from.f16(half, 0));
    const auto q = from.field(2);
    to.two_runs(
        b * 8,
        b * 8 + 4, [&](int half, int k, __m256i& low, __m256i& top) __attribute__((always_inline)) {
          const __m256i bytes = q(half, k);
          low = _mm256_shuffle_epi8(values, low_nibbles(bytes));
          top = _mm256_shuffle_epi8(values, high_nibbles(bytes));
        });
  }
};

/// Byte t of each 32-bit lane, moved to the byte `place` of zeros.
[[gnu::always_inline]] inline __m256i byte_of_lanes(__m256i bytes, int t, int place) {
  const auto lane = [&](int r) __attribute__((always_inline)) {
    const std::uint32_t nothing = 0x80808080u & ~(0xffu << (8 * place));
    return static_cast<std::int32_t>(nothing | static_cast<std::uint32_t>(4 * r + t)
                                                   << (8 * place));
  };
  return _mm256_shuffle_epi8(bytes, _mm256_setr_epi32(lane(0), lane(1), lane(2), lane(3), lane(0),
                                                      lane(1), lane(2), lane(3)));
}

/// Header of Q4_K and Q5_K: f16 d and dmin, then 8 six-bit scales and 8 six-bit minima.
template <typename Access, typename Sink>
[[gnu::always_inline]] inline void unpack_six_bit_scales(const Access& from, Sink& to) {
  const __m256i six = _mm256_set1_epi8(63), two = _mm256_set1_epi8(48);
  const auto top_bits = [&](__m256i v) __attribute__((always_inline)) {
    return _mm256_and_si256(_mm256_srli_epi32(v, 2), two);
  };
  const auto header = from.field(0);
#pragma GCC unroll 1
  for (int half = 0; half < kHalves; ++half) {
    const __m256i both = header(half, 0), s = header(half, 1), m = header(half, 2);
    const __m256i rest = header(half, 3);
    const __m256 d = low_f16(both);
    const __m256 minus_dmin = _mm256_xor_ps(high_f16(both), _mm256_set1_ps(-0.0f));
    const __m256i scales[2] = {_mm256_and_si256(s, six),
                               _mm256_or_si256(low_nibbles(rest), top_bits(s))};
    const __m256i mins[2] = {_mm256_and_si256(m, six),
                             _mm256_or_si256(high_nibbles(rest), top_bits(m))};
#pragma GCC unroll 2
    for (int four = 0; four < 2; ++four) {
#pragma GCC unroll 4
      for (int t = 0; t < 4; ++t) {
        const __m256i scale = byte_of_lanes(scales[four], t, 0);
        const __m256i min = byte_of_lanes(mins[four], t, 0);
        to.scale(half, 4 * four + t, _mm256_mul_ps(d, _mm256_cvtepi32_ps(scale)));
        to.min(half, 4 * four + t, _mm256_mul_ps(minus_dmin, _mm256_cvtepi32_ps(min)));
      }
    }
  }
}

/// Q4_K and Q5_K. The loops over a block stay loops: unrolled, their code would be so long that the
/// stream of weights drives it out of the caches.
template <int kBlockBits>
struct Q45K : Block<256, kBlockBits == 5 ? 176 : 144, kBlockBits, 32, true> {
  template <typename Access, typename Sink>
  [[gnu::always_inline]] static void unpack(const Access& from, std::int64_t, Sink& to) {
    unpack_six_bit_scales(from, to);
    const auto high0 = from.field(16), high1 = from.field(32);  // Q5_K
#pragma GCC unroll 1
    for (int pair = 0; pair < 4; ++pair) {
      const __m128i shift = _mm_cvtsi32_si128(2 * pair);
#pragma GCC unroll 2
      for (int part = 0; part < 2; ++part) {
        const auto q = from.field((kBlockBits == 5 ? 48 : 16) + 32 * pair + 16 * part);
        const auto get = [&](int half, int k, __m256i& low, __m256i& top)
            __attribute__((always_inline)) {
          const __m256i bytes = q(half, k);
          low = low_nibbles(bytes);
          top = high_nibbles(bytes);
          if constexpr (kBlockBits == 5) {
            const __m256i sixteen = _mm256_set1_epi8(16);
            const __m256i high = part == 0 ? high0(half, k) : high1(half, k);
            const __m256i bits = _mm256_srl_epi16(high, shift);
            low = _mm256_or_si256(low, _mm256_and_si256(_mm256_slli_epi16(bits, 4), sixteen));
            top = _mm256_or_si256(top, _mm256_and_si256(_mm256_slli_epi16(bits, 3), sixteen));
          }
        };
        to.two_runs(16 * pair + 4 * part, 16 * pair + 8 + 4 * part, get);
      }
    }
  }
};

struct Q6K : Block<256, 210, 6, 16, false> {
  template <typename Access, typename Sink>
  [[gnu::always_inline]] static void unpack(const Access& from, std::int64_t, Sink& to) {
    unpack_scales(from, to);
#pragma GCC unroll 1
    for (int n = 0; n < 4; ++n) {  // 128 columns in two parts of 16 bytes
      const int columns = n / 2, part = n % 2;
      const auto high = from.field(at<Access>(128 + 16 * n));
#pragma GCC unroll 2
      for (int side = 0; side < 2; ++side) {
        const auto q = from.field(at<Access>(64 * columns + 32 * side + 16 * part));
        const auto get = [&](int half, int k, __m256i& low, __m256i& top)
            __attribute__((always_inline)) {
          const __m256i top_two = _mm256_set1_epi8(48);
          const __m256i bytes = q(half, k), bits = high(half, k);
          const __m256i below = _mm256_slli_epi16(bits, side == 0 ? 4 : 2);
          const __m256i above = side == 0 ? bits : _mm256_srli_epi16(bits, 2);
          low = _mm256_or_si256(low_nibbles(bytes), _mm256_and_si256(below, top_two));
          top = _mm256_or_si256(high_nibbles(bytes), _mm256_and_si256(above, top_two));
        };
        const std::int64_t dword = 32 * columns + 8 * side + 4 * part;
        to.two_runs(dword, dword + 16, get);
      }
    }
  }

 private:
  template <typename Access>
  static constexpr std::int64_t at(std::int64_t offset) {
    return Access::kPacked ? q6_k_packed_offset(offset) : offset;
  }
  template <typename Access, typename Sink>
  [[gnu::always_inline]] static void unpack_scales(const Access& from, Sink& to) {
    const auto scales = from.field(at<Access>(192));
#pragma GCC unroll 1
    for (int half = 0; half < kHalves; ++half) {
      // The scales stand in the top byte: 2^24 times what they are.
      const __m256 d = _mm256_mul_ps(from.f16(half, at<Access>(208)), _mm256_set1_ps(0x1p-24f));
#pragma GCC unroll 2
      for (int four = 0; four < 4; ++four) {
        const __m256i bytes = scales(half, four);
#pragma GCC unroll 4
        for (int t = 0; t < 4; ++t) {
          const __m256 scale = _mm256_cvtepi32_ps(byte_of_lanes(bytes, t, 3));
          to.scale(half, 4 * four + t, _mm256_mul_ps(d, scale));
        }
      }
    }
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
