// Rows of weights and of the cache as floats.
#include "kernels/cpu/avx2/functions.h"
#include "kernels/cpu/avx2/transpose.h"
#include "kernels/reference/quantization.h"

namespace r1::panel::avx2 {
namespace {

[[gnu::always_inline]] inline __m256 f32_to_floats(const std::byte* from) {
  return _mm256_loadu_ps(reinterpret_cast<const float*>(from));
}

[[gnu::always_inline]] inline __m256 f16_to_floats(const std::byte* from) {
  return _mm256_cvtph_ps(load16(from));
}

[[gnu::always_inline]] inline __m256 bf16_to_floats(const std::byte* from) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load16(from)), 16));
}

[[gnu::always_inline]] inline __m128i load8(const std::byte* from) {
  return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
}

[[gnu::always_inline]] inline __m256 f8_to_floats(const std::byte* from) {
  const __m256i bits = _mm256_cvtepu8_epi32(load8(from));
  const __m256i magnitude = _mm256_and_si256(bits, _mm256_set1_epi32(0x7f));
  const __m256i sign = _mm256_slli_epi32(_mm256_xor_si256(bits, magnitude), 24);
  const __m256 normal = _mm256_castsi256_ps(
      _mm256_add_epi32(_mm256_slli_epi32(magnitude, 20), _mm256_set1_epi32(0x3c000000)));
  const __m256 subnormal = _mm256_mul_ps(_mm256_cvtepi32_ps(magnitude), _mm256_set1_ps(0x1p-9f));
  const __m256i small = _mm256_cmpgt_epi32(_mm256_set1_epi32(8), magnitude);
  const __m256i nan = _mm256_cmpeq_epi32(magnitude, _mm256_set1_epi32(0x7f));
  __m256 value = _mm256_blendv_ps(normal, subnormal, _mm256_castsi256_ps(small));
  value = _mm256_blendv_ps(value, _mm256_castsi256_ps(_mm256_set1_epi32(0x7fc00000)),
                           _mm256_castsi256_ps(nan));
  return _mm256_or_ps(value, _mm256_castsi256_ps(sign));
}

/// Eight numbers of kBytes bytes at a time; what is left at the end goes the plain way.
template <std::int64_t kBytes, typename Convert>
[[gnu::always_inline]] inline void eight_by_eight(DType type, const std::byte* from,
                                                  std::int64_t count, float* out,
                                                  const Convert& convert) {
  std::int64_t i = 0;
  for (; i + 8 <= count; i += 8) _mm256_storeu_ps(out + i, convert(from + i * kBytes));
  if (i < count) r1::dequantize(type, from + i * kBytes, count - i, out + i);
}

void dequantize_q8_0(const std::byte* from, std::int64_t count, float* out) {
  for (std::int64_t i = 0; i < count; i += 32, from += 34) {
    std::uint16_t half;
    __builtin_memcpy(&half, from, sizeof half);
    const __m256 scale = _mm256_broadcastss_ps(_mm_cvtph_ps(_mm_cvtsi32_si128(half)));
#pragma GCC unroll 4
    for (int j = 0; j < 32; j += 8) {
      const __m256 q = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(load8(from + 2 + j)));
      _mm256_storeu_ps(out + i + j, _mm256_mul_ps(q, scale));
    }
  }
}

}  // namespace

void dequantize(DType type, const std::byte* from, std::int64_t count, float* out) {
  switch (type) {
    case DType::f32:
      return eight_by_eight<4>(type, from, count, out, f32_to_floats);
    case DType::f16:
      return eight_by_eight<2>(type, from, count, out, f16_to_floats);
    case DType::bf16:
      return eight_by_eight<2>(type, from, count, out, bf16_to_floats);
    case DType::f8_e4m3:
      return eight_by_eight<1>(type, from, count, out, f8_to_floats);
    case DType::q8_0:
      return dequantize_q8_0(from, count, out);
    default:
      return r1::dequantize(type, from, count, out);
  }
}

}  // namespace r1::panel::avx2
