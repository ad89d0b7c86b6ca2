#include "ops/linear.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/isa.h"
#include "kernels/reference/quantization.h"
#include "ops/divergence.h"
#include "ops/elementwise.h"
#include "ops/gradient_check.h"
#include "ops/log_probabilities.h"

namespace r1 {
namespace {

/// A layer that multiplies its parameter as it stands.
Linear layer_of(const Tensor& parameter, std::int64_t first_row = 0, std::int64_t rows = -1) {
  Linear layer;
  layer.weight = {
      .data = reinterpret_cast<const std::byte*>(parameter.data() + first_row * parameter.width()),
      .dtype = DType::f32,
      .rows = rows < 0 ? parameter.rows() : rows,
      .cols = parameter.width(),
      .row_bytes = parameter.width() * 4,
      .block_scales = nullptr,
      .packed = false};
  layer.learned = {parameter, first_row, false};
  return layer;
}

/// y[t][o] = sum_i x[t][i] w[o][i]
Numbers product(const Numbers& x, const Numbers& w, std::size_t in, std::size_t out) {
  Numbers y(x.size() / in * out);
  for (std::size_t t = 0; t < x.size() / in; ++t) {
    for (std::size_t o = 0; o < out; ++o) {
      for (std::size_t i = 0; i < in; ++i) y[t * out + o] += x[t * in + i] * w[o * in + i];
    }
  }
  return y;
}

TEST(Linear, gradients_by_input_weight_and_bias) {
  for (const std::int64_t tokens : {1, 5}) {
    const Tensor x = normal_tensor({tokens, 13}), w = normal_tensor({18, 13}),
                 bias = normal_tensor({18});
    check_gradients(
        {x, w, bias},
        [](const Inputs& in) {
          Linear layer = layer_of(in[1]);
          layer.bias = in[2];
          return linear(in[0], layer);
        },
        [](const std::vector<Numbers>& in) {
          Numbers y = product(in[0], in[1], 13, 18);
          for (std::size_t i = 0; i < y.size(); ++i) y[i] += in[2][i % 18];
          return y;
        });
  }
}

TEST(Linear, several_layers_of_one_input_and_parts_of_one_parameter) {
  check_gradients(
      {normal_tensor({4, 10}), normal_tensor({9, 10})},
      [](const Inputs& in) {
        const Linear a = layer_of(in[1], 0, 4), b = layer_of(in[1], 4, 5);
        const Linear* both[] = {&a, &b};
        const std::vector<Tensor> y = linear(in[0], both);
        return concatenate(y[0], y[1]);
      },
      [](const std::vector<Numbers>& in) { return product(in[0], in[1], 10, 9); });
}

TEST(Linear, low_rank_adapters_of_a_frozen_weight) {
  const Tensor frozen = normal_tensor({11, 8});
  check_gradients(
      {normal_tensor({6, 8}), normal_tensor({3, 8}), normal_tensor({11, 3})},
      [&](const Inputs& in) {
        Linear layer = layer_of(frozen);
        layer.learned = {};
        layer.adapters = {{in[1], in[2], 0.75f}};
        return linear(in[0], layer);
      },
      [&](const std::vector<Numbers>& in) {
        Numbers y = product(in[0], numbers_of(frozen), 8, 11);
        const Numbers change = product(product(in[0], in[1], 8, 3), in[2], 3, 11);
        for (std::size_t i = 0; i < y.size(); ++i) y[i] += 0.75 * change[i];
        return y;
      });
  EXPECT_FALSE(frozen.gradient().arrived());
}

// kv_b_proj of latent attention: of each head's rows of W + factor B A, 3 as columns and 4 as they
// stand. The copies are those that a loader makes.
TEST(Linear, low_rank_adapters_of_the_parts_that_heads_multiply) {
  const Tensor frozen = normal_tensor({14, 5});
  std::vector<Tensor> copies;
  const auto copy = [&](const Tensor& from, std::int64_t first, std::int64_t rows,
                        bool transposed) {
    const std::int64_t width = from.width();
    Tensor to = Tensor::empty(transposed ? Tensor::Shape{width, rows} : Tensor::Shape{rows, width});
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < width; ++c) {
        to.data()[transposed ? c * rows + r : r * width + c] = from.data()[(first + r) * width + c];
      }
    }
    copies.push_back(to);
    return to;
  };
  const auto layer = [&](const Tensor& a, const Tensor& b, std::int64_t first, std::int64_t rows,
                         bool transposed) {
    Linear part = layer_of(copy(frozen, first, rows, transposed));
    part.learned = {};
    LowRank change;
    change.factor = 0.5f;
    if (transposed) {
      change.a = copy(b, first, rows, true);
      change.b = copy(a, 0, a.rows(), true);
      change.learned_a = {b, first, true};
      change.learned_b = {a, 0, true};
    } else {
      change.a = a;
      change.b = copy(b, first, rows, false);
      change.learned_a = {a};
      change.learned_b = {b, first};
    }
    part.adapters = {change};
    return part;
  };
  check_gradients(
      {normal_tensor({6, 2, 3}), normal_tensor({2, 5}), normal_tensor({14, 2})},
      [&](const Inputs& in) {
        std::vector<Linear> up, down;
        for (std::int64_t head = 0; head < 2; ++head) {
          up.push_back(layer(in[1], in[2], head * 7, 3, true));
          down.push_back(layer(in[1], in[2], head * 7 + 3, 4, false));
        }
        return linear_heads(linear_heads(in[0], up), down);
      },
      [&](const std::vector<Numbers>& in) {
        Numbers w = numbers_of(frozen), y(48);
        for (std::size_t row = 0; row < 14; ++row) {
          for (std::size_t c = 0; c < 5; ++c) {
            for (std::size_t r = 0; r < 2; ++r) {
              w[row * 5 + c] += 0.5 * in[2][row * 2 + r] * in[1][r * 5 + c];
            }
          }
        }
        for (std::size_t t = 0; t < 6; ++t) {
          for (std::size_t head = 0; head < 2; ++head) {
            for (std::size_t c = 0; c < 5; ++c) {
              double inner = 0;
              for (std::size_t r = 0; r < 3; ++r) {
                inner += in[0][(t * 2 + head) * 3 + r] * w[(head * 7 + r) * 5 + c];
              }
              for (std::size_t o = 0; o < 4; ++o) {
                y[(t * 2 + head) * 4 + o] += inner * w[(head * 7 + 3 + o) * 5 + c];
              }
            }
          }
        }
        return y;
      });
  EXPECT_FALSE(frozen.gradient().arrived());
}

