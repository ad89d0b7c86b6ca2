// The record of a forward pass from which gradients are computed.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "base/tensor.h"

namespace r1 {

/// While a Tape::Scope lives on a thread, each op that runs there leaves a function that carries
/// the gradient of its output to its inputs. Without one, ops leave nothing.
class Tape {
 public:
  class Scope {
   public:
    explicit Scope(Tape& tape);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Tape* before_;
  };

  /// While it lives, nothing is recorded on its thread.
  class Pause {
   public:
    Pause();
    ~Pause();
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    Tape* before_;
  };

  /// The tape that records on this thread, or null.
  static Tape* recording();

  void record(std::function<void()> backward) { steps_.push_back(std::move(backward)); }
  /// Runs what was recorded, last first, from d loss / d loss = `seed`, and forgets it step by
  /// step. Nothing is recorded meanwhile.
  void backward(const Tensor& loss, float seed = 1.0f);
  /// The same from gradients that were already summed in the outputs.
  void backward();

 private:
  std::vector<std::function<void()>> steps_;
};

/// While a tape records (it is the op that asks, so that nothing is made in vain): leaves
/// backward(dy) for an op whose output is y. It is called with the gradient by y, unless none
/// arrives. It should hold the gradients of its inputs, and of tensors only those whose numbers it
/// reads.
template <typename Backward>
void on_backward(const Tensor& y, Backward backward) {
  Tape::recording()->record([gradient = y.gradient(), backward = std::move(backward)] {
    if (gradient.arrived()) backward(static_cast<const float*>(gradient.data()));
  });
}

/// block(x), a function of one tensor to one tensor, of which only x is kept: backward computes it
/// once more. The gradient is the same to the last bit, as every op's forward is. Whatever the
/// block refers to must live until then; parameters are reached as in any op.
Tensor recomputed(const std::function<Tensor(const Tensor&)>& block, const Tensor& x);

}  // namespace r1
