#include <cassert>
#include <cstring>

#include "base/float_types.h"
#include "kernels/reference/blocks.h"
#include "kernels/reference/quantization.h"

namespace r1 {
namespace {

using namespace blocks;

void decode(const Q8_0& block, float* out) {
  const float d = f16_to_float(block.d);
  for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>(block.q[i]);
}

void decode(const Q4_0& block, float* out) {
  const float d = f16_to_float(block.d);
  for (int i = 0; i < 16; ++i) {
    out[i] = d * static_cast<float>((block.q[i] & 15) - 8);
    out[i + 16] = d * static_cast<float>((block.q[i] >> 4) - 8);
  }
}

void decode(const Q4_1& block, float* out) {
  const float d = f16_to_float(block.d), m = f16_to_float(block.m);
  for (int i = 0; i < 16; ++i) {
    out[i] = d * static_cast<float>(block.q[i] & 15) + m;
    out[i + 16] = d * static_cast<float>(block.q[i] >> 4) + m;
  }
}

/// The fifth bit of element i, in its place.
int fifth_bit(const std::uint8_t (&high)[4], int i) {
  return (high[i / 8] >> (i % 8) & 1) << 4;
}

void decode(const Q5_0& block, float* out) {
  const float d = f16_to_float(block.d);
  for (int i = 0; i < 16; ++i) {
    out[i] = d * static_cast<float>(((block.q[i] & 15) | fifth_bit(block.high, i)) - 16);
    out[i + 16] = d * static_cast<float>(((block.q[i] >> 4) | fifth_bit(block.high, i + 16)) - 16);
  }
}

void decode(const Q5_1& block, float* out) {
  const float d = f16_to_float(block.d), m = f16_to_float(block.m);
  for (int i = 0; i < 16; ++i) {
    out[i] = d * static_cast<float>((block.q[i] & 15) | fifth_bit(block.high, i)) + m;
    out[i + 16] = d * static_cast<float>((block.q[i] >> 4) | fifth_bit(block.high, i + 16)) + m;
  }
}

/// Q2_K and Q3_K pack element i in bits 2 (i / 32 % 4) of byte i / 128 * 32 + i % 32.
int two_bits(const std::uint8_t (&q)[64], int i) {
  return q[i / 128 * 32 + i % 32] >> (i / 32 % 4 * 2) & 3;
}

void decode(const Q2K& block, float* out) {
  const float d = f16_to_float(block.d), dmin = f16_to_float(block.dmin);
  for (int i = 0; i < kSuper; ++i) {
    const float scale = d * static_cast<float>(block.scales[i / 16] & 15);
    const float min = dmin * static_cast<float>(block.scales[i / 16] >> 4);
    out[i] = scale * static_cast<float>(two_bits(block.q, i)) - min;
  }
}

/// Scale s of 16: four low bits in the first eight bytes, two high bits in the last four.
int q3_scale(const std::uint8_t (&packed)[12], int s) {
  const int low = s < 8 ? packed[s] & 15 : packed[s - 8] >> 4;
  return (low | (packed[8 + s % 4] >> (s / 4 * 2) & 3) << 4) - 32;
}

void decode(const Q3K& block, float* out) {
  const float d = f16_to_float(block.d);
  for (int i = 0; i < kSuper; ++i) {
    const float scale = d * static_cast<float>(q3_scale(block.scales, i / 16));
    const int third = block.high[i % 32] >> (i / 32) & 1;
    out[i] = scale * static_cast<float>((two_bits(block.q, i) | third << 2) - 4);
  }
}

/// Q4_K and Q5_K pack sub-blocks 2k and 2k + 1 in the low and high halves of the same 32 bytes.
int four_bits(const std::uint8_t (&q)[128], int s, int i) {
  return q[s / 2 * 32 + i] >> (s % 2 * 4) & 15;
}

void decode(const Q4K& block, float* out) {
  const float d = f16_to_float(block.d), dmin = f16_to_float(block.dmin);
  for (int s = 0; s < 8; ++s) {
    const ScaleMin packed = scale_min(block.scales, s);
    const float scale = d * static_cast<float>(packed.scale);
    const float min = dmin * static_cast<float>(packed.min);
    for (int i = 0; i < 32; ++i) {
      out[s * 32 + i] = scale * static_cast<float>(four_bits(block.q, s, i)) - min;
    }
  }
}

void decode(const Q5K& block, float* out) {
  const float d = f16_to_float(block.d), dmin = f16_to_float(block.dmin);
  for (int s = 0; s < 8; ++s) {
    const ScaleMin packed = scale_min(block.scales, s);
    const float scale = d * static_cast<float>(packed.scale);
    const float min = dmin * static_cast<float>(packed.min);
    for (int i = 0; i < 32; ++i) {
      const int q = four_bits(block.q, s, i) | (block.high[i] >> s & 1) << 4;
      out[s * 32 + i] = scale * static_cast<float>(q) - min;
    }
  }
}

void decode(const Q6K& block, float* out) {
  const float d = f16_to_float(block.d);
  for (int i = 0; i < kSuper; ++i) {
    const int half = i / 128, quarter = i / 32 % 4, at = i % 32;
    const int low = block.low[half * 64 + quarter % 2 * 32 + at] >> (quarter / 2 * 4) & 15;
    const int high = block.high[half * 32 + at] >> (quarter * 2) & 3;
    const int scale = block.scales[i / 16];
    out[i] = d * static_cast<float>(scale) * static_cast<float>((low | high << 4) - 32);
  }
}

void decode_iq4_nl(const Iq4Nl& block, float* out) {
  const float d = f16_to_float(block.d);
  for (int i = 0; i < 16; ++i) {
    out[i] = d * static_cast<float>(kIq4Values[block.q[i] & 15]);
    out[i + 16] = d * static_cast<float>(kIq4Values[block.q[i] >> 4]);
  }
}

/// Calls decode_one(block, its place in out) for each block of `size` elements. Blocks are copied
/// out, as a file may place them at any address.
template <typename Block, typename Decode>
void each(const std::byte* bytes, std::int64_t elements, std::int64_t size, float* out,
          const Decode& decode_one) {
  for (std::int64_t i = 0; i < elements; i += size, bytes += sizeof(Block)) {
    Block block;
    std::memcpy(&block, bytes, sizeof(Block));
    decode_one(block, out + i);
  }
}

template <typename Block>
void each_block(const std::byte* bytes, std::int64_t elements, std::int64_t size, float* out) {
  each<Block>(bytes, elements, size, out, [](const Block& block, float* to) { decode(block, to); });
}

template <typename Number>
void each_number(const std::byte* bytes, std::int64_t elements, float* out) {
  each<Number>(bytes, elements, 1, out,
               [](Number number, float* to) { *to = static_cast<float>(number); });
}

}  // namespace

void dequantize(DType type, const std::byte* from, std::int64_t n, float* out) {
  assert(n % info(type).block == 0);
  if (n == 0) return;  // there may be no memory on either side
  using U8 = std::uint8_t;
  using U16 = std::uint16_t;
  switch (type) {
    case DType::f32:
      std::memcpy(out, from, static_cast<std::size_t>(n) * sizeof(float));
      return;
    case DType::f16:
      return each<U16>(from, n, 1, out, [](U16 bits, float* to) { *to = f16_to_float(bits); });
    case DType::bf16:
      return each<U16>(from, n, 1, out, [](U16 bits, float* to) { *to = bf16_to_float(bits); });
    case DType::f8_e4m3:
      return each<U8>(from, n, 1, out, [](U8 bits, float* to) { *to = f8_e4m3_to_float(bits); });
    case DType::f64:
      return each_number<double>(from, n, out);
    case DType::i8:
      return each_number<std::int8_t>(from, n, out);
    case DType::i16:
      return each_number<std::int16_t>(from, n, out);
    case DType::i32:
      return each_number<std::int32_t>(from, n, out);
    case DType::i64:
      return each_number<std::int64_t>(from, n, out);
    case DType::u8:
      return each_number<std::uint8_t>(from, n, out);
    case DType::q8_0:
      return each_block<Q8_0>(from, n, 32, out);
    case DType::q4_0:
      return each_block<Q4_0>(from, n, 32, out);
    case DType::q4_1:
      return each_block<Q4_1>(from, n, 32, out);
    case DType::q5_0:
      return each_block<Q5_0>(from, n, 32, out);
    case DType::q5_1:
      return each_block<Q5_1>(from, n, 32, out);
    case DType::q2_k:
      return each_block<Q2K>(from, n, kSuper, out);
    case DType::q3_k:
      return each_block<Q3K>(from, n, kSuper, out);
    case DType::q4_k:
      return each_block<Q4K>(from, n, kSuper, out);
    case DType::q5_k:
      return each_block<Q5K>(from, n, kSuper, out);
    case DType::q6_k:
      return each_block<Q6K>(from, n, kSuper, out);
    case DType::iq4_nl:
      return each<Iq4Nl>(from, n, 32, out, decode_iq4_nl);
  }
}

}  // namespace r1
