#include "ops/log_probabilities.h"

#include <cassert>
#include <utility>
#include <vector>

#include "base/threads.h"
#include "ops/logit_parts.h"
#include "ops/tape.h"

namespace r1 {
namespace {

/// What a row's log-probability is about.
struct Asked {
  std::vector<int> ids;
  TokenDistribution distribution;

  std::span<const int> kept(std::int64_t row) const {
    return distribution.kept ? distribution.kept->of(row) : std::span<const int>();
  }
};

/// The gradient by a row's logits is dy / temperature (1 at the token - softmax).
void log_probability_gradient(const Tensor& hidden, const Linear& head, const Asked& asked,
                              const std::vector<float>& log_totals, const float* dy) {
  const Gradient::Target dx = hidden.gradient().target();
  const float inverse = inverse_temperature(asked.distribution.temperature);
  for_each_logit_part(hidden, head, [&](std::int64_t first, Tensor& logits) {
    const std::int64_t rows = logits.rows(), vocab = logits.width();
    parallel_blocks(rows, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        const auto i = static_cast<std::size_t>(first + row);
        const float slope = dy[i] * inverse;
        const std::span<float> mine(logits.data() + row * vocab, static_cast<std::size_t>(vocab));
        apply_temperature(mine, asked.distribution.temperature);
        scaled_probabilities(mine, asked.kept(first + row), log_totals[i], -slope);
        mine[static_cast<std::size_t>(asked.ids[i])] += slope;
      }
    });
    logit_part_gradient(hidden, head, first, logits, dx);
  });
}

}  // namespace

Tensor log_probabilities(const Tensor& hidden, const Linear& head, std::span<const int> ids,
                         const TokenDistribution& distribution) {
  assert(hidden.rows() == static_cast<std::int64_t>(ids.size()));
  assert(distribution.temperature > 0);
  assert(!distribution.kept || distribution.kept->tokens() == hidden.rows());
  Asked asked = {{ids.begin(), ids.end()}, distribution};
  Tensor y = Tensor::empty({hidden.rows()});
  std::vector<float> log_totals(ids.size());
  {
    const Tape::Pause pause;
    for_each_logit_part(hidden, head, [&](std::int64_t first, Tensor& logits) {
      const std::int64_t vocab = logits.width();
      parallel_blocks(logits.rows(), 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
          const auto i = static_cast<std::size_t>(first + row);
          const std::span<float> mine(logits.data() + row * vocab, static_cast<std::size_t>(vocab));
          apply_temperature(mine, distribution.temperature);
          const double total = log_total(mine, asked.kept(first + row));
          y.data()[first + row] =
              log_probability(mine[static_cast<std::size_t>(asked.ids[i])], total);
          log_totals[i] = static_cast<float>(total);
        }
      });
    });
  }
  if (Tape::recording() == nullptr) return y;
  on_backward(y, [hidden, head, asked = std::move(asked), log_totals](const float* dy) {
    log_probability_gradient(hidden, head, asked, log_totals, dy);
  });
  return y;
}

}  // namespace r1
