// The same bits whatever a token is computed with: every architecture, weight type, instruction
// set, layout, number of threads, batch and cut of the prompt.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/threads.h"
#include "kernels/isa.h"
#include "models/model.h"
#include "models/owned_cache.h"
#include "models/small_models.h"
#include "restored_settings.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

/// What a GGUF file can hold; fp8 comes in folders.
constexpr DType kTypes[] = {DType::f32,  DType::f16,  DType::bf16, DType::q8_0,  DType::q4_0,
                            DType::q4_1, DType::q5_0, DType::q5_1, DType::q4_k,  DType::q5_k,
                            DType::q6_k, DType::q2_k, DType::q3_k, DType::iq4_nl};

std::vector<int> random_ids(std::size_t count, std::uint64_t stream) {
  std::vector<int> ids(count);
  Random random(3, stream);
  for (int& id : ids) id = static_cast<int>(random.below(48));
  return ids;
}

/// The logits of a sequence computed in pieces of the given lengths. In each pass `others` more
/// sequences have a token, half of them before it and half behind it.
std::vector<float> logits_of(const Model& model, const std::vector<int>& ids,
                             const std::vector<std::int64_t>& pieces, std::int64_t others) {
  std::deque<OwnedCache> caches;
  for (std::int64_t i = 0; i <= others; ++i) caches.emplace_back(model.cache_shape(), 128);
  std::vector<float> all;
  std::int64_t position = 0;
  for (std::size_t step = 0; step < pieces.size(); ++step) {
    Pass pass;
    const auto add_others = [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = from; i < to; ++i) {
        const auto stream = static_cast<std::uint64_t>(100 * i) + step;
        pass.add(random_ids(1, stream), static_cast<std::int64_t>(step),
                 caches[static_cast<std::size_t>(i + 1)]);
      }
    };
    add_others(0, others / 2);
    const std::int64_t first = pass.tokens();
    const auto begin = ids.begin() + position;
    pass.add({begin, begin + pieces[step]}, position, caches[0]);
    add_others(others / 2, others);
    const Tensor logits = model.logits(model.hidden(pass));
    const auto rows =
        logits.numbers().subspan(static_cast<std::size_t>(first * logits.width()),
                                 static_cast<std::size_t>(pieces[step] * logits.width()));
    all.insert(all.end(), rows.begin(), rows.end());
    position += pieces[step];
  }
  return all;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Numbers that tell tokens apart: without this, equal bits would mean nothing.
void expect_sensible(const std::vector<float>& logits) {
  double sum = 0, squares = 0;
  for (const float logit : logits) {
    ASSERT_TRUE(std::isfinite(logit));
    sum += static_cast<double>(logit);
    squares += static_cast<double>(logit) * static_cast<double>(logit);
  }
  const auto count = static_cast<double>(logits.size());
  EXPECT_GT(squares / count - sum / count * (sum / count), 0.01);
  const auto half = static_cast<std::ptrdiff_t>(logits.size() / 2);
  EXPECT_FALSE(same_bits({logits.begin(), logits.begin() + half},
                         {logits.begin() + half, logits.begin() + 2 * half}));
}

void expect_the_same_bits(const fs::path& path, DType cache_type) {
  const Checkpoint checkpoint = Checkpoint::open(path);
  // The plain kernels are too slow for more.
  const bool plain = active_isa() == Isa::reference;
  const std::vector<int> ids = random_ids(plain ? 3 : 7, 1);
  const auto count = static_cast<std::int64_t>(ids.size());
  const std::vector<std::int64_t> pieces = {count - 1, 1};
  const std::int64_t others = plain ? 1 : 31;
  std::vector<float> want;
  for (const bool pack : {true, false}) {
    const auto model = Model::load(checkpoint, {.cache_type = cache_type, .pack = pack});
    for (const int threads : {2, 1}) {
      set_threads(threads);
      SCOPED_TRACE((pack ? "packed, threads " : "mapped, threads ") + std::to_string(threads));
      if (want.empty()) {
        want = logits_of(*model, ids, {count}, 0);
        expect_sensible(want);
        if (plain) break;
      }
      EXPECT_TRUE(same_bits(logits_of(*model, ids, pieces, others), want)) << "in a batch";
      if (plain) break;
      EXPECT_TRUE(same_bits(logits_of(*model, ids, {count}, 0), want)) << "whole and alone";
      EXPECT_TRUE(same_bits(logits_of(*model, ids, pieces, 0), want)) << "in chunks";
    }
  }
}

void expect_the_same_bits_on_every_isa(const fs::path& path, DType cache_type) {
  for (const Isa isa : available_isas()) {
    set_isa(isa);
    SCOPED_TRACE(path.filename().string() + " " + std::string(name(isa)));
    expect_the_same_bits(path, cache_type);
  }
}

TEST(Determinism, logits_have_the_same_bits_alone_in_a_batch_and_in_chunks) {
  const RestoredSettings restored;
  const TemporaryFolder folder;
  for (const char* model : {"llama", "qwen2", "deepseek_v2", "deepseek_v3"}) {
    const auto config = small_config(model);
    for (const DType type : kTypes) {
      const fs::path path = folder / (model + ("-" + std::string(name(type))) + ".gguf");
      write_small_gguf(path, config, type);
      expect_the_same_bits_on_every_isa(path, DType::bf16);
      if (type != DType::bf16) continue;
      for (const DType cache : {DType::f32, DType::q8_0}) {
        expect_the_same_bits_on_every_isa(path, cache);
      }
    }
    const fs::path fp8 = folder / (model + std::string("-f8_e4m3"));
    write_small_fp8(fp8, config);
    expect_the_same_bits_on_every_isa(fp8, DType::bf16);
  }
}

}  // namespace
}  // namespace r1
