// An engine that runs by itself and takes requests from any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "generate/engine.h"

namespace r1 {

/// Owns a thread on which the engine computes whatever is asked. All functions may be called from
/// any thread, the callbacks come on the engine's and must be quick and not throw.
class EngineThread {
 public:
  using Ticket = std::uint64_t;

  /// Nothing else may use the engine meanwhile. At most `most_requests` are taken at a time.
  EngineThread(Engine& engine, std::size_t most_requests);
  /// Cancels what is left; every request has been told of its end then.
  ~EngineThread();
  EngineThread(const EngineThread&) = delete;
  EngineThread& operator=(const EngineThread&) = delete;

  /// Nothing if there are too many requests already. Throws Error as Engine::check does.
  std::optional<Ticket> submit(Request request, OnToken on_token, OnDone on_done);
  /// Ends a request soon, wherever it stands; it gets its answers as they are.
  void cancel(Ticket ticket);
  /// As of the last pass.
  EngineLoad load() const;

 private:
  struct Entry {
    Ticket ticket;
    Request request;
    OnToken on_token;
    OnDone on_done;
  };
  void work();
  void take(std::vector<Entry> entries, const std::vector<Ticket>& cancelled);

  Engine& engine_;
  std::size_t most_requests_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Entry> inbox_;
  std::vector<Ticket> cancelled_;
  std::size_t requests_ = 0;  // taken and not yet done
  Ticket next_ticket_ = 0;
  EngineLoad load_;
  bool stop_ = false;
  std::vector<std::pair<Ticket, Engine::Ticket>> tickets_;  // ours and the engine's; its thread's
  std::thread thread_;
};

}  // namespace r1
