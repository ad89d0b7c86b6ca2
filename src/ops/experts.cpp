#include "ops/experts.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <utility>
#include <vector>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/elementwise_gradient.h"
#include "ops/elementwise.h"
#include "ops/tape.h"

namespace r1 {
namespace {

MatmulTask task_of(const Linear& layer, const float* x, std::int64_t tokens, float* y) {
  return {.weights = layer.weight,
          .x = x,
          .x_stride = layer.in(),
          .tokens = tokens,
          .y = y,
          .y_stride = layer.out()};
}

}  // namespace

Tensor feed_forward(const Tensor& x, const FeedForward& network) {
  const Linear* both[] = {&network.gate, &network.up};
  const std::vector<Tensor> parts = linear(x, both);
  return linear(silu_mul(parts[0], parts[1]), network.down);
}

namespace {

/// The rows of all experts' tokens, one expert after the other.
struct Grouping {
  std::int64_t experts_a_token = 0;
  std::vector<std::int64_t> ends;    // of each expert's rows
  std::vector<std::int64_t> tokens;  // of each row
  std::vector<std::int64_t> slots;   // of each row: token * experts_a_token + rank
  std::vector<std::int64_t> row_of_slot;

  Grouping(const Choices& choices, std::size_t experts)
      : experts_a_token(choices.experts_a_token), row_of_slot(choices.experts.size()) {
    std::vector<std::vector<std::int64_t>> slots_of(experts);
    for (std::size_t slot = 0; slot < choices.experts.size(); ++slot) {
      slots_of[static_cast<std::size_t>(choices.experts[slot])].push_back(
          static_cast<std::int64_t>(slot));
    }
    for (const auto& mine : slots_of) {
      for (const std::int64_t slot : mine) {
        row_of_slot[static_cast<std::size_t>(slot)] = static_cast<std::int64_t>(slots.size());
        slots.push_back(slot);
        tokens.push_back(slot / experts_a_token);
      }
      ends.push_back(static_cast<std::int64_t>(slots.size()));
    }
  }

  /// Calls visit(expert, first row, rows) for the experts that have any.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    std::int64_t row = 0;
    for (std::size_t e = 0; e < ends.size(); row = ends[e++]) {
      if (ends[e] > row) visit(e, row, ends[e] - row);
    }
  }

  /// to[token] += sum over its experts, in the order of rank, of weight * rows[row]; without
  /// weights (null) they are 1.
  void combine(const float* rows, const float* weights, std::int64_t width, std::int64_t count,
               float* to) const {
    parallel_blocks(count, 8, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t slot = begin * experts_a_token; slot < end * experts_a_token; ++slot) {
        add_scaled(rows + row_of_slot[static_cast<std::size_t>(slot)] * width,
                   weights == nullptr ? 1.0f : weights[slot], width,
                   to + slot / experts_a_token * width);
      }
    });
  }
};

/// What the forward leaves for the backward; the rest is computed again.
struct ExpertsRecord {
  Grouping grouping;
  std::vector<FeedForward> networks;
  Tensor x, weights, gate, up, answers;
};

LinearUse use_of(const Linear& layer, std::int64_t row, std::int64_t rows, const Tensor& x,
                 const Tensor& dy, Tensor& dx, bool accumulate) {
  return {.layer = &layer,
          .tokens = rows,
          .x = x.data() + row * layer.in(),
          .x_stride = layer.in(),
          .dy = dy.data() + row * layer.out(),
          .dy_stride = layer.out(),
          .dx = dx.data() + row * layer.in(),
          .dx_stride = layer.in(),
          .accumulate = accumulate};
}

