// The policy that a learning model must not stray from: its own weights of an earlier step.
#pragma once

#include <vector>

#include "base/tensor.h"
#include "learn/state.h"
#include "models/model.h"

namespace r1 {

/// A copy of all that learns. It is put in the place of the model's numbers to be computed with, so
/// that it goes through the very forward of the policy.
class ReferencePolicy {
 public:
  /// The model as it is now; it must outlive the reference.
  explicit ReferencePolicy(const Model& model);
  /// From now on the reference is the model as it is.
  void renew();
  void visit(State& state);

  /// While it lives, the model is the reference, and nothing may learn.
  class Scope {
   public:
    explicit Scope(ReferencePolicy& reference) : reference_(reference) { reference_.swap(); }
    ~Scope() { reference_.swap(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    ReferencePolicy& reference_;
  };

 private:
  /// The model's parameters and its routers' biases.
  std::vector<Tensor> learning() const;
  void swap();

  const Model& model_;
  std::vector<Tensor> values_;
};

}  // namespace r1
