// Numbers rounded as DeepSeek-V3 trains in FP8 (V3 report, 3.3.2): to e4m3 under an fp32 scale that
// brings the largest of a group to e4m3's largest, 448. They are kept as floats, so that products
// of them are FP8's with sums in fp32.
#pragma once

#include <cstdint>

#include "base/tensor.h"

namespace r1 {

/// x: rows of `cols` numbers, `stride` apart. Results are [rows, cols].
struct Fp8Source {
  const float* x = nullptr;
  std::int64_t rows = 0, cols = 0, stride = 0;
};

/// A group is 128 columns of a row: activations, and gradients that go back through weights.
/// `least`: the smallest number that a group counts as its largest (V3: 1e-4 for activations).
Tensor fp8_by_rows(const Fp8Source& source, float least);
/// A group is 128 rows of a column: both operands of a weight's gradient.
Tensor fp8_by_columns(const Fp8Source& source);
/// A group is 128 x 128: weights. `to` [rows, cols] may be x.
void fp8_by_blocks(const Fp8Source& source, float* to);

constexpr float kFp8LeastActivation = 1e-4f;

}  // namespace r1
