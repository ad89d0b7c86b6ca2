// The inference engine: prompts in, answers out, many sequences in one pass.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "formats/tokenizer.h"
#include "generate/page_pool.h"
#include "generate/sequence.h"
#include "models/model.h"

namespace r1 {

struct EngineOptions {
  std::int64_t context_length = 0;  // 0: the model's
  std::int64_t chunk = 512;         // tokens of prompts computed in one pass
  std::int64_t cache_tokens = 0;    // of all sequences together; 0: as memory allows
  std::int64_t sequences = 64;      // computed in one pass; more wait for their turn
};

/// Called with each token as it comes; return false to cancel that answer.
using OnToken = std::function<bool(std::size_t answer, const GeneratedToken& token)>;

/// Called with the logits that follow position `position` of a text.
using OnLogits =
    std::function<void(std::size_t text, std::int64_t position, std::span<const float> logits)>;

/// Not for several threads at once; it uses the pool's threads itself. What it computes for a
/// sequence has the same bits whatever else is computed with it.
class Engine {
 public:
  Engine(std::shared_ptr<const Model> model, std::optional<Tokenizer> tokenizer,
         const EngineOptions& options);

  const Model& model() const { return *model_; }
  /// Null if the model came without one.
  const Tokenizer* tokenizer() const { return tokenizer_ ? &*tokenizer_ : nullptr; }
  std::int64_t context_length() const { return context_length_; }

  /// `count` answers to one prompt, computed together as far as the cache's memory allows; they
  /// share the prompt's cache. What the prompt has in common with the last call's first answer, as
  /// in a conversation, isn't computed again; the bits are the same. Answer i draws from random
  /// stream i. Throws Error if the prompt is empty or too long.
  std::vector<Answer> generate(const std::vector<int>& prompt, const GenerateOptions& options,
                               std::size_t count = 1, const OnToken& on_token = nullptr);
  /// One answer to each prompt, computed together; answer i draws from stream i.
  std::vector<Answer> generate_each(const std::vector<std::vector<int>>& prompts,
                                    const GenerateOptions& options,
                                    const OnToken& on_token = nullptr);
  /// Computes texts together, at most `chunk` tokens of each in a pass, and hands over the logits
  /// of every position in order; with `prediction` those of the prediction layer, which has none
  /// for the last position. Throws Error for texts that are empty or exceed the context.
  void score(const std::vector<std::vector<int>>& texts, std::int64_t chunk, bool prediction,
             const OnLogits& on_logits);

 private:
  /// What a pass computes of one sequence.
  struct Part {
    Sequence* sequence;
    std::int64_t first_position, tokens;  // without drafts
    std::int64_t first_logits;            // -1: the prompt goes on
  };

  /// What the last call's first answer left: its tokens and their pages.
  struct Remembered {
    std::vector<int> ids;
    PooledCache cache;
    Speculation speculation;
  };

  void check(const GenerateOptions& options) const;
  void check_prompt(const std::vector<int>& prompt) const;
  std::vector<Answer> run(std::list<Sequence>& sequences, std::size_t siblings,
                          const OnToken& on_token);
  void recall(Sequence& sequence) const;
  void remember(Sequence& sequence);
  void step(std::list<Sequence>& sequences, std::size_t& siblings, const OnToken& on_token);
  std::vector<Part> fill(Pass& pass, std::vector<std::int64_t>& rows,
                         std::list<Sequence>& sequences, bool alone);
  bool make_room(std::list<Sequence>& sequences, Sequence& sequence, std::int64_t positions);
  void add_siblings(std::list<Sequence>& sequences, const Sequence& first, std::size_t& siblings,
                    const std::function<void(Sequence&)>& start);
  void accept(Sequence& sequence, const Tensor& logits, std::int64_t first_row,
              const OnToken& on_token) const;
  void predict(Sequence& sequence, std::int64_t first_position, const Tensor& hidden);

  std::shared_ptr<const Model> model_;
  std::optional<Tokenizer> tokenizer_;
  std::int64_t context_length_, chunk_, sequences_;
  PagePool pool_;
  std::optional<Remembered> remembered_;
};

/// What followed the longest earlier occurrence of the last tokens (at most 3, at least 2): at most
/// `most` tokens, none if there is none (Saxena, Prompt Lookup Decoding).
std::vector<int> lookup_draft(std::span<const int> ids, std::int64_t most);

}  // namespace r1
