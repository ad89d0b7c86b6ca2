#include <algorithm>
#include <optional>
#include <vector>

#include "base/error.h"
#include "plan/training.h"

namespace r1::plan {
namespace {

struct Choice {
  Schedule schedule;
  std::int64_t virtual_stages;
};

std::vector<Choice> choices(const Schedule* schedule, std::int64_t pipeline) {
  if (pipeline == 1) {
    return {{schedule != nullptr && *schedule != Schedule::interleaved &&
                     *schedule != Schedule::dualpipe
                 ? *schedule
                 : Schedule::one_f_one_b,
             1}};
  }
  std::vector<Choice> all = {{Schedule::one_f_one_b, 1}, {Schedule::zb1p, 1},
                             {Schedule::dualpipe, 1},    {Schedule::interleaved, 2},
                             {Schedule::interleaved, 4}, {Schedule::interleaved, 8}};
  if (schedule != nullptr) {
    std::erase_if(all, [&](const Choice& choice) { return choice.schedule != *schedule; });
  }
  return all;
}

/// Plans of one layout that can be, or nothing.
std::optional<TrainingPlan> attempt(const Shape& shape, const Cluster& cluster, const Run& run,
                                    const Layout& layout, const Assumptions& assumptions) {
  const Layout whole = filled(layout, cluster, run);
  // A cluster is used whole where that is possible at all.
  if (2 * whole.devices() <= cluster.devices) return {};
  try {
    return plan_training(shape, cluster, run, whole, assumptions, false);
  } catch (const Error&) {
    return {};
  }
}

bool better(const TrainingPlan& a, const TrainingPlan& b) {
  if (a.memory.fits() != b.memory.fits()) return a.memory.fits();
  if (!a.memory.fits()) return a.memory.total() < b.memory.total();
  return a.tokens_per_second > b.tokens_per_second;
}

}  // namespace

Layout find_layout(const Shape& shape, const Cluster& cluster, const Run& run,
                   const Assumptions& assumptions, const Schedule* schedule) {
  std::optional<TrainingPlan> best;
  const auto consider = [&](const Layout& layout) {
    const std::optional<TrainingPlan> plan = attempt(shape, cluster, run, layout, assumptions);
    if (plan && (!best || better(*plan, *best))) best = plan;
  };
  Layout layout;
  // Longer sequences go through the pipeline in slices.
  layout.micro_batch_tokens = run.sequence <= 8192 ? run.sequence : 4096;
  for (layout.pipeline = 1; layout.pipeline <= std::min<std::int64_t>(64, cluster.devices);
       layout.pipeline *= 2) {
    for (const Choice& choice : choices(schedule, layout.pipeline)) {
      layout.schedule = choice.schedule;
      layout.virtual_stages = choice.virtual_stages;
      for (layout.tensor = 1; layout.tensor <= cluster.devices_per_node; layout.tensor *= 2) {
        const std::int64_t most = shape.experts > 0 ? shape.experts : 1;
        for (layout.expert = 1; layout.expert <= most; layout.expert *= 2) {
          for (const Recompute recompute :
               {Recompute::none, Recompute::selective, Recompute::full}) {
            layout.recompute = recompute;
            consider(layout);
          }
        }
      }
    }
  }
  if (!best) {
    throw Error("layout", "no way to cut the model over the cluster was found",
                "give the layout, or another number of devices");
  }
  return best->layout;
}

}  // namespace r1::plan
