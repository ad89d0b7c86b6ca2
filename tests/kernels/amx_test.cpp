// The AMX functions, emulated where the processor has none: all tests of this program then have
// Isa::amx among available_isas().
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "amx_emulator.h"
#include "base/float_types.h"
#include "kernels/attention.h"
#include "kernels/isa.h"
#include "kernels/packing.h"
#include "kernels/panel.h"
#include "kernels/peak.h"
#include "restored_settings.h"

namespace r1::panel {
namespace {

const bool kHasAmx = amx_emulator::install();

#define R1_NEED_AMX() \
  if (!kHasAmx) GTEST_SKIP() << "this processor has neither AMX nor AVX-512 with bf16"

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Sums of `tokens` by 64 rows, a token more than is to be touched.
std::vector<float> random_sums(std::int64_t tokens, std::mt19937& rng) {
  std::normal_distribution<float> normal;
  std::vector<float> y(static_cast<std::size_t>((tokens + 1) * kPanelRows));
  for (float& value : y) value = normal(rng);
  return y;
}

TEST(Amx, int8_products_have_the_bits_of_the_reference) {
  R1_NEED_AMX();
  std::mt19937 rng(1);
  std::normal_distribution<float> normal;
  const DType types[] = {DType::q8_0, DType::q4_0, DType::q4_1, DType::q5_0,  DType::q5_1,
                         DType::q4_k, DType::q5_k, DType::q6_k, DType::iq4_nl};
  auto panel = std::make_unique<Int8Panel>(), plain = std::make_unique<Int8Panel>();
  for (int round = 0; round < 90; ++round) {
    const DType type = types[round % 9];
    const DTypeInfo& block = info(type);
    const std::int64_t rows = 1 + rng() % 64, tokens = 1 + rng() % 40;
    const std::int64_t columns = block.block == 256 ? 256 : 32 * (1 + rng() % 8);
    const std::int64_t row_bytes = bytes_of(type, columns);
    // Random bytes, with scales that are small f16 numbers.
    std::vector<std::byte> bytes(static_cast<std::size_t>(rows * row_bytes));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i) % block.block_bytes;
      const bool high = type == DType::q6_k ? at == 209 : at == 1 || at == 3;
      bytes[i] = high ? std::byte{0x28} : static_cast<std::byte>(rng());
    }
    const Source source = {.data = bytes.data(),
                           .row_bytes = row_bytes,
                           .rows = rows,
                           .column = 0,
                           .columns = columns,
                           .packed = false,
                           .next = nullptr};
    std::memset(panel.get(), 0x5a, sizeof *panel);
    std::memset(plain.get(), 0x5a, sizeof *plain);
    amx_functions().unpack_int8(type, source, *panel);
    reference_functions().unpack_int8(type, source, *plain);
    std::vector<Int8Activations> x(static_cast<std::size_t>(tokens));
    for (Int8Activations& token : x) {
      float values[kInt8Chunk];
      for (float& value : values) value = normal(rng);
      reference_functions().round_to_int8(values, columns, token);
    }
    const int vectors = static_cast<int>((rows + 15) / 16);
    const Int8Format format = int8_format(type);
    std::vector<float> y = random_sums(tokens, rng), want = y;
    amx_functions().multiply_int8(*panel, format, vectors, columns, x.data(), tokens, y.data());
    reference_functions().multiply_int8(*plain, format, vectors, columns, x.data(), tokens,
                                        want.data());
    // Rows past the matrix's end may hold anything.
    for (std::int64_t t = 0; t < tokens; ++t) {
      for (std::int64_t r = rows; r < vectors * kLanes; ++r) {
        const auto at = static_cast<std::size_t>(t * kPanelRows + r);
        y[at] = want[at];
      }
    }
    ASSERT_TRUE(same_bits(y, want)) << name(type) << ' ' << rows << 'x' << columns << 'x' << tokens;
  }
}

/// As TDPBF16PS is said to round: what is smaller than the least normal number becomes zero.
float flushed(float value) {
  return std::fabs(value) < std::numeric_limits<float>::min() ? std::copysign(0.0f, value) : value;
}

float plain_sum(float sum, const std::uint16_t* x, const Bf16Panel& panel, std::int64_t row,
                std::int64_t first) {
  float chain[2] = {0.0f, 0.0f};
  for (std::int64_t k = first; k < first + 32; ++k) {
    const std::uint16_t w = panel.w[row / kLanes][k / 2][row % kLanes][k % 2];
    float& add = chain[k % 2];
    add = flushed(std::fma(flushed(bf16_to_float(x[k])), flushed(bf16_to_float(w)), add));
  }
  return flushed(flushed(sum) + flushed(chain[0] + chain[1]));
}

