#include "plan_report.h"

#include <cmath>
#include <cstdio>
#include <string>

#include "plan/assumptions.h"

namespace r1::app {
namespace {

using Json = nlohmann::ordered_json;
using plan::Description;
using plan::Plan;

std::string text(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

/// Three figures with the prefix that fits: "37.6 G".
std::string scaled(double value, const char* unit) {
  const char* prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  std::size_t power = 0;
  while (std::abs(value) >= 999.5 && power + 1 < std::size(prefixes)) {
    value /= 1000;
    ++power;
  }
  const char* format = std::abs(value) >= 99.95   ? "%.0f "
                       : std::abs(value) >= 9.995 ? "%.1f "
                                                  : "%.2f ";
  return text(format, value) + prefixes[power] + unit;
}

std::string grouped(double value) {
  const std::string digits = text("%.0f", value);
  std::string result;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) result += ',';
    result += digits[i];
  }
  return result;
}

std::string share(double value) {
  return text("%.1f %%", 100 * value);
}

std::string duration(double seconds) {
  if (seconds < 1e-3) return text("%.0f us", seconds * 1e6);
  if (seconds < 1) return text("%.1f ms", seconds * 1e3);
  return text("%.2f s", seconds);
}

void row(const std::string& what, const std::string& value, const std::string& more = {}) {
  std::printf("  %-34s %18s   %s\n", what.c_str(), value.c_str(), more.c_str());
}

void title(const std::string& words) {
  std::printf("\n%s\n", words.c_str());
}

void print_model(const Description& d, const Plan& p) {
  title("Model " + d.shape.name);
  row("parameters", grouped(static_cast<double>(p.parameters.total())));
  row("  active for a token", grouped(static_cast<double>(p.parameters.active())),
      "embedding and head included");
  if (p.parameters.prediction > 0) {
    row("  multi-token prediction, apart", grouped(static_cast<double>(p.parameters.prediction)));
  }
  row("operations a token, forward", scaled(p.flops.forward(), "FLOP"),
      "attention " + share(p.flops.attention / p.flops.forward()) + " at " +
          std::to_string(d.run.sequence) + " tokens");
  row("  trained", scaled(p.flops.training(), "FLOP"));
  row("cache a token", scaled(p.serving.cache_per_token, "B"));
}

void print_layout(const Description& d, const Plan& p) {
  const plan::TrainingPlan& t = p.training;
  title("Training on " + grouped(static_cast<double>(d.cluster.devices)) + " x " +
        d.cluster.device.name);
  row("layout",
      "tensor " + std::to_string(t.layout.tensor) + ", pipeline " +
          std::to_string(t.layout.pipeline) + ", expert " + std::to_string(t.layout.expert) +
          ", data " + std::to_string(t.layout.data),
      d.source);
  row("schedule",
      std::string(plan::name(t.layout.schedule)) +
          (t.layout.virtual_stages > 1 ? " x " + std::to_string(t.layout.virtual_stages) : ""),
      std::to_string(t.layout.micro_batches) + " micro-batches of " +
          std::to_string(t.layout.micro_batch_tokens) + " tokens, recomputation " +
          std::string(plan::name(t.layout.recompute)));
  row("products",
      d.run.precision == plan::Precision::fp8 && d.cluster.device.fp8_flops > 0 ? "fp8" : "bf16");
}

void print_step(const Plan& p) {
  const plan::TrainingPlan& t = p.training;
  const plan::ChunkTimes& c = t.pipeline.times;
  title("A step: " + duration(t.step.total()));
  row("schedule's span", duration(t.step.pipeline), share(t.step.pipeline / t.step.total()));
  row("  of it bubble", duration(t.bubble),
      share(t.bubble_share) + ", by the closed formula " +
          duration(plan::bubble_formula(t.pipeline)));
  row("  micro-batch in a chunk", duration(c.forward) + " + " + duration(c.backward),
      "forward + backward, of it weights " + duration(c.weight) +
          (t.layout.schedule == plan::Schedule::dualpipe
               ? "; both overlapped " + duration(c.overlapped)
               : ""));
  row("  mean chunk over the longest", share(t.balance));
  if (t.exchange > 0) {
    row("  all-to-all of experts", duration(t.exchange),
        t.layout.schedule == plan::Schedule::dualpipe ? "hidden where overlapped" : "not hidden");
  }
  row("gradients reduced", duration(t.step.gradient_reduce),
      "not hidden, of " + duration(t.reduce));
  row("weights gathered", duration(t.step.weight_gather), "not hidden");
  if (t.step.sends > 0) row("filling and emptying the pipe", duration(t.step.sends));
  row("optimizer", duration(t.step.optimizer));
}

void print_memory(const Plan& p) {
  const plan::Memory& m = p.training.memory;
  title("Memory of a device: " + scaled(m.total(), "B") + " of " + scaled(m.capacity, "B") +
        (m.fits() ? "" : ", too much"));
  row("weights", scaled(m.weights, "B"));
  row("gradients", scaled(m.gradients, "B"));
  row("optimizer, split (ZeRO-1)", scaled(m.optimizer, "B"));
  row("activations", scaled(m.activations, "B"));
  row("reserved", scaled(m.reserved, "B"));
}

void print_result(const Description& d, const Plan& p) {
  const plan::TrainingPlan& t = p.training;
  title("Result");
  row("tokens a second", grouped(t.tokens_per_second),
      grouped(t.tokens_per_second / static_cast<double>(d.cluster.devices)) + " a device");
  row("operations a second of a device", scaled(t.achieved_flops, "FLOP/s"),
      share(t.achieved_flops / d.cluster.device.bf16_flops) + " of the bf16 peak while running");
  row("time not lost to interruptions", share(t.availability));
  row("device hours a trillion tokens", grouped(t.hours_per_trillion));
  for (const plan::StagePlan& stage : p.stages) {
    row("  " + stage.name, grouped(stage.device_hours) + " h",
        scaled(stage.tokens, " tokens") + " of sequences of " + std::to_string(stage.sequence));
  }
  row("device hours", grouped(p.device_hours), text("%.1f days", p.days));
  row("cost", "$" + grouped(p.dollars),
      "at $" + text("%.2f", d.cluster.device.dollars_per_hour) + " an hour of a device");
  row("energy", grouped(p.kilowatt_hours) + " kWh");
}

void print_serving(const Description& d, const Plan& p) {
  const plan::ServingPlan& s = p.serving;
  title("Serving, " + std::to_string(s.instances) + " x " + std::to_string(s.instance) +
        " devices, " + std::to_string(d.serving.context) + " tokens of context a user");
  row("weights of a device", scaled(s.weights_per_device, "B"),
      text("%.4g B a parameter", d.serving.weight_bytes));
  row("users that fit", grouped(static_cast<double>(s.users_fit)));
  row("prompt tokens a second", grouped(s.prompt_tokens_per_second));
  std::printf("  %-34s %18s   %s\n", "users of an instance", "tokens/s a user",
              "tokens/s of the cluster");
  for (const plan::ServingRate& rate : s.rates) {
    std::printf("  %-34s %18.1f   %s%s\n", grouped(static_cast<double>(rate.users)).c_str(),
                rate.user_tokens_per_second, grouped(rate.tokens_per_second).c_str(),
                rate.users == s.chosen.users ? "   <- most with each at the wanted speed" : "");
  }
}

Json layout_json(const plan::Layout& layout) {
  return {{"tensor", layout.tensor},
          {"pipeline", layout.pipeline},
          {"expert", layout.expert},
          {"data", layout.data},
          {"virtual_stages", layout.virtual_stages},
          {"schedule", plan::name(layout.schedule)},
          {"recompute", plan::name(layout.recompute)},
          {"micro_batch_tokens", layout.micro_batch_tokens},
          {"micro_batches", layout.micro_batches}};
}

Json times_json(const plan::ChunkTimes& times) {
  return {{"forward_s", times.forward},
          {"backward_s", times.backward},
          {"weight_s", times.weight},
          {"overlapped_s", times.overlapped}};
}

Json training_json(const plan::TrainingPlan& t) {
  const plan::Memory& m = t.memory;
  return {{"layout", layout_json(t.layout)},
          {"chunk", times_json(t.pipeline.times)},
          {"bubble_s", t.bubble},
          {"bubble_formula_s", plan::bubble_formula(t.pipeline)},
          {"balance", t.balance},
          {"all_to_all_s", t.exchange},
          {"gradient_reduce_s", t.reduce},
          {"send_s", t.send},
          {"step",
           {{"total_s", t.step.total()},
            {"pipeline_s", t.step.pipeline},
            {"sends_s", t.step.sends},
            {"gradient_reduce_s", t.step.gradient_reduce},
            {"weight_gather_s", t.step.weight_gather},
            {"optimizer_s", t.step.optimizer}}},
          {"memory",
           {{"weights", m.weights},
            {"gradients", m.gradients},
            {"optimizer", m.optimizer},
            {"activations", m.activations},
            {"reserved", m.reserved},
            {"total", m.total()},
            {"capacity", m.capacity},
            {"fits", m.fits()}}}};
}

Json serving_json(const plan::ServingPlan& s) {
  Json rates = Json::array();
  for (const plan::ServingRate& rate : s.rates) {
    rates.push_back({{"users", rate.users},
                     {"user_tokens_per_second", rate.user_tokens_per_second},
                     {"tokens_per_second", rate.tokens_per_second}});
  }
  return {{"instance", s.instance},
          {"instances", s.instances},
          {"fits", s.fits},
          {"weights_per_device", s.weights_per_device},
          {"users_fit", s.users_fit},
          {"users", s.chosen.users},
          {"user_tokens_per_second", s.chosen.user_tokens_per_second},
          {"tokens_per_second", s.chosen.tokens_per_second},
          {"prompt_tokens_per_second", s.prompt_tokens_per_second},
          {"rates", rates}};
}

}  // namespace

