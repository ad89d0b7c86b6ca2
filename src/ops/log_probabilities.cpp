#include "ops/log_probabilities.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/elementwise_gradient.h"
#include "ops/tape.h"

namespace r1 {
namespace {

/// Rows whose logits are held at a time: about 64 MB, in whole chunks of the gradient's products.
std::int64_t rows_at_a_time(std::int64_t vocab) {
  return std::max<std::int64_t>(1, (std::int64_t{16} << 20) / vocab / 128) * 128;
}

/// Calls visit(first row, logits [some rows, vocab]).
template <typename Visit>
void for_each_part(const Tensor& hidden, const Linear& head, const Visit& visit) {
  const std::int64_t step = rows_at_a_time(head.out()), width = hidden.width();
  for (std::int64_t first = 0; first < hidden.rows(); first += step) {
    const std::int64_t rows = std::min(step, hidden.rows() - first);
    const Tensor part =
        Tensor::of({rows, width}, hidden.numbers().subspan(static_cast<std::size_t>(first * width),
                                                           static_cast<std::size_t>(rows * width)));
    Tensor logits = linear(part, head);
    visit(first, logits);
  }
}

/// The gradient by a row's logits is dy (1 at the token - softmax).
void log_probability_gradient(const Tensor& hidden, const Linear& head, const std::vector<int>& ids,
                              const std::vector<float>& log_totals, const float* dy) {
  const Gradient::Target dx = hidden.gradient().target();
  for_each_part(hidden, head, [&](std::int64_t first, Tensor& logits) {
    const std::int64_t rows = logits.rows(), vocab = logits.width();
    parallel_blocks(rows, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        const auto i = static_cast<std::size_t>(first + row);
        float* mine = logits.data() + row * vocab;
        scaled_softmax(mine, log_totals[i], -dy[i], vocab);
        mine[ids[i]] += dy[i];
      }
    });
    const LinearUse use = {.layer = &head,
                           .tokens = rows,
                           .x = hidden.data() + first * head.in(),
                           .x_stride = head.in(),
                           .dy = logits.data(),
                           .dy_stride = vocab,
                           .dx = dx.data + first * head.in(),
                           .dx_stride = head.in(),
                           .accumulate = dx.accumulate};
    linear_gradient({&use, 1});
  });
}

}  // namespace

Tensor log_probabilities(const Tensor& hidden, const Linear& head, std::span<const int> ids) {
  assert(hidden.rows() == static_cast<std::int64_t>(ids.size()));
  Tensor y = Tensor::empty({hidden.rows()});
  std::vector<float> log_totals(ids.size());
  {
    const Tape::Pause pause;
    for_each_part(hidden, head, [&](std::int64_t first, const Tensor& logits) {
      parallel_blocks(logits.rows(), 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
          const auto i = static_cast<std::size_t>(first + row);
          const float* mine = logits.data() + row * logits.width();
          const double total = log_sum_exp(mine, logits.width());
          y.data()[first + row] = static_cast<float>(static_cast<double>(mine[ids[i]]) - total);
          log_totals[i] = static_cast<float>(total);
        }
      });
    });
  }
  if (Tape::recording() == nullptr) return y;
  on_backward(
      y, [hidden, head, log_totals, ids = std::vector<int>(ids.begin(), ids.end())](
             const float* dy) { log_probability_gradient(hidden, head, ids, log_totals, dy); });
  return y;
}

}  // namespace r1
