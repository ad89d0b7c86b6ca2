// Gradients of a step's micro-batches, side by side.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "base/tensor.h"
#include "models/parameters.h"

namespace r1 {

/// What a micro-batch's forward leaves: its loss, and what backward refers to.
struct MicroLoss {
  Tensor loss;
  std::shared_ptr<const void> kept;
};

/// How many lanes gradients of these parameters may have: 1 for large models, whose loops threads
/// share instead.
int most_gradient_lanes(const Parameters& parameters);

/// Runs forward(i) and backward from its loss for each i of [0, count), and adds the gradients to
/// those of `parameters`. Where there are lanes for all threads, each thread computes whole
/// micro-batches: none waits for another loop by loop, and what it computes stays in its cache.
/// Calls of forward() must bear to run at the same time then. Bits depend neither on that nor on
/// the number of threads: each micro-batch has its lane, and the lanes are summed in order. Returns
/// how many micro-batches ran at a time.
int accumulate_gradients(const Parameters& parameters, std::size_t count,
                         const std::function<MicroLoss(std::size_t)>& forward);

}  // namespace r1