Json plan_json(const Description& d, const Plan& p) {
  const plan::Parameters& of = p.parameters;
  const plan::TrainingPlan& t = p.training;
  Json stages = Json::array();
  for (const plan::StagePlan& stage : p.stages) {
    stages.push_back({{"name", stage.name},
                      {"tokens", stage.tokens},
                      {"sequence", stage.sequence},
                      {"tokens_per_second", stage.tokens_per_second},
                      {"gpu_hours", stage.device_hours}});
  }
  Json assumptions = Json::object();
  for (const plan::Assumption& one : plan::assumption_list()) {
    assumptions[std::string(one.name)] = {
        {"value", d.assumptions.*one.value}, {"meaning", one.meaning}, {"source", one.source}};
  }
  Json result = {
      {"model", d.shape.name},
      {"device", d.cluster.device.name},
      {"devices", d.cluster.devices},
      {"parameters", of.total()},
      {"active_parameters", of.active()},
      {"prediction_parameters", of.prediction},
      {"parameters_by_part",
       {{"embedding", of.embedding},
        {"head", of.head},
        {"attention", of.attention},
        {"norms", of.norms},
        {"dense", of.dense},
        {"routers", of.routers},
        {"shared_experts", of.shared_experts},
        {"routed_experts", of.routed_experts}}},
      {"flops_per_token",
       {{"linear", p.flops.linear},
        {"attention", p.flops.attention},
        {"prediction", p.flops.prediction},
        {"forward", p.flops.forward()},
        {"training", p.flops.training()}}},
      {"cache_bytes_per_token", p.serving.cache_per_token},
      {"tokens", d.run.tokens},
      {"sequence", d.run.sequence},
      {"batch", d.run.batch},
      {"gpu_hours_per_trillion_tokens", t.hours_per_trillion},
      {"gpu_hours", p.device_hours},
      {"days", p.days},
      {"cost_usd", p.dollars},
      {"energy_kwh", p.kilowatt_hours},
      {"tokens_per_second", t.tokens_per_second},
      {"bubble_share", t.bubble_share},
      {"flops_per_second", t.achieved_flops},
      {"model_flops_share", t.achieved_flops / d.cluster.device.bf16_flops},
      {"availability", t.availability},
  };
  result.update(training_json(t));
  result["stages"] = stages;
  result["serving"] = serving_json(p.serving);
  result["assumptions"] = assumptions;
  result["notes"] = p.notes;
  return result;
}

