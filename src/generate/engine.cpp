#include "generate/engine.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/memory.h"
#include "base/stopwatch.h"
#include "base/threads.h"
#include "generate/running.h"
#include "ops/elementwise.h"

namespace r1 {
namespace {

/// Pages for `wanted` tokens; 0: as many as fit four fifths of the memory that is free now.
std::int64_t pages_for(const CacheShape& shape, std::int64_t wanted) {
  const std::int64_t fit = available_memory() / 5 * 4 / shape.page_bytes();
  return std::max<std::int64_t>(1, wanted > 0 ? pages_of(wanted) : fit);
}

std::span<const float> row_of(const Tensor& x, std::int64_t row) {
  return {x.data() + row * x.width(), static_cast<std::size_t>(x.width())};
}

}  // namespace

Engine::Engine(std::shared_ptr<const Model> model, std::optional<Tokenizer> tokenizer,
               const EngineOptions& options)
    : model_(std::move(model)),
      tokenizer_(std::move(tokenizer)),
      chunk_(std::max<std::int64_t>(1, options.chunk)),
      sequences_(std::max<std::int64_t>(1, options.sequences)),
      pool_(model_->cache_shape(), pages_for(model_->cache_shape(), options.cache_tokens)),
      context_length_(options.context_length > 0 ? options.context_length
                                                 : std::min(model_->config().context_length,
                                                            pool_.pages_free() * kPagePositions)),
      prefixes_(pool_, pages_of(options.kept_tokens > 0 ? options.kept_tokens : context_length_)) {}

Engine::~Engine() = default;

void Engine::check(const Request& request) const {
  request.options.check();
  if (request.options.speculation == Speculation::prediction &&
      model_->config().prediction_layers == 0) {
    throw Error("speculation", "this model has no layer for multi-token prediction",
                "draft from the text instead (lookup)");
  }
  if (request.prompt.empty()) throw Error("prompt", "is empty");
  const auto size = static_cast<std::int64_t>(request.prompt.size());
  if (size >= context_length_) {
    throw Error("prompt",
                "has " + std::to_string(size) + " tokens, and the context holds " +
                    std::to_string(context_length_),
                "shorten it or give a larger --context");
  }
  const auto known = [&](const char* where, int id) {
    if (id >= 0 && id < model_->config().vocab) return;
    throw Error(where, "has the token " + std::to_string(id) + ", and the model knows 0 to " +
                           std::to_string(model_->config().vocab - 1));
  };
  for (const int id : request.prompt) known("prompt", id);
  for (const auto& [id, bias] : request.options.sampling.logit_bias) known("logit_bias", id);
}

Engine::Ticket Engine::submit(Request request, OnToken on_token, OnDone on_done) {
  check(request);
  if (request.count == 0) throw Error("count", "must be 1 or more");
  const std::size_t count = request.count;
  Job& job = jobs_.emplace_back(Job{.ticket = next_ticket_,
                                    .request = std::move(request),
                                    .on_token = std::move(on_token),
                                    .on_done = std::move(on_done),
                                    .siblings = count - 1,
                                    .unfinished = count,
                                    .answers = std::vector<Answer>(count)});
  try {
    running_.push_back({.sequence = Sequence(tokenizer(), pool_, job.request.prompt,
                                             job.request.options, 0, job.request.first_stream),
                        .job = &job});
  } catch (...) {
    jobs_.pop_back();
    throw;
  }
  return next_ticket_++;
}

void Engine::cancel(Ticket ticket) {
  for (Job& job : jobs_) job.cancelled |= job.ticket == ticket;
}

bool Engine::step() {
  for (Running& running : running_) {
    if (running.job->cancelled && !running.sequence.finished()) running.sequence.cancel();
  }
  collect();
  try {
    if (!running_.empty()) compute();
  } catch (...) {
    fail_all(std::current_exception());
  }
  collect();
  return !running_.empty();
}

EngineLoad Engine::load() const {
  EngineLoad load = counted_;
  load.requests = static_cast<std::int64_t>(jobs_.size());
  load.sequences = static_cast<std::int64_t>(running_.size());
  load.computed = admitted();
  load.pages_in_use = pool_.pages_in_use();
  load.pages = pool_.pages_free() + load.pages_in_use;
  load.pages_kept = prefixes_.pages();
  return load;
}

bool Engine::alone() const {
  return running_.size() == 1 && running_.front().job->siblings == 0;
}

/// One pass: the next piece of prompts, and the last token (with drafts) of the others.
void Engine::compute() {
  const Stopwatch watch;
  const bool drafting = alone();
  Plan planned = plan();
  if (planned.parts.empty()) return;
  const Tensor hidden = model_->hidden(planned.pass);
  Tensor logits;
  if (!planned.rows.empty()) logits = model_->logits(select_rows(hidden, planned.rows));
  const double seconds = watch.seconds();
  std::vector<Draw> draws;
  for (const Part& part : planned.parts) {
    Sequence& sequence = part.at->sequence;
    const bool prompt = part.first_position < sequence.prompt_tokens();
    (prompt ? sequence.answer().prompt_seconds : sequence.answer().decode_seconds) += seconds;
    if (prompt) counted_.prompt_tokens += part.tokens;
    sequence.cached = part.first_position + part.tokens;
    if (part.first_logits < 0) continue;
    draws.push_back({.at = part.at, .row = part.first_logits});
    if (prompt) {
      // Others that begin alike needn't wait for the answer's end.
      prefixes_.keep({sequence.ids().data(), static_cast<std::size_t>(sequence.cached)},
                     sequence.cache);
    }
    start_siblings(part, draws);
  }
  accept(draws, logits);
  if (!drafting || planned.parts.size() != 1) return;
  Sequence& sequence = planned.parts[0].at->sequence;
  if (sequence.finished()) return;
  const GenerateOptions& options = sequence.options();
  if (options.speculation == Speculation::prediction) {
    predict(sequence, planned.parts[0].first_position, hidden);
  } else if (options.speculation == Speculation::lookup && !draws.empty()) {
    sequence.drafts = lookup_draft(sequence.ids(), options.draft_tokens);
  }
}

/// When the prompt is complete, the other answers to it begin: with a copy of its cache if there is
/// room for them now.
void Engine::start_siblings(const Part& part, std::vector<Draw>& draws) {
  Job& job = *part.at->job;
  const Sequence& first = part.at->sequence;
  auto count = admitted();
  const auto behind = std::next(part.at);
  for (std::size_t i = job.request.count - job.siblings; job.siblings > 0; ++i, --job.siblings) {
    const auto at = running_.insert(
        behind, {.sequence = first.sibling(i, job.request.first_stream + i), .job = &job});
    ++count;
    if (count <= sequences_ && pool_.pages_free() > count) {
      at->sequence.cache = first.cache.fork(first.cached);
      at->sequence.cached = first.cached;
    }
    draws.push_back({.at = at, .row = part.first_logits});
  }
}

/// Draws the next tokens, each sequence by itself, and hands them over in order.
void Engine::accept(std::vector<Draw>& draws, const Tensor& logits) {
  threads().parallel_for(static_cast<std::int64_t>(draws.size()), [&](std::int64_t i, int) {
    Draw& draw = draws[static_cast<std::size_t>(i)];
    Sequence& sequence = draw.at->sequence;
    try {
      const auto room = context_length_ - static_cast<std::int64_t>(sequence.ids().size());
      draw.token = sequence.accept(row_of(logits, draw.row), room);
    } catch (...) {
      draw.failure = std::current_exception();
    }
  });
  for (Draw& draw : draws) {
    if (draw.at->sequence.cancelled()) continue;  // with another answer to the same request
    try {
      if (draw.failure) std::rethrow_exception(draw.failure);
      deliver(draw, logits);
    } catch (...) {
      fail(*draw.at->job, std::current_exception());
    }
  }
}

/// Hands a token over, and takes more as long as the drafts hold. Each is drawn from the model's
/// own distribution, so the drafts change how many tokens a pass gives, never which.
void Engine::deliver(Draw& draw, const Tensor& logits) {
  Sequence& sequence = draw.at->sequence;
  const Job& job = *draw.at->job;
  const std::vector<int> drafts = std::exchange(sequence.drafts, {});
  sequence.answer().drafted += static_cast<std::int64_t>(drafts.size());
  for (std::size_t i = 0;; ++i) {
    ++counted_.generated_tokens;
    if (job.on_token && !job.on_token(sequence.index(), draw.token) && !sequence.finished()) {
      sequence.cancel();
    }
    if (sequence.finished() || i == drafts.size() || draw.token.sample.id != drafts[i]) break;
    ++sequence.answer().accepted;
    ++sequence.cached;
    const auto room = context_length_ - static_cast<std::int64_t>(sequence.ids().size());
    const std::int64_t row = draw.row + 1 + static_cast<std::int64_t>(i);
    draw.token = sequence.accept(row_of(logits, row), room);
  }
}

/// Brings the prediction layer's cache up to the last token whose successor is known, and takes its
/// guess of the token after the last.
void Engine::predict(Sequence& sequence, std::int64_t first_position, const Tensor& hidden) {
  const auto known = static_cast<std::int64_t>(sequence.ids().size()) - 1;
  const std::int64_t count = std::min(sequence.cached, known) - first_position;
  if (count <= 0) return;
  const std::vector<int> next(sequence.ids().begin() + first_position + 1,
                              sequence.ids().begin() + first_position + 1 + count);
  Pass pass;
  pass.add(next, first_position, sequence.cache);
  const Tensor states = model_->predicted_hidden(pass, some_rows(hidden, 0, count));
  if (sequence.cached < known) return;
  const Tensor logits = model_->predicted_logits(some_rows(states, count - 1, 1));
  const float* row = logits.data();
  sequence.drafts = {static_cast<int>(std::max_element(row, row + logits.width()) - row)};
}

/// Takes the finished sequences out, and tells those whose request is done.
void Engine::collect() {
  for (auto at = running_.begin(); at != running_.end();) {
    Sequence& sequence = at->sequence;
    if (!sequence.finished()) {
      ++at;
      continue;
    }
    Job& job = *at->job;
    if (sequence.cached > 0) {
      prefixes_.keep({sequence.ids().data(), static_cast<std::size_t>(sequence.cached)},
                     sequence.cache);
    }
    job.answers[sequence.index()] = std::move(sequence.answer());
    --job.unfinished;
    at = running_.erase(at);
    // Those that never began.
    for (; job.cancelled && job.siblings > 0; --job.siblings) {
      job.answers[job.request.count - job.siblings].finish_reason = "cancelled";
      --job.unfinished;
    }
  }
  for (auto job = jobs_.begin(); job != jobs_.end();) {
    if (job->unfinished > 0) {
      ++job;
      continue;
    }
    Job done = std::move(*job);
    job = jobs_.erase(job);
    if (done.on_done) done.on_done(std::move(done.answers), done.failure);
  }
}

void Engine::fail(Job& job, const std::exception_ptr& failure) {
  if (!job.failure) job.failure = failure;
  job.cancelled = true;
  for (Running& running : running_) {
    if (running.job == &job && !running.sequence.finished()) running.sequence.cancel();
  }
}

void Engine::fail_all(const std::exception_ptr& failure) {
  for (Job& job : jobs_) fail(job, failure);
}

std::vector<std::vector<Answer>> Engine::generate_groups(std::vector<Request> requests,
                                                         const OnToken& on_token) {
  for (const Request& request : requests) check(request);
  std::vector<std::vector<Answer>> answers(requests.size());
  std::exception_ptr failure;
  std::vector<Ticket> tickets;
  std::size_t first = 0, open = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::size_t count = requests[i].count;
    if (count == 0) continue;
    OnToken numbered;
    if (on_token) {
      numbered = [&on_token, first](std::size_t answer, const GeneratedToken& token) {
        return on_token(first + answer, token);
      };
    }
    first += count;
    ++open;
    tickets.push_back(submit(std::move(requests[i]), std::move(numbered),
                             [&, i](std::vector<Answer> done, std::exception_ptr error) {
                               answers[i] = std::move(done);
                               --open;
                               if (error && !failure) failure = std::move(error);
                             }));
  }
  while (open > 0) {
    if (failure) {
      for (const Ticket ticket : tickets) cancel(ticket);
    }
    step();
  }
  if (failure) std::rethrow_exception(failure);
  return answers;
}

std::vector<Answer> Engine::generate(const std::vector<int>& prompt, const GenerateOptions& options,
                                     std::size_t count, const OnToken& on_token) {
  return std::move(
      generate_groups({{.prompt = prompt, .options = options, .count = count}}, on_token)[0]);
}

std::vector<Answer> Engine::generate_each(const std::vector<std::vector<int>>& prompts,
                                          const GenerateOptions& options, const OnToken& on_token) {
  std::vector<Request> requests;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    requests.push_back({.prompt = prompts[i], .options = options, .first_stream = i});
  }
  std::vector<Answer> answers;
  for (std::vector<Answer>& group : generate_groups(std::move(requests), on_token)) {
    answers.push_back(std::move(group[0]));
  }
  return answers;
}

}  // namespace r1
