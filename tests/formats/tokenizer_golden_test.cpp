// The tokenizers against the reference's vectors and against llama.cpp's.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/files.h"
#include "formats/tokenizer.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Ids = std::vector<TokenId>;

fs::path shared(const std::string& path) {
  return fs::path(R1_SHARED) / path;
}
#define NEEDS_SHARED()                     \
  if (!fs::exists(shared("goldens/text"))) \
  GTEST_SKIP() << "needs the folder of goldens, tokenizers and models (R1_SHARED)"

const Tokenizer& tokenizer(const std::string& name) {
  static std::map<std::string, Tokenizer> opened;
  const auto found = opened.find(name);
  if (found != opened.end()) return found->second;
  const std::string path = name == "smollm2"       ? "models/SmolLM2-135M-Instruct.Q4_1.gguf"
                           : name == "stories260K" ? "models/stories260K.gguf"
                                                   : "tokenizers/" + name;
  return opened.emplace(name, Tokenizer::open(shared(path))).first->second;
}

std::vector<json> read_lines(const fs::path& path) {
  std::vector<json> rows;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) rows.push_back(json::parse(line));
  return rows;
}

class TokenizerVectors : public testing::TestWithParam<const char*> {};

TEST_P(TokenizerVectors, EncodesAndDecodesLikeTheReference) {
  NEEDS_SHARED();
  const Tokenizer& t = tokenizer(GetParam());
  const std::vector<json> rows =
      read_lines(shared("goldens/text/" + std::string(GetParam()) + ".jsonl"));
  ASSERT_GE(rows.size(), 700u);
  for (const json& row : rows) {
    const std::string text = row["text"];
    SCOPED_TRACE(row["text"].dump(-1, ' ', true));
    const Ids parsed = row["ids_no_special"];
    EXPECT_EQ(t.encode(text), row["ids"].get<Ids>());
    EXPECT_EQ(t.encode(text, {.add_special = false}), parsed);
    EXPECT_EQ(t.encode(text, plain_text), row.value("ids_plain", parsed));
    const std::string decoded = row["decoded"];
    EXPECT_EQ(t.decode(parsed), decoded);
    EXPECT_EQ(t.decode(parsed, {.skip_special = true}), row.value("decoded_skip", decoded));
  }
}

INSTANTIATE_TEST_SUITE_P(All, TokenizerVectors,
                         testing::Values("deepseek_v3", "qwen3", "llama3_1", "smollm2",
                                         "stories260K"),
                         [](const auto& test) { return std::string(test.param); });

TEST(TokenizerStreams, TextLeavesAsSoonAsTheReferenceLetsIt) {
  NEEDS_SHARED();
  const std::vector<json> rows = read_lines(shared("goldens/text/streaming.jsonl"));
  ASSERT_GE(rows.size(), 100u);
  for (const json& row : rows) {
    const Tokenizer& t = tokenizer(row["tokenizer"]);
    StreamDecoder decoder(t);
    SCOPED_TRACE(row["text"].dump(-1, ' ', true));
    for (std::size_t i = 0; i < row["ids"].size(); ++i) {
      EXPECT_EQ(decoder.push(row["ids"][i]), row["emit"][i].get<std::string>());
    }
    EXPECT_EQ(decoder.flush(), row["flush"].get<std::string>());
    EXPECT_EQ(t.decode(row["ids"].get<Ids>()), row["text"].get<std::string>());
  }
}

/// Texts between separator lines, and a line of ids for each.
void expect_llama_cpp_vectors(const Tokenizer& t, const std::string& name) {
  const std::string base = "tokenizers/llama_cpp_vectors/ggml-vocab-" + name + ".gguf";
  const std::string inputs = read_file(shared(base + ".inp"));
  const std::string separator = "\n__ggml_vocab_test__\n";
  std::istringstream outputs(read_file(shared(base + ".out")));
  std::size_t count = 0;
  for (std::size_t begin = 0; begin < inputs.size(); ++count) {
    const std::size_t end = std::min(inputs.find(separator, begin), inputs.size());
    const std::string text = inputs.substr(begin, end - begin);
    begin = end + separator.size();
    std::string line;
    ASSERT_TRUE(std::getline(outputs, line));
    std::istringstream numbers(line);
    const Ids expected{std::istream_iterator<TokenId>(numbers), std::istream_iterator<TokenId>()};
    EXPECT_EQ(t.encode(text, plain_text), expected) << json(text).dump(-1, ' ', true);
  }
  EXPECT_GE(count, 46u);
}

class LlamaCppVectors : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(LlamaCppVectors, AreMatched) {
  NEEDS_SHARED();
  const auto [name, vocabulary] = GetParam();
  if (*vocabulary != '\0') {
    expect_llama_cpp_vectors(tokenizer(vocabulary), name);
  } else {
    const std::string path =
        "tokenizers/llama_cpp_vectors/ggml-vocab-" + std::string(name) + ".gguf";
    expect_llama_cpp_vectors(Tokenizer::open(shared(path)), name);
  }
}

INSTANTIATE_TEST_SUITE_P(All, LlamaCppVectors,
                         testing::Values(std::pair{"deepseek-llm", ""},
                                         std::pair{"deepseek-coder", ""}, std::pair{"gpt-2", ""},
                                         std::pair{"llama-spm", ""},
                                         std::pair{"llama-bpe", "llama3_1"},
                                         std::pair{"qwen2", "qwen3"}),
                         [](const auto& test) {
                           std::string name = test.param.first;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(TokenizerFiles, NameTheirSpecialTokens) {
  NEEDS_SHARED();
  const Tokenizer& deepseek = tokenizer("deepseek_v3");
  EXPECT_EQ(deepseek.bos(), 0);
  EXPECT_EQ(deepseek.eos(), 1);
  EXPECT_EQ(deepseek.end_of_generation(), (Ids{1, 128805}));  // the other one is <|EOT|>
  EXPECT_EQ(deepseek.special_token("<\uff5cAssistant\uff5c>"), 128804);
  EXPECT_FALSE(deepseek.chat_template().empty());
  const Tokenizer& qwen = tokenizer("qwen3");
  EXPECT_EQ(qwen.bos(), std::nullopt);
  EXPECT_EQ(qwen.eos(), 151645);
  EXPECT_TRUE(qwen.ends_generation(151643));
  ASSERT_EQ(qwen.special_token("</think>"), 151668);
  EXPECT_FALSE(qwen.is_special(151668));
  EXPECT_EQ(qwen.special_token("</think>."), std::nullopt);
  const Tokenizer& llama = tokenizer("llama3_1");
  EXPECT_EQ(llama.bos(), 128000);
  EXPECT_EQ(llama.eos(), 128009);
  EXPECT_EQ(llama.end_of_generation(), (Ids{128001, 128009}));
  const Tokenizer& stories = tokenizer("stories260K");
  EXPECT_EQ(stories.bos(), 1);
  EXPECT_EQ(stories.end_of_generation(), Ids{2});
  EXPECT_EQ(stories.vocab_size(), 512);
  EXPECT_EQ(stories.token_bytes(3 + '\n'), "\n");
  const Tokenizer& smollm = tokenizer("smollm2");
  EXPECT_EQ(smollm.eos(), 2);
  EXPECT_FALSE(smollm.chat_template().empty());
}

}  // namespace
}  // namespace r1
