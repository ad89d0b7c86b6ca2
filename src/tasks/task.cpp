#include "tasks/task.h"

#include <numeric>

#include "base/characters.h"
#include "base/error.h"
#include "tasks/phrasing.h"

namespace r1::tasks {
namespace {

constexpr std::uint64_t kDraws = 100000;        // before a side is taken for empty
constexpr std::uint64_t kCountersADraw = 4096;  // 16,384 words are enough for one instance
constexpr std::uint64_t kFollowUps = 1024;      // looked at for one that leaves the same unsaid

/// FNV-1a with a last mix, so that all bits depend on all bytes.
std::uint64_t hash_of(std::string_view text, std::uint64_t start = 0xcbf29ce484222325u) {
  std::uint64_t hash = start;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
  return hash ^ (hash >> 31);
}

/// Member `index` of an order of [0, count) that the random numbers choose.
std::size_t shuffled(Random random, std::uint64_t index, std::uint64_t count) {
  std::uint64_t step = 1 + random.below(count);
  while (std::gcd(step, count) != 1) step = 1 + random.below(count);
  const std::uint64_t start = random.below(count);
  return static_cast<std::size_t>((step * (index % count) + start) % count);
}

}  // namespace

Verdict verify(const Task& task, const std::string& answer, std::string_view response) {
  const bool correct = task.accepts(answer, response);
  return {correct ? 1.0 : 0.0, correct};
}

Split split_of(const Task& task, const Instance& instance) {
  const double place =
      static_cast<double>(hash_of(instance.content, hash_of(task.name)) >> 11) * 0x1p-53;
  return place < task.train_share ? Split::train : Split::test;
}

Instance draw(const Task& task, Split split, std::uint64_t seed, std::uint64_t index,
              int difficulty) {
  const std::string side = split == Split::train ? "train" : "test";
  const std::uint64_t stream = hash_of(side, hash_of(task.name));
  if (task.examples) {
    const std::vector<Instance>& examples = task.examples(split);
    return examples[shuffled(Random(seed, stream), index, examples.size())];
  }
  if (difficulty == 0) difficulty = kDefaultDifficulty;
  if (difficulty < 1 || difficulty > kHardest) {
    throw Error("difficulty " + std::to_string(difficulty), "there is no such level",
                "take 1 to " + std::to_string(kHardest));
  }
  for (std::uint64_t attempt = 0; attempt < kDraws; ++attempt) {
    // Each attempt has counters of its own: what one takes doesn't move the next.
    Random random(seed, hash_of("attempt " + std::to_string(attempt), stream),
                  index * kCountersADraw);
    Instance instance = task.generate(random, difficulty);
    instance.difficulty = difficulty;
    if (split_of(task, instance) != split) continue;
    if (instance.follow_up.empty()) {
      instance.follow_up = phrase(
          random, {"Now this one: {0}", "And this one: {0}", "Next: {0}", "Another one: {0}"},
          {instance.question});
    }
    return instance;
  }
  throw Error("task " + task.name,
              "it has no " + side + " questions of difficulty " + std::to_string(difficulty),
              "take another difficulty");
}

Instance draw_follow_up(const Task& task, const Instance& first, Split split, std::uint64_t seed,
                        std::uint64_t index) {
  const std::uint64_t own_seed = hash_of("follow-up " + std::to_string(seed));
  for (std::uint64_t i = 0;; ++i) {
    Instance next = draw(task, split, own_seed, index * kFollowUps + i, first.difficulty);
    const bool fits = next.unsaid == first.unsaid && next.content != first.content;
    if (!fits && i + 1 < kFollowUps) continue;
    // Where none fits, the question is asked in full.
    if (fits && !next.follow_up.empty()) next.question = next.follow_up;
    return next;
  }
}

std::string worked_response(const Instance& instance) {
  std::string response;
  if (!instance.chain.empty()) response = "<think>\n" + instance.chain + "\n</think>\n\n";
  if (!instance.reply.empty()) return response + instance.reply;
  return response + "The answer is \\boxed{" + instance.answer + "}.";
}

std::size_t estimated_tokens(std::string_view text) {
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool joins_next = text[i] == ' ' && i + 1 < text.size() && !is_digit(text[i + 1]);
    const bool in_word = is_letter(text[i]) && i > 0 && is_letter(text[i - 1]);
    if (!joins_next && !in_word) ++tokens;
  }
  return tokens;
}

}  // namespace r1::tasks
