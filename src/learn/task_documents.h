// Worked solutions of tasks, as documents to learn from: questions, and conversations.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learn/recipe.h"
#include "tasks/task.h"

namespace r1 {

/// What is shown of how an answer is found.
enum class Solution : std::uint8_t {
  chain,   // the worked chain
  answer,  // nothing
  tries,   // tries at random and one of them as the answer, in R1-Zero's tags
};

struct TaskDocumentOptions {
  std::vector<tasks::Task> tasks;                   // in turn; none: no documents
  std::vector<double> difficulties = {1, 1, 1, 1};  // how often 1, 2 ... come
  std::int64_t count = 0;                           // documents in all
  Solution solution = Solution::chain;
  double follow_ups = 0;  // the share of conversations of two turns

  /// Keys tasks, difficulties (a list of weights), documents, solution ("chain", "answer", "tries")
  /// and follow_ups. A section without tasks gives none. Throws Error, with the line.
  static TaskDocumentOptions read(const Section& section, std::int64_t count);
};

/// A question and what is answered: of the training side alone, so that what is measured was never
/// learned (tasks/task.h says how much of a task that side holds).
struct Turn {
  std::string question, response;
};
/// One turn; or two, of which the second mostly asks the first one's task again with changed
/// numbers, and else something that has nothing to do with it.
using TaskDocument = std::vector<Turn>;

/// Document number `index` of a seed, the same wherever it is made.
TaskDocument task_document(const TaskDocumentOptions& options, std::uint64_t seed,
                           std::int64_t index);
/// All of them, made on all threads.
std::vector<TaskDocument> task_documents(const TaskDocumentOptions& options, std::uint64_t seed);

}  // namespace r1
