#include "learn/task_documents.h"

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "base/threads.h"
#include "learn/questions.h"
#include "tasks/phrasing.h"
#include "tasks/tries.h"

namespace r1 {
namespace {

// A stream of its own, with as many counters a document as tries may take.
constexpr std::uint64_t kOwnStream = 0x646f63756d656e74u;
constexpr int kDrawBits = 20;
constexpr double kOtherTask = 0.25;  // of the second turns, those that change the subject

int drawn_difficulty(const std::vector<double>& weights, Random& random) {
  double left = random.uniform() * std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    left -= weights[i];
    if (left < 0 && weights[i] > 0) return static_cast<int>(i) + 1;
  }
  // Rounding may leave a little: the last that may come.
  const auto last = std::find_if(weights.rbegin(), weights.rend(), [](double w) { return w > 0; });
  return static_cast<int>(weights.rend() - last);
}

/// An instance with its worked response.
Turn worked(const TaskDocumentOptions& options, tasks::Instance instance, Random& random) {
  if (options.solution == Solution::tries) {
    const tasks::Tries tries = tasks::random_tries(random, instance);
    return {instance.question,
            "<think>\n" + tries.thoughts + "\n</think>\n<answer>" + tries.answer + "</answer>"};
  }
  if (options.solution == Solution::answer) instance.chain.clear();
  return {instance.question, tasks::worked_response(instance)};
}

}  // namespace

TaskDocumentOptions TaskDocumentOptions::read(const Section& section, std::int64_t count) {
  TaskDocumentOptions options;
  if (!section.has("tasks")) return options;
  options.tasks = read_tasks(section, {});
  if (section.has("difficulties")) {
    options.difficulties = section.numbers("difficulties", 0, 1e6);
    const double sum =
        std::accumulate(options.difficulties.begin(), options.difficulties.end(), 0.0);
    if (options.difficulties.size() > tasks::kHardest || sum <= 0) {
      throw section.error("difficulties", "must be at most " + std::to_string(tasks::kHardest) +
                                              " weights, one of them above 0");
    }
  }
  options.count = section.integer("documents", count, 1, std::int64_t{1} << 32);
  const std::string solution = section.choice("solution", "chain", {"chain", "answer", "tries"});
  options.solution = solution == "chain"    ? Solution::chain
                     : solution == "answer" ? Solution::answer
                                            : Solution::tries;
  options.follow_ups = section.number("follow_ups", 0, 0, 1);
  for (const tasks::Task& task : options.tasks) {
    if (options.solution == Solution::tries && !tasks::has_tries(task)) {
      throw section.error("solution", "is \"tries\", and " + task.name + " knows none");
    }
  }
  return options;
}

TaskDocument task_document(const TaskDocumentOptions& options, std::uint64_t seed,
                           std::int64_t index) {
  const auto count = static_cast<std::int64_t>(options.tasks.size());
  const tasks::Task& task = options.tasks[static_cast<std::size_t>(index % count)];
  Random random(seed, kOwnStream, static_cast<std::uint64_t>(index) << kDrawBits);
  const int difficulty = drawn_difficulty(options.difficulties, random);
  const auto number = static_cast<std::uint64_t>(index / count);
  const tasks::Instance instance = tasks::draw(task, tasks::Split::train, seed, number, difficulty);
  TaskDocument document = {worked(options, instance, random)};
  if (random.uniform() >= options.follow_ups) return document;
  const tasks::Task& next =
      random.uniform() < kOtherTask ? tasks::one_of(random, options.tasks) : task;
  // No stage of a run has the other question's seed: none asks it again.
  document.push_back(worked(
      options,
      &next == &task ? tasks::draw_follow_up(task, instance, tasks::Split::train, seed, number)
                     : tasks::draw(next, tasks::Split::train, ~seed, number, difficulty),
      random));
  return document;
}

std::vector<TaskDocument> task_documents(const TaskDocumentOptions& options, std::uint64_t seed) {
  constexpr std::int64_t kGrain = 64;
  std::vector<TaskDocument> documents(static_cast<std::size_t>(options.count));
  parallel_blocks(options.count, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      documents[static_cast<std::size_t>(i)] = task_document(options, seed, i);
    }
  });
  return documents;
}

}  // namespace r1
