// The panel functions that AMX does otherwise than AVX-512.
#pragma once

#include "kernels/panel.h"

namespace r1::panel::amx {

void unpack_int8(DType type, const Source& source, Int8Panel& panel);
void multiply_int8(const Int8Panel& panel, Int8Format format, int vectors, std::int64_t columns,
                   const Int8Activations* x, std::int64_t tokens, float* y);
void multiply_bf16(const Bf16Panel* panels, bool scaled, int vectors, std::int64_t columns,
                   const std::uint16_t* x, std::int64_t chunk_stride, std::int64_t tokens,
                   float* y);
void dot_bf16(const Source& source, const std::uint16_t* x, float* y);

}  // namespace r1::panel::amx
