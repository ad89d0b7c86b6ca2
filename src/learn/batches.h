// Which documents a step learns from, and how they are cut into micro-batches.
#pragma once

#include <cstdint>
#include <vector>

#include "learn/data_set.h"
#include "learn/state.h"

namespace r1 {

struct BatchOptions {
  std::int64_t documents = 0;  // a step's; 0: as many as `tokens` hold
  std::int64_t tokens = 0;     // a step's at most (one document at least); 0: any number
  std::int64_t micro_batch_tokens = 2048;  // computed together at most, one document at least
  bool shuffle = true;
};

/// Walks through a data set again and again, each time in another order, which depends on nothing
/// but the seed and the number of the epoch.
class Batches {
 public:
  /// The data set must outlive it.
  Batches(const DataSet& data, const BatchOptions& options, std::uint64_t seed);

  /// The documents of the next step.
  std::vector<std::int64_t> next();
  /// Epochs that were walked through, in documents.
  double epochs() const;
  /// How many steps that many epochs take from the beginning on.
  std::int64_t steps(double epochs) const;
  void visit(State& state);

 private:
  std::int64_t at(std::int64_t position) const;

  const DataSet& data_;
  BatchOptions options_;
  std::uint64_t seed_;
  std::int64_t position_ = 0;                // documents taken since the first epoch began
  mutable std::vector<std::int64_t> order_;  // of epoch_
  mutable std::int64_t epoch_ = -1;
};

/// Whole documents in their order, cut where the tokens would exceed those of a micro-batch, or
/// come closest to even parts, whose number is a multiple of `multiple` if documents are short
/// enough. There must be a document, and none may be empty.
std::vector<std::vector<Document>> micro_batches(const DataSet& data,
                                                 const std::vector<std::int64_t>& documents,
                                                 std::int64_t tokens, std::int64_t multiple = 1);

}  // namespace r1
