#include "plan/training.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"

namespace r1::plan {
namespace {

/// Longer timelines take their times from the closed formulas.
constexpr std::int64_t kMostEvents = 20'000'000;

/// The model's parts in order, with the costs of a schedule's view of them.
struct Part {
  PassTime alone;       // all processors compute
  PassTime overlapped;  // some of them communicate
  double parameters = 0, routed_parameters = 0;
  double kept = 0;  // bytes of a micro-batch
};

class Planner {
 public:
  Planner(const Shape& shape, const Cluster& cluster, const Run& run, const Layout& layout,
          const Assumptions& assumptions)
      : shape_(shape),
        cluster_(cluster),
        run_(run),
        layout_(layout),
        assumptions_(assumptions),
        network_(cluster, assumptions),
        alone_(shape, run, layout_, cluster, assumptions, 1),
        overlapped_(shape, run, layout_, cluster, assumptions,
                    1 - assumptions.communication_processors),
        send_(network_.send(2 * static_cast<double>(layout.micro_batch_tokens * shape.width) /
                                static_cast<double>(layout.tensor),
                            layout.tensor * layout.data)) {}

  TrainingPlan plan(bool simulate_events);

 private:
  std::vector<Part> parts() const;
  void cut(const std::vector<Part>& parts, TrainingPlan& plan);
  ChunkTimes chunk_times() const;
  void run_pipeline(TrainingPlan& plan, bool simulate_events) const;
  void reduce_gradients(TrainingPlan& plan) const;
  Memory memory(const TrainingPlan& plan) const;
  double copies() const { return layout_.schedule == Schedule::dualpipe ? 2 : 1; }

