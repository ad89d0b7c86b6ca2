// GGUF's block formats byte for byte: a block of elements shares scales of its own.
// Source: ggml-common.h of the GGUF reference implementation. f16 numbers are kept as their bits.
#pragma once

#include <cstdint>

namespace r1::blocks {

/// Elements of a K-quant's super-block, which is cut into sub-blocks with scales of their own.
inline constexpr int kSuper = 256;

/// x = d q
struct Q8_0 {
  std::uint16_t d;
  std::int8_t q[32];
};
/// x = d (q - 8); element i is the low half of byte i, element 16 + i the high half
struct Q4_0 {
  std::uint16_t d;
  std::uint8_t q[16];
};
/// x = d q + m, packed as Q4_0
struct Q4_1 {
  std::uint16_t d, m;
  std::uint8_t q[16];
};
/// x = d (q - 16); the fifth bit of element i is bit i of `high` (little endian)
struct Q5_0 {
  std::uint16_t d;
  std::uint8_t high[4];
  std::uint8_t q[16];
};
/// x = d q + m, packed as Q5_0
struct Q5_1 {
  std::uint16_t d, m;
  std::uint8_t high[4];
  std::uint8_t q[16];
};
/// 16 sub-blocks of 16: x = d scale q - dmin min; a scale's low half is `scale`, its high half
/// `min`
struct Q2K {
  std::uint8_t scales[16];
  std::uint8_t q[64];
  std::uint16_t d, dmin;
};
/// 16 sub-blocks of 16: x = d (scale - 32) (q - 4); the third bit of q stands in `high`
struct Q3K {
  std::uint8_t high[32];
  std::uint8_t q[64];
  std::uint8_t scales[12];
  std::uint16_t d;
};
/// 8 sub-blocks of 32: x = d scale q - dmin min, scales and mins of 6 bits
struct Q4K {
  std::uint16_t d, dmin;
  std::uint8_t scales[12];
  std::uint8_t q[128];
};
/// As Q4K with a fifth bit of sub-block s, element i in bit s of high[i]
struct Q5K {
  std::uint16_t d, dmin;
  std::uint8_t scales[12];
  std::uint8_t high[32];
  std::uint8_t q[128];
};
/// 16 sub-blocks of 16: x = d scale (q - 32); four bits of q in `low`, two in `high`
struct Q6K {
  std::uint8_t low[128];
  std::uint8_t high[64];
  std::int8_t scales[16];
  std::uint16_t d;
};
/// x = d kIq4Values[q], packed as Q4_0
using Iq4Nl = Q4_0;
inline constexpr std::int8_t kIq4Values[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                               1,    13,   25,  38,  53,  69,  89,  113};

static_assert(sizeof(Q8_0) == 34 && sizeof(Q4_0) == 18 && sizeof(Q4_1) == 20);
static_assert(sizeof(Q5_0) == 22 && sizeof(Q5_1) == 24 && sizeof(Q2K) == 84);
static_assert(sizeof(Q3K) == 110 && sizeof(Q4K) == 144 && sizeof(Q5K) == 176 && sizeof(Q6K) == 210);

/// Scale and min of a sub-block of Q4_K and Q5_K.
struct ScaleMin {
  std::uint8_t scale, min;
};
/// Sub-block s of 8. The first four stand in bytes 0-3 (scales) and 4-7 (mins), six bits each; the
/// others' low four bits in bytes 8-11 and their two high bits atop the first eight bytes.
inline ScaleMin scale_min(const std::uint8_t (&packed)[12], int s) {
  if (s < 4) {
    return {static_cast<std::uint8_t>(packed[s] & 63),
            static_cast<std::uint8_t>(packed[s + 4] & 63)};
  }
  return {static_cast<std::uint8_t>((packed[s + 4] & 15) | (packed[s - 4] >> 6 << 4)),
          static_cast<std::uint8_t>((packed[s + 4] >> 4) | (packed[s] >> 6 << 4))};
}

}  // namespace r1::blocks
