#include "plan/published_runs.h"

namespace r1::plan {
namespace {

PublishedRun deepseek_v3() {
  return {.shape = {.name = "deepseek-v3",
                    .vocab = 129280,
                    .width = 7168,
                    .layers = 61,
                    .heads = 128,
                    .feed_forward = 18432,
                    .q_lora = 1536,
                    .kv_lora = 512,
                    .dense_layers = 3,
                    .experts = 256,
                    .shared_experts = 1,
                    .experts_per_token = 8,
                    .expert_feed_forward = 2048,
                    .expert_groups = 8,
                    .kept_groups = 4,
                    .router_bias = true,
                    .prediction_layers = 1},
          .run = {14.8e12, 4096, 15360, Precision::fp8, AttentionKernel::flash3, 2},
          .layout = {.pipeline = 16, .expert = 64, .schedule = Schedule::dualpipe},
          .layout_known = true,
          // 1,000 steps each of 1,920 sequences of 32K and 480 of 128K.
          .later = {{"context 32K", 1000.0 * 1920 * 32768 / 14.8e12, 32768, 1920},
                    {"context 128K", 1000.0 * 480 * 131072 / 14.8e12, 131072, 480}},
          .source = "DeepSeek-V3 report"};
}

PublishedRun deepseek_v2() {
  return {.shape = {.name = "deepseek-v2",
                    .vocab = 102400,
                    .width = 5120,
                    .layers = 60,
                    .heads = 128,
                    .feed_forward = 12288,
                    .q_lora = 1536,
                    .kv_lora = 512,
                    .dense_layers = 1,
                    .experts = 160,
                    .shared_experts = 2,
                    .experts_per_token = 6,
                    .expert_feed_forward = 1536,
                    .expert_groups = 8,
                    .kept_groups = 3},
          .run = {8.1e12, 4096, 9216, Precision::bf16, AttentionKernel::flash2, 4},
          .layout = {.pipeline = 16, .expert = 8, .schedule = Schedule::zb1p},
          .layout_known = true,
          .source = "DeepSeek-V2 report"};
}

PublishedRun deepseek_67b() {
  return {.shape = {.name = "deepseek-67b",
                    .vocab = 102400,
                    .width = 8192,
                    .layers = 95,
                    .heads = 64,
                    .feed_forward = 22016,
                    .kv_heads = 8},
          .run = {2e12, 4096, 4608, Precision::bf16, AttentionKernel::flash2, 4},
          .schedule = Schedule::one_f_one_b,
          .source = "DeepSeek LLM report"};
}

PublishedRun llama_405b() {
  return {.shape = {.name = "llama-3.1-405b",
                    .vocab = 128256,
                    .width = 16384,
                    .layers = 126,
                    .heads = 128,
                    .feed_forward = 53248,
                    .kv_heads = 8},
          .run = {15.6e12, 8192, 2048, Precision::bf16, AttentionKernel::flash2, 4},
          // One layer a virtual stage. The paper recomputes no layers; what its kernels keep isn't
          // said, and this is what fits.
          .layout = {.tensor = 8,
                     .pipeline = 16,
                     .virtual_stages = 8,
                     .schedule = Schedule::interleaved,
                     .recompute = Recompute::selective,
                     .micro_batch_tokens = 8192},
          .layout_known = true,
          .source = "Llama 3 paper, table 4 and section 3.3"};
}

}  // namespace

std::optional<PublishedRun> find_published_run(std::string_view name) {
  for (const PublishedRun& run : {deepseek_v3(), deepseek_v2(), deepseek_67b(), llama_405b()}) {
    if (run.shape.name == name) return run;
  }
  return std::nullopt;
}

std::string published_run_names() {
  return "deepseek-v3, deepseek-v2, deepseek-67b, llama-3.1-405b";
}

}  // namespace r1::plan
