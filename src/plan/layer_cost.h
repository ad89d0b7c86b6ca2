// What a layer costs one device for one micro-batch: seconds by pass, and bytes kept for backward.
#pragma once

#include "plan/communication.h"
#include "plan/kernels.h"
#include "plan/layout.h"
#include "plan/shape.h"

namespace r1::plan {

/// Seconds of one device. Computation includes tensor parallelism's collectives, which nothing
/// hides; all-to-all of experts stands apart, as some schedules hide it.
struct PassTime {
  double forward = 0, input_gradient = 0, weight_gradient = 0;
  double forward_exchange = 0, backward_exchange = 0;

  double compute() const { return forward + input_gradient + weight_gradient; }
  PassTime& operator+=(const PassTime& other);
  PassTime& operator*=(double factor);
};

/// Costs of the parts of a model under a layout, for micro-batches of layout.micro_batch_tokens
/// tokens that attend to `sequence` / 2 keys on average.
class LayerCosts {
 public:
  /// processors: the share of the device's processors left to computation.
  LayerCosts(const Shape& shape, const Run& run, const Layout& layout, const Cluster& cluster,
             const Assumptions& assumptions, double processors);

  PassTime dense_layer() const { return layer(false); }
  PassTime expert_layer() const { return layer(true); }
  /// Final norm, output head and loss.
  PassTime head() const;
  PassTime embedding() const;
  /// A module of multi-token prediction: projection, block, and the head once more.
  PassTime prediction() const;

  /// Bytes a layer keeps of a micro-batch until its backward is done.
  double kept_bytes(bool experts) const;

 private:
  struct Sum;
  PassTime layer(bool experts) const;
  void linear(Sum& sum, double groups, double m, double n, double k, bool recomputed) const;
  void attention(Sum& sum) const;
  void feed_forward(Sum& sum, double inner) const;
  void routed_experts(Sum& sum) const;

  const Shape& shape_;
  const Run& run_;
  const Layout& layout_;
  Kernels kernels_;
  Network network_;
  double imbalance_;
  double tokens_;  // of a micro-batch
};

}  // namespace r1::plan
