// The layouts in which the fast products meet their operands.
//
// Weights are unpacked a panel at a time: kPanelRows rows by one chunk of columns, 16 rows
// interleaved so that a vector lane is a row. Activations are rounded once and laid out chunk
// after chunk. An element of the product is summed in one order whatever the number of tokens:
//   int8:  for each group g of columns:  acc = fma(float(sum_int), scale_w[g] * scale_x[b], acc)
//          after each block b of 32, if the type has minima:  acc = fma(min_w[b], sum_x[b], acc)
//   bf16:  for each pair of columns:     acc = acc + w0 x0 + w1 x1 (one VDPBF16PS)
//          AMX, for each 32 columns:     acc = acc + (sum of even w x + sum of odd w x) (TDPBF16PS)
//   f32:   for each column:              acc = fma(w, x, acc)
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/dtype.h"

namespace r1::panel {

constexpr std::int64_t kLanes = 16;        // rows interleaved in one vector
constexpr std::int64_t kPanelVectors = 4;  // vectors of rows in a panel
constexpr std::int64_t kPanelRows = kLanes * kPanelVectors;
constexpr std::int64_t kInt8Chunk = 256;  // columns of a chunk
constexpr std::int64_t kBf16Chunk = 128;
constexpr std::int64_t kFloatChunk = 64;
constexpr std::int64_t kBlock = 32;  // columns that share an activation scale
constexpr std::int64_t kBlocks = kInt8Chunk / kBlock;

/// One token's activations for one chunk, rounded to int8: x = scale * q. Columns past the
/// matrix's end are zero.
struct alignas(64) Int8Activations {
  std::int8_t q[kInt8Chunk];
  float scale[kBlocks];
  float sum[kBlocks];               // scale * (sum of q) over a block
  std::int32_t sum16[2 * kBlocks];  // sum of q over each half block
  std::int32_t sum32[kBlocks];      // sum of q over each block
};

/// How a type's weights are stored in an int8 panel: w = scale * (q - offset) + min, q unsigned.
/// The AVX2 functions keep 8-bit numbers signed, as q - offset, the AMX functions all.
struct Int8Format {
  int group;  // columns that share a scale: 16 or 32
  int offset;
  bool has_min;
  int bits;  // of a stored q
};

/// A chunk of up to 64 rows. For each vector v of 16 rows:
///   q[v][column / 4][row][column % 4], scale[v][column / group][row], min[v][column / 32][row].
/// Rows past the matrix's end hold anything finite.
struct alignas(64) Int8Panel {
  std::uint8_t q[kPanelVectors][kInt8Chunk / 4][kLanes][4];
  float scale[kPanelVectors][2 * kBlocks][kLanes];
  float min[kPanelVectors][kBlocks][kLanes];
};

/// bf16: q[v][column / 2][row][column % 2]; scale[v][row] multiplies the chunk's sum (fp8 only).
struct alignas(64) Bf16Panel {
  std::uint16_t w[kPanelVectors][kBf16Chunk / 2][kLanes][2];
  float scale[kPanelVectors][kLanes];
};

/// f32: w[v][column][row]. Rows past the matrix's end are zero in a vector that has any of its
/// rows: leftovers could be denormal, of which some processors take a hundred times longer.
struct alignas(64) FloatPanel {
  float w[kPanelVectors][kFloatChunk][kLanes];
};

/// Where a 16-byte field at `offset` of Q6_K's block in the file (or its f16 scale, at 208) stands
/// in the packed block: in the order in which it is needed, which is the scale, the 16 scales, then
/// for each of four quarters its high bits and its two runs of low bits.
constexpr std::int64_t q6_k_packed_offset(std::int64_t offset) {
  if (offset == 208) return 0;
  if (offset == 192) return 2;
  if (offset >= 128) return 18 + 3 * (offset - 128);
  const std::int64_t part = offset / 64, side = offset / 32 % 2, half = offset / 16 % 2;
  return 18 + 48 * (2 * part + half) + 16 + 16 * side;
}

/// A field of a block: its first byte in the file's block, and its size of 2, 4 or 16 bytes.
struct PackedField {
  std::uint8_t offset, size;
};

/// Rows to unpack: `rows` consecutive rows (at most 64), columns [column, column + columns).
struct Source {
  const std::byte* data;  // start of the first row
  std::int64_t row_bytes;
  std::int64_t rows;
  std::int64_t column, columns;
  bool packed;            // the rows come in groups of 16 in the packed layout
  const std::byte* next;  // where what will be asked for next starts; a hint, may be null
};

/// The functions of one instruction set. `vectors` is the number of 16-row vectors in use;
/// `y` [tokens][64] holds running sums (an element is at token * 64 + row).
struct Functions {
  /// x [columns], at most 256.
  void (*round_to_int8)(const float* x, std::int64_t columns, Int8Activations& out);
  /// For types with an int8 form. source.columns: a multiple of 32.
  void (*unpack_int8)(DType type, const Source& source, Int8Panel& panel);
  /// x: the chunk's activations, one a token.
  void (*multiply_int8)(const Int8Panel& panel, Int8Format format, int vectors,
                        std::int64_t columns, const Int8Activations* x, std::int64_t tokens,
                        float* y);
  /// One token times all columns of packed rows (a multiple of 16, any number), the same sums as
  /// unpack_int8 and multiply_int8 make. x: a chunk after the other. May be null.
  void (*dot_int8)(DType type, const Source& source, const Int8Activations* x, float* y);
  /// The bf16 functions are null where the set has no bf16 dot product. x [columns], at most 128,
  /// to out [128], zero up to the next multiple of 64.
  void (*round_to_bf16)(const float* x, std::int64_t columns, std::uint16_t* out);
  /// bf16 or f8_e4m3 (without its block scales); columns past source.columns become zero.
  void (*unpack_bf16)(DType type, const Source& source, Bf16Panel& panel);
  /// A panel for each chunk of the columns, and x [tokens][128] `chunk_stride` numbers apart, zero
  /// from the last column on. If scaled, a chunk is summed from zero and added as sum *
  /// panel.scale.
  void (*multiply_bf16)(const Bf16Panel* panels, bool scaled, int vectors, std::int64_t columns,
                        const std::uint16_t* x, std::int64_t chunk_stride, std::int64_t tokens,
                        float* y);
  /// As dot_int8, for bf16 without block scales.
  void (*dot_bf16)(const Source& source, const std::uint16_t* x, float* y);
  /// Row k of the source becomes column k: from [rows][row_bytes] (at most 128 rows) bf16 numbers
  /// 0 .. count (at most 64) of each row; the columns after the last row hold zeros as far as
  /// multiply_bf16 reads them. Null as above.
  void (*interleave_bf16_rows)(const std::byte* from, std::int64_t row_bytes, std::int64_t rows,
                               std::int64_t count, Bf16Panel& panel);
  /// The same as rows of activations: out[count][128], zero from column `rows` on. Null as above.
  void (*transpose_bf16)(const std::byte* from, std::int64_t row_bytes, std::int64_t rows,
                         std::int64_t count, std::uint16_t* out);
  /// floats: [64][64], already dequantized.
  void (*interleave_floats)(const float* floats, FloatPanel& panel);
  void (*multiply_float)(const FloatPanel& panel, int vectors, std::int64_t columns, const float* x,
                         std::int64_t x_stride, std::int64_t tokens, float* y);
  /// What r1::dequantize() does, for every type.
  void (*dequantize)(DType type, const std::byte* from, std::int64_t elements, float* out);
  /// f32, f16 or bf16 in either layout; columns past source.columns hold anything.
  void (*unpack_floats)(DType type, const Source& source, FloatPanel& panel);
  /// As dot_int8, for f32, f16 or bf16 and activations as they are: the same sums as unpack_floats
  /// and multiply_float make. May be null.
  void (*dot_floats)(DType type, const Source& source, const float* x, float* y);
  /// 16 rows to the packed layout; `fields` are a block's, in the packed order. Null: pack() does
  /// it.
  void (*pack_rows)(const PackedField* fields, std::int64_t field_count, std::int64_t block_bytes,
                    const std::byte* from, std::int64_t row_bytes, std::byte* out);
};

/// One table an instruction set; reference_functions() is plain C++ and says what the others do.
const Functions& reference_functions();
const Functions& avx2_functions();
const Functions& avx512_functions();
const Functions& amx_functions();
/// The table of active_isa().
const Functions& active_functions();

/// The int8 form of a type; group 0 if it has none.
Int8Format int8_format(DType type);

}  // namespace r1::panel
