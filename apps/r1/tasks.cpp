// r1 tasks: questions that can be verified, and the verdict on answers to them.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "base/error.h"
#include "command.h"
#include "formats/json.h"
#include "tasks/task.h"
#include "terminal.h"

namespace r1::app {
namespace {

constexpr std::uint64_t kMeasured = 200;  // instances from which lengths are known

struct TasksOptions {
  CommonOptions common;
  std::string name, split = "train", data;
  std::uint64_t count = 5, seed = 0;
  int difficulty = 0;
  bool list = false, verify = false, chain = false;
};

struct Lengths {
  double mean = 0;
  std::size_t longest = 0;
};

/// Tokens of the worked chains.
Lengths chain_lengths(const tasks::Task& task) {
  Lengths lengths;
  for (std::uint64_t i = 0; i < kMeasured; ++i) {
    const auto instance = tasks::draw(task, tasks::Split::test, 0, i);
    const std::size_t tokens = tasks::estimated_tokens(instance.chain);
    lengths.mean += static_cast<double>(tokens) / static_cast<double>(kMeasured);
    lengths.longest = std::max(lengths.longest, tokens);
  }
  return lengths;
}

void list(bool as_json) {
  auto listed = nlohmann::ordered_json::array();
  for (const tasks::Task& task : tasks::find_tasks("all")) {
    const Lengths lengths = chain_lengths(task);
    listed.push_back({{"name", task.name},
                      {"about", task.about},
                      {"default_difficulty", tasks::kDefaultDifficulty},
                      {"hardest_difficulty", tasks::kHardest},
                      {"train_share", task.train_share},
                      {"chance", task.chance},
                      {"chain_tokens", {{"mean", lengths.mean}, {"max", lengths.longest}}}});
    if (as_json) continue;
    std::printf("%-20s %5.0f %5zu  %s\n", task.name.c_str(), lengths.mean, lengths.longest,
                task.about.c_str());
  }
  listed.push_back({{"name", "gsm8k"},
                    {"about", "word problems of grade school from the files of GSM8K (--data)"},
                    {"data", true}});
  if (as_json) {
    std::cout << json_text(listed) << '\n';
  } else {
    std::printf("%-20s %5s %5s  %s\n", "gsm8k", "", "",
                "word problems of grade school from the files of GSM8K (--data)");
    std::printf(
        "The numbers are tokens of a worked chain, on average and of the longest of %d.\n"
        "Beside them, \"declining\" holds what is none of these tasks.\n",
        static_cast<int>(kMeasured));
  }
}

void print(const tasks::Instance& instance, const TasksOptions& options) {
  if (options.common.json) {
    nlohmann::ordered_json line = {{"question", instance.question},
                                   {"answer", instance.answer},
                                   {"difficulty", instance.difficulty}};
    if (options.chain) line["chain"] = instance.chain;
    std::cout << json_text(line) << '\n';
    return;
  }
  const bool colours = wants_colours();
  std::cout << printable(instance.question) << '\n';
  if (!instance.chain.empty()) {
    std::cout << dimmed(printable(instance.chain), colours) << '\n';
  }
  if (instance.reply.empty()) {
    std::cout << "Answer: " << printable(instance.answer) << "\n\n";
  } else {
    std::cout << printable(instance.reply) << "\n\n";
  }
}

std::string text_of(const nlohmann::json& line, const char* name, const std::string& where) {
  constexpr const char* kRemedy = R"(write lines like {"question":..,"answer":..,"response":..})";
  if (!line.is_object()) throw Error(where, "it is no JSON object", kRemedy);
  const auto value = line.find(name);
  if (value == line.end() || !value->is_string()) {
    throw Error(where, std::string("it has no text \"") + name + "\"", kRemedy);
  }
  return value->get<std::string>();
}

void verify(const tasks::Task& task, bool as_json) {
  std::string text;
  for (int number = 1; std::getline(std::cin, text); ++number) {
    if (text.empty() || text == "\r") continue;
    const std::string where = "line " + std::to_string(number) + " of the input";
    const nlohmann::json line = parse_json(text, where);
    const auto verdict =
        tasks::verify(task, text_of(line, "answer", where), text_of(line, "response", where));
    if (as_json) {
      const nlohmann::ordered_json printed = {{"reward", verdict.reward},
                                              {"correct", verdict.correct}};
      std::cout << json_text(printed) << '\n';
    } else {
      std::cout << (verdict.correct ? "right" : "wrong") << '\n';
    }
    if (!std::cout.flush()) throw Error("standard output", "it can't be written");
  }
}

void run(const TasksOptions& options) {
  if (options.list) return list(options.common.json);
  std::string data = options.data;
  if (const char* folder = std::getenv("R1_DATA"); data.empty() && folder != nullptr) data = folder;
  const tasks::Task task = tasks::find_task(options.name, data);
  if (options.verify) return verify(task, options.common.json);
  const auto split = options.split == "test" ? tasks::Split::test : tasks::Split::train;
  for (std::uint64_t i = 0; i < options.count; ++i) {
    print(tasks::draw(task, split, options.seed, i, options.difficulty), options);
    if (!std::cout.flush()) throw Error("standard output", "it can't be written");
  }
}

}  // namespace

void add_tasks(CLI::App& program) {
  CLI::App& command = *program.add_subcommand(
      "tasks", "questions whose answers can be verified: list the kinds, make some, judge answers");
  const auto options = std::make_shared<TasksOptions>();
  add_common_options(command, options->common, "r1 tasks countdown --count 3 --split test");
  auto* name = command.add_option("name", options->name, "which kind, as --list shows");
  auto* list = command.add_flag("--list", options->list, "show all kinds and how long chains are");
  name->excludes(list);
  command.add_option("--count", options->count, "how many questions")->capture_default_str();
  command.add_option("--seed", options->seed, "other seeds give other questions")
      ->capture_default_str();
  command
      .add_option("--split", options->split,
                  "the side: what may be trained on, or what is held out from it")
      ->check(CLI::IsMember({"train", "test"}))
      ->capture_default_str();
  command.add_option("--difficulty", options->difficulty, "1 to 4, instead of the usual 3")
      ->check(CLI::Range(1, tasks::kHardest));
  command.add_option("--data", options->data,
                     "folder with files of data sets; else what $R1_DATA names");
  command.add_flag("--chain", options->chain, "with --json: the worked chain too");
  command
      .add_flag("--verify", options->verify,
                "judge {\"question\",\"answer\",\"response\"} a line from stdin")
      ->needs(name);
  command.callback([options] {
    if (!options->list && options->name.empty()) {
      throw CLI::RequiredError("the name of a task, or --list,");
    }
    run(*options);
  });
}

}  // namespace r1::app
