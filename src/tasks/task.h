// A task: questions with answers that can be verified. Each kind is a file in kinds/ and a line in
// kinds/kinds.h.
//
// Training and test questions never meet: an instance belongs to one side by the hash of what it
// asks, whatever the words, the difficulty and the seed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace r1::tasks {

/// One question.
struct Instance {
  std::string question;
  std::string answer;   // a right answer, short, as it stands in \boxed{}; what verify() reads
  std::string chain;    // a worked solution as it is thought, without tags; may be empty
  std::string content;  // what is asked, the same whatever the phrasing, the names and the order
  /// The question as it is asked right after another one of its task: "And 84 and 35?". It may
  /// leave a part to the question before, which is named here ("gcd") and must be the same there.
  std::string follow_up, unsaid;
  std::string reply;  // what is said instead of "The answer is \\boxed{answer}."; mostly nothing
  int difficulty = 0;
};

enum class Split : std::uint8_t { train, test };

/// Shares of all instances that may be trained on: of a million and more, and of smaller spaces.
inline constexpr double kTrainShare = 0.095, kTrainShareOfSmallSpace = 0.48;
/// What difficulty the levels stand for: 1 is a first step, 3 the usual one, 4 is harder.
inline constexpr int kDefaultDifficulty = 3, kHardest = 4;

struct Task {
  std::string name;   // lower case, words joined by "-"
  std::string about;  // what is asked at the default difficulty, a line
  /// Any instance of a difficulty of 1 to kHardest. Takes numbers from `random` alone.
  std::function<Instance(Random& random, int difficulty)> generate;
  /// Whether the final answer of `response` is right, where `answer` is one as in Instance::answer.
  /// May throw Error where it can't be one.
  std::function<bool(const std::string& answer, std::string_view response)> accepts;
  double train_share = kTrainShare;
  /// The share of questions that the best fixed guess gets right, where that is 0.2 and more.
  double chance = 0;
  /// Of a data set: its questions, in files of their own; `generate` isn't used then.
  std::function<const std::vector<Instance>&(Split)> examples = nullptr;
};

struct Verdict {
  double reward = 0;  // 0 to 1
  bool correct = false;
};

/// Judges a model's whole output. Where the prompt has opened the thinking, "<think>" belongs in
/// front of what the model wrote, so that an unfinished thought isn't taken for an answer.
Verdict verify(const Task& task, const std::string& answer, std::string_view response);

/// The side an instance is on.
Split split_of(const Task& task, const Instance& instance);

/// The instance number `index` of a side under a seed: the same wherever and in whatever order it
/// is drawn. difficulty 0: the default. Instances of a data set come each once before the first
/// comes again. Throws Error where a side has no instances of the difficulty.
Instance draw(const Task& task, Split split, std::uint64_t seed, std::uint64_t index,
              int difficulty = 0);

/// An instance of the side that goes on from `first` with changed numbers: of its difficulty, with
/// another content, and with the follow_up, complete after `first`, as its question.
Instance draw_follow_up(const Task& task, const Instance& first, Split split, std::uint64_t seed,
                        std::uint64_t index);

/// "<think>\n" chain "\n</think>\n\nThe answer is \boxed{answer}.": the worked solution as R1 would
/// write it; without the thinking where there is no chain. A reply stands instead of the answer.
std::string worked_response(const Instance& instance);

/// Tokens of a text for a tokenizer with digits one by one that knows the words: digits, words and
/// signs are one each, and so is a space or line end that stands before no word or sign.
std::size_t estimated_tokens(std::string_view text);

/// `data` is the folder with the files of data sets; only tasks made of one read it. "declining" is
/// a task too, whose questions are none of the others' and are to be declined. Throws Error for a
/// name that isn't known and for files that can't be read.
Task find_task(const std::string& name, const std::filesystem::path& data = {});
/// The tasks named with commas between them; "all" are those of the list that need no data. Throws
/// Error.
std::vector<Task> find_tasks(const std::string& names, const std::filesystem::path& data = {});

}  // namespace r1::tasks
