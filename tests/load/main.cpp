// load: asks a server as many clients at once do, and prints what came of it as JSON. With --pid it
// also looks how the server's memory grows.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "load/load_generator.h"

namespace {

using Json = nlohmann::ordered_json;

Json quantiles(std::vector<double> values) {
  if (values.empty()) return nullptr;
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (const double value : values) sum += value;
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
  };
  return {{"mean", sum / static_cast<double>(values.size())},
          {"p50", at(0.5)},
          {"p95", at(0.95)},
          {"max", values.back()}};
}

/// What a process holds, second by second.
struct Memory {
  std::vector<std::int64_t> samples;

  /// The largest of the seconds in a part of the run: single seconds go up and down.
  double largest_mb(double from, double to) const {
    const auto size = static_cast<double>(samples.size());
    const auto begin = samples.begin() + static_cast<std::ptrdiff_t>(from * size);
    const auto end = samples.begin() + static_cast<std::ptrdiff_t>(to * size);
    return begin == end ? 0 : static_cast<double>(*std::max_element(begin, end)) / 1e6;
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"load - many clients of a server at once"};
  r1::load::LoadOptions options;
  int pid = 0;
  double most_growth = 0;
  program.add_option("--port", options.port, "the server's, of 127.0.0.1")->required();
  program.add_option("--api-key", options.key, "key to send");
  program.add_option("--streams", options.streams, "requests in work at once")
      ->capture_default_str();
  program.add_option("--requests", options.requests, "all together; 0: as time allows")
      ->capture_default_str();
  program.add_option("--seconds", options.seconds, "then no request is begun");
  program.add_option("--max-tokens", options.max_tokens, "of an answer")->capture_default_str();
  program.add_option("--prompts", options.prompts, "different ones")->capture_default_str();
  program.add_option("--prompt-words", options.prompt_words, "of each")->capture_default_str();
  program.add_option("--idle", options.idle, "connections that ask nothing");
  program.add_option("--slow", options.slow, "connections that send a byte each second");
  program.add_flag("--mixed", options.mixed,
                   "requests of all kinds, wrong ones and leaving clients");
  program.add_option("--pid", pid, "the server's process, to look at its memory");
  program.add_option("--most-growth", most_growth,
                     "fail if the last third holds so many MB more than the second");
  CLI11_PARSE(program, argc, argv);
  try {
    Memory memory;
    const r1::load::LoadReport report = r1::load::run_load(options, [&](double) {
      if (pid > 0) memory.samples.push_back(r1::load::memory_of(pid));
    });
    Json json = {{"finished", report.finished},
                 {"failed", report.failed},
                 {"wrong", report.wrong},
                 {"left", report.left},
                 {"seconds", report.seconds},
                 {"tokens", report.tokens},
                 {"tokens_per_second", static_cast<double>(report.tokens) / report.seconds},
                 {"first_token_seconds", quantiles(report.first_token_seconds)},
                 {"longest_gap_seconds", quantiles(report.longest_gap_seconds)}};
    for (const auto& [status, count] : report.statuses) {
      json["statuses"][std::to_string(status)] = count;
    }
    bool flat = true;
    if (pid > 0) {
      const double first = memory.largest_mb(0, 1.0 / 3),
                   second = memory.largest_mb(1.0 / 3, 2.0 / 3),
                   last = memory.largest_mb(2.0 / 3, 1);
      json["memory_mb"] = {{"first_third", first}, {"second_third", second}, {"last_third", last}};
      flat = last > 0 && (most_growth <= 0 || last - second <= most_growth);
    }
    std::cout << json.dump() << '\n';
    return report.failed + report.wrong == 0 && flat ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load: %s\n", error.what());
    return 1;
  }
}
