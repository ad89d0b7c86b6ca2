// Grade school mathematics (Cobbe et al. 2021): questions in words, from the data set's files.
#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/files.h"
#include "formats/json.h"
#include "tasks/grading/grade.h"
#include "tasks/kinds/kinds.h"

namespace r1::tasks {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRemedy = "give the folder with GSM8K's train.jsonl and test.jsonl by --data";

fs::path file_of(const fs::path& folder, const std::string& side) {
  if (folder.empty()) throw Error("task gsm8k", "its files aren't part of the program", kRemedy);
  for (const std::string& name : {side + ".jsonl", "gsm8k_" + side + ".jsonl"}) {
    for (const fs::path& path : {folder / name, folder / "gsm8k" / name}) {
      if (fs::exists(path)) return path;
    }
  }
  throw Error(folder.string(), "it has no file " + side + ".jsonl or gsm8k_" + side + ".jsonl",
              kRemedy);
}

std::string text_of(const nlohmann::json& line, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto value = line.find(name);
    if (value != line.end() && value->is_string()) return value->get<std::string>();
  }
  return {};
}

/// Without the calculator's marks: "16-3=<<16-3=13>>13".
std::string without_marks(const std::string& text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = std::min(text.find("<<", at), text.size());
    plain += text.substr(at, open - at);
    const std::size_t close = text.find(">>", open);
    if (open == text.size() || close == std::string::npos) return plain + text.substr(open);
    at = close + 2;
  }
  return plain;
}

/// Lines as published, {"question", "answer": "steps\n#### 18"}, or {"problem", "answer": "18",
/// "solution": "steps"}.
Instance example_of(const nlohmann::json& line, const std::string& where) {
  Instance example;
  if (line.is_object()) {
    example.question = text_of(line, {"question", "problem"});
    example.answer = text_of(line, {"answer"});
    example.chain = text_of(line, {"solution"});
  }
  const std::size_t mark = example.answer.rfind("####");
  if (mark != std::string::npos) {
    example.chain = example.answer.substr(0, mark);
    const std::size_t begin = example.answer.find_first_not_of(" \t", mark + 4);
    example.answer = begin == std::string::npos ? "" : example.answer.substr(begin);
  }
  if (example.question.empty() || example.answer.empty()) {
    throw Error(where, "it has no \"question\" and \"answer\"", "is this a file of GSM8K?");
  }
  example.chain = without_marks(example.chain);
  while (!example.chain.empty() && example.chain.back() == '\n') example.chain.pop_back();
  example.content = example.question;
  example.difficulty = kDefaultDifficulty;
  return example;
}

std::vector<Instance> read_examples(const fs::path& path) {
  const std::string text = read_file(path);
  std::vector<Instance> examples;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    const std::string where = path.string() + ":" + std::to_string(++number);
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    examples.push_back(example_of(parse_json(line, where), where));
  }
  if (examples.empty()) throw Error(path.string(), "it holds no questions");
  return examples;
}

}  // namespace

Task gsm8k(const fs::path& folder) {
  struct Sides {
    std::array<std::vector<Instance>, 2> read;
  };
  const auto sides = std::make_shared<Sides>();
  Task task;
  task.name = "gsm8k";
  task.about = "word problems of grade school from the files of GSM8K";
  task.accepts = [](const std::string& answer, std::string_view response) {
    return grade_answer(answer, response).equal;
  };
  task.examples = [sides, folder](Split split) -> const std::vector<Instance>& {
    std::vector<Instance>& examples = sides->read[split == Split::train ? 0 : 1];
    if (examples.empty()) {
      examples = read_examples(file_of(folder, split == Split::train ? "train" : "test"));
    }
    return examples;
  };
  return task;
}

}  // namespace r1::tasks
