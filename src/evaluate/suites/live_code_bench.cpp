#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/error.h"
#include "evaluate/packed_text.h"
#include "evaluate/programs.h"
#include "evaluate/suites/suites.h"
#include "formats/json.h"

// The data set's own form (livecodebench/code_generation_lite, the folder of that name or --data
// itself): test.jsonl, test2.jsonl ... of rows with tests as JSON in a text, or packed. A row's
// tests may take a hundred megabytes, so they stay in the file until an answer is judged.

namespace r1::evaluate {
namespace {

constexpr const char* kFolder = "code_generation_lite";
constexpr int kMostFiles = 100;
/// The problems on which R1 was measured.
constexpr std::string_view kFirstDay = "2024-08-01", kLastDay = "2025-01-31";

/// What the benchmark puts in front of each answer.
std::string usual_imports() {
  std::string all, modules;
  for (const char* name :
       {"string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math", "random",
        "statistics", "itertools", "functools", "operator", "io", "sys", "json"}) {
    all += std::string("from ") + name + " import *\n";
    modules += std::string("import ") + name + "\n";
  }
  return all + "from builtins import *\nfrom typing import *\n" + modules +
         "sys.setrecursionlimit(50000)\n";
}

/// Calls the answer's method with the arguments on stdin, a JSON value a line, and prints what it
/// returns as `words_of` writes it. What the answer prints by itself goes elsewhere.
std::string call_of(const std::string& method) {
  return R"py(
def _r1_words(x):
    import json
    if isinstance(x, (list, tuple)): return '[ ' + ''.join(_r1_words(y) + ' ' for y in x) + ']'
    if isinstance(x, dict): return '{ ' + ''.join(
        _r1_words(str(k)) + ' ' + _r1_words(x[k]) + ' ' for k in sorted(x, key=str)) + '}'
    if isinstance(x, bool): return str(int(x))
    if isinstance(x, float) and x.is_integer(): return str(int(x))
    if x is None or isinstance(x, (int, float)): return json.dumps(x)
    return json.dumps(x if isinstance(x, str) else repr(x)).replace(' ', '\\u0020')

def _r1_call():
    import json, sys
    arguments = [json.loads(line) for line in sys.stdin.read().split('\n') if line.strip()]
    out, sys.stdout = sys.stdout, sys.stderr
    names = globals()
    owner = names['Solution']() if 'Solution' in names else None
    method = getattr(owner, ')py" +
         method + R"py(') if owner else names[')py" + method + R"py(']
    out.write(_r1_words(method(*arguments)) + '\n')
    out.flush()

_r1_call()
)py";
}

/// A value as words with spaces between, so that outputs are compared word by word.
std::string words_of(const nlohmann::json& value) {
  if (value.is_array()) {
    std::string words = "[ ";
    for (const nlohmann::json& one : value) words += words_of(one) + " ";
    return words + "]";
  }
  if (value.is_object()) {
    std::string words = "{ ";
    for (const auto& [key, one] : value.items()) words += words_of(key) + " " + words_of(one) + " ";
    return words + "}";
  }
  if (value.is_boolean()) return value.get<bool>() ? "1" : "0";
  std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  for (std::size_t at = 0; (at = text.find(' ', at)) != std::string::npos;) {
    text.replace(at, 1, "\\u0020");
  }
  return text;
}

/// A field that holds JSON in a text.
nlohmann::json json_in(const Row& row, const char* name) {
  return parse_json(row.text(name), row.where() + ", \"" + name + "\"");
}

/// Those of one of the row's two fields.
void add_tests(const Row& row, const char* name, bool calls, std::vector<ProgramTest>& tests) {
  const std::string where = row.where() + ", \"" + name + "\"";
  const std::string text = row.text(name);
  const bool packed = text.find_first_of("[{") != text.find_first_not_of(" \n\t");
  const nlohmann::json list = parse_json(packed ? unpack_text(text, where) : text, where);
  if (!list.is_array()) throw Error(where, "it is no list of tests");
  for (const nlohmann::json& one : list) {
    const Row test(one, where);
    const std::string output = test.text("output");
    tests.push_back({test.text("input"), calls ? words_of(parse_json(output, where)) : output});
  }
}

/// The method that the tests call, "" where they give the program stdin.
std::string method_of(const Row& row) {
  const nlohmann::json about = json_in(row, "metadata");
  const auto name = about.is_object() ? about.find("func_name") : about.end();
  if (name == about.end() || name->is_null()) return "";
  const std::string text = name->is_string() ? name->get<std::string>() : "";
  const bool identifier =
      !text.empty() && text.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "0123456789_") == std::string::npos;
  if (!identifier) throw Error(row.where(), "its \"func_name\" is no name of a function");
  return text;
}

Question question_of(const Row& row, const RowPlace& place, const Sources& sources) {
  const std::string method = method_of(row), starter = row.text_or("starter_code", "");
  const std::string problem = row.text("question_content");
  for (const char* name : {"public_test_cases", "private_test_cases"}) row.text(name);
  const auto submit = [place, method](std::string_view code) {
    const Row whole = read_row(place);
    Submission submission;
    submission.seconds = 6;
    submission.memory = std::int64_t{4} << 30;
    submission.code = usual_imports() + std::string(code);
    if (!method.empty()) submission.code += call_of(method);
    add_tests(whole, "public_test_cases", !method.empty(), submission.tests);
    add_tests(whole, "private_test_cases", !method.empty(), submission.tests);
    return submission;
  };
  const std::string text = method.empty() ? ask_for_program(problem)
                                          : problem + "\n\n" + ask_for_function(starter, "python");
  Question question =
      program_question(row.text("question_id"), text, Language::python, submit, sources);
  question.subject = row.text_or("difficulty", "");
  return question;
}

}  // namespace

Suite live_code_bench() {
  Suite suite{"livecodebench",
              "LiveCodeBench of August 2024 to January 2025, from your own code_generation_lite/",
              8, nullptr};
  suite.load = [](const Sources& sources) {
    const bool within = std::filesystem::is_directory(sources.data / kFolder);
    const std::filesystem::path folder = within ? sources.data / kFolder : sources.data;
    std::vector<Question> questions;
    std::set<std::string> ids;
    for (int part = 1; part <= kMostFiles; ++part) {
      const std::string file = "test" + (part == 1 ? "" : std::to_string(part)) + ".jsonl";
      if (part > 1 && !std::filesystem::exists(folder / file)) break;
      each_row_of(folder, file, [&](const Row& row, const RowPlace& place) {
        const std::string day = row.text("contest_date").substr(0, kFirstDay.size());
        if (day < kFirstDay || day > kLastDay) return;
        if (ids.insert(row.text("question_id")).second) {
          questions.push_back(question_of(row, place, sources));
        }
      });
    }
    if (questions.empty()) {
      throw Error(folder.string(), "it has no problems of August 2024 to January 2025",
                  "add test5.jsonl and those after it");
    }
    return questions;
  };
  return suite;
}

}  // namespace r1::evaluate
