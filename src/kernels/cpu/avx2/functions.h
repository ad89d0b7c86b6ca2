// The panel functions for AVX2, FMA and F16C.
#pragma once

#include "kernels/panel.h"

namespace r1::panel::avx2 {

void round_to_int8(const float* x, std::int64_t columns, Int8Activations& out);
void unpack_int8(DType type, const Source& source, Int8Panel& panel);
void multiply_int8(const Int8Panel& panel, Int8Format format, int vectors, std::int64_t columns,
                   const Int8Activations* x, std::int64_t tokens, float* y);
void dot_int8(DType type, const Source& source, const Int8Activations* x, float* y);
void interleave_floats(const float* floats, FloatPanel& panel);
void multiply_float(const FloatPanel& panel, int vectors, std::int64_t columns, const float* x,
                    std::int64_t x_stride, std::int64_t tokens, float* y);
void dequantize(DType type, const std::byte* from, std::int64_t count, float* out);
void pack_rows(const PackedField* fields, std::int64_t field_count, std::int64_t block_bytes,
               const std::byte* from, std::int64_t row_bytes, std::byte* out);
void unpack_floats(DType type, const Source& source, FloatPanel& panel);
void dot_floats(DType type, const Source& source, const float* x, float* y);

}  // namespace r1::panel::avx2
