// What holds for every command, whichever there are.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "run_program.h"

namespace r1 {
namespace {

/// The commands as `r1 --help` lists them.
std::vector<std::string> commands() {
  std::istringstream help(run_program("--help").output);
  std::vector<std::string> names;
  bool listing = false;
  for (std::string line; std::getline(help, line);) {
    if (listing && line.starts_with("  ") && line.size() > 2 && line[2] != ' ') {
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    listing = listing || line == "Subcommands:";
  }
  return names;
}

bool is_one_line(const std::string& text) {
  return !text.empty() && std::count(text.begin(), text.end(), '\n') == 1 && text.back() == '\n';
}

TEST(Commands, have_a_help_text_with_an_example_and_the_option_json) {
  const std::vector<std::string> names = commands();
  ASSERT_GE(names.size(), 5u);
  for (const std::string& name : names) {
    const ProgramResult help = run_program(name + " --help");
    EXPECT_EQ(help.status, 0) << name;
    EXPECT_NE(help.output.find("--json"), std::string::npos) << name;
    EXPECT_NE(help.output.find("Example"), std::string::npos) << name;
    EXPECT_NE(help.output.find("r1 " + name), std::string::npos) << name;
    EXPECT_EQ(help.errors, "") << name;
  }
}

TEST(Commands, answer_wrong_usage_with_one_sentence_and_status_2) {
  std::vector<std::string> wrong = {"", "no-such-command", "--no-such-option"};
  for (const std::string& name : commands()) wrong.push_back(name + " --no-such-option");
  for (const std::string& arguments : wrong) {
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.status, 2) << arguments;
    EXPECT_EQ(result.output, "") << arguments;
    EXPECT_TRUE(is_one_line(result.errors)) << arguments << ": " << result.errors;
  }
}

TEST(Commands, say_in_one_sentence_that_a_model_is_not_there) {
  for (const std::string command :
       {"run question", "chat", "bench", "score --ids 1,2", "info", "tokenize",
        "convert -o out.gguf", "quantize -o out.gguf --dtype q8_0"}) {
    for (const std::string model : {"some/model", "r1-none", "missing.gguf"}) {
      const ProgramResult result = run_program(command + " -m " + model);
      EXPECT_EQ(result.status, 1) << command;
      EXPECT_EQ(result.output, "") << command;
      EXPECT_TRUE(is_one_line(result.errors)) << result.errors;
      EXPECT_NE(result.errors.find(model + ": no such file or folder"), std::string::npos)
          << result.errors;
    }
  }
}

TEST(Commands, print_the_version) {
  const ProgramResult result = run_program("--version");
  EXPECT_EQ(result.status, 0);
  EXPECT_TRUE(is_one_line(result.output));
}

/// What a shell command prints; `input` is a file's content that it finds as $FILE.
std::string shell(const std::string& script, const std::string& input, int& status) {
  const TemporaryFolder folder;
  write_file(folder / "file", input);
  write_file(folder / "script", script);
  const std::string command = "FILE='" + (folder / "file").string() + "' bash '" +
                              (folder / "script").string() + "' > '" +
                              (folder / "output").string() + "' 2>&1";
  status = std::system(command.c_str());
  return read_file(folder / "output");
}

bool has_program(const std::string& name) {
  return std::system(("command -v " + name + " > /dev/null").c_str()) == 0;
}

/// What bash offers where the line of words ends.
std::vector<std::string> bash_offers(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += "'" + word + "' ";
  int status = 0;
  const std::string output = shell(
      "compopt() { :; }\nsource \"$FILE\"\nCOMP_WORDS=(" + line +
          ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_r1\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n",
      run_program("completion bash").output, status);
  EXPECT_EQ(status, 0) << output;
  std::istringstream lines(output);
  std::vector<std::string> offers;
  for (std::string offer; std::getline(lines, offer);) {
    if (!offer.empty()) offers.push_back(offer);
  }
  return offers;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

TEST(Completion, of_bash_offers_every_command_and_its_options) {
  const std::vector<std::string> offered = bash_offers({"r1", ""});
  for (const std::string& name : commands()) {
    EXPECT_TRUE(contains(offered, name)) << name;
    const std::vector<std::string> options = bash_offers({"r1", name, "--"});
    EXPECT_TRUE(contains(options, "--json")) << name;
    EXPECT_TRUE(contains(options, "--help")) << name;
  }
  EXPECT_FALSE(contains(offered, "completion")) << "it is hidden";
}

TEST(Completion, of_bash_offers_what_a_word_may_become) {
  EXPECT_EQ(bash_offers({"r1", "tok"}), std::vector<std::string>{"tokenize"});
  EXPECT_EQ(bash_offers({"r1", "tokenize", "--dec"}), std::vector<std::string>{"--decode"});
  EXPECT_EQ(bash_offers({"r1", "run", "--dtype", "n"}), std::vector<std::string>{"native"});
  EXPECT_EQ(bash_offers({"r1", "run", "--dtype", "=", "f"}), std::vector<std::string>{"f32"});
  EXPECT_EQ(bash_offers({"r1", "run", "-m", ""}), std::vector<std::string>{}) << "file names";
}

TEST(Completion, of_zsh_is_well_formed_and_knows_every_command) {
  const std::string text = run_program("completion zsh").output;
  EXPECT_TRUE(text.starts_with("#compdef r1\n"));
  for (const std::string& name : commands()) {
    EXPECT_NE(text.find("'" + name + ":"), std::string::npos) << name;
  }
  if (!has_program("zsh")) GTEST_SKIP() << "zsh is not installed";
  int status = 0;
  const std::string complaints = shell("zsh -n \"$FILE\"", text, status);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(complaints, "");
}

TEST(Manual, shows_every_command) {
  const std::string page = run_program("manual").output;
  if (!has_program("man")) GTEST_SKIP() << "man is not installed";
  int status = 0;
  const std::string shown =
      shell("LC_ALL=C MANWIDTH=100 man --warnings -l \"$FILE\"", page, status);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(shown.find("warning"), std::string::npos) << shown;
  for (const std::string& name : commands()) {
    EXPECT_NE(shown.find("r1 " + name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace r1
