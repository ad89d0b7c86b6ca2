// What is assumed of kernels, networks and operation: one set of numbers for all models, each from
// a published measurement of a kernel, a link or a cluster, none fitted to a model's training time.
#pragma once

#include <span>
#include <string_view>

namespace r1::plan {

struct Assumptions {
  double bf16_product_share = 0.803;
  double fp8_product_share = 0.67;
  double product_memory_share = 0.70;
  double kernel_start = 2e-6;
  double elementwise_share = 0.72;
  // A fused attention kernel at a mean of n keys a query reaches share * n / (n + half).
  double flash2_forward_share = 0.384, flash2_forward_half = 105;
  double flash2_backward_share = 0.332, flash2_backward_half = 270;
  double flash3_forward_share = 0.680, flash3_forward_half = 210;
  double flash3_backward_share = 0.596, flash3_backward_half = 420;
  double flash2_ampere_forward_share = 0.73, flash2_ampere_backward_share = 0.63;
  double decode_memory_share = 0.895, decode_share = 0.667;
  double node_link_share = 0.80;
  double network_share = 0.86;
  double node_latency = 3.4e-6;
  double network_latency = 14e-6;
  double communication_processors = 20.0 / 132;
  double slowest_device = 0.95;
  double expert_imbalance = 1.04;
  double interruptions = 2.19e-5;
  double interruption_minutes = 16.7;
  double reserved_memory = 0.08;
  double facility_overhead = 1.1;
};

/// One of the numbers above, with what it means and where it was published.
struct Assumption {
  std::string_view name;
  double Assumptions::*value;
  double least, most;
  std::string_view meaning, source;
};
std::span<const Assumption> assumption_list();

/// Sets the assumption of that name. Throws Error for an unknown name or a number out of bounds.
void set_assumption(Assumptions& assumptions, std::string_view name, double value);

}  // namespace r1::plan
