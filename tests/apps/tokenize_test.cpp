#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/files.h"
#include "formats/byte_pair.h"
#include "run_program.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

using nlohmann::json;
using namespace std::string_literals;

/// A folder whose tokenizer has a token for each byte and <s> (256), which begins a prompt.
class TokenizeCommand : public testing::Test {
 protected:
  void SetUp() override {
    json vocabulary;
    for (int byte = 0; byte < 256; ++byte) {
      vocabulary[to_byte_alphabet(std::string(1, static_cast<char>(byte)))] = byte;
    }
    const json document = {
        {"added_tokens", {{{"id", 256}, {"content", "<s>"}, {"special", true}}}},
        {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
        {"decoder", {{"type", "ByteLevel"}}},
        {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", json::array()}}}};
    write_file(folder_ / "tokenizer.json", document.dump());
    write_file(folder_ / "tokenizer_config.json", R"({"bos_token":"<s>","add_bos_token":true})");
  }

  ProgramResult tokenize(const std::string& options, const std::string& input) const {
    return run_program("tokenize -m '" + folder_.path().string() + "' " + options, input);
  }
  TemporaryFolder folder_;
};

TEST_F(TokenizeCommand, ReadsAllOfStandardInput) {
  EXPECT_EQ(tokenize("--json", "a\0<s>\n"s).output, "{\"ids\":[256,97,0,256,10]}\n");
  EXPECT_EQ(tokenize("--json --no-special", "a<s>").output, "{\"ids\":[97,256]}\n");
  EXPECT_EQ(tokenize("--json --plain", "<s>").output, "{\"ids\":[60,115,62]}\n");
  EXPECT_EQ(tokenize("--json --plain", "").output, "{\"ids\":[]}\n");
  EXPECT_EQ(tokenize("--json --plain", "\xff").output, "{\"ids\":[239,191,189]}\n");
  EXPECT_EQ(tokenize("", "ab").output, "256 97 98\n");
}

TEST_F(TokenizeCommand, AnswersEachLine) {
  EXPECT_EQ(tokenize("--json --lines", "\"a\\u0000\"\n\"\"\n").output,
            "{\"ids\":[256,97,0]}\n{\"ids\":[256]}\n");
}

TEST_F(TokenizeCommand, DecodesEachLine) {
  EXPECT_EQ(tokenize("--json --decode", "{\"ids\":[256,97]}\n{\"ids\":[]}").output,
            "{\"text\":\"<s>a\"}\n{\"text\":\"\"}\n");
  // U+2028 would end a line for some readers.
  EXPECT_EQ(tokenize("--json --decode", "{\"ids\":[226,128,168]}\n").output,
            "{\"text\":\"\\u2028\"}\n");
}

TEST_F(TokenizeCommand, BadInputIsOneSentenceAndStatusOne) {
  for (const auto& [options, input] : std::initializer_list<std::pair<const char*, const char*>>{
           {"--json --lines", "not json\n"},
           {"--json --lines", "17\n"},
           {"--json --decode", "{\"ids\":[257]}\n"},
           {"--json --decode", "{\"ids\":[-1]}\n"},
           {"--json --decode", "{\"ids\":[18446744073709551615]}\n"},
           {"--json --decode", "{\"ids\":[1e300]}\n"},
           {"--json --decode", "{\"ids\":[\"a\"]}\n"},
           {"--json --decode", "[1]\n"}}) {
    const ProgramResult outcome = tokenize(options, input);
    EXPECT_EQ(outcome.status, 1) << input;
    EXPECT_EQ(outcome.output, "") << input;
    EXPECT_NE(outcome.errors.find("line 1"), std::string::npos) << outcome.errors;
    EXPECT_EQ(std::count(outcome.errors.begin(), outcome.errors.end(), '\n'), 1);
  }
  EXPECT_EQ(run_program("tokenize -m /no/such/file --json").status, 1);
  EXPECT_EQ(run_program("tokenize --json").status, 2);
  EXPECT_EQ(tokenize("--decode --plain", "").status, 2);
}

}  // namespace
}  // namespace r1
