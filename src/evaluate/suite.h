// A benchmark: questions, and how their answers are judged. Each suite is a file in suites/ and a
// line in suites/suites.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace r1 {
class Sandbox;
}

namespace r1::evaluate {

struct Judged {
  double score = 0;    // 0 to 1
  std::string answer;  // what was taken for the final answer; empty if there is none
  std::string reason;  // why it was judged so
};

struct Question {
  std::string id;       // the same in every run
  std::string text;     // what the model is asked
  std::string gold;     // the right answer, to be shown; may be empty
  std::string subject;  // of a part of the suite; may be empty
  /// Judges a model's whole output. Where the prompt has opened the thinking, "<think>" belongs in
  /// front of what the model wrote. Threads may judge at the same time.
  std::function<Judged(std::string_view response)> judge;
};

/// What suites are made from.
struct Sources {
  std::filesystem::path data;               // the folder with the files of data sets
  std::function<const Sandbox&()> sandbox;  // where answers that are programs run
};

struct Suite {
  std::string name;   // as --suite takes it
  std::string about;  // a line
  int samples = 1;    // of each question in R1's protocol
  /// Throws Error for files that are absent or not of the form.
  std::function<std::vector<Question>(const Sources&)> load;
  /// Whether two answers are the same, for the consensus; null where answers don't vote.
  std::function<bool(const std::string&, const std::string&)> same_answer = nullptr;
};

/// All suites, in the order in which they are listed.
std::vector<Suite> all_suites();
/// Those named with commas between them. Throws Error for a name that isn't known.
std::vector<Suite> find_suites(std::string_view names);

}  // namespace r1::evaluate
