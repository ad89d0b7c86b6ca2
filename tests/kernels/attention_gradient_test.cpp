#include "kernels/attention_gradient.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "base/threads.h"
#include "kernels/isa.h"
#include "kernels/reference/quantization.h"
#include "restored_settings.h"

namespace r1 {
namespace {

struct Shape {
  std::int64_t heads, row_elements;
  std::vector<CacheSlice> groups;
};

/// Two groups of keys and values for `heads` heads.
Shape grouped(std::int64_t heads, std::int64_t dims) {
  return {heads, 4 * dims, {{0, dims, 2 * dims, dims}, {dims, dims, 3 * dims, dims}}};
}

/// As in MLA: the values are the first part of the keys.
Shape latent(std::int64_t heads, std::int64_t key_dims, std::int64_t value_dims) {
  return {heads, key_dims, {{0, key_dims, 0, value_dims}}};
}

/// One sequence with all that its forward and backward read and write.
struct Sequence {
  std::int64_t tokens;
  std::vector<float> q, out, totals, dout, dq, drows;
  std::vector<std::vector<std::byte>> pages;
  std::vector<const std::byte*> page_pointers;
  std::vector<float> rows;  // as the cache gives them back
};

std::vector<float> normal_floats(std::int64_t count, std::mt19937& rng) {
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(rng);
  return values;
}

Sequence make_sequence(const Shape& shape, DType type, std::int64_t tokens, std::mt19937& rng) {
  const std::int64_t keys = shape.groups[0].key_dims, values = shape.groups[0].value_dims;
  const auto size = [](std::int64_t count) { return static_cast<std::size_t>(count); };
  Sequence s;
  s.tokens = tokens;
  s.q = normal_floats(tokens * shape.heads * keys, rng);
  s.dout = normal_floats(tokens * shape.heads * values, rng);
  s.out.resize(s.dout.size());
  s.totals.resize(size(tokens * shape.heads));
  s.dq.assign(s.q.size(), 0.5f);
  s.drows.assign(size(tokens * shape.row_elements), 0.25f);
  s.rows = normal_floats(tokens * shape.row_elements, rng);
  const std::int64_t row_bytes = bytes_of(type, shape.row_elements);
  for (std::int64_t t = 0; t < tokens; ++t) {
    if (t % kPagePositions == 0) s.pages.emplace_back(size(kPagePositions * row_bytes));
    std::byte* to = s.pages.back().data() + t % kPagePositions * row_bytes;
    float* row = s.rows.data() + t * shape.row_elements;
    quantize(type, row, shape.row_elements, to);
    dequantize(type, to, shape.row_elements, row);
  }
  for (const auto& page : s.pages) s.page_pointers.push_back(page.data());
  return s;
}

void run(const Shape& shape, DType type, float scale, Precision precision,
         std::vector<Sequence>& sequences) {
  const AttentionShape attention_shape = {type, bytes_of(type, shape.row_elements), shape.heads,
                                          shape.groups, scale};
  std::vector<AttentionSequence> forward;
  std::vector<AttentionGradientSequence> backward;
  for (Sequence& s : sequences) {
    forward.push_back(
        {s.page_pointers.data(), 0, s.tokens, s.q.data(), s.out.data(), s.totals.data()});
    backward.push_back({s.page_pointers.data(), s.tokens, s.q.data(), s.out.data(), s.totals.data(),
                        s.dout.data(), s.dq.data(), s.drows.data()});
  }
  attention(forward, attention_shape, precision);
  attention_gradient(backward, attention_shape, shape.row_elements, precision);
}

struct Gradients {
  std::vector<double> q, rows;
};

/// The textbook's gradient of softmax(q k^T scale) v, in double, added to what stood there.
Gradients gradients_in_double(const Shape& shape, float scale, const Sequence& s) {
  Gradients g = {std::vector<double>(s.q.size(), 0.5), std::vector<double>(s.rows.size(), 0.25)};
  const auto at = [](const std::vector<float>& values, std::int64_t i) {
    return static_cast<double>(values[static_cast<std::size_t>(i)]);
  };
  const std::int64_t share = shape.heads / static_cast<std::int64_t>(shape.groups.size());
  for (std::int64_t t = 0; t < s.tokens; ++t) {
    for (std::int64_t h = 0; h < shape.heads; ++h) {
      const CacheSlice& slice = shape.groups[static_cast<std::size_t>(h / share)];
      const std::int64_t q = (t * shape.heads + h) * slice.key_dims;
      const std::int64_t o = (t * shape.heads + h) * slice.value_dims;
      std::vector<double> p, dp;
      double total = 0, mean = 0;
      for (std::int64_t k = 0; k <= t; ++k) {
        double score = 0, product = 0;
        for (std::int64_t d = 0; d < slice.key_dims; ++d) {
          score += at(s.q, q + d) * at(s.rows, k * shape.row_elements + slice.key + d);
        }
        for (std::int64_t d = 0; d < slice.value_dims; ++d) {
          product += at(s.dout, o + d) * at(s.rows, k * shape.row_elements + slice.value + d);
        }
        p.push_back(std::exp(score * static_cast<double>(scale)));
        dp.push_back(product);
        total += p.back();
      }
      for (std::size_t k = 0; k < p.size(); ++k) mean += (p[k] /= total) * dp[k];
      for (std::int64_t k = 0; k <= t; ++k) {
        const auto i = static_cast<std::size_t>(k);
        const double ds = p[i] * (dp[i] - mean) * static_cast<double>(scale);
        const std::int64_t row = k * shape.row_elements;
        for (std::int64_t d = 0; d < slice.key_dims; ++d) {
          g.q[static_cast<std::size_t>(q + d)] += ds * at(s.rows, row + slice.key + d);
          g.rows[static_cast<std::size_t>(row + slice.key + d)] += ds * at(s.q, q + d);
        }
        for (std::int64_t d = 0; d < slice.value_dims; ++d) {
          g.rows[static_cast<std::size_t>(row + slice.value + d)] += p[i] * at(s.dout, o + d);
        }
      }
    }
  }
  return g;
}

/// Largest difference over the largest gradient (at least 1, as gradients of a first token cancel);
/// NaN if any is.
double error_of(const std::vector<float>& got, const std::vector<double>& want) {
  double largest = 1, difference = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    largest = std::max(largest, std::fabs(want[i]));
    const double mine = std::fabs(static_cast<double>(got[i]) - want[i]);
    if (!(mine <= difference)) difference = mine;
  }
  return difference / largest;
}

/// Float products of up to 300 terms err by some 300 * 2^-24. With bf16 a product of two factors
/// errs by up to 2^-8 of it, and sums of many such errors grow as the sums themselves do; a
/// gradient is a product of at most three rounded sums.
double bound_of(DType type, Precision precision) {
  const bool bf16 = type == DType::bf16 && precision == Precision::native && has_bf16_dot();
  return bf16 ? 0.02 : 2e-5;
}

TEST(AttentionGradient, is_that_of_the_formula_for_all_shapes_and_cache_types) {
  const RestoredSettings restored;
  std::mt19937 rng(1);
  const std::vector<Shape> shapes = {grouped(6, 64), grouped(2, 24), grouped(2, 96),
                                     latent(3, 88, 72), latent(2, 160, 128)};
  for (const Isa isa : available_isas()) {
    set_isa(isa);
    for (const Shape& shape : shapes) {
      for (const DType type : {DType::f32, DType::bf16, DType::q8_0}) {
        if (shape.row_elements % info(type).block != 0) continue;
        for (const Precision precision : {Precision::f32, Precision::native}) {
          std::vector<Sequence> sequences;
          std::vector<std::int64_t> lengths = {1, 70, 129};
          if (isa != Isa::reference) lengths.push_back(290);
          for (const std::int64_t tokens : lengths) {
            sequences.push_back(make_sequence(shape, type, tokens, rng));
          }
          const float scale = 1.0f / std::sqrt(static_cast<float>(shape.groups[0].key_dims));
          run(shape, type, scale, precision, sequences);
          for (const Sequence& s : sequences) {
            SCOPED_TRACE(std::string(name(isa)) + " " + std::string(name(type)) + " " +
                         std::to_string(s.tokens) + " " + std::to_string(shape.row_elements));
            const Gradients want = gradients_in_double(shape, scale, s);
            ASSERT_LE(error_of(s.dq, want.q), bound_of(type, precision));
            ASSERT_LE(error_of(s.drows, want.rows), bound_of(type, precision));
          }
        }
      }
    }
  }
}

TEST(AttentionGradient, has_the_same_bits_with_any_number_of_threads_and_beside_others) {
  const RestoredSettings restored;
  const Shape shape = grouped(6, 64);
  const auto gradients = [&](int thread_count, DType type, bool alone) {
    std::mt19937 rng(3);
    set_threads(thread_count);
    std::vector<Sequence> sequences;
    sequences.push_back(make_sequence(shape, type, 200, rng));
    if (!alone) sequences.push_back(make_sequence(shape, type, 50, rng));
    run(shape, type, 0.125f, Precision::native, sequences);
    std::vector<float> all = sequences[0].dq;
    all.insert(all.end(), sequences[0].drows.begin(), sequences[0].drows.end());
    return all;
  };
  for (const DType type : {DType::f32, DType::bf16}) {
    const auto want = gradients(1, type, true);
    for (const auto& got : {gradients(2, type, true), gradients(3, type, false)}) {
      ASSERT_EQ(got.size(), want.size());
      EXPECT_EQ(std::memcmp(got.data(), want.data(), want.size() * 4), 0) << name(type);
    }
  }
}

}  // namespace
}  // namespace r1
