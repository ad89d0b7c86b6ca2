#include "plan/published_runs.h"

namespace r1::plan {
namespace {

PublishedRun deepseek_v3() {
  PublishedRun of;
  Shape& s = of.shape;
  s.name = "deepseek-v3";
  s.vocab = 129280;
  s.width = 7168;
  s.layers = 61;
  s.heads = 128;
  s.feed_forward = 18432;
  s.q_lora = 1536;
  s.kv_lora = 512;
  s.dense_layers = 3;
  s.experts = 256;
  s.shared_experts = 1;
  s.experts_per_token = 8;
  s.expert_feed_forward = 2048;
  s.expert_groups = 8;
  s.kept_groups = 4;
  s.router_bias = true;
  s.prediction_layers = 1;
  of.run = {14.8e12, 4096, 15360, Precision::fp8, AttentionKernel::flash3, 2};
  of.layout.pipeline = 16;
  of.layout.expert = 64;
  of.layout.schedule = Schedule::dualpipe;
  of.layout_known = true;
  // 1,000 steps each of 1,920 sequences of 32K and 480 of 128K.
  of.later = {{"context 32K", 1000.0 * 1920 * 32768 / 14.8e12, 32768, 1920},
              {"context 128K", 1000.0 * 480 * 131072 / 14.8e12, 131072, 480}};
  of.source = "DeepSeek-V3 report";
  return of;
}

PublishedRun deepseek_v2() {
  PublishedRun of;
  Shape& s = of.shape;
  s.name = "deepseek-v2";
  s.vocab = 102400;
  s.width = 5120;
  s.layers = 60;
  s.heads = 128;
  s.feed_forward = 12288;
  s.q_lora = 1536;
  s.kv_lora = 512;
  s.dense_layers = 1;
  s.experts = 160;
  s.shared_experts = 2;
  s.experts_per_token = 6;
  s.expert_feed_forward = 1536;
  s.expert_groups = 8;
  s.kept_groups = 3;
  of.run = {8.1e12, 4096, 9216, Precision::bf16, AttentionKernel::flash2, 4};
  of.layout.pipeline = 16;
  of.layout.expert = 8;
  of.layout.schedule = Schedule::zb1p;
  of.layout_known = true;
  of.source = "DeepSeek-V2 report";
  return of;
}

PublishedRun deepseek_67b() {
  PublishedRun of;
  Shape& s = of.shape;
  s.name = "deepseek-67b";
  s.vocab = 102400;
  s.width = 8192;
  s.layers = 95;
  s.heads = 64;
  s.kv_heads = 8;
  s.feed_forward = 22016;
  of.run = {2e12, 4096, 4608, Precision::bf16, AttentionKernel::flash2, 4};
  of.schedule = Schedule::one_f_one_b;
  of.source = "DeepSeek LLM report";
  return of;
}

PublishedRun llama_405b() {
  PublishedRun of;
  Shape& s = of.shape;
  s.name = "llama-3.1-405b";
  s.vocab = 128256;
  s.width = 16384;
  s.layers = 126;
  s.heads = 128;
  s.kv_heads = 8;
  s.feed_forward = 53248;
  of.run = {15.6e12, 8192, 2048, Precision::bf16, AttentionKernel::flash2, 4};
  of.layout.tensor = 8;
  of.layout.pipeline = 16;
  of.layout.schedule = Schedule::interleaved;
  of.layout.virtual_stages = 8;  // one layer each
  // The paper recomputes no layers; what its kernels keep isn't said, and this is what fits.
  of.layout.recompute = Recompute::selective;
  of.layout.micro_batch_tokens = 8192;
  of.layout_known = true;
  of.source = "Llama 3 paper, table 4 and section 3.3";
  return of;
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