TEST(Linear, gradient_through_frozen_weights_of_stored_types) {
  for (const DType type : {DType::f16, DType::q8_0, DType::q4_k}) {
    const std::int64_t in = 256, out = 40;
    Tensor numbers = normal_tensor({out, in});
    std::vector<std::byte> bytes(static_cast<std::size_t>(bytes_of(type, out * in)));
    quantize(type, numbers.data(), out * in, bytes.data());
    dequantize(type, bytes.data(), out * in, numbers.data());
    Linear layer;
    layer.weight = {bytes.data(), type, out, in, bytes_of(type, in), nullptr, false};
    layer.precision = Precision::f32;
    check_gradients(
        {normal_tensor({3, in})}, [&](const Inputs& x) { return linear(x[0], layer); },
        [&](const std::vector<Numbers>& x) { return product(x[0], numbers_of(numbers), 256, 40); });
    // Its rounded products give the same within what bf16 and int8 lose.
    layer.precision = Precision::native;
    const Tensor x = normal_tensor({3, in});
    Tape tape;
    const Tape::Scope scope(tape);
    const Tensor y = linear(x, layer);
    std::fill_n(y.gradient().data(), y.elements(), 1.0f);
    tape.backward();
    for (std::int64_t i = 0; i < in; ++i) {
      double want = 0;
      for (std::int64_t o = 0; o < out; ++o)
        want += static_cast<double>(numbers.data()[o * in + i]);
      EXPECT_NEAR(static_cast<double>(x.gradient().data()[i]), want, 0.1);
    }
  }
}

