#include "ops/experts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "ops/gradient_check.h"

namespace r1 {
namespace {

Linear layer_of(const Tensor& parameter) {
  Linear layer;
  layer.weight = {.data = reinterpret_cast<const std::byte*>(parameter.data()),
                  .dtype = DType::f32,
                  .rows = parameter.rows(),
                  .cols = parameter.width(),
                  .row_bytes = parameter.width() * 4,
                  .block_scales = nullptr,
                  .packed = false};
  layer.learned = {parameter, 0, false};
  return layer;
}

Numbers scores_of(const Numbers& logits, std::size_t first, std::size_t count, bool sigmoid) {
  Numbers scores;
  double sum = 0;
  for (std::size_t e = 0; e < count; ++e) {
    const double x = logits[first + e];
    scores.push_back(sigmoid ? 1 / (1 + std::exp(-x)) : std::exp(x));
    sum += scores.back();
  }
  for (double& score : scores) score /= sigmoid ? 1.0 : sum;
  return scores;
}

TEST(Router, gradients_through_the_chosen_weights) {
  for (const bool sigmoid : {true, false}) {
    for (const bool normalise : {true, false}) {
      const Routing routing = {.sigmoid = sigmoid,
                               .groups = 4,
                               .kept_groups = 2,
                               .group_by_two_best = sigmoid,
                               .experts_a_token = 3,
                               .normalise = normalise,
                               .scaling = 2.5f};
      const Tensor bias = sigmoid ? normal_tensor({12}, 0.3f) : Tensor();
      std::vector<int> chosen;
      check_gradients(
          {normal_tensor({5, 12})},
          [&](const Inputs& in) {
            const Choices choices = route(in[0], bias, routing);
            chosen = choices.experts;
            return choices.weights;
          },
          [&](const std::vector<Numbers>& in) {
            Numbers y;
            for (std::size_t t = 0; t < 5; ++t) {
              const Numbers scores = scores_of(in[0], t * 12, 12, sigmoid);
              double sum = 0;
              for (std::size_t k = 0; k < 3; ++k) {
                y.push_back(2.5 * scores[static_cast<std::size_t>(chosen[t * 3 + k])]);
                sum += y.back() / 2.5;
              }
              if (normalise) {
                for (std::size_t k = 0; k < 3; ++k) y[t * 3 + k] /= sum;
              }
            }
            return y;
          });
    }
  }
}

TEST(Router, balance_loss_is_that_of_the_report_and_its_gradient_too) {
  for (const bool sigmoid : {true, false}) {
    const Routing routing = {.sigmoid = sigmoid, .experts_a_token = 2};
    const Tensor logits = normal_tensor({9, 6});
    const Choices choices = route(logits, {}, routing);
    // Tokens 2 to 8 are the sequence.
    const auto plain = [&](const Numbers& x) {
      double loss = 0;
      for (std::size_t e = 0; e < 6; ++e) {
        double f = 0, p = 0;
        for (std::size_t t = 2; t < 9; ++t) {
          for (std::size_t k = 0; k < 2; ++k) {
            f += choices.experts[t * 2 + k] == static_cast<int>(e) ? 6.0 / (2 * 7) : 0.0;
          }
          const Numbers scores = scores_of(x, t * 6, 6, sigmoid);
          p += scores[e] / std::accumulate(scores.begin(), scores.end(), 0.0) / 7;
        }
        loss += f * p;
      }
      return loss;
    };
    Tape tape;
    {
      const Tape::Scope scope(tape);
      EXPECT_NEAR(balance_loss(logits, choices, routing, 2, 7, 3.0f), plain(numbers_of(logits)),
                  1e-6);
    }
    tape.backward();
    Numbers numbers = numbers_of(logits);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const double before = numbers[i];
      numbers[i] = before + 1e-5;
      const double above = plain(numbers);
      numbers[i] = before - 1e-5;
      const double slope = 3.0 * (above - plain(numbers)) / 2e-5;
      numbers[i] = before;
      EXPECT_NEAR(static_cast<double>(logits.gradient().data()[i]), slope, 1e-6);
    }
  }
}

TEST(Router, balancing_moves_the_biases_of_busy_experts_down) {
  Tensor bias = Tensor::zeros({4});
  const std::vector<std::int64_t> load = {5, 3, 4, 0};
  update_router_bias(bias, load, 0.25f);
  EXPECT_EQ(numbers_of(bias), (Numbers{-0.25, 0, -0.25, 0.25}));
}

/// The sum over a token's experts of weight * network(x): x [tokens][7], inner width 9, two experts
/// a token; weights of gate, up and down of each expert.
Numbers mixture(const Numbers& x, const Numbers& weights, const std::vector<int>& chosen,
                const std::vector<Numbers>& networks) {
  Numbers y(x.size());
  for (std::size_t slot = 0; slot < chosen.size(); ++slot) {
    const std::size_t t = slot / 2;
    const auto e = static_cast<std::size_t>(chosen[slot]);
    const Numbers &gate = networks[3 * e], &up = networks[3 * e + 1], &down = networks[3 * e + 2];
    for (std::size_t i = 0; i < 9; ++i) {
      double g = 0, u = 0;
      for (std::size_t c = 0; c < 7; ++c) {
        g += gate[i * 7 + c] * x[t * 7 + c];
        u += up[i * 7 + c] * x[t * 7 + c];
      }
      const double inner = g / (1 + std::exp(-g)) * u;
      for (std::size_t c = 0; c < 7; ++c) y[t * 7 + c] += weights[slot] * down[c * 9 + i] * inner;
    }
  }
  return y;
}

TEST(Experts, gradients_by_input_weights_of_the_choice_and_all_networks) {
  // Of 4 experts, one has no tokens.
  Choices choices = {2, {0, 2, 2, 3, 3, 0, 2, 0, 0, 3}, {}};
  Inputs inputs = {normal_tensor({5, 7}), normal_tensor({5, 2})};
  for (int e = 0; e < 4; ++e) {
    inputs.push_back(normal_tensor({9, 7}));
    inputs.push_back(normal_tensor({9, 7}));
    inputs.push_back(normal_tensor({7, 9}));
  }
  const auto op = [&](const Inputs& in) {
    choices.weights = in[1];
    std::vector<FeedForward> networks;
    for (std::size_t e = 0; e < 4; ++e) {
      networks.push_back(
          {layer_of(in[2 + 3 * e]), layer_of(in[3 + 3 * e]), layer_of(in[4 + 3 * e])});
    }
    return experts(in[0], choices, networks);
  };
  const auto plain = [&](const std::vector<Numbers>& in) {
    return mixture(in[0], in[1], choices.experts, {in.begin() + 2, in.end()});
  };
  check_gradients(inputs, op, plain);
}

TEST(Experts, low_rank_adapters_of_frozen_networks_and_of_some_alone) {
  Choices choices = {2, {0, 2, 2, 3, 3, 0, 2, 0, 0, 3}, {}};
  std::vector<Tensor> frozen;
  for (int e = 0; e < 4; ++e) {
    frozen.push_back(normal_tensor({9, 7}));
    frozen.push_back(normal_tensor({9, 7}));
    frozen.push_back(normal_tensor({7, 9}));
  }
  Inputs inputs = {normal_tensor({5, 7}), normal_tensor({5, 2})};
  const auto adapted = [](std::size_t layer) { return layer != 2 && layer != 6 && layer != 7; };
  for (std::size_t i = 0; i < frozen.size(); ++i) {
    if (!adapted(i)) continue;
    inputs.push_back(normal_tensor({2, frozen[i].width()}));
    inputs.push_back(normal_tensor({frozen[i].rows(), 2}));
  }
  const auto op = [&](const Inputs& in) {
    choices.weights = in[1];
    std::vector<Linear> layers;
    std::size_t next = 2;
    for (std::size_t i = 0; i < frozen.size(); ++i) {
      layers.push_back(layer_of(frozen[i]));
      layers.back().learned = {};
      if (!adapted(i)) continue;
      layers.back().adapters = {{in[next], in[next + 1], 0.5f}};
      next += 2;
    }
    std::vector<FeedForward> networks;
    for (std::size_t e = 0; e < 4; ++e) {
      networks.push_back({layers[3 * e], layers[3 * e + 1], layers[3 * e + 2]});
    }
    return experts(in[0], choices, networks);
  };
  const auto plain = [&](const std::vector<Numbers>& in) {
    std::vector<Numbers> weights;
    std::size_t next = 2;
    for (std::size_t i = 0; i < frozen.size(); ++i) {
      weights.push_back(numbers_of(frozen[i]));
      if (!adapted(i)) continue;
      const auto width = static_cast<std::size_t>(frozen[i].width());
      for (std::size_t k = 0; k < weights[i].size(); ++k) {
        for (std::size_t r = 0; r < 2; ++r) {
          weights[i][k] += 0.5 * in[next + 1][k / width * 2 + r] * in[next][r * width + k % width];
        }
      }
      next += 2;
    }
    return mixture(in[0], in[1], choices.experts, weights);
  };
  check_gradients(inputs, op, plain);
}

TEST(Experts, one_token_has_gradients_too) {
  Choices choices = {2, {1, 0}, {}};
  const Tensor gate = normal_tensor({5, 4}), up = normal_tensor({5, 4}),
               down = normal_tensor({4, 5});
  FeedForward network = {layer_of(gate), layer_of(up), layer_of(down)};
  // Frozen, as both experts are the same.
  for (Linear* layer : {&network.gate, &network.up, &network.down}) layer->learned = {};
  const std::vector<FeedForward> networks(2, network);
  const auto op = [&](const Inputs& in) {
    choices.weights = in[1];
    return experts(in[0], choices, networks);
  };
  check_gradients({normal_tensor({1, 4}), normal_tensor({1, 2})}, op,
                  [&](const std::vector<Numbers>& in) {
                    Numbers y(4);
                    for (std::size_t i = 0; i < 5; ++i) {
                      double g = 0, u = 0;
                      for (std::size_t c = 0; c < 4; ++c) {
                        g += static_cast<double>(gate.data()[i * 4 + c]) * in[0][c];
                        u += static_cast<double>(up.data()[i * 4 + c]) * in[0][c];
                      }
                      const double inner = g / (1 + std::exp(-g)) * u * (in[1][0] + in[1][1]);
                      for (std::size_t c = 0; c < 4; ++c) {
                        y[c] += static_cast<double>(down.data()[c * 5 + i]) * inner;
                      }
                    }
                    return y;
                  });
}

}  // namespace
}  // namespace r1
