// Blocks of every int8 type, 16 rows at a time, to an int8 panel.
#include "kernels/cpu/avx512/functions.h"
#include "kernels/cpu/avx512/transpose.h"

namespace r1::panel::avx512 {
namespace {

/// Where 16 rows of a panel go.
struct Rows {
  std::uint8_t (*q)[kLanes][4];
  float (*scale)[kLanes];
  float (*min)[kLanes];
};

void store_q(const Rows& to, std::int64_t dword, __m512i q) { _mm512_store_si512(to.q[dword], q); }

__m512i low_nibbles(__m512i bytes) { return _mm512_and_si512(bytes, _mm512_set1_epi8(15)); }
__m512i high_nibbles(__m512i bytes) { return low_nibbles(_mm512_srli_epi16(bytes, 4)); }

template <typename Access>
void unpack_q8_0(const Access& from, std::int64_t b, const Rows& to) {
  _mm512_store_ps(to.scale[b], from.f16(0));
  const __m512i offset = _mm512_set1_epi8(static_cast<char>(0x80));
#pragma GCC unroll 2
  for (int half = 0; half < 2; ++half) {
    __m512i q[4];
    from.transposed(2 + 16 * half, q);
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) store_q(to, b * 8 + half * 4 + k, _mm512_xor_si512(q[k], offset));
  }
}

/// Bits 4j .. 4j+3 of each lane's 32 to bit 4 of its four bytes.
__m512i fifth_bits(__m512i high, int j) {
  const __m512i four = _mm512_and_si512(_mm512_srli_epi32(high, static_cast<unsigned>(4 * j)), _mm512_set1_epi32(15));
  const __m512i spread = _mm512_mullo_epi32(four, _mm512_set1_epi32(0x00204081));
  return _mm512_slli_epi32(_mm512_and_si512(spread, _mm512_set1_epi32(0x01010101)), 4);
}

template <bool kMin, bool kFiveBits, typename Access>
void unpack_nibbles(const Access& from, std::int64_t b, const Rows& to) {
  constexpr int kHeader = kMin ? 4 : 2;
  if constexpr (kMin) {
    const __m512i both = from.u32(0);
    _mm512_store_ps(to.scale[b], _mm512_cvtph_ps(_mm512_cvtepi32_epi16(both)));
    _mm512_store_ps(to.min[b],
                    _mm512_cvtph_ps(_mm512_cvtepi32_epi16(_mm512_srli_epi32(both, 16))));
  } else {
    _mm512_store_ps(to.scale[b], from.f16(0));
  }
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
    store_q(to, b * 8 + k, low);
    store_q(to, b * 8 + 4 + k, top);
  }
}

template <typename Access>
void unpack_iq4_nl(const Access& from, std::int64_t b, const Rows& to) {
  const __m512i values = _mm512_broadcast_i32x4(_mm_setr_epi8(
      1, 24, 45, 63, 79, 93, 106, 118, -127, -115, -103, -90, -75, -59, -39, -15));
  _mm512_store_ps(to.scale[b], from.f16(0));
  __m512i q[4];
  from.transposed(2, q);
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    store_q(to, b * 8 + k, _mm512_shuffle_epi8(values, low_nibbles(q[k])));
    store_q(to, b * 8 + 4 + k, _mm512_shuffle_epi8(values, high_nibbles(q[k])));
  }
}

/// Four packed bytes a lane, times that lane's factor, to four rows of `out` from `first`.
void store_scaled_bytes(__m512i bytes, __m512 factor, float (*out)[kLanes], std::int64_t first) {
#pragma GCC unroll 4
  for (unsigned t = 0; t < 4; ++t) {
    const __m512i value = _mm512_and_si512(_mm512_srli_epi32(bytes, 8 * t), _mm512_set1_epi32(255));
    _mm512_store_ps(out[first + t], _mm512_mul_ps(factor, _mm512_cvtepi32_ps(value)));
  }
}

