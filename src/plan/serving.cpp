#include "plan/serving.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "plan/layer_cost.h"

namespace r1::plan {
namespace {

/// Kernels of a layer in a decoding step; each costs at least its start.
constexpr double kKernelsPerLayer = 12;

class Server {
 public:
  Server(const Shape& shape, const Cluster& cluster, const ServingRun& run,
         const Assumptions& assumptions, std::int64_t instance)
      : shape_(shape),
        device_(cluster.device),
        cluster_(cluster),
        run_(run),
        assumptions_(assumptions),
        network_(cluster, assumptions),
        instance_(instance),
        devices_(static_cast<double>(instance)) {}

  ServingPlan plan() const;

 private:
  double weights_per_device() const;
  double step_seconds(double users) const;
  double compute_seconds(double users) const;
  double exchange_seconds(double users) const;
  double prompt_rate() const;
  double read(double parameters, double rows) const;

  const Shape& shape_;
  const Device& device_;
  const Cluster& cluster_;
  const ServingRun& run_;
  const Assumptions& assumptions_;
  Network network_;
  std::int64_t instance_;
  double devices_;
};

double Server::weights_per_device() const {
  const Parameters p = count_parameters(shape_);
  const auto routed = static_cast<double>(p.routed_experts);
  const double rest = static_cast<double>(p.total()) - routed;
  return run_.weight_bytes * (shape_.experts > 0 ? rest + routed / devices_ : rest / devices_);
}

/// Seconds to multiply `rows` tokens with so many parameters: arithmetic and reading, in turn.
double Server::read(double parameters, double rows) const {
  const bool fp8 = run_.weight_bytes <= 1 && device_.fp8_flops > 0;
  const double rate = fp8 ? device_.fp8_flops * assumptions_.fp8_product_share
                          : device_.bf16_flops * assumptions_.bf16_product_share;
  return 2 * parameters * rows / rate +
         parameters * run_.weight_bytes /
             (device_.memory_bandwidth * assumptions_.product_memory_share);
}

double Server::compute_seconds(double users) const {
  const LayerParameters layer = layer_parameters(shape_);
  const bool split = shape_.experts == 0;  // layers over devices, or users over devices
  const double here = split ? users : users / devices_;
  const double part = split ? devices_ : 1;
  const auto layers = static_cast<double>(shape_.layers);
  const auto expert_layers = static_cast<double>(shape_.expert_layers());
  const auto own = [&](std::int64_t parameters) {
    return read(static_cast<double>(parameters) / part, here);
  };
  double seconds = layers * own(layer.attention) + (layers - expert_layers) * own(layer.dense) +
                   own(shape_.vocab * shape_.width);
  if (expert_layers > 0) {
    // Of the experts on a device, those that some token goes to are read.
    const auto experts = static_cast<double>(shape_.experts);
    const auto picks = static_cast<double>(shape_.experts_per_token);
    const double hit = experts / devices_ * (1 - std::pow(1 - picks / experts, users));
    const auto expert = static_cast<double>(layer.expert);
    const double rows = users * picks / devices_ / std::max(hit, 1e-9);
    seconds +=
        expert_layers * (own(layer.shared_experts + layer.router) + read(hit * expert, rows));
  }
  // Attention over the cache. Latent attention multiplies each cached row with all heads.
  const double cached = here * static_cast<double>(run_.context) / part;
  const double bytes = cached * cache_bytes(shape_, run_.cache_element_bytes);
  const double dims = shape_.latent() ? static_cast<double>(2 * shape_.kv_lora + shape_.rope_dims)
                                      : static_cast<double>(2 * shape_.head_dims);
  const double flops = cached * layers * 2 * static_cast<double>(shape_.heads) * dims;
  seconds += std::max(bytes / (device_.memory_bandwidth * assumptions_.decode_memory_share),
                      flops / (device_.bf16_flops * assumptions_.decode_share));
  return seconds + layers * kKernelsPerLayer * assumptions_.kernel_start;
}

double Server::exchange_seconds(double users) const {
  if (instance_ == 1) return 0;
  const auto width = static_cast<double>(shape_.width);
  const auto layers = static_cast<double>(shape_.layers);
  if (shape_.experts == 0) {
    return layers * 2 * network_.all_reduce(2 * users * width, instance_, 1);
  }
  // Kernels of low latency send each copy straight to its device: dispatch in fp8, results in bf16.
  const double copies = network_.reach(shape_, instance_).devices;
  const double nodes = std::ceil(devices_ / static_cast<double>(cluster_.devices_per_node));
  const double remote = nodes > 1 ? (nodes - 1) / nodes : (devices_ - 1) / devices_;
  const double rate = nodes > 1 ? device_.network_link * assumptions_.network_share
                                : device_.node_link * assumptions_.node_link_share;
  const double latency = nodes > 1 ? assumptions_.network_latency : assumptions_.node_latency;
  const double dispatch = run_.weight_bytes <= 1 ? 1 : 2;
  return static_cast<double>(shape_.expert_layers()) *
         (users / devices_ * copies * remote * width * (dispatch + 2) / rate + 2 * latency);
}

double Server::step_seconds(double users) const {
  const double in_turn = compute_seconds(users) + exchange_seconds(users);
  if (shape_.experts == 0 || users < 2 * devices_) return in_turn / assumptions_.slowest_device;
  // Two halves of the users take turns in computing and exchanging.
  const double halves = 2 * std::max(compute_seconds(users / 2), exchange_seconds(users / 2));
  return std::min(in_turn, halves) / assumptions_.slowest_device;
}

double Server::prompt_rate() const {
  Run run;
  run.sequence = run_.prompt;
  run.precision =
      run_.weight_bytes <= 1 && device_.fp8_flops > 0 ? Precision::fp8 : Precision::bf16;
  Layout layout;
  layout.micro_batch_tokens = std::clamp<std::int64_t>(run_.prompt, 1, 16384);
  layout.schedule = Schedule::dualpipe;  // two micro-batches hide each other's exchange
  if (shape_.experts > 0) {
    layout.expert = instance_;
  } else {
    layout.tensor = instance_;
  }
  const auto seconds_with = [&](double processors) {
    const LayerCosts costs(shape_, run, layout, cluster_, assumptions_, processors);
    PassTime sum;
    for (std::int64_t i = 0; i < shape_.layers; ++i) {
      sum += shape_.experts > 0 && i >= shape_.dense_layers ? costs.expert_layer()
                                                            : costs.dense_layer();
    }
    return sum;
  };
  const PassTime alone = seconds_with(1);
  const PassTime overlapped = seconds_with(1 - assumptions_.communication_processors);
  const double seconds = std::min(alone.forward + alone.forward_exchange,
                                  std::max(overlapped.forward, alone.forward_exchange)) /
                         assumptions_.slowest_device;
  const double own = shape_.experts > 0 ? devices_ : 1;
  return own * static_cast<double>(layout.micro_batch_tokens) / seconds;
}

ServingPlan Server::plan() const {
  ServingPlan plan;
  plan.instance = instance_;
  plan.instances = cluster_.devices / instance_;
  plan.weights_per_device = weights_per_device();
  plan.cache_per_token = cache_bytes(shape_, run_.cache_element_bytes);
  plan.free_per_device =
      device_.memory * (1 - assumptions_.reserved_memory) - plan.weights_per_device;
  const double user = plan.cache_per_token * static_cast<double>(run_.context);
  const double fit = std::floor(std::max(0.0, plan.free_per_device) * devices_ / user);
  plan.fits = fit >= 1;
  const auto most = static_cast<std::int64_t>(std::min(fit, 1e9));
  plan.users_fit = most * plan.instances;
  const auto add = [&](std::int64_t users) {
    ServingRate rate;
    rate.users = users;
    rate.user_tokens_per_second = 1 / step_seconds(static_cast<double>(users));
    rate.tokens_per_second = rate.user_tokens_per_second * static_cast<double>(users) *
                             static_cast<double>(plan.instances);
    plan.rates.push_back(rate);
    const bool fast = rate.user_tokens_per_second >= run_.slowest_user;
    if (plan.chosen.users == 0 ||
        (fast && rate.tokens_per_second > plan.chosen.tokens_per_second)) {
      plan.chosen = rate;
    }
  };
  for (std::int64_t users = 1; users < most; users *= 2) add(users);
  if (most > 0) add(most);
  plan.prompt_tokens_per_second = prompt_rate() * static_cast<double>(plan.instances);
  return plan;
}

/// Whether the layers, or the experts, can be split over so many devices.
bool divides(const Shape& shape, std::int64_t instance) {
  if (shape.experts > 0) return shape.experts % instance == 0;
  return shape.heads % instance == 0;
}

void check(const ServingRun& run) {
  const bool right = run.weight_bytes > 0.05 && run.weight_bytes <= 8 &&
                     run.cache_element_bytes > 0.05 && run.cache_element_bytes <= 8 &&
                     run.context >= 1 && run.context <= 100'000'000 && run.prompt >= 1 &&
                     run.prompt <= 100'000'000 && run.instance >= 0;
  if (!right) throw Error("serving", "a number is out of bounds");
}

}  // namespace

ServingPlan plan_serving(const Shape& shape, const Cluster& cluster, const ServingRun& run,
                         const Assumptions& assumptions) {
  check(run);
  if (run.instance > 0) {
    if (run.instance > cluster.devices || !divides(shape, run.instance)) {
      throw Error("serving", "the model can't be split over " + std::to_string(run.instance) +
                                 " devices of the cluster");
    }
    return Server(shape, cluster, run, assumptions, run.instance).plan();
  }
  ServingPlan best;
  const auto better = [&](const ServingPlan& plan) {
    if (plan.fits != best.fits) return plan.fits;
    if (!plan.fits) return plan.weights_per_device < best.weights_per_device;
    const bool fast = plan.chosen.user_tokens_per_second >= run.slowest_user;
    const bool was_fast = best.chosen.user_tokens_per_second >= run.slowest_user;
    if (fast != was_fast) return fast;
    return plan.chosen.tokens_per_second > best.chosen.tokens_per_second;
  };
  for (std::int64_t instance = 1; instance <= cluster.devices; instance *= 2) {
    if (!divides(shape, instance)) continue;
    const ServingPlan plan = Server(shape, cluster, run, assumptions, instance).plan();
    if (instance == 1 || better(plan)) best = plan;
  }
  return best;
}

}  // namespace r1::plan