  const Shape& shape_;
  const Cluster& cluster_;
  const Run& run_;
  const Layout layout_;
  const Assumptions& assumptions_;
  Network network_;
  LayerCosts alone_, overlapped_;
  double send_;             // seconds to hand a micro-batch to the next stage
  Part chunk_;              // the one that takes longest
  double device_kept_ = 0;  // bytes of a micro-batch in the chunk that keeps most
  double device_parameters_ = 0, device_routed_ = 0;  // of the device that holds most
};

std::vector<Part> Planner::parts() const {
  const LayerParameters layer = layer_parameters(shape_);
  const auto tensor = static_cast<double>(layout_.tensor);
  const auto share = [&](std::int64_t parameters) {
    return static_cast<double>(parameters) / tensor;
  };
  // Experts stay whole under tensor parallelism and are split over both kinds of devices.
  const double routed =
      static_cast<double>(shape_.experts * layer.expert) / static_cast<double>(layout_.expert);
  const bool experts = shape_.experts > 0;
  const Part embedding = {alone_.embedding(), overlapped_.embedding(),
                          share(shape_.vocab * shape_.width), 0, 0};
  const Part dense = {alone_.dense_layer(), overlapped_.dense_layer(),
                      share(layer.attention + layer.norms + layer.dense), 0,
                      alone_.kept_bytes(false)};
  Part expert;
  if (experts) {
    expert = {alone_.expert_layer(), overlapped_.expert_layer(),
              share(layer.attention + layer.norms + layer.router + layer.shared_experts), routed,
              alone_.kept_bytes(true)};
  }
  std::vector<Part> parts = {embedding};
  for (std::int64_t i = 0; i < shape_.layers; ++i) {
    parts.push_back(experts && i >= shape_.dense_layers ? expert : dense);
  }
  const double logits = 2.0 * static_cast<double>(shape_.vocab) / tensor *
                        static_cast<double>(layout_.micro_batch_tokens);
  parts.push_back({alone_.head(), overlapped_.head(), share(shape_.vocab * shape_.width), 0, 0});
  for (std::int64_t i = 0; i < shape_.prediction_layers; ++i) {
    const Part& block = experts ? expert : dense;
    parts.push_back({alone_.prediction(), overlapped_.prediction(),
                     block.parameters + share(2 * shape_.width * shape_.width),
                     block.routed_parameters, block.kept + logits});
  }
  return parts;
}

Part& operator+=(Part& sum, const Part& part) {
  sum.alone += part.alone;
  sum.overlapped += part.overlapped;
  sum.parameters += part.parameters;
  sum.routed_parameters += part.routed_parameters;
  sum.kept += part.kept;
  return sum;
}

double cost(const Part& part) {
  return part.overlapped.compute();
}

/// Consecutive chunks of at most `limit` seconds.
std::vector<Part> cut_in_order(const std::vector<Part>& parts, double limit) {
  std::vector<Part> chunks(1);
  for (const Part& part : parts) {
    if (cost(chunks.back()) + cost(part) > limit) chunks.emplace_back();
    chunks.back() += part;
  }
  return chunks;
}

/// DualPipe's devices hold a chunk from the front and one from the back: sums of two consecutive
/// runs of parts, together at most 2 * limit seconds, from both ends inward.
std::vector<Part> cut_from_ends(const std::vector<Part>& parts, double limit) {
  std::vector<Part> pairs(1);
  std::size_t front = 0, back = parts.size();
  double front_cost = 0, back_cost = 0;
  while (front < back) {
    const auto fits = [&](const Part& part) {
      return cost(pairs.back()) + cost(part) <= 2 * limit;
    };
    bool from_back = back_cost <= front_cost;
    if (!fits(from_back ? parts[back - 1] : parts[front])) from_back = !from_back;
    const Part& part = from_back ? parts[back - 1] : parts[front];
    if (!fits(part)) {
      pairs.emplace_back();
      front_cost = back_cost = 0;
      continue;
    }
    pairs.back() += part;
    (from_back ? back_cost : front_cost) += cost(part);
    from_back ? --back : ++front;
  }
  return pairs;
}

/// Cuts the parts so that the device with most to do has least.
void Planner::cut(const std::vector<Part>& parts, TrainingPlan& plan) {
  const bool pairs = layout_.schedule == Schedule::dualpipe;
  const auto chunks = static_cast<std::size_t>(layout_.pipeline * layout_.virtual_stages);
  double longest = 0, sum = 0;
  for (const Part& part : parts) {
    longest = std::max(longest, cost(part));
    sum += cost(part);
  }
  const auto cut_at = [&](double limit) {
    return pairs ? cut_from_ends(parts, limit) : cut_in_order(parts, limit);
  };
  // Sums of another order may round up: one chunk of all parts must be possible.
  double low = longest / (pairs ? 2 : 1), high = sum * (1 + 1e-9);
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (cut_at(middle).size() <= (pairs ? chunks / 2 : chunks) ? high : low) = middle;
  }
  const double scale = pairs ? 0.5 : 1;  // times and bytes are a chunk's, on the mean of a pair
  double slowest = 0;
  for (const Part& held : cut_at(high)) {
    if (cost(held) > slowest) {
      slowest = cost(held);
      chunk_ = held;
    }
    device_kept_ = std::max(device_kept_, held.kept * scale);
    const double parameters = held.parameters + held.routed_parameters;
    device_parameters_ = std::max(device_parameters_, parameters * scale);
    device_routed_ = std::max(device_routed_, held.routed_parameters * scale);
  }
  chunk_.alone *= scale;
  chunk_.overlapped *= scale;
  const auto held = static_cast<double>(layout_.virtual_stages);
  device_parameters_ *= held;
  device_routed_ *= held;
  plan.chunk = chunk_.alone;
  plan.balance = sum / static_cast<double>(chunks) / cost(chunk_);
}

ChunkTimes Planner::chunk_times() const {
  // All devices wait for the slowest; exchanges don't depend on its clock.
  const double slow = 1 / assumptions_.slowest_device;
  const PassTime& t = chunk_.alone;
  ChunkTimes times;
  times.forward = t.forward * slow + t.forward_exchange;
  times.weight = t.weight_gradient * slow;
  times.backward = t.input_gradient * slow + t.backward_exchange + times.weight;
  times.overlapped = times.forward + times.backward;
  const double exchange = t.forward_exchange + t.backward_exchange;
  if (layout_.schedule == Schedule::dualpipe && exchange > 0) {
    times.overlapped =
        std::min(times.overlapped, std::max(chunk_.overlapped.compute() * slow, exchange));
  }
  // Only the interleaved schedule sends while it computes another chunk.
  if (layout_.schedule != Schedule::interleaved && layout_.pipeline > 1) {
    times.forward += send_;
    times.backward += send_;
    times.overlapped += 2 * send_;
  }
  return times;
}

void Planner::run_pipeline(TrainingPlan& plan, bool simulate_events) const {
  plan.pipeline = {layout_.schedule, layout_.pipeline, layout_.micro_batches,
                   layout_.virtual_stages, chunk_times()};
  plan.bubble = bubble_formula(plan.pipeline);
  plan.step.pipeline = span_formula(plan.pipeline);
  const std::int64_t enough = 6 * layout_.pipeline;
  if (simulate_events && enough * enough * layout_.virtual_stages < kMostEvents) {
    // Once the pipe is full, each further round of micro-batches takes as long as the one before.
    Pipeline few = plan.pipeline;
    if (few.micro_batches > enough) {
      few.micro_batches = enough + few.micro_batches % (2 * few.stages);
    }
    plan.timeline = simulate(few);
    plan.timeline_micro_batches = few.micro_batches;
    plan.bubble = plan.timeline.bubble;
    plan.step.pipeline = plan.timeline.span + span_formula(plan.pipeline) - span_formula(few);
  }
  plan.bubble_share = plan.bubble / plan.step.pipeline;
  plan.exchange = static_cast<double>(layout_.micro_batches * layout_.virtual_stages) *
                  (chunk_.alone.forward_exchange + chunk_.alone.backward_exchange);
  if (layout_.schedule == Schedule::interleaved) {
    plan.step.sends = 2 * static_cast<double>(layout_.pipeline - 1) * send_;
  }
  plan.send = send_;
}

/// Gradients are reduced while the last micro-batch goes backward, weights gathered while the
/// first goes forward.
void Planner::reduce_gradients(TrainingPlan& plan) const {
  const double shared = device_parameters_ - device_routed_;
  const std::int64_t replicas = layout_.data * layout_.tensor / layout_.expert;
  const double copies = this->copies();
  const auto both = [&](double bytes) {
    return network_.gather(bytes * shared * copies, layout_.data, layout_.tensor) +
           network_.gather(bytes * device_routed_ * copies, std::max<std::int64_t>(replicas, 1),
                           layout_.expert);
  };
  plan.reduce = both(4);
  const auto held = static_cast<double>(layout_.virtual_stages) * copies;
  const ChunkTimes& t = plan.pipeline.times;
  plan.step.gradient_reduce = std::max(0.0, plan.reduce - t.backward * held);
  plan.step.weight_gather =
      std::max(0.0, both(run_.precision == Precision::fp8 ? 1 : 2) - t.forward * held);
  // Gradient, float32 weight and moments are read, weight and moments written, weights rounded.
  const double owned = (shared / static_cast<double>(layout_.data) +
                        device_routed_ / static_cast<double>(std::max<std::int64_t>(replicas, 1)));
  plan.step.optimizer = Kernels(cluster_.device, assumptions_, 1)
                            .elementwise(owned * (4 + 2 * (4 + 2 * run_.moment_bytes) + 2));
}

Memory Planner::memory(const TrainingPlan& plan) const {
  Memory memory;
  const double held = device_parameters_ * copies();
  const double routed = device_routed_;
  const double shared = device_parameters_ - routed;
  const std::int64_t replicas =
      std::max<std::int64_t>(layout_.data * layout_.tensor / layout_.expert, 1);
  memory.weights = held * (run_.precision == Precision::fp8 ? 1 : 2);
  memory.gradients = held * 4;
  memory.optimizer = (4 + 2 * run_.moment_bytes) * (shared / static_cast<double>(layout_.data) +
                                                    routed / static_cast<double>(replicas));
  std::int64_t in_flight =
      layout_.schedule == Schedule::dualpipe ? layout_.pipeline + 1 : layout_.pipeline;
  if (layout_.schedule == Schedule::interleaved) {
    in_flight = 2 * (layout_.pipeline - 1) + (layout_.virtual_stages - 1) * layout_.pipeline + 1;
  }
  const std::vector<std::int64_t>& most = plan.timeline.most_in_flight;
  if (!most.empty()) in_flight = *std::max_element(most.begin(), most.end());
  in_flight = std::min(in_flight, layout_.micro_batches * layout_.virtual_stages);
  // Float32 logits and their gradient of one micro-batch, computed in chunks of 4096 tokens.
  const double logits = 8 * static_cast<double>(shape_.vocab) /
                        static_cast<double>(layout_.tensor) *
                        std::min(4096.0, static_cast<double>(layout_.micro_batch_tokens));
  memory.activations = static_cast<double>(in_flight) * device_kept_ + logits;
  memory.capacity = cluster_.device.memory;
  memory.reserved = memory.capacity * assumptions_.reserved_memory;
  return memory;
}

TrainingPlan Planner::plan(bool simulate_events) {
  TrainingPlan plan;
  plan.layout = layout_;
  cut(parts(), plan);
  run_pipeline(plan, simulate_events);
  reduce_gradients(plan);
  plan.memory = memory(plan);
  const auto devices = static_cast<double>(cluster_.devices);
  const double lost_hours =
      devices * assumptions_.interruptions * assumptions_.interruption_minutes / 60;
  plan.availability = 1 / (1 + lost_hours);
  // Places of the last round of micro-batches that the batch doesn't fill stay empty.
  const double tokens = static_cast<double>(run_.batch) * static_cast<double>(run_.sequence);
  plan.tokens_per_second = tokens / plan.step.total() * plan.availability;
  plan.hours_per_trillion = devices * 1e12 / plan.tokens_per_second / 3600;
  plan.achieved_flops = token_flops(shape_, run_.sequence).training() * tokens / plan.step.total() /
                        static_cast<double>(layout_.devices());
  return plan;
}

}  // namespace

