// How one parameter moves by its gradient.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "learn/optimizer.h"

namespace r1 {

/// What all parameters of a step share.
struct StepSize {
  double learning_rate;
  float gradient_scale;  // what clipping leaves of the gradients
  std::int64_t step;     // from 1
};

/// One parameter's rule, with what it remembers.
class UpdateRule {
 public:
  virtual ~UpdateRule() = default;
  /// Moves the parameter; gradient: as many numbers.
  virtual void update(const StepSize& size, const float* gradient, Tensor& value) = 0;
  /// What is remembered of the parameter of that name.
  virtual void visit(const std::string& parameter, State& state) = 0;
};

/// True for the matrices between the embedding and the head that multiply activations: what Muon
/// was made for. `name` is the parameter's in the checkpoint.
bool is_hidden_matrix(const std::string& name, const Tensor::Shape& shape);

/// The rule that the options choose for this parameter.
std::unique_ptr<UpdateRule> make_update_rule(const Parameter& parameter,
                                             const OptimizerOptions& options);

}  // namespace r1
