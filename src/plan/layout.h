// How a training run is cut over devices.
#pragma once

#include <cstdint>

#include "plan/kernels.h"
#include "plan/schedule.h"

namespace r1::plan {

enum class Recompute : std::uint8_t {
  none,
  selective,  // norms, activation functions and latent attention's up-projections
  full,       // whole layers
};

/// What is trained, apart from the model.
struct Run {
  double tokens = 1e12;
  std::int64_t sequence = 4096;  // tokens a document
  std::int64_t batch = 1024;     // sequences a step
  Precision precision = Precision::bf16;
  AttentionKernel kernel = AttentionKernel::flash3;
  double moment_bytes = 4;  // of each of AdamW's two moments
};

struct Layout {
  std::int64_t data = 1, tensor = 1, pipeline = 1, expert = 1;
  std::int64_t virtual_stages = 1;  // chunks of a device, interleaved schedule only
  Schedule schedule = Schedule::one_f_one_b;
  Recompute recompute = Recompute::selective;
  std::int64_t micro_batch_tokens = 4096;
  std::int64_t micro_batches = 1;  // a step, of each pipeline

  std::int64_t devices() const { return data * tensor * pipeline; }
};

}  // namespace r1::plan
