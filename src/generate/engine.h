// The inference engine: prompts in, answers out, many sequences in one pass.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "formats/tokenizer.h"
#include "generate/page_pool.h"
#include "generate/prefix_cache.h"
#include "generate/sequence.h"
#include "models/model.h"

namespace r1 {

struct EngineOptions {
  std::int64_t context_length = 0;  // 0: the model's, as far as the cache holds it
  std::int64_t chunk = 512;         // tokens of prompts computed in one pass
  std::int64_t cache_tokens = 0;    // of all sequences together; 0: as memory allows
  std::int64_t kept_tokens = 0;     // of finished sequences, for later ones; 0: a context's
  std::int64_t sequences = 64;      // computed in one pass; more wait for their turn
};

/// A prompt and what is wanted of it.
struct Request {
  std::vector<int> prompt;
  GenerateOptions options;
  std::size_t count = 1;           // answers; they share the prompt's cache
  std::uint64_t first_stream = 0;  // answer i draws from random stream first_stream + i
};

/// Called with each token as it comes; return false to cancel that answer.
using OnToken = std::function<bool(std::size_t answer, const GeneratedToken& token)>;

/// Called once, with the answers or with what went wrong.
using OnDone = std::function<void(std::vector<Answer> answers, std::exception_ptr failure)>;

/// Called with the logits that follow position `position` of a text.
using OnLogits =
    std::function<void(std::size_t text, std::int64_t position, std::span<const float> logits)>;

/// What an engine has done and is about to do.
struct EngineLoad {
  std::int64_t requests = 0;                 // taken and not yet done
  std::int64_t sequences = 0, computed = 0;  // in all, and those that have a cache
  std::int64_t pages = 0, pages_in_use = 0, pages_kept = 0;
  std::int64_t prompt_tokens = 0, reused_tokens = 0, generated_tokens = 0, preemptions = 0;
};

/// Not for several threads at once; it uses the pool's threads itself (EngineThread takes requests
/// from any). What it computes for a sequence has the same bits whatever else is computed with it.
class Engine {
 public:
  using Ticket = std::uint64_t;

  Engine(std::shared_ptr<const Model> model, std::optional<Tokenizer> tokenizer,
         const EngineOptions& options);
  ~Engine();

  const Model& model() const { return *model_; }
  /// Null if the model came without one.
  const Tokenizer* tokenizer() const { return tokenizer_ ? &*tokenizer_ : nullptr; }
  std::int64_t context_length() const { return context_length_; }

  /// Throws Error for a request that can never be answered: an empty prompt, one that is too long,
  /// an id outside the vocabulary, options out of range.
  void check(const Request& request) const;
  /// Takes a request; step() computes it together with all others. What its prompt has in common
  /// with earlier texts isn't computed again, as far as their cache is still there. Throws Error as
  /// check() does.
  Ticket submit(Request request, OnToken on_token, OnDone on_done);
  /// Ends a request's answers as they are ("cancelled") in the next step.
  void cancel(Ticket ticket);
  /// One pass over all requests in work; false if nothing is left to do. What goes wrong with a
  /// request is told to it alone.
  bool step();
  EngineLoad load() const;
  /// Forgets the caches of earlier texts: they hold no longer when weights have changed.
  void forget() { prefixes_.clear(); }

  /// Answers to all requests, computed together as far as the cache's memory allows. Throws Error
  /// if one of them fails. `answer` counts through: those of request 0, those of request 1 ...
  std::vector<std::vector<Answer>> generate_groups(std::vector<Request> requests,
                                                   const OnToken& on_token = nullptr);
  /// `count` answers to one prompt; answer i draws from random stream i.
  std::vector<Answer> generate(const std::vector<int>& prompt, const GenerateOptions& options,
                               std::size_t count = 1, const OnToken& on_token = nullptr);
  /// One answer to each prompt; answer i draws from stream i.
  std::vector<Answer> generate_each(const std::vector<std::vector<int>>& prompts,
                                    const GenerateOptions& options,
                                    const OnToken& on_token = nullptr);
  /// Computes texts together, at most `chunk` tokens of each in a pass, and hands over the logits
  /// of every position in order; with `prediction` those of the prediction layer, which has none
  /// for the last position. Throws Error for texts that are empty or exceed the context.
  void score(const std::vector<std::vector<int>>& texts, std::int64_t chunk, bool prediction,
             const OnLogits& on_logits);

 private:
  struct Job;
  struct Running;
  using RunningList = std::list<Running>;
  /// What a pass computes of one sequence.
  struct Part {
    RunningList::iterator at;
    std::int64_t first_position, tokens;  // without drafts
    std::int64_t first_logits;            // -1: the prompt goes on
  };
  /// A pass in the making.
  struct Plan {
    Pass pass;
    std::vector<Part> parts;
    std::vector<std::int64_t> rows;  // whose logits are wanted
  };
  /// The answer that a row of logits goes on.
  struct Draw {
    RunningList::iterator at;
    std::int64_t row;
    GeneratedToken token{};
    std::exception_ptr failure{};
  };

  // engine.cpp
  void compute();
  bool alone() const;
  void start_siblings(const Part& part, std::vector<Draw>& draws);
  void accept(std::vector<Draw>& draws, const Tensor& logits);
  void deliver(Draw& draw, const Tensor& logits);
  void predict(Sequence& sequence, std::int64_t first_position, const Tensor& hidden);
  void collect();
  void fail(Job& job, const std::exception_ptr& failure);
  void fail_all(const std::exception_ptr& failure);
  // schedule.cpp
  Plan plan();
  RunningList::iterator window_end();
  std::int64_t admitted() const;
  void admit();
  bool take_pages(RunningList::iterator at, std::int64_t positions, std::int64_t spare);
  void add_decoding(Plan& plan);
  void add_prompts(Plan& plan);
  void add(Plan& plan, RunningList::iterator at, std::int64_t count);

  std::shared_ptr<const Model> model_;
  std::optional<Tokenizer> tokenizer_;
  std::int64_t chunk_, sequences_;
  PagePool pool_;
  std::int64_t context_length_;
  PrefixCache prefixes_;
  std::list<Job> jobs_;
  RunningList running_;  // in the order of requests
  Ticket next_ticket_ = 0;
  EngineLoad counted_;  // the counters of load()
};

/// What followed the longest earlier occurrence of the last tokens (at most 3, at least 2): at most
/// `most` tokens, none if there is none (Saxena, Prompt Lookup Decoding).
std::vector<int> lookup_draft(std::span<const int> ids, std::int64_t most);

}  // namespace r1
