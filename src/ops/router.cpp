#include "ops/router.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "ops/tape.h"

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

/// What the gradient by a token's scores, in `by_scores`, adds to that by its logits.
void add_score_gradient(const std::vector<float>& scores, const std::vector<float>& by_scores,
                        bool sigmoid, float* dlogits) {
  float mean = 0.0f;
  for (std::size_t e = 0; e < scores.size(); ++e) mean += scores[e] * by_scores[e];
  for (std::size_t e = 0; e < scores.size(); ++e) {
    dlogits[e] +=
        sigmoid ? by_scores[e] * scores[e] * (1.0f - scores[e]) : scores[e] * (by_scores[e] - mean);
  }
}

/// A chosen weight is scaling * score, over the sum of the chosen scores if normalised; dy
/// [tokens][chosen].
void route_gradient(const Tensor& logits, const std::vector<int>& experts, const Routing& routing,
                    const float* dy) {
  const std::int64_t count = logits.width(), chosen = routing.experts_a_token;
  float* dlogits = logits.gradient().data();
  std::vector<float> scores(static_cast<std::size_t>(count)), by_scores(scores.size());
  for (std::int64_t t = 0; t < logits.rows(); ++t) {
    scores_of(logits.data() + t * count, count, routing.sigmoid, scores.data());
    std::fill(by_scores.begin(), by_scores.end(), 0.0f);
    const int* mine = experts.data() + t * chosen;
    float sum = 1e-20f, along = 0.0f;
    for (std::int64_t k = 0; k < chosen; ++k) {
      const float score = scores[static_cast<std::size_t>(mine[k])];
      sum += score;
      along += dy[t * chosen + k] * score;
    }
    for (std::int64_t k = 0; k < chosen; ++k) {
      const float given = dy[t * chosen + k];
      by_scores[static_cast<std::size_t>(mine[k])] =
          routing.scaling * (routing.normalise ? (given - along / sum) / sum : given);
    }
    add_score_gradient(scores, by_scores, routing.sigmoid, dlogits + t * count);
  }
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
  if (Tape::recording() == nullptr) return choices;
  on_backward(choices.weights, [logits, experts = choices.experts, routing](const float* dy) {
    route_gradient(logits, experts, routing, dy);
  });
  return choices;
}

std::vector<std::int64_t> Choices::load(std::size_t count, std::int64_t first,
                                        std::int64_t tokens) const {
  std::vector<std::int64_t> load(count);
  for (std::int64_t slot = first * experts_a_token; slot < (first + tokens) * experts_a_token;
       ++slot) {
    ++load[static_cast<std::size_t>(experts[static_cast<std::size_t>(slot)])];
  }
  return load;
}

double balance_loss(const Tensor& logits, const Choices& choices, const Routing& routing,
                    std::int64_t first, std::int64_t count, float weight) {
  assert(count > 0);
  const std::int64_t width = logits.width();
  const std::vector<std::int64_t> load =
      choices.load(static_cast<std::size_t>(width), first, count);
  const auto tokens = static_cast<float>(count);
  std::vector<float> share;  // f_i, eq. 18
  share.reserve(load.size());
  for (const std::int64_t mine : load) {
    share.push_back(static_cast<float>(width * mine) /
                    (static_cast<float>(choices.experts_a_token) * tokens));
  }
  // The loss is the mean over tokens of sum_e share[e] score[e] / (sum of scores).
  const auto token_loss = [width, share](const std::vector<float>& scores, float& sum) {
    float weighted = 0.0f;
    sum = 0.0f;
    for (std::int64_t e = 0; e < width; ++e) {
      const auto i = static_cast<std::size_t>(e);
      sum += scores[i];
      weighted += share[i] * scores[i];
    }
    return weighted / sum;
  };
  std::vector<float> scores(static_cast<std::size_t>(width));
  double loss = 0;
  float sum = 0.0f;
  for (std::int64_t t = first; t < first + count; ++t) {
    scores_of(logits.data() + t * width, width, routing.sigmoid, scores.data());
    loss += static_cast<double>(token_loss(scores, sum)) / static_cast<double>(count);
  }
  if (Tape* tape = Tape::recording(); tape != nullptr && weight != 0.0f) {
    tape->record([=]() mutable {
      float* dlogits = logits.gradient().data();
      std::vector<float> by_scores(scores.size());
      for (std::int64_t t = first; t < first + count; ++t) {
        scores_of(logits.data() + t * width, width, routing.sigmoid, scores.data());
        const float mine = token_loss(scores, sum);
        for (std::size_t e = 0; e < scores.size(); ++e) {
          by_scores[e] = weight / tokens * (share[e] - mine) / sum;
        }
        add_score_gradient(scores, by_scores, routing.sigmoid, dlogits + t * width);
      }
    });
  }
  return loss;
}

void update_router_bias(Tensor& bias, std::span<const std::int64_t> load, float speed) {
  assert(bias.elements() == static_cast<std::int64_t>(load.size()));
  const std::int64_t total = std::accumulate(load.begin(), load.end(), std::int64_t{0});
  const auto count = static_cast<std::int64_t>(load.size());
  for (std::int64_t e = 0; e < count; ++e) {
    const std::int64_t excess = load[static_cast<std::size_t>(e)] * count - total;
    bias.data()[e] += excess > 0 ? -speed : excess < 0 ? speed : 0.0f;
  }
}

}  // namespace r1
