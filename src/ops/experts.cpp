#include "ops/experts.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "ops/elementwise.h"

namespace r1 {
namespace {

void scores_of(const float* logits, std::int64_t count, bool sigmoid, float* scores) {
  if (sigmoid) {
    for (std::int64_t e = 0; e < count; ++e) scores[e] = 1.0f / (1.0f + std::exp(-logits[e]));
    return;
  }
  const float largest = *std::max_element(logits, logits + count);
  float sum = 0.0f;
  for (std::int64_t e = 0; e < count; ++e) sum += scores[e] = std::exp(logits[e] - largest);
  for (std::int64_t e = 0; e < count; ++e) scores[e] /= sum;
}

/// Sets the selection scores of the experts outside the kept groups to -infinity.
void drop_groups(const Routing& routing, std::vector<float>& selection) {
  if (routing.groups <= 1) return;
  const auto size = static_cast<std::int64_t>(selection.size()) / routing.groups;
  std::vector<float> group_scores;
  for (std::int64_t g = 0; g < routing.groups; ++g) {
    std::vector<float> members(selection.begin() + g * size, selection.begin() + (g + 1) * size);
    std::sort(members.begin(), members.end(), std::greater<>());
    const bool two = routing.group_by_two_best && size > 1;
    group_scores.push_back(two ? members[0] + members[1] : members[0]);
  }
  std::vector<std::int64_t> order(static_cast<std::size_t>(routing.groups));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return group_scores[static_cast<std::size_t>(a)] > group_scores[static_cast<std::size_t>(b)];
  });
  for (std::size_t i = static_cast<std::size_t>(routing.kept_groups); i < order.size(); ++i) {
    std::fill_n(selection.begin() + order[i] * size, size, -std::numeric_limits<float>::infinity());
  }
}

/// Which tokens an expert has, and at which rank of theirs it stands.
struct Assignment {
  std::vector<std::int64_t> tokens, slots;  // slot = token * experts_a_token + rank
};

std::vector<Assignment> assignments_of(const Choices& choices, std::size_t count) {
  std::vector<Assignment> assignments(count);
  for (std::size_t slot = 0; slot < choices.experts.size(); ++slot) {
    Assignment& mine = assignments[static_cast<std::size_t>(choices.experts[slot])];
    mine.tokens.push_back(static_cast<std::int64_t>(slot) / choices.experts_a_token);
    mine.slots.push_back(static_cast<std::int64_t>(slot));
  }
  return assignments;
}

MatmulTask task_of(const Linear& layer, const float* x, std::int64_t tokens, float* y) {
  return {.weights = layer.weight,
          .x = x,
          .x_stride = layer.in(),
          .tokens = tokens,
          .y = y,
          .y_stride = layer.out()};
}

}  // namespace

Choices route(const Tensor& logits, const Tensor& bias, const Routing& routing) {
  const std::int64_t tokens = logits.rows(), count = logits.width(),
                     chosen = routing.experts_a_token;
  Choices choices = {chosen, std::vector<int>(static_cast<std::size_t>(tokens * chosen)),
                     Tensor::empty({tokens, chosen})};
  std::vector<float> scores(static_cast<std::size_t>(count)), selection(scores.size());
  std::vector<int> order(scores.size());
  for (std::int64_t t = 0; t < tokens; ++t) {
    scores_of(logits.data() + t * count, count, routing.sigmoid, scores.data());
    for (std::size_t e = 0; e < scores.size(); ++e) {
      selection[e] = scores[e] + (bias.defined() ? bias.data()[e] : 0.0f);
    }
    drop_groups(routing, selection);
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + chosen, order.end(), [&](int a, int b) {
      const float left = selection[static_cast<std::size_t>(a)],
                  right = selection[static_cast<std::size_t>(b)];
      return left > right || (left == right && a < b);
    });
    float* weights = choices.weights.data() + t * chosen;
    float sum = 0.0f;
    for (std::int64_t k = 0; k < chosen; ++k) {
      const int expert = order[static_cast<std::size_t>(k)];
      choices.experts[static_cast<std::size_t>(t * chosen + k)] = expert;
      sum += weights[k] = scores[static_cast<std::size_t>(expert)];
    }
    const float factor = routing.normalise ? routing.scaling / (sum + 1e-20f) : routing.scaling;
    for (std::int64_t k = 0; k < chosen; ++k) weights[k] *= factor;
  }
  return choices;
}

Tensor feed_forward(const Tensor& x, const FeedForward& network) {
  const Linear* both[] = {&network.gate, &network.up};
  const std::vector<Tensor> parts = linear(x, both);
  return linear(silu_mul(parts[0], parts[1]), network.down);
}

Tensor experts(const Tensor& x, const Choices& choices, std::span<const FeedForward> networks) {
  assert(!networks.empty() && networks[0].gate.adapters.empty());
  const auto slots = static_cast<std::int64_t>(choices.experts.size());
  const std::int64_t width = x.width(), inner = networks[0].gate.out();
  const auto assignments = assignments_of(choices, networks.size());
  // The rows of each expert's tokens, one expert after the other.
  std::vector<std::int64_t> sources, slot_of_row;
  for (const Assignment& mine : assignments) {
    sources.insert(sources.end(), mine.tokens.begin(), mine.tokens.end());
    slot_of_row.insert(slot_of_row.end(), mine.slots.begin(), mine.slots.end());
  }
  // One token's row is every expert's input: no copies, and it is rounded once.
  const bool one = x.rows() == 1;
  const Tensor gathered = one ? x : select_rows(x, sources);
  Tensor gate = Tensor::empty({slots, inner}), up = Tensor::empty({slots, inner});
  std::vector<MatmulTask> in_tasks, out_tasks;
  std::int64_t row = 0;
  for (std::size_t e = 0; e < networks.size(); ++e) {
    const auto tokens = static_cast<std::int64_t>(assignments[e].tokens.size());
    if (tokens == 0) continue;
    const float* from = gathered.data() + (one ? 0 : row * width);
    in_tasks.push_back(task_of(networks[e].gate, from, tokens, gate.data() + row * inner));
    in_tasks.push_back(task_of(networks[e].up, from, tokens, up.data() + row * inner));
    row += tokens;
  }
  matmul(in_tasks, networks[0].gate.precision);
  const Tensor hidden = silu_mul(gate, up);
  Tensor answers = Tensor::empty({slots, width});
  row = 0;
  for (std::size_t e = 0; e < networks.size(); ++e) {
    const auto tokens = static_cast<std::int64_t>(assignments[e].tokens.size());
    if (tokens == 0) continue;
    out_tasks.push_back(task_of(networks[e].down, hidden.data() + row * inner, tokens,
                                answers.data() + row * width));
    row += tokens;
  }
  matmul(out_tasks, networks[0].down.precision);

  std::vector<std::int64_t> row_of_slot(slot_of_row.size());
  for (std::size_t i = 0; i < slot_of_row.size(); ++i) {
    row_of_slot[static_cast<std::size_t>(slot_of_row[i])] = static_cast<std::int64_t>(i);
  }
  Tensor y = Tensor::zeros(x.shape());
  parallel_blocks(x.rows(), 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t slot = begin * choices.experts_a_token; slot < end * choices.experts_a_token;
         ++slot) {
      add_scaled(answers.data() + row_of_slot[static_cast<std::size_t>(slot)] * width,
                 choices.weights.data()[slot], width,
                 y.data() + slot / choices.experts_a_token * width);
    }
  });
  return y;
}

}  // namespace r1
