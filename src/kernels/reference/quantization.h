// Numbers in and out of the storage types: the plain definition of what each type's bytes mean.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/dtype.h"

namespace r1 {

/// elements: a multiple of the type's block. `blocks` holds bytes_of(type, elements) bytes, of any
/// alignment; `out` gets that many floats. Every DType is known. f8_e4m3 comes without scales,
/// integers and f64 are rounded to float.
void dequantize(DType type, const std::byte* blocks, std::int64_t elements, float* out);

/// True for the types that quantize() can write: f32 f16 bf16 q8_0 q4_0 q4_1 q5_0 q5_1 q4_k q5_k
/// q6_k.
bool can_quantize(DType type);
/// The reverse, for the types of can_quantize(). The 32-element types are rounded as GGUF's
/// reference implementation rounds; the K-quants search scales and mins of low squared error,
/// weighted towards large values. Elements must be a multiple of the type's block.
void quantize(DType type, const float* values, std::int64_t elements, std::byte* out);

}  // namespace r1
