#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "run_program.h"

namespace r1 {
namespace {

using nlohmann::ordered_json;

std::vector<ordered_json> documents(const std::string& text) {
  std::vector<ordered_json> result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) result.push_back(ordered_json::parse(line));
  return result;
}

/// The model whose template a golden names; a small one where the template is a file of its own.
std::string model_options(const std::string& name) {
  const std::string shared = R1_SHARED;
  const std::string own = shared + "/templates/" + name + ".jinja";
  if (std::filesystem::exists(own)) {
    return "-m '" + shared + "/models/SmolLM2-135M-Instruct.Q4_1.gguf' --chat-template '" + own +
           "'";
  }
  return "-m '" + shared +
         (name == "smollm2" ? "/models/SmolLM2-135M-Instruct.Q4_1.gguf'"
                            : "/tokenizers/" + name + "'");
}

TEST(TokenizeChat, printsTheReferencePromptsAndTheirIds) {
  const std::string shared = R1_SHARED;
  if (shared.empty() || !std::filesystem::exists(shared)) {
    GTEST_SKIP() << "the folder with the goldens (R1_SHARED) is absent";
  }
  std::ifstream file(shared + "/goldens/text/chat.jsonl");
  std::map<std::string, std::string> inputs;
  for (std::string line; std::getline(file, line);) {
    inputs[ordered_json::parse(line).at("template").get<std::string>()] += line + "\n";
  }
  ASSERT_EQ(inputs.size(), 6u);
  for (const auto& [name, input] : inputs) {
    const std::string model = model_options(name);
    const ProgramResult result = run_program("tokenize --chat --json " + model, input);
    EXPECT_EQ(result.status, 0) << result.errors;
    const auto expected = documents(input), answers = documents(result.output);
    ASSERT_EQ(answers.size(), expected.size());
    std::string texts;
    std::vector<ordered_json> ids;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      ASSERT_EQ(answers[i].contains("error"), expected[i].contains("error")) << name << " " << i;
      if (answers[i].contains("error")) continue;
      EXPECT_EQ(answers[i].at("text"), expected[i].at("text")) << name << " " << i;
      texts += expected[i].at("text").dump() + "\n";
      ids.push_back(answers[i].at("ids"));
    }
    const auto tokens = documents(
        run_program("tokenize --lines --no-special --json " + model.substr(0, model.find(" --")),
                    texts)
            .output);
    ASSERT_EQ(tokens.size(), ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], tokens[i].at("ids"));
  }
}

}  // namespace
}  // namespace r1
