// What the engine knows of requests in work; only the engine's own files include this.
#pragma once

#include <vector>

#include "generate/engine.h"

namespace r1 {

struct Engine::Job {
  Ticket ticket;
  Request request;
  OnToken on_token;
  OnDone on_done;
  std::size_t siblings;    // answers that wait for the prompt to be computed
  std::size_t unfinished;  // answers
  std::vector<Answer> answers;
  bool cancelled = false;
  std::exception_ptr failure{};
};

struct Engine::Running {
  Sequence sequence;
  Job* job;

  std::int64_t left() const {
    return static_cast<std::int64_t>(sequence.ids().size()) - sequence.cached;
  }
  /// Has pages for all of its tokens, and is computed.
  bool admitted() const { return !sequence.cache.pages.empty(); }
};

inline std::int64_t pages_of(std::int64_t positions) {
  return (positions + kPagePositions - 1) / kPagePositions;
}

/// Rows [first, first + count) of x, copied.
inline Tensor some_rows(const Tensor& x, std::int64_t first, std::int64_t count) {
  return Tensor::of({count, x.width()},
                    x.numbers().subspan(static_cast<std::size_t>(first * x.width()),
                                        static_cast<std::size_t>(count * x.width())));
}

}  // namespace r1
