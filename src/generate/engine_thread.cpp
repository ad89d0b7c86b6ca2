#include "generate/engine_thread.h"

#include <algorithm>
#include <utility>

namespace r1 {

EngineThread::EngineThread(Engine& engine, std::size_t most_requests)
    : engine_(engine), most_requests_(most_requests), load_(engine.load()) {
  thread_ = std::thread([this] { work(); });
}

EngineThread::~EngineThread() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::optional<EngineThread::Ticket> EngineThread::submit(Request request, OnToken on_token,
                                                         OnDone on_done) {
  engine_.check(request);
  Ticket ticket = 0;
  {
    const std::lock_guard lock(mutex_);
    if (requests_ >= most_requests_) return std::nullopt;
    ++requests_;
    ticket = next_ticket_++;
    inbox_.push_back({ticket, std::move(request), std::move(on_token), std::move(on_done)});
  }
  wake_.notify_one();
  return ticket;
}

void EngineThread::cancel(Ticket ticket) {
  const std::lock_guard lock(mutex_);
  cancelled_.push_back(ticket);
}

EngineLoad EngineThread::load() const {
  const std::lock_guard lock(mutex_);
  EngineLoad load = load_;
  load.requests = static_cast<std::int64_t>(requests_);
  return load;
}

/// Hands to the engine what came meanwhile.
void EngineThread::take(std::vector<Entry> entries, const std::vector<Ticket>& cancelled) {
  for (Entry& entry : entries) {
    const auto done = [this, ticket = entry.ticket, on_done = std::move(entry.on_done)](
                          std::vector<Answer> answers, std::exception_ptr failure) {
      std::erase_if(tickets_, [&](const auto& pair) { return pair.first == ticket; });
      {
        const std::lock_guard lock(mutex_);
        --requests_;
      }
      on_done(std::move(answers), std::move(failure));
    };
    try {
      const Engine::Ticket inner =
          engine_.submit(std::move(entry.request), std::move(entry.on_token), done);
      tickets_.emplace_back(entry.ticket, inner);
    } catch (...) {
      done({}, std::current_exception());
    }
  }
  for (const auto& [ticket, inner] : tickets_) {
    if (std::find(cancelled.begin(), cancelled.end(), ticket) != cancelled.end()) {
      engine_.cancel(inner);
    }
  }
}

void EngineThread::work() {
  bool busy = false;
  for (;;) {
    std::vector<Entry> entries;
    std::vector<Ticket> cancelled;
    bool stop = false;
    {
      std::unique_lock lock(mutex_);
      load_ = engine_.load();
      wake_.wait(lock, [&] { return busy || stop_ || !inbox_.empty(); });
      entries.swap(inbox_);
      cancelled.swap(cancelled_);
      stop = stop_;
    }
    take(std::move(entries), cancelled);
    if (stop) {
      for (const auto& [ticket, inner] : tickets_) engine_.cancel(inner);
    }
    busy = engine_.step();
    if (stop && !busy) return;
  }
}

}  // namespace r1
