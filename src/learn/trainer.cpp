#include "learn/trainer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "ops/router.h"

namespace r1 {
namespace {

constexpr double kRecent = 50;  // updates that the mean of recent losses remembers

/// The parameter whose gradient is the largest, or holds a number that isn't finite.
std::string steepest_parameter(const Parameters& parameters) {
  std::string name;
  double largest = -1;
  for (const Parameter& parameter : parameters.all()) {
    const Gradient gradient = parameter.value.gradient();
    if (!gradient.arrived()) continue;
    double squares = 0;
    for (std::int64_t i = 0; i < gradient.elements(); ++i) {
      squares += static_cast<double>(gradient.data()[i]) * static_cast<double>(gradient.data()[i]);
    }
    if (!std::isfinite(squares)) return parameter.name;
    if (squares > largest) {
      largest = squares;
      name = parameter.name;
    }
  }
  return name;
}

}  // namespace

TrainerOptions TrainerOptions::read(const Section& section, const ModelConfig& model,
                                    const TrainerOptions& otherwise) {
  TrainerOptions options = otherwise;
  options.schedule = Schedule::read(section, otherwise.schedule.highest);
  OptimizerOptions& adamw = options.optimizer;
  const bool muon = adamw.kind == OptimizerKind::muon, bf16 = adamw.moments == DType::bf16;
  adamw.kind = section.choice("optimizer", muon ? "muon" : "adamw", {"adamw", "muon"}) == "muon"
                   ? OptimizerKind::muon
                   : OptimizerKind::adamw;
  adamw.moments = section.choice("moments", bf16 ? "bf16" : "f32", {"bf16", "f32"}) == "bf16"
                      ? DType::bf16
                      : DType::f32;
  adamw.momentum = section.number("momentum", adamw.momentum, 0, 0.9999999);
  adamw.beta1 = section.number("beta1", adamw.beta1, 0, 0.9999999);
  adamw.beta2 = section.number("beta2", adamw.beta2, 0, 0.9999999);
  adamw.eps = section.number("eps", adamw.eps, 0, 1);
  adamw.weight_decay = section.number("weight_decay", adamw.weight_decay, 0, 1e3);
  adamw.clip = section.number("clip", adamw.clip, 0, 1e9);
  options.recompute = section.flag("recompute", options.recompute);
  options.explosion = section.number("explosion", options.explosion, 0, 1e9);
  for (const char* key : {"balance_weight", "bias_speed"}) {
    if (section.has(key) && model.experts == 0) {
      throw section.error(key, "is for models with experts, and this one has none");
    }
  }
  options.balance_weight = static_cast<float>(
      section.number("balance_weight", static_cast<double>(options.balance_weight), 0, 1e3));
  options.bias_speed = static_cast<float>(
      section.number("bias_speed", static_cast<double>(options.bias_speed), 0, 1));
  return options;
}

Trainer::Trainer(const Model& model, const TrainerOptions& options, std::int64_t steps)
    : model_(model),
      options_(options),
      steps_(steps),
      optimizer_(model.parameters(), options.optimizer) {}

std::vector<double> Trainer::accumulate(
    std::span<const double> shares,
    const std::function<MicroLoss(std::size_t i, const PackedOptions& packing)>& forward) {
  std::vector<RouterWatch> watches(shares.size());
  std::vector<double> values(shares.size());
  accumulate_gradients(model_.parameters(), shares.size(), [&](std::size_t i) {
    watches[i].balance_weight = options_.balance_weight * static_cast<float>(shares[i]);
    PackedOptions packing;
    packing.recompute = options_.recompute;
    if (model_.config().experts > 0) packing.routers = &watches[i];
    MicroLoss part = forward(i, packing);
    values[i] = static_cast<double>(part.loss.data()[0]);
    return part;
  });
  for (std::size_t i = 0; i < shares.size(); ++i) {
    loss_ += values[i];
    balance_loss_ += shares[i] * watches[i].balance_loss;
    count_load(watches[i].load);
  }
  return values;
}

void Trainer::count_load(const std::vector<std::vector<std::int64_t>>& load) {
  load_.resize(std::max(load_.size(), load.size()));
  for (std::size_t layer = 0; layer < load.size(); ++layer) {
    load_[layer].resize(load[layer].size());
    for (std::size_t e = 0; e < load[layer].size(); ++e) load_[layer][e] += load[layer][e];
  }
}

void Trainer::check_loss() const {
  if (!std::isfinite(loss_)) {
    const std::string broken = broken_parameter(model_.parameters());
    throw Error("the loss", "is no finite number: " +
                                (broken.empty() ? "neither is every number in the gradient by " +
                                                      steepest_parameter(model_.parameters())
                                                : broken + " holds a number that isn't finite"));
  }
  if (options_.explosion > 0 && recent_loss_ > 0 && loss_ > options_.explosion * recent_loss_) {
    throw Error("the loss", "exploded from " + std::to_string(recent_loss_) + " to " +
                                std::to_string(loss_) + ", with the largest gradient by " +
                                steepest_parameter(model_.parameters()));
  }
}

void Trainer::move_router_biases() {
  if (options_.bias_speed <= 0) return;
  std::vector<Tensor> biases = model_.router_biases();
  for (std::size_t layer = 0; layer < std::min(biases.size(), load_.size()); ++layer) {
    if (!biases[layer].defined() || load_[layer].empty()) continue;
    update_router_bias(biases[layer], load_[layer], options_.bias_speed);
  }
}

ExpertLoad Trainer::expert_load() const {
  ExpertLoad all;
  bool first = true;
  for (const auto& load : load_) {
    const std::int64_t total = std::accumulate(load.begin(), load.end(), std::int64_t{0});
    if (total == 0) continue;
    const auto [least, most] = std::minmax_element(load.begin(), load.end());
    const double mean = static_cast<double>(total) / static_cast<double>(load.size());
    const double smallest = static_cast<double>(*least) / mean;
    all.largest = std::max(all.largest, static_cast<double>(*most) / mean);
    all.smallest = first ? smallest : std::min(all.smallest, smallest);
    first = false;
  }
  return all;
}

UpdateFigures Trainer::update() {
  check_loss();
  UpdateFigures figures;
  figures.loss = loss_;
  figures.balance_loss = balance_loss_;
  figures.expert_load = expert_load();
  figures.learning_rate = options_.schedule.rate(updates(), steps_);
  figures.gradient_norm = optimizer_.step(figures.learning_rate);
  move_router_biases();
  const double rate = recent_loss_ > 0 ? 1 / kRecent : 1;
  recent_loss_ += rate * (loss_ - recent_loss_);
  loss_ = balance_loss_ = 0;
  load_.clear();
  return figures;
}

void Trainer::visit(State& state) {
  optimizer_.visit(state);
  state.number("trainer.recent_loss", recent_loss_);
}

void add_expert_load(const ExpertLoad& load, nlohmann::ordered_json& metrics) {
  if (load.largest <= 0) return;
  metrics["expert_load"] = {{"largest", load.largest}, {"smallest", load.smallest}};
}

std::string broken_parameter(const Parameters& parameters) {
  for (const Parameter& parameter : parameters.all()) {
    for (const float number : parameter.value.numbers()) {
      if (!std::isfinite(number)) return parameter.name;
    }
  }
  return {};
}

double training_operations(const Model& model, std::int64_t tokens, std::int64_t predicted) {
  const Linear& head = model.head();
  // Two operations a multiplication: forward, the gradient by the input, and that by the weight
  // where it learns.
  const double each = head.learned.parameter.defined() ? 6 : 4;
  return each * (model.token_cost().layer_multiplications * static_cast<double>(tokens) +
                 static_cast<double>(head.in() * head.out()) * static_cast<double>(predicted));
}

}  // namespace r1