/// Header of Q4_K and Q5_K: f16 d and dmin, then 8 six-bit scales and 8 six-bit minima.
template <typename Access>
void unpack_six_bit_scales(const Access& from, const Rows& to) {
  __m512i h[4];
  from.transposed(0, h);
  const __m512 d = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(h[0]));
  const __m512 dmin = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(_mm512_srli_epi32(h[0], 16)));
  const __m512 minus_dmin = _mm512_xor_ps(dmin, _mm512_set1_ps(-0.0f));
  const __m512i six = _mm512_set1_epi8(63), two = _mm512_set1_epi8(48);
  const auto top_bits = [&](__m512i v) { return _mm512_and_si512(_mm512_srli_epi32(v, 2), two); };
  store_scaled_bytes(_mm512_and_si512(h[1], six), d, to.scale, 0);
  store_scaled_bytes(_mm512_or_si512(low_nibbles(h[3]), top_bits(h[1])), d, to.scale, 4);
  store_scaled_bytes(_mm512_and_si512(h[2], six), minus_dmin, to.min, 0);
  store_scaled_bytes(_mm512_or_si512(high_nibbles(h[3]), top_bits(h[2])), minus_dmin, to.min, 4);
}

template <bool kFiveBits, typename Access>
void unpack_q45_k(const Access& from, const Rows& to) {
  unpack_six_bit_scales(from, to);
  const __m512i bit = _mm512_set1_epi8(1);
#pragma GCC unroll 2
  for (int half = 0; half < 2; ++half) {
    __m512i high[4];
    if constexpr (kFiveBits) from.transposed(16 + 16 * half, high);
#pragma GCC unroll 4
    for (int pair = 0; pair < 4; ++pair) {
      __m512i q[4];
      from.transposed((kFiveBits ? 48 : 16) + 32 * pair + 16 * half, q);
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        __m512i low = low_nibbles(q[k]), top = high_nibbles(q[k]);
        if constexpr (kFiveBits) {
          const auto fifth = [&](int j) {
            const __m512i one = _mm512_and_si512(_mm512_srli_epi16(high[k], static_cast<unsigned>(j)), bit);
            return _mm512_slli_epi16(one, 4);
          };
          low = _mm512_or_si512(low, fifth(2 * pair));
          top = _mm512_or_si512(top, fifth(2 * pair + 1));
        }
        store_q(to, 16 * pair + 4 * half + k, low);
        store_q(to, 16 * pair + 8 + 4 * half + k, top);
      }
    }
  }
}

template <typename Access>
void unpack_q6_k(const Access& from, const Rows& to) {
  const __m512 d = from.f16(208);
  __m512i scales[4];
  from.transposed(192, scales);
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
#pragma GCC unroll 4
    for (unsigned t = 0; t < 4; ++t) {
      const __m512i scale = _mm512_srai_epi32(_mm512_slli_epi32(scales[k], 24 - 8 * t), 24);
      _mm512_store_ps(to.scale[4 * k + static_cast<int>(t)], _mm512_mul_ps(d, _mm512_cvtepi32_ps(scale)));
    }
  }
  const __m512i three = _mm512_set1_epi8(3);
  for (int n = 0; n < 4; ++n) {  // 128 columns in two halves of 16 bytes
    const int part = n / 2, half = n % 2;
    __m512i high[4];
    from.transposed(128 + 32 * part + 16 * half, high);
#pragma GCC unroll 2
    for (int side = 0; side < 2; ++side) {
      __m512i low[4];
      from.transposed(64 * part + 32 * side + 16 * half, low);
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        const auto bits = [&](unsigned shift) {
          return _mm512_slli_epi16(_mm512_and_si512(_mm512_srli_epi16(high[k], shift), three), 4);
        };
        const unsigned shift = 2 * static_cast<unsigned>(side);
        const std::int64_t dword = 32 * part + 8 * side + 4 * half + k;
        store_q(to, dword, _mm512_or_si512(low_nibbles(low[k]), bits(shift)));
        store_q(to, dword + 16, _mm512_or_si512(high_nibbles(low[k]), bits(shift + 4)));
      }
    }
  }
}

