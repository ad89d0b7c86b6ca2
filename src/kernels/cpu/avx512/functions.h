// The panel functions for AVX-512.
#pragma once

#include "kernels/panel.h"

namespace r1::panel::avx512 {

void round_to_int8(const float* x, std::int64_t columns, Int8Activations& out);
void unpack_int8(DType type, const Source& source, Int8Panel& panel);
void multiply_int8(const Int8Panel& panel, Int8Format format, int vectors, std::int64_t columns,
                   const Int8Activations* x, std::int64_t tokens, float* y);
void dot_int8(DType type, const Source& source, const Int8Activations* x, float* y);
void round_to_bf16(const float* x, std::int64_t columns, std::uint16_t* out);
void unpack_bf16(DType type, const Source& source, Bf16Panel& panel);
void multiply_bf16(const Bf16Panel* panels, bool scaled, int vectors, std::int64_t columns,
                   const std::uint16_t* x, std::int64_t chunk_stride, std::int64_t tokens,
                   float* y);
void dot_bf16(const Source& source, const std::uint16_t* x, float* y);
void interleave_bf16_rows(const std::byte* from, std::int64_t row_bytes, std::int64_t rows,
                          std::int64_t count, Bf16Panel& panel);
void transpose_bf16(const std::byte* from, std::int64_t row_bytes, std::int64_t rows,
                    std::int64_t count, std::uint16_t* out);
void interleave_floats(const float* floats, FloatPanel& panel);
void multiply_float(const FloatPanel& panel, int vectors, std::int64_t columns, const float* x,
                    std::int64_t x_stride, std::int64_t tokens, float* y);

}  // namespace r1::panel::avx512
