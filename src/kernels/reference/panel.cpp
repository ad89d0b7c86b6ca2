// The plain form of every panel function: what the fast ones are held against.
#include "kernels/panel.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/float_types.h"
#include "kernels/packing.h"
#include "kernels/reference/quantization.h"

namespace r1::panel {
namespace {

float load_f16(const std::byte* from) {
  std::uint16_t value = 0;
  std::memcpy(&value, from, sizeof value);
  return f16_to_float(value);
}

int byte_at(const std::byte* from, std::int64_t index) {
  return std::to_integer<int>(from[index]);
}

/// One row's weights for 32 columns: w[i] = scale[i / 16] * (q[i] - offset) + min.
struct Block {
  std::uint8_t q[kBlock];
  float scale[2];
  float min;
};

void unpack_q8_0(const std::byte* from, Block& block) {
  block.scale[0] = block.scale[1] = load_f16(from);
  for (int i = 0; i < 32; ++i) block.q[i] = static_cast<std::uint8_t>(byte_at(from, 2 + i) ^ 0x80);
}

/// Q4_0, Q4_1, Q5_0, Q5_1: scale and minimum, for five bits 32 high bits, then nibbles
/// (columns 0-15 low, 16-31 high).
void unpack_nibbles(const std::byte* from, bool has_min, bool five_bits, Block& block) {
  block.scale[0] = block.scale[1] = load_f16(from);
  block.min = has_min ? load_f16(from + 2) : 0.0f;
  from += has_min ? 4 : 2;
  std::uint32_t high = 0;
  if (five_bits) {
    std::memcpy(&high, from, 4);
    from += 4;
  }
  for (int i = 0; i < 32; ++i) {
    const int nibble = i < 16 ? byte_at(from, i) & 15 : byte_at(from, i - 16) >> 4;
    block.q[i] = static_cast<std::uint8_t>(nibble | static_cast<int>((high >> i) & 1u) << 4);
  }
}

void unpack_iq4_nl(const std::byte* from, Block& block) {
  static constexpr int kValues[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                      1,    13,   25,  38,  53,  69,  89,  113};
  unpack_nibbles(from, false, false, block);
  for (std::uint8_t& q : block.q) q = static_cast<std::uint8_t>(kValues[q] + 128);
}

/// The 6-bit scale and minimum of sub-block `j` of Q4_K and Q5_K from the 12 packed bytes.
void six_bit_scale(const std::byte* packed, int j, int& scale, int& min) {
  if (j < 4) {
    scale = byte_at(packed, j) & 63;
    min = byte_at(packed, j + 4) & 63;
  } else {
    scale = (byte_at(packed, j + 4) & 15) | (byte_at(packed, j - 4) >> 6) << 4;
    min = (byte_at(packed, j + 4) >> 4) | (byte_at(packed, j) >> 6) << 4;
  }
}

/// Q4_K and Q5_K: f16 d and dmin, 12 bytes of scales, for Q5_K 32 bytes of high bits, nibbles.
void unpack_q45_k(const std::byte* from, bool five_bits, int j, Block& block) {
  int scale = 0, min = 0;
  six_bit_scale(from + 4, j, scale, min);
  block.scale[0] = block.scale[1] = load_f16(from) * static_cast<float>(scale);
  block.min = -(load_f16(from + 2) * static_cast<float>(min));
  const std::byte* high = from + 16;
  const std::byte* nibbles = from + (five_bits ? 48 : 16) + 32 * (j / 2);
  for (int i = 0; i < 32; ++i) {
    const int nibble = j % 2 == 0 ? byte_at(nibbles, i) & 15 : byte_at(nibbles, i) >> 4;
    const int bit = five_bits ? (byte_at(high, i) >> j) & 1 : 0;
    block.q[i] = static_cast<std::uint8_t>(nibble | bit << 4);
  }
}

/// Q6_K: 128 bytes of low nibbles, 64 of high bit pairs, 16 int8 scales, f16 d.
void unpack_q6_k(const std::byte* from, int j, Block& block) {
  const std::byte* low = from + 64 * (j / 4) + 32 * (j % 2);
  const std::byte* high = from + 128 + 32 * (j / 4);
  for (int i = 0; i < 32; ++i) {
    const int nibble = j % 4 < 2 ? byte_at(low, i) & 15 : byte_at(low, i) >> 4;
    const int bits = (byte_at(high, i) >> (2 * (j % 4))) & 3;
    block.q[i] = static_cast<std::uint8_t>(nibble | bits << 4);
  }
  for (int half = 0; half < 2; ++half) {
    const auto scale = static_cast<std::int8_t>(byte_at(from, 192 + 2 * j + half));
    block.scale[half] = load_f16(from + 208) * static_cast<float>(scale);
  }
}

void unpack_block(DType type, const std::byte* row, std::int64_t column, Block& block) {
  const std::byte* from = row + column / info(type).block * info(type).block_bytes;
  const int j = static_cast<int>(column % 256 / 32);
  switch (type) {
    case DType::q8_0:
      return unpack_q8_0(from, block);
    case DType::q4_0:
      return unpack_nibbles(from, false, false, block);
    case DType::q4_1:
      return unpack_nibbles(from, true, false, block);
    case DType::q5_0:
      return unpack_nibbles(from, false, true, block);
    case DType::q5_1:
      return unpack_nibbles(from, true, true, block);
    case DType::iq4_nl:
      return unpack_iq4_nl(from, block);
    case DType::q4_k:
      return unpack_q45_k(from, false, j, block);
    case DType::q5_k:
      return unpack_q45_k(from, true, j, block);
    case DType::q6_k:
      return unpack_q6_k(from, j, block);
    default:
      return;
  }
}

void unpack_int8(DType type, const Source& source, Int8Panel& panel) {
  const int groups = kBlock / int8_format(type).group;
  std::vector<std::byte> bytes(static_cast<std::size_t>(source.row_bytes));
  const std::int64_t all_columns = source.row_bytes / info(type).block_bytes * info(type).block;
  const Matrix matrix = {source.data,      type,    source.rows,  all_columns,
                         source.row_bytes, nullptr, source.packed};
  for (std::int64_t row = 0; row < source.rows; ++row) {
    const std::int64_t vector = row / kLanes, lane = row % kLanes;
    copy_row(matrix, row, bytes.data());
    const std::byte* data = bytes.data();
    for (std::int64_t b = 0; b < source.columns / kBlock; ++b) {
      Block block = {};
      unpack_block(type, data, source.column + b * kBlock, block);
      for (std::int64_t i = 0; i < kBlock; ++i) {
        panel.q[vector][(b * kBlock + i) / 4][lane][i % 4] = block.q[i];
      }
      for (int half = 0; half < groups; ++half) {
        panel.scale[vector][b * groups + half][lane] = block.scale[half];
      }
      panel.min[vector][b][lane] = block.min;
    }
  }
}

void round_to_int8(const float* x, std::int64_t columns, Int8Activations& out) {
  for (std::int64_t b = 0; b < kBlocks; ++b) {
    const std::int64_t begin = b * kBlock;
    const std::int64_t count = std::clamp<std::int64_t>(columns - begin, 0, kBlock);
    float largest = 0.0f;
    for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, std::fabs(x[begin + i]));
    const float inverse = largest > 0.0f ? 127.0f / largest : 0.0f;
    std::int32_t sums[2] = {0, 0};
    for (std::int64_t i = 0; i < kBlock; ++i) {
      const float value = i < count ? std::nearbyint(x[begin + i] * inverse) : 0.0f;
      const auto q = static_cast<std::int8_t>(std::clamp(value, -127.0f, 127.0f));
      out.q[begin + i] = q;
      sums[i / 16] += q;
    }
    out.sum16[2 * b] = sums[0];
    out.sum16[2 * b + 1] = sums[1];
    out.sum32[b] = sums[0] + sums[1];
    out.scale[b] = largest / 127.0f;
    out.sum[b] = out.scale[b] * static_cast<float>(out.sum32[b]);
  }
}

void multiply_int8(const Int8Panel& panel, Int8Format format, int vectors, std::int64_t columns,
                   const Int8Activations* x, std::int64_t tokens, float* y) {
  for (std::int64_t token = 0; token < tokens; ++token, ++x) {
    for (std::int64_t row = 0; row < vectors * kLanes; ++row) {
      const std::int64_t vector = row / kLanes, lane = row % kLanes;
      float sum = y[token * kPanelRows + row];
      for (std::int64_t begin = 0; begin < columns; begin += format.group) {
        const std::int64_t b = begin / kBlock, group = begin / format.group;
        std::int32_t integer = 0;
        for (std::int64_t k = begin; k < begin + format.group; ++k) {
          integer += x->q[k] * (panel.q[vector][k / 4][lane][k % 4] - format.offset);
        }
        sum = std::fma(static_cast<float>(integer), panel.scale[vector][group][lane] * x->scale[b],
                       sum);
        if (format.has_min) sum = std::fma(panel.min[vector][b][lane], x->sum[b], sum);
      }
      y[token * kPanelRows + row] = sum;
    }
  }
}

void unpack_floats(DType type, const Source& source, FloatPanel& panel) {
  const Matrix matrix = {
      source.data,      type,    source.rows,  source.row_bytes / info(type).block_bytes,
      source.row_bytes, nullptr, source.packed};
  std::vector<std::byte> bytes(static_cast<std::size_t>(source.row_bytes));
  float values[kFloatChunk];
  for (std::int64_t row = 0; row < source.rows; ++row) {
    // Rows in a plain layout may be parts of longer ones: no byte but the asked ones is theirs.
    const std::byte* from = source.data + row * source.row_bytes;
    if (source.packed) {
      copy_row(matrix, row, bytes.data());
      from = bytes.data();
    }
    dequantize(type, from + bytes_of(type, source.column), source.columns, values);
    for (std::int64_t k = 0; k < source.columns; ++k) {
      panel.w[row / kLanes][k][row % kLanes] = values[k];
    }
  }
  for (std::int64_t row = source.rows; row % kLanes != 0; ++row) {
    for (auto& column : panel.w[row / kLanes]) column[row % kLanes] = 0.0f;
  }
}

void interleave_floats(const float* floats, FloatPanel& panel) {
  for (std::int64_t row = 0; row < kPanelRows; ++row) {
    for (std::int64_t k = 0; k < kFloatChunk; ++k) {
      panel.w[row / kLanes][k][row % kLanes] = floats[row * kFloatChunk + k];
    }
  }
}

void multiply_float(const FloatPanel& panel, int vectors, std::int64_t columns, const float* x,
                    std::int64_t x_stride, std::int64_t tokens, float* y) {
  for (std::int64_t token = 0; token < tokens; ++token) {
    for (std::int64_t row = 0; row < vectors * kLanes; ++row) {
      float sum = y[token * kPanelRows + row];
      for (std::int64_t k = 0; k < columns; ++k) {
        sum = std::fma(panel.w[row / kLanes][k][row % kLanes], x[token * x_stride + k], sum);
      }
      y[token * kPanelRows + row] = sum;
    }
  }
}

}  // namespace

