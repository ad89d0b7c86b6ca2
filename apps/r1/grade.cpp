// r1 grade: whether answers say the same as the right ones.
#include "tasks/grading/grade.h"

#include <iostream>
#include <memory>
#include <string>

#include "base/error.h"
#include "command.h"
#include "formats/json.h"
#include "json_lines.h"

namespace r1::app {
namespace {

struct GradeOptions {
  CommonOptions common;
  std::string gold, answer;
};

const char* const kGoldAndAnswer = R"(write lines like {"gold":"1/2","pred":"\\boxed{0.5}"})";

void print(const Grade& grade, bool as_json) {
  if (as_json) {
    const nlohmann::ordered_json line = {
        {"equal", grade.equal}, {"extracted", grade.extracted}, {"reason", grade.reason}};
    std::cout << line.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    std::cout << (grade.equal ? "equal" : "not equal") << " (" << grade.reason
              << "): " << grade.extracted << '\n';
  }
  if (!std::cout.flush()) throw Error("standard output", "it can't be written");
}

void grade(const GradeOptions& options) {
  if (!options.gold.empty()) {
    return print(grade_answer(options.gold, options.answer), options.common.json);
  }
  std::string text;
  for (int number = 1; std::getline(std::cin, text); ++number) {
    if (text.empty() || text == "\r") continue;
    const std::string where = "line " + std::to_string(number) + " of the input";
    const nlohmann::json line = parse_json(text, where);
    if (!line.is_object()) {
      throw Error(where, "it is no JSON object", kGoldAndAnswer);
    }
    print(grade_answer(text_field(line, "gold", where, kGoldAndAnswer),
                       text_field(line, "pred", where, kGoldAndAnswer)),
          options.common.json);
  }
}

}  // namespace

void add_grade(CLI::App& program) {
  CLI::App& command = *program.add_subcommand(
      "grade",
      "judge answers: whether each says the same as the right one; reads "
      "{\"gold\":...,\"pred\":...} a line, \"pred\" being an answer or a whole response");
  const auto options = std::make_shared<GradeOptions>();
  add_common_options(command, options->common, "r1 grade '\\frac{1}{2}' 'So it is \\boxed{0.5}.'");
  auto* gold = command.add_option("gold", options->gold, "the right answer, instead of lines");
  auto* answer = command.add_option("answer", options->answer, "the answer to be judged");
  gold->needs(answer);
  command.callback([options] { grade(*options); });
}

}  // namespace r1::app