void experts_gradient(const ExpertsRecord& r, const float* dy) {
  const std::int64_t width = r.x.width();
  const auto rows = static_cast<std::int64_t>(r.grouping.slots.size());
  Tensor danswers = Tensor::empty({rows, width});
  float* dweights = r.weights.gradient().data();
  parallel_blocks(rows, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const auto i = static_cast<std::size_t>(row);
      const float* given = dy + r.grouping.tokens[i] * width;
      const std::int64_t slot = r.grouping.slots[i];
      dweights[slot] += dot(given, r.answers.data() + row * width, width);
      std::copy_n(given, width, danswers.data() + row * width);
      multiply_by(danswers.data() + row * width, r.weights.data()[slot], width);
    }
  });
  // Each layer in turn, for all experts together.
  const auto backward = [&](Linear FeedForward::*layer, const Tensor& x, const Tensor& given,
                            Tensor& dx, bool accumulate) {
    std::vector<LinearUse> uses;
    r.grouping.for_each([&](std::size_t e, std::int64_t row, std::int64_t count) {
      uses.push_back(use_of(r.networks[e].*layer, row, count, x, given, dx, accumulate));
    });
    linear_gradient(uses);
  };
  const Tensor hidden = silu_mul(r.gate, r.up);
  Tensor dhidden = Tensor::empty(hidden.shape());
  backward(&FeedForward::down, hidden, danswers, dhidden, false);
  Tensor dgate = Tensor::zeros(hidden.shape()), dup = Tensor::zeros(hidden.shape());
  parallel_blocks(rows, 16, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t at = begin * hidden.width(), count = (end - begin) * hidden.width();
    silu_mul_gradient(r.gate.data() + at, r.up.data() + at, dhidden.data() + at, count,
                      dgate.data() + at, dup.data() + at);
  });
  const Tensor gathered = select_rows(r.x, r.grouping.tokens);
  Tensor dgathered = Tensor::empty(gathered.shape());
  backward(&FeedForward::gate, gathered, dgate, dgathered, false);
  backward(&FeedForward::up, gathered, dup, dgathered, true);
  r.grouping.combine(dgathered.data(), nullptr, width, r.x.rows(), r.x.gradient().data());
}

/// The forward behind experts(), of which nothing is recorded.
ExpertsRecord forward(const Tensor& x, const Choices& choices,
                      std::span<const FeedForward> networks) {
  assert(!networks.empty() && networks[0].gate.adapters.empty());
  ExpertsRecord r = {Grouping(choices, networks.size()), {}, x, choices.weights, {}, {}, {}};
  const auto rows = static_cast<std::int64_t>(r.grouping.slots.size());
  const std::int64_t width = x.width(), inner = networks[0].gate.out();
  // One token's row is every expert's input: no copies, and it is rounded once.
  const bool one = x.rows() == 1;
  const Tensor gathered = one ? x : select_rows(x, r.grouping.tokens);
  r.gate = Tensor::empty({rows, inner});
  r.up = Tensor::empty({rows, inner});
  std::vector<MatmulTask> in_tasks, out_tasks;
  r.grouping.for_each([&](std::size_t e, std::int64_t row, std::int64_t count) {
    const float* from = gathered.data() + (one ? 0 : row * width);
    in_tasks.push_back(task_of(networks[e].gate, from, count, r.gate.data() + row * inner));
    in_tasks.push_back(task_of(networks[e].up, from, count, r.up.data() + row * inner));
  });
  matmul(in_tasks, networks[0].gate.precision);
  const Tensor hidden = silu_mul(r.gate, r.up);
  r.answers = Tensor::empty({rows, width});
  r.grouping.for_each([&](std::size_t e, std::int64_t row, std::int64_t count) {
    out_tasks.push_back(task_of(networks[e].down, hidden.data() + row * inner, count,
                                r.answers.data() + row * width));
  });
  matmul(out_tasks, networks[0].down.precision);
  return r;
}

}  // namespace

Tensor experts(const Tensor& x, const Choices& choices, std::span<const FeedForward> networks) {
  Tensor y = Tensor::zeros(x.shape());
  Tape* tape = Tape::recording();
  // The products inside are this op's own: they leave no backward of theirs.
  const Tape::Pause pause;
  ExpertsRecord record = forward(x, choices, networks);
  record.grouping.combine(record.answers.data(), choices.weights.data(), x.width(), x.rows(),
                          y.data());
  if (tape == nullptr) return y;
  const Tape::Scope scope(*tape);
  record.networks.assign(networks.begin(), networks.end());
  on_backward(y, [record = std::make_shared<const ExpertsRecord>(std::move(record))](
                     const float* dy) { experts_gradient(*record, dy); });
  return y;
}

}  // namespace r1