void check(const Run& run) {
  const bool right = run.tokens > 0 && run.tokens < 1e18 && run.sequence >= 1 &&
                     run.sequence <= 10'000'000 && run.batch >= 1 && run.batch <= 100'000'000 &&
                     run.moment_bytes > 0 && run.moment_bytes <= 8;
  if (!right) throw Error("run", "its tokens, sequence, batch or moment_bytes are out of bounds");
}

void check(const Layout& layout, const Shape& shape, const Cluster& cluster, const Run& run) {
  const auto fail = [](const std::string& what) { throw Error("layout", what); };
  if (layout.tensor < 1 || layout.pipeline < 1 || layout.expert < 1 || layout.data < 1) {
    fail("tensor, pipeline, expert and data must be at least 1");
  }
  if (layout.tensor > cluster.devices || layout.pipeline > cluster.devices ||
      layout.data > cluster.devices || layout.devices() > cluster.devices) {
    fail("it needs more devices than the cluster has");
  }
  if (shape.heads % layout.tensor != 0 ||
      (!shape.latent() && shape.kv_heads % layout.tensor != 0)) {
    fail("tensor must divide the number of heads");
  }
  if (layout.pipeline * layout.virtual_stages > shape.layers + 2) {
    fail("there are more stages than layers");
  }
  if (layout.expert > 1 && (shape.experts == 0 || shape.experts % layout.expert != 0)) {
    fail("expert must divide the number of experts");
  }
  if (layout.data * layout.tensor % layout.expert != 0) {
    fail("expert must divide the devices of a stage");
  }
  check(run);
  check(
      Pipeline{layout.schedule, layout.pipeline, layout.micro_batches, layout.virtual_stages, {}});
}

