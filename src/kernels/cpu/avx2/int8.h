// Products of bytes without VNNI. PMADDUBSW multiplies unsigned by signed bytes and adds pairs, but
// clips its sums to 16 bits: weights of 4, 5 and 6 bits stay below that even when the sums of
// several instructions are added; signed weights take part by their magnitude, their signs moved to
// the activations, which are never -128.
#pragma once

#include <immintrin.h>

namespace r1::panel::avx2 {
namespace {

/// How many results of multiply_bytes() can be added in 16 bits: n * 2 * (2^bits - 1) * 127 < 2^15.
constexpr int sums_in_int16(int bits) {
  return bits == 8 ? 1 : 128 >> bits;
}

/// Sums of two neighbouring products, 16 bits each. kBits 8: w is signed, else unsigned.
template <int kBits>
[[gnu::always_inline]] inline __m256i multiply_bytes(__m256i w, __m256i x) {
  if constexpr (kBits == 8) {
    return _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(x, w));
  } else {
    return _mm256_maddubs_epi16(w, x);
  }
}

/// Sums of two neighbouring 16-bit numbers, 32 bits each.
[[gnu::always_inline]] inline __m256i add_pairs(__m256i words) {
  return _mm256_madd_epi16(words, _mm256_set1_epi16(1));
}

/// Keeps a sum in one register. Without it gcc reorders integer sums so that it first makes all
/// products, which then wait in memory.
[[gnu::always_inline]] inline __m256i in_order(__m256i sum) {
  asm("" : "+x"(sum));
  return sum;
}
[[gnu::always_inline]] inline __m256i add_words(__m256i sum, __m256i product) {
  return in_order(_mm256_add_epi16(sum, product));
}
[[gnu::always_inline]] inline __m256i add_dwords(__m256i sum, __m256i product) {
  return in_order(_mm256_add_epi32(sum, product));
}

/// What is subtracted from unsigned weights of so many bits where no minimum is added.
constexpr int offset_of(int bits, bool has_min) {
  return has_min || bits == 8 ? 0 : 1 << (bits - 1);
}

/// 32-bit numbers times offset_of(), a power of two.
template <int kOffset>
[[gnu::always_inline]] inline __m256i times_offset(__m256i value) {
  return _mm256_slli_epi32(value, __builtin_ctz(kOffset));
}

}  // namespace
}  // namespace r1::panel::avx2