void print_plan(const Description& d, const Plan& p, bool sources) {
  std::printf("%s on %s x %lld\n", d.shape.name.c_str(), d.cluster.device.name.c_str(),
              static_cast<long long>(d.cluster.devices));
  print_model(d, p);
  print_layout(d, p);
  print_step(p);
  print_memory(p);
  print_result(d, p);
  print_serving(d, p);
  title("Assumptions (one set for all models" +
        std::string(sources ? ")" : "; --sources says where each was published)"));
  for (const plan::Assumption& one : plan::assumption_list()) {
    std::printf("  %-30s %10.4g   %s\n", std::string(one.name).c_str(), d.assumptions.*one.value,
                std::string(one.meaning).c_str());
    if (sources) std::printf("  %-30s %10s     %s\n", "", "", std::string(one.source).c_str());
  }
  for (const std::string& note : p.notes) std::printf("\nNote: %s.\n", note.c_str());
}

Json schedule_json(const plan::Pipeline& pipeline, const plan::Timeline& timeline) {
  Json result = {{"schedule", plan::name(pipeline.schedule)},
                 {"stages", pipeline.stages},
                 {"micro_batches", pipeline.micro_batches},
                 {"virtual_stages", pipeline.virtual_stages},
                 {"span_s", timeline.span},
                 {"bubble_s", timeline.bubble},
                 {"bubble_share", timeline.bubble / timeline.span},
                 {"bubble_formula_s", plan::bubble_formula(pipeline)},
                 {"most_in_flight", timeline.most_in_flight}};
  result.update(times_json(pipeline.times));
  return result;
}

}  // namespace r1::app