Layout filled(Layout layout, const Cluster& cluster, const Run& run) {
  constexpr std::int64_t kMost = 10'000'000;
  for (const std::int64_t number : {layout.tensor, layout.pipeline, layout.expert,
                                    layout.virtual_stages, layout.micro_batch_tokens}) {
    if (number < 1 || number > kMost) {
      throw Error("layout", "its numbers must be from 1 to 10 million");
    }
  }
  layout.data = std::max<std::int64_t>(1, cluster.devices / (layout.tensor * layout.pipeline));
  // Expert parallelism takes whole groups of a stage's devices.
  const std::int64_t unit = std::max<std::int64_t>(1, layout.expert / layout.tensor);
  if (layout.data >= unit) layout.data -= layout.data % unit;
  const double tokens = static_cast<double>(run.batch) * static_cast<double>(run.sequence);
  layout.micro_batches = static_cast<std::int64_t>(
      std::ceil(tokens / static_cast<double>(layout.data * layout.micro_batch_tokens) - 1e-9));
  const std::int64_t multiple = layout.schedule == Schedule::dualpipe      ? 2
                                : layout.schedule == Schedule::interleaved ? layout.pipeline
                                                                           : 1;
  layout.micro_batches = (layout.micro_batches + multiple - 1) / multiple * multiple;
  return layout;
}

TrainingPlan plan_training(const Shape& shape, const Cluster& cluster, const Run& run,
                           const Layout& layout, const Assumptions& assumptions,
                           bool simulate_events) {
  check(layout, shape, cluster, run);
  return Planner(shape, cluster, run, layout, assumptions).plan(simulate_events);
}

}  // namespace r1::plan