/// Numbers of ordinary size, or so small that products and sums are denormal.
std::uint16_t random_bf16(bool small, std::mt19937& rng) {
  std::normal_distribution<float> normal;
  const auto bits = std::bit_cast<std::uint32_t>(normal(rng) * (small ? 0x1p-64f : 1.0f));
  return static_cast<std::uint16_t>(bits >> 16);
}

TEST(Amx, bf16_products_add_even_and_odd_columns_of_32_apart_and_flush_denormals) {
  R1_NEED_AMX();
  std::mt19937 rng(2);
  std::uniform_real_distribution<float> scales(0.5f, 2.0f);
  constexpr std::int64_t kMostChunks = 3;
  auto panels = std::make_unique<Bf16Panel[]>(kMostChunks);
  for (int round = 0; round < 60; ++round) {
    const bool scaled = round % 2 == 0, small = round % 3 == 0;
    const int vectors = 1 + static_cast<int>(rng() % 4);
    const std::int64_t tokens = 1 + rng() % 70;
    const std::int64_t chunks = 1 + rng() % kMostChunks, last = rng() % 2 == 0 ? 64 : kBf16Chunk;
    const std::int64_t columns = (chunks - 1) * kBf16Chunk + last;
    for (std::int64_t c = 0; c < chunks; ++c) {
      for (std::int64_t i = 0; i < kPanelRows * kBf16Chunk; ++i) {
        const std::int64_t row = i / kBf16Chunk, k = i % kBf16Chunk;
        panels[c].w[row / kLanes][k / 2][row % kLanes][k % 2] = random_bf16(small, rng);
      }
      for (auto& vector : panels[c].scale) {
        for (float& scale : vector) scale = scales(rng);
      }
    }
    std::vector<std::uint16_t> x(static_cast<std::size_t>(chunks * tokens * kBf16Chunk));
    for (std::uint16_t& value : x) value = random_bf16(small, rng);
    std::vector<float> y = random_sums(tokens, rng);
    if (small) {
      for (float& value : y) value *= 0x1p-124f;
    }
    std::vector<float> want = y;
    for (std::int64_t t = 0; t < tokens; ++t) {
      for (std::int64_t row = 0; row < vectors * kLanes; ++row) {
        float& to = want[static_cast<std::size_t>(t * kPanelRows + row)];
        for (std::int64_t c = 0; c < chunks; ++c) {
          const auto* from = &x[static_cast<std::size_t>((c * tokens + t) * kBf16Chunk)];
          float sum = scaled ? 0.0f : to;
          for (std::int64_t k = 0; k < std::min(kBf16Chunk, columns - c * kBf16Chunk); k += 32) {
            sum = plain_sum(sum, from, panels[c], row, k);
          }
          to = scaled ? std::fma(sum, panels[c].scale[row / kLanes][row % kLanes], to) : sum;
        }
      }
    }
    amx_functions().multiply_bf16(panels.get(), scaled, vectors, columns, x.data(),
                                  tokens * kBf16Chunk, tokens, y.data());
    ASSERT_TRUE(same_bits(y, want))
        << vectors << " vectors, " << tokens << " tokens, " << columns << " columns, " << small;
  }
}