Int8Format int8_format(DType type) {
  switch (type) {
    case DType::q8_0:
    case DType::iq4_nl:
      return {32, 128, false, 8};
    case DType::q4_0:
      return {32, 8, false, 4};
    case DType::q5_0:
      return {32, 16, false, 5};
    case DType::q4_1:
    case DType::q4_k:
      return {32, 0, true, 4};
    case DType::q5_1:
    case DType::q5_k:
      return {32, 0, true, 5};
    case DType::q6_k:
      return {16, 32, false, 6};
    default:
      return {0, 0, false, 0};
  }
}

const Functions& reference_functions() {
  static constexpr Functions kFunctions = {
      .round_to_int8 = round_to_int8,
      .unpack_int8 = unpack_int8,
      .multiply_int8 = multiply_int8,
      .dot_int8 = nullptr,
      .round_to_bf16 = nullptr,
      .unpack_bf16 = nullptr,
      .multiply_bf16 = nullptr,
      .dot_bf16 = nullptr,
      .interleave_bf16_rows = nullptr,
      .transpose_bf16 = nullptr,
      .interleave_floats = interleave_floats,
      .multiply_float = multiply_float,
      .dequantize = r1::dequantize,
      .unpack_floats = unpack_floats,
      .dot_floats = nullptr,
      .pack_rows = nullptr,
  };
  return kFunctions;
}

}  // namespace r1::panel
