#include "ops/experts.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/elementwise_gradient.h"
#include "ops/elementwise.h"
#include "ops/kept.h"
#include "ops/tape.h"

namespace r1 {
namespace {

MatmulTask task_of(const Linear& layer, const float* x, std::int64_t tokens, float* y) {
  return {.weights = layer.weight,
          .x = x,
          .x_stride = layer.in(),
          .tokens = tokens,
          .y = y,
          .y_stride = layer.out(),
          .rounded = {}};
}

}  // namespace

Tensor feed_forward(const Tensor& x, const FeedForward& network) {
  const Linear* both[] = {&network.gate, &network.up};
  const std::vector<Tensor> parts = linear(x, both);
  return linear(silu_mul(parts[0], parts[1], needs_rounded_input(network.down)), network.down);
}

namespace {

/// The rows of all experts' tokens, one expert after the other.
struct Grouping {
  std::int64_t experts_a_token = 0;
  std::vector<std::int64_t> ends;    // of each expert's rows
  std::vector<std::int64_t> tokens;  // of each row
  std::vector<std::int64_t> slots;   // of each row: token * experts_a_token + rank
  std::vector<std::int64_t> row_of_slot;

  Grouping() = default;
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

/// The input of a product: its rows, or the same rounded.
struct Input {
  Tensor floats;
  RoundedRows rounded;

  Input() = default;
  Input(const Tensor& x, bool round) {
    if (round) {
      rounded = RoundedRows(x);
    } else {
      floats = x;
    }
  }
};

/// What the forward leaves for the backward.
struct ExpertsRecord {
  Grouping grouping;
  std::vector<FeedForward> networks;
  Gradient dx;
  Tensor weights;
  Input gathered, hidden;
  std::optional<Kept> gate, up, answers;
};

LinearUse use_of(const Linear& layer, std::int64_t row, std::int64_t rows, const Input& x,
                 const Tensor& dy, Tensor& dx, bool accumulate) {
  return {.layer = &layer,
          .tokens = rows,
          .x = x.floats.defined() ? x.floats.data() + row * layer.in() : nullptr,
          .x_stride = layer.in(),
          .x_rounded = x.rounded.rows().from(row),
          .dy = dy.data() + row * layer.out(),
          .dy_stride = layer.out(),
          .dx = dx.data() + row * layer.in(),
          .dx_stride = layer.in(),
          .accumulate = accumulate};
}

void experts_gradient(const ExpertsRecord& r, const float* dy) {
  const std::int64_t width = r.networks[0].down.out();
  const auto rows = static_cast<std::int64_t>(r.grouping.slots.size());
  Tensor danswers = Tensor::empty({rows, width});
  const Tensor answers = r.answers->tensor();
  float* dweights = r.weights.gradient().data();
  parallel_blocks(rows, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const auto i = static_cast<std::size_t>(row);
      const float* given = dy + r.grouping.tokens[i] * width;
      const std::int64_t slot = r.grouping.slots[i];
      dweights[slot] += dot(given, answers.data() + row * width, width);
      std::copy_n(given, width, danswers.data() + row * width);
      multiply_by(danswers.data() + row * width, r.weights.data()[slot], width);
    }
  });
  // Each layer in turn, for all experts together.
  const auto backward = [&](Linear FeedForward::*layer, const Input& x, const Tensor& given,
                            Tensor& dx, bool accumulate) {
    std::vector<LinearUse> uses;
    r.grouping.for_each([&](std::size_t e, std::int64_t row, std::int64_t count) {
      uses.push_back(use_of(r.networks[e].*layer, row, count, x, given, dx, accumulate));
    });
    linear_gradient(uses);
  };
  const std::int64_t inner = r.networks[0].down.in();
  Tensor dhidden = Tensor::empty({rows, inner});
  backward(&FeedForward::down, r.hidden, danswers, dhidden, false);
  Tensor dgate = Tensor::empty({rows, inner}), dup = Tensor::empty({rows, inner});
  const Kept& gate = *r.gate;
  const Kept& up = *r.up;
  parallel_blocks(rows, 64, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t at = begin * inner, count = (end - begin) * inner;
    if (gate.rounded()) {
      silu_mul_gradient(gate.bf16() + at, up.bf16() + at, dhidden.data() + at, count, false,
                        dgate.data() + at, dup.data() + at);
    } else {
      silu_mul_gradient(gate.floats() + at, up.floats() + at, dhidden.data() + at, count, false,
                        dgate.data() + at, dup.data() + at);
    }
  });
  Tensor dgathered = Tensor::empty({rows, r.networks[0].gate.in()});
  backward(&FeedForward::gate, r.gathered, dgate, dgathered, false);
  backward(&FeedForward::up, r.gathered, dup, dgathered, true);
  r.grouping.combine(dgathered.data(), nullptr, width, r.weights.rows(), r.dx.data());
}

