#include "evaluate/programs.h"

#include <utility>

#include "evaluate/final_answer.h"

namespace r1::evaluate {

Question program_question(const std::string& id, const std::string& text, Language language,
                          std::function<Submission(std::string_view code)> submit,
                          const Sources& sources) {
  Question question{id, text, "", "", nullptr};
  question.judge = [language, submit = std::move(submit),
                    sandbox = sources.sandbox](std::string_view response) {
    const std::string_view said = after_thinking(response);
    if (said.find_first_not_of(" \n") == std::string_view::npos) {
      return Judged{0, "", "no program"};
    }
    const std::string_view code = last_code_block(said, language == Language::python ? "py" : "c");
    const Judgement judgement = judge_program(submit(code), sandbox());
    std::string reason = std::string(name_of(judgement.verdict)) + ", " +
                         std::to_string(judgement.passed) + " of " +
                         std::to_string(judgement.total) + " tests passed";
    if (!judgement.errors.empty() && judgement.verdict != Verdict::accepted) {
      reason += "\n" + judgement.errors;
    }
    return Judged{judgement.verdict == Verdict::accepted ? 1.0 : 0.0, std::string(code), reason};
  };
  return question;
}

Question program_question(const std::string& id, const std::string& text, Submission held_against,
                          const Sources& sources, const std::string& before) {
  const Language language = held_against.language;
  const auto submit = [held_against = std::move(held_against), before](std::string_view code) {
    Submission submission = held_against;
    submission.code = before + std::string(code);
    return submission;
  };
  return program_question(id, text, language, submit, sources);
}

std::vector<ProgramTest> input_output_tests(const Row& row) {
  std::vector<ProgramTest> tests;
  for (const Row& test : row.rows("tests"))
    tests.push_back({test.text("input"), test.text("output")});
  return tests;
}

std::string ask_for_program(const std::string& problem) {
  return problem +
         "\n\nWrite a Python program that reads the input from standard input and prints the "
         "answer. Put the whole program in one fenced block: ```python ... ```";
}

std::string ask_for_function(const std::string& beginning, const std::string& language) {
  return "Complete the following code. Answer with the whole function, with all that it needs, in "
         "one fenced block.\n\n```" +
         language + "\n" + beginning + "\n```";
}

}  // namespace r1::evaluate