TEST(Linear, heads_of_transposed_and_of_straight_parameters) {
  // The two halves of MLA's W_UK and W_UV: 2 heads of 3 + 4 rows, 5 wide.
  const auto head_rows = [](const Numbers& w, std::size_t first, std::size_t rows) {
    return Numbers(w.begin() + static_cast<std::ptrdiff_t>(first * 5),
                   w.begin() + static_cast<std::ptrdiff_t>((first + rows) * 5));
  };
  std::vector<std::vector<float>> transposed(2);
  check_gradients(
      {normal_tensor({6, 2, 3}), normal_tensor({14, 5})},
      [&](const Inputs& in) {
        std::vector<Linear> up, down;
        for (std::int64_t head = 0; head < 2; ++head) {
          auto& copy = transposed[static_cast<std::size_t>(head)];
          copy.resize(15);
          for (std::int64_t r = 0; r < 3; ++r) {
            for (std::int64_t c = 0; c < 5; ++c) {
              copy[static_cast<std::size_t>(c * 3 + r)] = in[1].data()[(head * 7 + r) * 5 + c];
            }
          }
          Linear turned;
          turned.weight = {reinterpret_cast<const std::byte*>(copy.data()),
                           DType::f32,
                           5,
                           3,
                           12,
                           nullptr,
                           false};
          turned.learned = {in[1], head * 7, true};
          up.push_back(turned);
          down.push_back(layer_of(in[1], head * 7 + 3, 4));
        }
        return linear_heads(linear_heads(in[0], up), down);
      },
      [&](const std::vector<Numbers>& in) {
        Numbers y(6 * 2 * 4);
        for (std::size_t head = 0; head < 2; ++head) {
          const Numbers k = head_rows(in[1], head * 7, 3), v = head_rows(in[1], head * 7 + 3, 4);
          for (std::size_t t = 0; t < 6; ++t) {
            Numbers latent(5);
            for (std::size_t r = 0; r < 3; ++r) {
              for (std::size_t c = 0; c < 5; ++c) {
                latent[c] += in[0][(t * 2 + head) * 3 + r] * k[r * 5 + c];
              }
            }
            const Numbers out = product(latent, v, 5, 4);
            std::copy(out.begin(), out.end(),
                      y.begin() + static_cast<std::ptrdiff_t>((t * 2 + head) * 4));
          }
        }
        return y;
      });
}

TEST(Embedding, gradients_of_a_token_that_comes_twice_are_added) {
  const std::vector<int> ids = {3, 0, 3, 6};
  check_gradients(
      {normal_tensor({7, 12})}, [&](const Inputs& in) { return embedding(ids, layer_of(in[0])); },
      [&](const std::vector<Numbers>& in) {
        Numbers y;
        for (const int id : ids) {
          y.insert(y.end(), in[0].begin() + id * 12, in[0].begin() + (id + 1) * 12);
        }
        return y;
      });
}

TEST(LogProbabilities, gradients_by_hidden_states_and_head) {
  const std::vector<int> ids = {4, 0, 22, 4};
  check_gradients(
      {normal_tensor({4, 6}), normal_tensor({23, 6})},
      [&](const Inputs& in) { return log_probabilities(in[0], layer_of(in[1]), ids); },
      [&](const std::vector<Numbers>& in) {
        const Numbers logits = product(in[0], in[1], 6, 23);
        Numbers y;
        for (std::size_t t = 0; t < 4; ++t) {
          double sum = 0;
          for (std::size_t i = 0; i < 23; ++i) sum += std::exp(logits[t * 23 + i]);
          y.push_back(logits[t * 23 + static_cast<std::size_t>(ids[t])] - std::log(sum));
        }
        return y;
      });
}

