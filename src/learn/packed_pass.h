// A model's forward over whole documents, packed one after the other: what every loss begins with.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "models/model.h"
#include "models/owned_cache.h"

namespace r1 {

struct PackedOptions {
  bool recompute = false;  // keep each layer's input alone, and compute the rest again in backward
  RouterWatch* routers = nullptr;
};

/// Documents see only themselves, each from position 0 on, and nothing is padded. The forward is
/// that of generation, bit for bit. Model and PackedPass must live until the tape's backward.
class PackedPass {
 public:
  /// Throws Error for an empty document or an id that the model doesn't know.
  PackedPass(const Model& model, std::span<const std::vector<int>> documents,
             const PackedOptions& options = {});
  PackedPass(const PackedPass&) = delete;
  PackedPass& operator=(const PackedPass&) = delete;

  /// After the last norm: [tokens of all documents, width].
  const Tensor& hidden() const { return hidden_; }
  /// The log-probability of each document's tokens from its second on, document after document.
  /// `counts` has an entry for each token of all documents: with it, only tokens are computed whose
  /// entry isn't 0. Bits don't depend on what else is computed.
  Tensor log_probabilities(std::span<const std::uint8_t> counts = {}) const;
  /// The same by multi-token prediction, from each document's third token on.
  Tensor predicted_log_probabilities(std::span<const std::uint8_t> counts = {});

 private:
  /// Of each document, the rows of `hidden` but the last `left_out`, and the tokens `ahead` of
  /// them that count.
  struct Targets {
    std::vector<std::int64_t> rows;
    std::vector<int> ids;
  };
  Targets targets(std::size_t ahead, std::size_t left_out,
                  std::span<const std::uint8_t> counts) const;

  const Model& model_;
  PackedOptions options_;
  std::vector<std::vector<int>> documents_;
  std::deque<OwnedCache> caches_;
  Pass pass_, predicting_;
  Tensor hidden_;
};

}  // namespace r1
