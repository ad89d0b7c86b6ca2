// How the tests load models whose weights learn.
#pragma once

#include "models/model.h"

namespace r1 {

const LoadOptions kFloat = {.precision = Precision::f32,
                            .cache_type = DType::f32,
                            .learn = Learn::weights,
                            .learned_type = DType::f32};
const LoadOptions kBf16 = {.learn = Learn::weights, .learned_type = DType::bf16};
const LoadOptions kFp8 = {.learn = Learn::weights, .learned_type = DType::bf16, .fp8 = true};

}  // namespace r1
