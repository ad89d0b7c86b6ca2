// What a training run takes: time by part, memory by part, tokens a second.
#pragma once

#include <cstdint>

#include "plan/layer_cost.h"
#include "plan/layout.h"
#include "plan/schedule.h"

namespace r1::plan {

/// Bytes on the device that needs most.
struct Memory {
  double weights = 0;      // in the precision that is multiplied
  double gradients = 0;    // float32 sums
  double optimizer = 0;    // float32 weights and both moments, ZeRO-1: split over the replicas
  double activations = 0;  // of all micro-batches in flight, and the logits
  double reserved = 0;
  double capacity = 0;
  double total() const { return weights + gradients + optimizer + activations + reserved; }
  bool fits() const { return total() <= capacity; }
};

struct StepTime {
  double pipeline = 0;         // the schedule's span
  double sends = 0;            // interleaved: hand-overs while the pipe fills and empties
  double gradient_reduce = 0;  // what the last backward doesn't hide
  double weight_gather = 0;    // what the first forward doesn't hide
  double optimizer = 0;
  double total() const { return pipeline + sends + gradient_reduce + weight_gather + optimizer; }
};

struct TrainingPlan {
  Layout layout;
  Pipeline pipeline;  // with the times of the chunk that takes longest
  PassTime chunk;     // the same by pass, the processors all computing
  Timeline timeline;  // of at most a few rounds, as the rest repeats
  std::int64_t timeline_micro_batches = 0;
  double bubble = 0;        // seconds a step
  double bubble_share = 0;  // of the schedule's span
  double balance = 1;       // mean chunk over the longest
  double send = 0;          // seconds to hand a micro-batch to the next stage
  double exchange = 0;      // seconds a step of all-to-all on a device, hidden or not
  double reduce = 0;        // seconds a step of reducing gradients, hidden or not
  StepTime step;
  double availability = 1;
  double tokens_per_second = 0;   // of the cluster, interruptions included
  double hours_per_trillion = 0;  // of devices, a trillion tokens
  double achieved_flops = 0;  // of a device, forward and backward of the model, no recomputation
  Memory memory;
};

/// Throws Error for numbers that are out of bounds.
void check(const Run& run);
/// Throws Error if the layout doesn't fit shape, cluster and batch.
void check(const Layout& layout, const Shape& shape, const Cluster& cluster, const Run& run);
/// The layout with data parallelism and micro-batches that fill cluster and batch.
Layout filled(Layout layout, const Cluster& cluster, const Run& run);

/// simulate_events false: by the closed formulas only, and without a timeline.
TrainingPlan plan_training(const Shape& shape, const Cluster& cluster, const Run& run,
                           const Layout& layout, const Assumptions& assumptions,
                           bool simulate_events = true);

/// The fastest layout that fits into memory, with `schedule` if it is not null; if none fits, the
/// one that needs least memory.
Layout find_layout(const Shape& shape, const Cluster& cluster, const Run& run,
                   const Assumptions& assumptions, const Schedule* schedule = nullptr);

}  // namespace r1::plan
