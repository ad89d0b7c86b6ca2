// What turns gradients into steps: AdamW, or Muon for the hidden matrices, with clipping by the
// global norm.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/dtype.h"
#include "learn/state.h"
#include "models/parameters.h"

namespace r1 {

class UpdateRule;

/// AdamW (Loshchilov and Hutter) moves every parameter. Muon (Jordan et al.) moves the hidden
/// matrices along their momentum made orthogonal; AdamW what is left: embeddings, head, norms,
/// biases, routers and adapters.
enum class OptimizerKind : std::uint8_t { adamw, muon };

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::adamw;
  double beta1 = 0.9, beta2 = 0.95, eps = 1e-8;
  double weight_decay = 0.1;   // of parameters with two or more dimensions
  double clip = 1.0;           // largest norm of all gradients together; 0: no clipping
  double momentum = 0.95;      // Muon's
  DType moments = DType::f32;  // or bf16: half the memory
};

class Optimizer {
 public:
  /// Moments start at zero. The parameters must outlive the optimizer. Throws Error for moments
  /// that are neither f32 nor bf16, and for bf16 with a decay so slow that rounding would stop it.
  Optimizer(const Parameters& parameters, const OptimizerOptions& options);
  ~Optimizer();

  /// One step with the gradients that were summed (a parameter that got none has zeros, and
  /// decays); then the multiplied weights are made again and the gradients forgotten. Returns the
  /// norm of the gradients before clipping. Throws Error, naming the parameter, if it is no finite
  /// number; nothing has changed then. The bits depend on no number of threads.
  double step(double learning_rate);

  std::int64_t steps() const { return steps_; }
  /// All that a step depends on beside the parameters, their gradients and the learning rate: what
  /// the rules remember, and the number of steps.
  void visit(State& state);

 private:
  double gradient_norm() const;

  const Parameters& parameters_;
  OptimizerOptions options_;
  std::vector<std::unique_ptr<UpdateRule>> rules_;  // one a parameter
  std::int64_t steps_ = 0;
};

}  // namespace r1
