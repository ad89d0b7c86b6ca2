// AdamW with clipping by the global norm.
#pragma once

#include <cstdint>
#include <vector>

#include "learn/state.h"
#include "models/parameters.h"

namespace r1 {

struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.95, eps = 1e-8;
  double weight_decay = 0.1;  // of parameters with two or more dimensions
  double clip = 1.0;          // largest norm of all gradients together; 0: no clipping
};

class AdamW {
 public:
  /// Moments start at zero. The parameters must outlive the optimizer.
  AdamW(const Parameters& parameters, const AdamWOptions& options);

  /// One step with the gradients that were summed (a parameter that got none has zeros, and
  /// decays); then the multiplied weights are made again and the gradients forgotten. Returns the
  /// norm of the gradients before clipping. Throws Error, naming the parameter, if it is no finite
  /// number; nothing has changed then. The bits depend on no number of threads.
  double step(double learning_rate);

  std::int64_t steps() const { return steps_; }
  /// Moments and the number of steps.
  void visit(State& state);

 private:
  struct Moments {
    Tensor first, second;
  };
  double gradient_norm() const;

  const Parameters& parameters_;
  AdamWOptions options_;
  std::vector<Moments> moments_;
  std::int64_t steps_ = 0;
};

}  // namespace r1