/// Calls block(access, b, to) for each block of each 16 rows; the rows of a last vector that has
/// fewer than 16 are copied aside first.
template <std::int64_t kBlockColumns, std::int64_t kBlockBytes, typename Block>
void unpack_rows(const Source& source, Int8Panel& panel, const Block& block) {
  const std::int64_t blocks = source.columns / kBlockColumns;
  const std::int64_t bytes = blocks * kBlockBytes;
  const std::int64_t column_bytes = source.column / kBlockColumns * kBlockBytes;
  for (std::int64_t row = 0; row < source.rows; row += kLanes) {
    const std::int64_t vector = row / kLanes;
    const Rows to = {panel.q[vector], panel.scale[vector], panel.min[vector]};
    const std::byte* from = source.data + row * source.row_bytes;
    if (source.packed) {
      from += kLanes * column_bytes;
      for (std::int64_t b = 0; b < blocks; ++b) {
        block(PackedRows{from + b * kLanes * kBlockBytes}, b, to);
      }
      continue;
    }
    from += column_bytes;
    std::int64_t stride = source.row_bytes;
    alignas(64) std::byte aside[kLanes][kInt8Chunk / kBlockColumns * kBlockBytes];
    if (source.rows - row < kLanes) {
      for (std::int64_t r = 0; r < kLanes; ++r) {
        const std::int64_t last = source.rows - row - 1;
        __builtin_memcpy(aside[r], from + (r < last ? r : last) * stride,
                         static_cast<std::size_t>(bytes));
      }
      from = aside[0];
      stride = sizeof aside[0];
    }
    const std::int64_t steps = blocks < 8 ? 8 / blocks : 1;
    for (std::int64_t b = 0; b < blocks; ++b) {
      for (std::int64_t s = 0; s < steps; ++s) {
        prefetch_rows(source.next, source.row_bytes, row + 2 * (b * steps + s), bytes / 64 + 2);
      }
      block(PlainRows{from + b * kBlockBytes, stride}, b, to);
    }
  }
}

}  // namespace

void unpack_int8(DType type, const Source& source, Int8Panel& panel) {
  switch (type) {
    case DType::q8_0:
      return unpack_rows<32, 34>(source, panel, [](const auto& from, std::int64_t b, const Rows& to) {
        unpack_q8_0(from, b, to);
      });
    case DType::q4_0:
      return unpack_rows<32, 18>(source, panel, [](const auto& from, std::int64_t b, const Rows& to) {
        unpack_nibbles<false, false>(from, b, to);
      });
    case DType::q4_1:
      return unpack_rows<32, 20>(source, panel, [](const auto& from, std::int64_t b, const Rows& to) {
        unpack_nibbles<true, false>(from, b, to);
      });
    case DType::q5_0:
      return unpack_rows<32, 22>(source, panel, [](const auto& from, std::int64_t b, const Rows& to) {
        unpack_nibbles<false, true>(from, b, to);
      });
    case DType::q5_1:
      return unpack_rows<32, 24>(source, panel, [](const auto& from, std::int64_t b, const Rows& to) {
        unpack_nibbles<true, true>(from, b, to);
      });
    case DType::iq4_nl:
      return unpack_rows<32, 18>(source, panel, [](const auto& from, std::int64_t b, const Rows& to) {
        unpack_iq4_nl(from, b, to);
      });
    case DType::q4_k:
      return unpack_rows<256, 144>(source, panel, [](const auto& from, std::int64_t, const Rows& to) {
        unpack_q45_k<false>(from, to);
      });
    case DType::q5_k:
      return unpack_rows<256, 176>(source, panel, [](const auto& from, std::int64_t, const Rows& to) {
        unpack_q45_k<true>(from, to);
      });
    case DType::q6_k:
      return unpack_rows<256, 210>(source, panel, [](const auto& from, std::int64_t, const Rows& to) {
        unpack_q6_k(from, to);
      });
    default: return;
  }
}

}  // namespace r1::panel::avx512
