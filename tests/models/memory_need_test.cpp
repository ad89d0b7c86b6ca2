#include "models/memory_need.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/memory.h"

namespace r1 {
namespace {

const std::filesystem::path kModels = std::filesystem::path(R1_SHARED) / "goldens/models";

TEST(MemoryNeed, a_token_takes_its_keys_and_values_or_its_latent) {
  if (!std::filesystem::exists(kModels)) GTEST_SKIP() << "needs the folder of goldens (R1_SHARED)";
  // 3 layers, 2 key-value heads of 16; 3 layers, a latent of 24 and 16 rotated numbers.
  EXPECT_EQ(cache_bytes_per_token(Checkpoint::open(kModels / "llama"), DType::bf16),
            3 * 2 * 2 * 16 * 2);
  EXPECT_EQ(cache_bytes_per_token(Checkpoint::open(kModels / "deepseek_v3"), DType::bf16),
            3 * (24 + 16) * 2);
}

TEST(MemoryNeed, grows_with_the_context_by_its_cache_alone) {
  if (!std::filesystem::exists(kModels)) GTEST_SKIP() << "needs the folder of goldens (R1_SHARED)";
  const Checkpoint model = Checkpoint::open(kModels / "qwen2");
  const MemoryNeed small = memory_need(model, 1000), large = memory_need(model, 3000);
  EXPECT_EQ(small.weights, model.tensor_bytes());
  EXPECT_EQ(large.cache, 3 * small.cache);
  EXPECT_EQ(large.workspace, small.workspace);
}

TEST(MemoryNeed, more_than_the_machine_has_is_refused_with_the_sizes) {
  EXPECT_NO_THROW(require_memory({1000, 1000, 1000}, "m"));
  EXPECT_THROW(require_memory({physical_memory(), 1000, 1000}, "m"), Error);
  EXPECT_GT(available_memory(), 0);
  EXPECT_LE(available_memory(), physical_memory());
}

}  // namespace
}  // namespace r1
