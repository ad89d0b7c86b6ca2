// Many clients of a server at once, in one thread: what they get, how fast, and whether it is
// right.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace r1::load {

struct LoadOptions {
  int port = 0;  // of 127.0.0.1
  std::string key{};
  int streams = 32;              // requests in work at once
  std::int64_t requests = 32;    // all together; 0: as many as `seconds` allow
  double seconds = 0;            // after which no request is begun; 0: no limit
  std::int64_t max_tokens = 64;  // of an answer
  int prompts = 32;              // different ones, asked in turn
  int prompt_words = 100;        // length of each
  int idle = 0;                  // connections that ask nothing
  int slow = 0;                  // connections that send a byte of a request each second
  /// Streams, whole answers, answers of a form, clients that leave, and all kinds of wrong
  /// requests in turn, in place of streams alone.
  bool mixed = false;
};

struct LoadReport {
  std::int64_t finished = 0;  // answers that came whole
  std::int64_t failed = 0;    // that broke off or had an unexpected status
  std::int64_t wrong = 0;     // that differ from another answer to the same question
  std::int64_t left = 0;      // left by the client on purpose
  std::int64_t tokens = 0;    // of answers, as their usage tells
  double seconds = 0;
  std::vector<double> first_token_seconds, longest_gap_seconds;  // of streams
  std::map<int, std::int64_t> statuses;                          // 0: none came
};

/// Asks until all is answered. Answers are greedy, so that equal questions have equal answers.
/// `on_second` is called each second. Throws std::runtime_error if it can't connect.
LoadReport run_load(const LoadOptions& options, const std::function<void(double)>& on_second = {});

/// Bytes of memory that a process holds itself (anonymous pages, resident).
std::int64_t memory_of(int pid);

}  // namespace r1::load
