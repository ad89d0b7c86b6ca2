#include "plan/plan.h"

#include "base/error.h"

namespace r1::plan {
namespace {

/// The given layout where it can be, the fastest that fits otherwise.
TrainingPlan train(const Description& d, const Run& run, std::vector<std::string>& notes) {
  const Schedule* schedule = d.schedule ? &*d.schedule : nullptr;
  if (!d.layout_given) {
    const Layout found = find_layout(d.shape, d.cluster, run, d.assumptions, schedule);
    return plan_training(d.shape, d.cluster, run, found, d.assumptions);
  }
  const Layout given = filled(d.layout, d.cluster, run);
  if (d.source.empty()) return plan_training(d.shape, d.cluster, run, given, d.assumptions);
  try {
    const TrainingPlan plan = plan_training(d.shape, d.cluster, run, given, d.assumptions);
    if (plan.memory.fits()) return plan;
    notes.emplace_back("the published layout does not fit into memory here; another was searched");
  } catch (const Error& error) {
    notes.emplace_back("the published layout is not possible here (" + std::string(error.what()) +
                       "); another was searched");
  }
  const Layout found = find_layout(d.shape, d.cluster, run, d.assumptions);
  return plan_training(d.shape, d.cluster, run, found, d.assumptions);
}

StagePlan stage(std::string name, const Run& run, const TrainingPlan& plan) {
  return {std::move(name), run.tokens, run.sequence, plan.tokens_per_second,
          plan.hours_per_trillion * run.tokens / 1e12};
}

}  // namespace

Plan make_plan(const Description& description) {
  Description d = description;
  check(d.shape);
  check(d.cluster);
  check(d.run);
  Plan plan;
  if (d.run.precision == Precision::fp8 && d.cluster.device.fp8_flops <= 0) {
    d.run.precision = Precision::bf16;
    plan.notes.emplace_back("the devices have no fp8 products; training is planned in bf16");
  }
  plan.parameters = count_parameters(d.shape);
  plan.flops = token_flops(d.shape, d.run.sequence);
  plan.training = train(d, d.run, plan.notes);
  plan.stages.push_back(stage("training", d.run, plan.training));
  for (const Stage& later : d.later) {
    Description longer = d;
    longer.run.tokens = d.run.tokens * later.tokens_share;
    longer.run.sequence = later.sequence;
    longer.run.batch = later.batch;
    // The layout stays; slices of the long sequences follow each other through the pipeline.
    longer.layout = plan.training.layout;
    longer.layout_given = true;
    std::vector<std::string> ignored;
    plan.stages.push_back(
        stage(std::string(later.name), longer.run, train(longer, longer.run, ignored)));
  }
  for (const StagePlan& part : plan.stages) plan.device_hours += part.device_hours;
  const Device& device = d.cluster.device;
  plan.days = plan.device_hours / static_cast<double>(d.cluster.devices) / 24;
  plan.dollars = plan.device_hours * device.dollars_per_hour;
  plan.kilowatt_hours = plan.device_hours * (device.watts + device.host_watts) / 1000 *
                        d.assumptions.facility_overhead;
  if (!plan.training.memory.fits()) {
    plan.notes.emplace_back("training needs more memory than the devices have");
  }
  if (plan.training.layout.devices() < d.cluster.devices) {
    plan.notes.emplace_back(
        std::to_string(d.cluster.devices - plan.training.layout.devices()) +
        " devices are left over by the layout and idle, but count in hours and money");
  }
  plan.serving = plan_serving(d.shape, d.cluster, d.serving, d.assumptions);
  if (!plan.serving.fits) {
    plan.notes.emplace_back("serving: the weights and one user's context don't fit into memory");
  }
  return plan;
}

}  // namespace r1::plan
