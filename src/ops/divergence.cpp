#include "ops/divergence.h"

#include <cassert>

#include "base/threads.h"
#include "kernels/elementwise_gradient.h"
#include "ops/logit_parts.h"
#include "ops/tape.h"
#include "ops/token_distribution.h"

namespace r1 {
namespace {

/// A row's softmax in the place of its logits; returns the log of the total.
double to_probabilities(std::span<float> logits) {
  const double total = log_total(logits, {});
  scaled_probabilities(logits, {}, static_cast<float>(total), 1.0f);
  return total;
}

std::span<float> row_of(Tensor& x, std::int64_t row) {
  return {x.data() + row * x.width(), static_cast<std::size_t>(x.width())};
}

float row_divergence(std::span<const float> logits, std::span<float> teacher) {
  const std::vector<float> teacher_logits(teacher.begin(), teacher.end());
  const double total = log_total(logits, {}), teacher_total = to_probabilities(teacher);
  double sum = 0, weights = 0;
  for (std::size_t i = 0; i < teacher.size(); ++i) {
    const auto weight = static_cast<double>(teacher[i]);
    weights += weight;
    sum += weight * (static_cast<double>(teacher_logits[i]) - static_cast<double>(logits[i]));
  }
  return static_cast<float>(sum + weights * (total - teacher_total));
}

}  // namespace

Tensor divergence(const Tensor& hidden, const Linear& head, const Tensor& teacher_hidden,
                  const Linear& teacher_head) {
  assert(hidden.rows() == teacher_hidden.rows() && head.out() == teacher_head.out());
  Tensor y = Tensor::empty({hidden.rows()});
  // Calls visit(row, its logits, the teacher's), and then after(first row, logits of the part).
  const auto for_each_row = [=](const auto& visit, const auto& after) {
    for_each_logit_part(hidden, head, [&](std::int64_t first, Tensor& logits) {
      Tensor teacher = linear(part_of(teacher_hidden, first, logits.rows()), teacher_head);
      parallel_blocks(logits.rows(), 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
          visit(first + row, row_of(logits, row), row_of(teacher, row));
        }
      });
      after(first, logits);
    });
  };
  {
    const Tape::Pause pause;
    for_each_row(
        [&](std::int64_t row, std::span<float> logits, std::span<float> teacher) {
          y.data()[row] = row_divergence(logits, teacher);
        },
        [](std::int64_t, const Tensor&) {});
  }
  if (Tape::recording() == nullptr) return y;
  on_backward(y, [=](const float* dy) {
    const Gradient::Target dx = hidden.gradient().target();
    for_each_row(
        [&](std::int64_t row, std::span<float> logits, std::span<float> teacher) {
          to_probabilities(logits);
          to_probabilities(teacher);
          for (std::size_t i = 0; i < logits.size(); ++i) {
            logits[i] = dy[row] * (logits[i] - teacher[i]);
          }
        },
        [&](std::int64_t first, const Tensor& slopes) {
          logit_part_gradient(hidden, head, first, slopes, dx);
        });
  });
  return y;
}

}  // namespace r1