/// The forward behind experts(), of which nothing is recorded; the experts' answers, row by row.
/// Fills what a record needs if there is one.
Tensor forward(const Tensor& input, const Grouping& grouping, std::span<const FeedForward> networks,
               ExpertsRecord* record) {
  assert(!networks.empty());
  const Tensor x = input_of(networks[0].gate, input);
  const auto rows = static_cast<std::int64_t>(grouping.slots.size());
  const std::int64_t width = x.width(), inner = networks[0].gate.out();
  const bool round = record != nullptr && needs_rounded_input(networks[0].down);
  // One token's row is every expert's input: no copies, and it is rounded once.
  const bool one = x.rows() == 1;
  const Tensor gathered = one ? x : select_rows(x, grouping.tokens);
  Tensor gate = Tensor::empty({rows, inner}), up = Tensor::empty({rows, inner});
  if (record != nullptr)
    record->gathered = Input(one ? select_rows(x, grouping.tokens) : gathered, round);
  std::vector<MatmulTask> in_tasks, out_tasks;
  std::vector<LowRankUse> in_changes, out_changes;
  grouping.for_each([&](std::size_t e, std::int64_t row, std::int64_t count) {
    const float* from = gathered.data() + (one ? 0 : row * width);
    in_tasks.push_back(task_of(networks[e].gate, from, count, gate.data() + row * inner));
    in_tasks.push_back(task_of(networks[e].up, from, count, up.data() + row * inner));
    add_changes(networks[e].gate, in_tasks.end()[-2], in_changes);
    add_changes(networks[e].up, in_tasks.back(), in_changes);
    if (!round) return;
    in_tasks.end()[-2].rounded = in_tasks.back().rounded =
        record->gathered.rounded.rows().from(row);
  });
  matmul(in_tasks, networks[0].gate.precision);
  add_low_rank(in_changes);
  const Tensor hidden = input_of(networks[0].down, silu_mul(gate, up));
  if (record != nullptr) {
    record->gate.emplace(gate, round);
    record->up.emplace(up, round);
    record->hidden = Input(hidden, round);
  }
  Tensor answers = Tensor::empty({rows, width});
  grouping.for_each([&](std::size_t e, std::int64_t row, std::int64_t count) {
    out_tasks.push_back(task_of(networks[e].down, hidden.data() + row * inner, count,
                                answers.data() + row * width));
    add_changes(networks[e].down, out_tasks.back(), out_changes);
    if (round) out_tasks.back().rounded = record->hidden.rounded.rows().from(row);
  });
  matmul(out_tasks, networks[0].down.precision);
  add_low_rank(out_changes);
  if (record != nullptr) record->answers.emplace(answers, round);
  return answers;
}

}  // namespace

Tensor experts(const Tensor& x, const Choices& choices, std::span<const FeedForward> networks) {
  Tensor y = Tensor::zeros(x.shape());
  Tape* tape = Tape::recording();
  // The products inside are this op's own: they leave no backward of theirs.
  const Tape::Pause pause;
  Grouping grouping(choices, networks.size());
  const auto record = tape == nullptr ? nullptr : std::make_shared<ExpertsRecord>();
  const Tensor answers = forward(x, grouping, networks, record.get());
  grouping.combine(answers.data(), choices.weights.data(), x.width(), x.rows(), y.data());
  if (tape == nullptr) return y;
  const Tape::Scope scope(*tape);
  record->grouping = std::move(grouping);
  record->networks.assign(networks.begin(), networks.end());
  record->dx = x.gradient();
  record->weights = choices.weights;
  on_backward(y, [record](const float* dy) { experts_gradient(*record, dy); });
  return y;
}

}  // namespace r1
