#include "ops/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/isa.h"
#include "ops/gradient_check.h"
#include "ops/rope.h"

namespace r1 {
namespace {

class EveryIsa : public ::testing::TestWithParam<Isa> {
 protected:
  void SetUp() override { set_isa(GetParam()); }
  void TearDown() override { set_isa(available_isas().back()); }
};
INSTANTIATE_TEST_SUITE_P(, EveryIsa, ::testing::ValuesIn(available_isas()),
                         [](const auto& info) { return std::string(name(info.param)); });

TEST_P(EveryIsa, rms_norm) {
  for (const std::int64_t width : {1, 7, 16, 45, 150}) {
    const auto plain = [width](const std::vector<Numbers>& in) {
      Numbers y = in[0];
      const auto w = static_cast<std::size_t>(width);
      for (std::size_t row = 0; row < y.size(); row += w) {
        double squares = 0;
        for (std::size_t i = 0; i < w; ++i) squares += y[row + i] * y[row + i];
        const double factor = 1 / std::sqrt(squares / static_cast<double>(width) + 1e-2);
        for (std::size_t i = 0; i < w; ++i) y[row + i] *= factor * in[1][i];
      }
      return y;
    };
    check_gradients(
        {normal_tensor({3, width}), normal_tensor({width})},
        [](const Inputs& in) { return rms_norm(in[0], in[1], 1e-2f); }, plain);
  }
}

TEST_P(EveryIsa, silu_mul) {
  check_gradients(
      {normal_tensor({3, 37}, 3.0f), normal_tensor({3, 37})},
      [](const Inputs& in) { return silu_mul(in[0], in[1]); },
      [](const std::vector<Numbers>& in) {
        Numbers y = in[0];
        for (std::size_t i = 0; i < y.size(); ++i) {
          y[i] *= in[1][i] / (1 + std::exp(-y[i]));
        }
        return y;
      });
}

TEST_P(EveryIsa, add_also_of_a_tensor_to_itself) {
  const auto sum = [](const Numbers& a, const Numbers& b) {
    Numbers y = a;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += b[i];
    return y;
  };
  check_gradients(
      {normal_tensor({5, 33}), normal_tensor({5, 33})},
      [](const Inputs& in) { return add(in[0], in[1]); },
      [&](const std::vector<Numbers>& in) { return sum(in[0], in[1]); });
  check_gradients(
      {normal_tensor({5, 33})}, [](const Inputs& in) { return add(in[0], in[0]); },
      [&](const std::vector<Numbers>& in) { return sum(in[0], in[0]); });
}

TEST_P(EveryIsa, columns_and_concatenate) {
  check_gradients(
      {normal_tensor({3, 2, 5}), normal_tensor({3, 2, 4})},
      [](const Inputs& in) {
        return concatenate(columns(in[0], 1, 3), concatenate(in[1], columns(in[0], 2, 2)));
      },
      [](const std::vector<Numbers>& in) {
        Numbers y;
        for (std::size_t row = 0; row < 6; ++row) {
          for (const std::size_t i : {1, 2, 3}) y.push_back(in[0][row * 5 + i]);
          for (std::size_t i = 0; i < 4; ++i) y.push_back(in[1][row * 4 + i]);
          for (const std::size_t i : {2, 3}) y.push_back(in[0][row * 5 + i]);
        }
        return y;
      });
}

TEST_P(EveryIsa, select_rows_also_the_same_ones_again) {
  const std::vector<std::int64_t> indices = {2, 0, 2, 3, 2};
  check_gradients(
      {normal_tensor({4, 19})}, [&](const Inputs& in) { return select_rows(in[0], indices); },
      [&](const std::vector<Numbers>& in) {
        Numbers y;
        for (const std::int64_t row : indices) {
          const auto from = in[0].begin() + row * 19;
          y.insert(y.end(), from, from + 19);
        }
        return y;
      });
}

TEST_P(EveryIsa, weighted_sum) {
  const std::vector<float> weights = {0.5f, -2.0f, 0.0f, 3.0f};
  check_gradients(
      {normal_tensor({4})}, [&](const Inputs& in) { return weighted_sum(in[0], weights); },
      [](const std::vector<Numbers>& in) {
        return Numbers{0.5 * in[0][0] - 2 * in[0][1] + 3 * in[0][3]};
      });
}

TEST_P(EveryIsa, rope_of_both_pairings_and_of_a_part_of_the_head) {
  const std::vector<std::int64_t> positions = {0, 3, 17};
  RopeFrequencies frequencies = plain_rope(8, 100.0);
  frequencies.magnitude = 1.25f;
  const RopeAngles angles = rope_angles(frequencies, positions);
  for (const RopePairs pairs : {RopePairs::halves, RopePairs::neighbours}) {
    check_gradients(
        {normal_tensor({3, 2, 11})}, [&](const Inputs& in) { return rope(in[0], angles, pairs); },
        [&](const std::vector<Numbers>& in) {
          Numbers y = in[0];
          for (std::size_t row = 0; row < 6; ++row) {
            for (std::size_t i = 0; i < 4; ++i) {
              const bool halves = pairs == RopePairs::halves;
              const std::size_t a = row * 11 + (halves ? i : 2 * i);
              const std::size_t b = a + (halves ? 4 : 1);
              const double angle = static_cast<double>(positions[row / 2]) *
                                   static_cast<double>(frequencies.frequencies[i]);
              const double c = 1.25 * std::cos(angle), s = 1.25 * std::sin(angle);
              y[a] = in[0][a] * c - in[0][b] * s;
              y[b] = in[0][a] * s + in[0][b] * c;
            }
          }
          return y;
        });
  }
}

TEST(Recomputed, gives_the_gradients_of_what_it_wraps) {
  const Tensor weight = normal_tensor({21});
  const auto block = [&](const Tensor& x) {
    return add(x, silu_mul(rms_norm(x, weight, 1e-3f), x));
  };
  const Tensor x = normal_tensor({4, 21});
  std::vector<Numbers> results;
  for (const bool again : {false, true}) {
    x.gradient().clear();
    weight.gradient().clear();
    Tape tape;
    const Tape::Scope scope(tape);
    const Tensor y = again ? recomputed(block, x) : block(x);
    const Tensor loss =
        weighted_sum(y, std::vector<float>(static_cast<std::size_t>(y.elements()), 0.75f));
    tape.backward(loss, 2.0f);
    results.push_back({x.gradient().data(), x.gradient().data() + x.elements()});
    results.push_back({weight.gradient().data(), weight.gradient().data() + 21});
  }
  EXPECT_EQ(results[0], results[2]);
  EXPECT_EQ(results[1], results[3]);
}

TEST(Tape, passes_over_what_the_loss_does_not_use) {
  const Tensor x = normal_tensor({4}), y = normal_tensor({4});
  Tape tape;
  const Tape::Scope scope(tape);
  add(x, y);
  const Tensor loss = weighted_sum(x, std::vector<float>(4, 1.0f));
  tape.backward(loss);
  EXPECT_TRUE(x.gradient().arrived());
  EXPECT_FALSE(y.gradient().arrived());
}

}  // namespace
}  // namespace r1