TEST(LogProbabilities, gradients_of_tokens_drawn_at_a_temperature_from_what_was_kept) {
  const std::vector<int> ids = {4, 0, 22, 4};
  const std::vector<std::vector<int>> kept = {{1, 4, 9, 20}, {}, {22}, {0, 4}};
  const auto lists = std::make_shared<KeptTokens>();
  for (const auto& list : kept) lists->add(list);
  check_gradients(
      {normal_tensor({4, 6}), normal_tensor({23, 6})},
      [&](const Inputs& in) {
        return log_probabilities(in[0], layer_of(in[1]), ids, {0.7, lists});
      },
      [&](const std::vector<Numbers>& in) {
        const Numbers logits = product(in[0], in[1], 6, 23);
        Numbers y;
        for (std::size_t t = 0; t < 4; ++t) {
          double sum = 0;
          for (std::size_t i = 0; i < 23; ++i) {
            const auto& list = kept[t];
            const bool in_list = std::count(list.begin(), list.end(), static_cast<int>(i)) > 0;
            if (list.empty() || in_list) sum += std::exp(logits[t * 23 + i] / 0.7);
          }
          y.push_back(logits[t * 23 + static_cast<std::size_t>(ids[t])] / 0.7 - std::log(sum));
        }
        return y;
      });
}

TEST(Divergence, gradients_reach_the_learning_side_alone) {
  const Tensor teacher = normal_tensor({4, 5}), teacher_weight = normal_tensor({23, 5});
  check_gradients(
      {normal_tensor({4, 6}), normal_tensor({23, 6})},
      [&](const Inputs& in) {
        return divergence(in[0], layer_of(in[1]), teacher, layer_of(teacher_weight));
      },
      [&](const std::vector<Numbers>& in) {
        const Numbers logits = product(in[0], in[1], 6, 23);
        const Numbers wanted = product(numbers_of(teacher), numbers_of(teacher_weight), 5, 23);
        Numbers y;
        for (std::size_t t = 0; t < 4; ++t) {
          double total = 0, wanted_total = 0, sum = 0;
          for (std::size_t i = 0; i < 23; ++i) {
            total += std::exp(logits[t * 23 + i]);
            wanted_total += std::exp(wanted[t * 23 + i]);
          }
          for (std::size_t i = 0; i < 23; ++i) {
            const double p = std::exp(wanted[t * 23 + i]) / wanted_total;
            sum += p * (std::log(p) - logits[t * 23 + i] + std::log(total));
          }
          y.push_back(sum);
        }
        return y;
      });
  EXPECT_FALSE(teacher.gradient().arrived());
}

// A vocabulary so large that few rows are computed at a time: in one call as in one call a row.
TEST(LogProbabilities, are_the_same_however_many_rows_are_held_at_a_time) {
  const std::int64_t rows = 130, vocab = 140000;
  const Tensor hidden = normal_tensor({rows, 2}), weight = normal_tensor({vocab, 2});
  std::vector<int> ids;
  for (std::int64_t t = 0; t < rows; ++t) ids.push_back(static_cast<int>(t * 1007));
  const auto run = [&](bool together) {
    hidden.gradient().clear();
    weight.gradient().clear();
    Tape tape;
    const Tape::Scope scope(tape);
    Numbers y;
    for (std::int64_t t = 0; t < rows; t += together ? rows : 1) {
      std::vector<std::int64_t> mine;
      for (std::int64_t i = t; i < (together ? rows : t + 1); ++i) mine.push_back(i);
      const std::span<const int> some(ids.data() + t, mine.size());
      const Tensor part = log_probabilities(select_rows(hidden, mine), layer_of(weight), some);
      const Numbers numbers = numbers_of(part);
      y.insert(y.end(), numbers.begin(), numbers.end());
      std::fill_n(part.gradient().data(), part.elements(), 1.0f);
    }
    tape.backward();
    y.insert(y.end(), hidden.gradient().data(), hidden.gradient().data() + hidden.elements());
    y.insert(y.end(), weight.gradient().data(), weight.gradient().data() + weight.elements());
    return y;
  };
  const Numbers together = run(true), alone = run(false);
  const std::size_t exact = 130 + 260;  // log-probabilities, and the gradients by hidden states
  for (std::size_t i = 0; i < exact; ++i) ASSERT_EQ(together[i], alone[i]) << i;
  for (std::size_t i = exact; i < alone.size(); ++i) ASSERT_NEAR(together[i], alone[i], 1e-5) << i;
}

}  // namespace
}  // namespace r1
