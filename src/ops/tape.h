// The record of a forward pass from which gradients are computed.
#pragma once

#include <functional>
#include <vector>

#include "base/tensor.h"

namespace r1 {

/// While a Tape::Scope lives on a thread, each op that runs there leaves a function that carries
/// the gradient of its outputs to its inputs. Without one, ops leave nothing.
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

  /// The tape that records on this thread, or null.
  static Tape* recording();

  void record(std::function<void()> backward) { steps_.push_back(std::move(backward)); }
  /// Runs what was recorded, last first, from d loss / d loss = 1, and forgets it.
  void backward(const Tensor& loss);

 private:
  std::vector<std::function<void()>> steps_;
};

}  // namespace r1