TEST(Amx, one_token_straight_from_packed_bf16_has_the_bits_of_the_panel) {
  R1_NEED_AMX();
  std::mt19937 rng(3);
  auto panel = std::make_unique<Bf16Panel>();
  for (int round = 0; round < 20; ++round) {
    const std::int64_t rows = 16 * (1 + rng() % 9), columns = 8 * (1 + rng() % 60);
    std::vector<std::uint16_t> w(static_cast<std::size_t>(rows * columns)), packed(w.size());
    for (std::uint16_t& value : w) value = random_bf16(round % 3 == 0, rng);
    const Matrix matrix = {reinterpret_cast<const std::byte*>(w.data()),
                           DType::bf16,
                           rows,
                           columns,
                           columns * 2,
                           nullptr,
                           false};
    const Matrix other = pack(matrix, reinterpret_cast<std::byte*>(packed.data()));
    const std::int64_t chunks = (columns + kBf16Chunk - 1) / kBf16Chunk;
    std::vector<std::uint16_t> x(static_cast<std::size_t>(chunks * kBf16Chunk));
    for (std::int64_t i = 0; i < columns; ++i) {
      x[static_cast<std::size_t>(i)] = random_bf16(round % 3 == 0, rng);
    }
    std::vector<float> want, y(static_cast<std::size_t>(rows + 1), -1.0f);
    for (std::int64_t row = 0; row < rows; row += kPanelRows) {
      const std::int64_t count = std::min(kPanelRows, rows - row);
      float sums[kPanelRows] = {};
      for (std::int64_t c = 0; c < chunks; ++c) {
        const Source source = {.data = matrix.data + row * matrix.row_bytes,
                               .row_bytes = matrix.row_bytes,
                               .rows = count,
                               .column = c * kBf16Chunk,
                               .columns = std::min(kBf16Chunk, columns - c * kBf16Chunk),
                               .packed = false,
                               .next = nullptr};
        amx_functions().unpack_bf16(DType::bf16, source, *panel);
        amx_functions().multiply_bf16(panel.get(), false, static_cast<int>(count / kLanes),
                                      source.columns, &x[static_cast<std::size_t>(c * kBf16Chunk)],
                                      0, 1, sums);
      }
      want.insert(want.end(), sums, sums + count);
    }
    want.push_back(-1.0f);
    const Source source = {.data = other.data,
                           .row_bytes = other.row_bytes,
                           .rows = rows,
                           .column = 0,
                           .columns = columns,
                           .packed = true,
                           .next = nullptr};
    amx_functions().dot_bf16(source, x.data(), y.data());
    ASSERT_TRUE(same_bits(y, want)) << rows << 'x' << columns;
  }
}

TEST(Amx, attention_of_a_token_alone_has_the_bits_it_has_among_others) {
  R1_NEED_AMX();
  const RestoredSettings restored;
  set_isa(Isa::amx);
  std::mt19937 rng(4);
  std::normal_distribution<float> normal;
  constexpr std::int64_t kTokens = 150, kHeads = 3, kKeys = 40, kValues = 24;
  constexpr std::int64_t kRow = kKeys + kValues;
  std::vector<std::uint16_t> cache(2 * kPagePositions * kRow);
  for (std::int64_t i = 0; i < kTokens * kRow; ++i) {
    cache[static_cast<std::size_t>(i)] = random_bf16(false, rng);
  }
  const auto* bytes = reinterpret_cast<const std::byte*>(cache.data());
  const std::byte* pages[] = {bytes, bytes + kPagePositions * kRow * 2};
  const CacheSlice slice = {.key = 0, .key_dims = kKeys, .value = kKeys, .value_dims = kValues};
  const AttentionShape shape = {.cache_type = DType::bf16,
                                .row_bytes = kRow * 2,
                                .heads = kHeads,
                                .groups = {&slice, 1},
                                .scale = 0.2f};
  std::vector<float> q(kTokens * kHeads * kKeys), together(kTokens * kHeads * kValues), alone;
  for (float& value : q) value = normal(rng);
  alone.resize(together.size());
  const AttentionSequence all = {pages, 0, kTokens, q.data(), together.data()};
  attention({&all, 1}, shape, Precision::native);
  for (std::int64_t t = 0; t < kTokens; ++t) {
    const AttentionSequence one = {pages, t, 1, &q[static_cast<std::size_t>(t * kHeads * kKeys)],
                                   &alone[static_cast<std::size_t>(t * kHeads * kValues)]};
    attention({&one, 1}, shape, Precision::native);
  }
  EXPECT_TRUE(same_bits(together, alone));
}

TEST(Amx, peak_loops_do_the_work_they_say) {
  R1_NEED_AMX();
  EXPECT_EQ(amx_peak_loop(PeakInstruction::int8_dot, 2), 2 * 4 * 2.0 * 16 * 16 * 64);
  EXPECT_EQ(amx_peak_loop(PeakInstruction::bf16_dot, 2), 2 * 4 * 2.0 * 16 * 16 * 32);
}

TEST(Amx, functions_leave_no_tiles_behind) {
  R1_NEED_AMX();
  auto panel = std::make_unique<Bf16Panel>();
  const std::vector<std::uint16_t> x(17 * kBf16Chunk);
  std::vector<float> y(17 * kPanelRows);
  amx_functions().multiply_bf16(panel.get(), false, 4, kBf16Chunk, x.data(), 0, 17, y.data());
  EXPECT_FALSE(amx_emulator::tiles.configured);
}

}  // namespace
}  // namespace r1::panel
