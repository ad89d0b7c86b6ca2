// What serving a model gives: how many users fit, tokens a second for each and for all.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/communication.h"
#include "plan/kernels.h"
#include "plan/shape.h"

namespace r1::plan {

struct ServingRun {
  double weight_bytes = 2;  // of a parameter: 2 bf16, 1 fp8, 0.5625 four bits with scales
  double cache_element_bytes = 2;
  std::int64_t context = 4096;  // tokens of a user that are kept
  std::int64_t prompt = 4096;   // tokens of a prompt
  std::int64_t instance = 0;    // devices that hold the model once; 0: chosen
  double slowest_user = 20;     // tokens a second each user shall get at least, to choose by
};

/// One number of users of an instance.
struct ServingRate {
  std::int64_t users = 0;  // of the instance
  double user_tokens_per_second = 0;
  double tokens_per_second = 0;  // of the whole cluster
};

struct ServingPlan {
  std::int64_t instance = 1, instances = 1;
  double weights_per_device = 0;  // bytes
  double cache_per_token = 0;     // bytes, of all layers
  double free_per_device = 0;     // bytes for caches
  std::int64_t users_fit = 0;     // of the cluster, each with a full context
  bool fits = false;
  std::vector<ServingRate> rates;       // by users, doubling
  ServingRate chosen;                   // most tokens with each user at the wanted rate
  double prompt_tokens_per_second = 0;  // of the cluster
};

/// Models with experts: every device answers its own users and holds its share of the experts.
/// Dense models: every layer is split over the instance's devices.
ServingPlan plan_serving(const Shape& shape, const Cluster& cluster, const ServingRun& run,
                         const Assumptions& assumptions);

}  // namespace r1::plan
