#include "formats/convert/tokenizer_export.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "formats/json.h"
#include "formats/tokenizer.h"

namespace r1 {
namespace {

const std::filesystem::path kTokenizers = std::filesystem::path(R1_SHARED) / "tokenizers";

#define NEEDS_TOKENIZERS()                   \
  if (!std::filesystem::exists(kTokenizers)) \
  GTEST_SKIP() << "needs the folder of tokenizers (R1_SHARED)"

const std::string kText =
    "Hello, w\u00f6rld!  12345 \u4f60\u597d \U0001f600\n\n\tif (x == 3) { return 'it''s'; } ";

void expect_equal_ids(const TokenizerData& expected, const TokenizerData& found) {
  const Tokenizer before(expected, "before"), after(found, "after");
  EXPECT_EQ(after.encode(kText), before.encode(kText));
  EXPECT_EQ(after.encode(kText, plain_text), before.encode(kText, plain_text));
  EXPECT_EQ(found.merges.size(), expected.merges.size());
  EXPECT_EQ(found.bos, expected.bos);
  EXPECT_EQ(found.eos, expected.eos);
  EXPECT_EQ(found.prefix, expected.prefix);
}

TEST(TokenizerExport, gguf_metadata_gives_the_same_ids) {
  NEEDS_TOKENIZERS();
  for (const char* name : {"deepseek_v3", "qwen3"}) {
    const TokenizerData data = read_tokenizer_folder(kTokenizers / name);
    const auto tokens = static_cast<std::int64_t>(data.tokens.size());
    GgufMetadata metadata;
    EXPECT_EQ(add_gguf_tokenizer(data, tokens + 3, metadata), 0);
    const TokenizerData back = read_tokenizer_metadata(metadata, name);
    expect_equal_ids(data, back);
    EXPECT_EQ(static_cast<std::int64_t>(back.tokens.size()), tokens + 3);
    EXPECT_EQ(back.tokens.back().kind, TokenKind::unused);
    EXPECT_EQ(back.chat_template, data.chat_template);
  }
}

TEST(TokenizerExport, tokenizer_json_gives_the_same_ids) {
  NEEDS_TOKENIZERS();
  for (const char* name : {"deepseek_v3", "llama3_1"}) {
    const TokenizerData data = read_tokenizer_folder(kTokenizers / name);
    TokenizerData back = parse_tokenizer_json(json_text(tokenizer_json(data)), name);
    back.bos = data.bos;  // these two stand in tokenizer_config.json
    back.eos = data.eos;
    expect_equal_ids(data, back);
    ASSERT_EQ(back.tokens.size(), data.tokens.size());
    for (std::size_t id = 0; id < data.tokens.size(); ++id) {
      ASSERT_EQ(back.tokens[id].bytes, data.tokens[id].bytes) << id;
      ASSERT_EQ(back.tokens[id].kind, data.tokens[id].kind) << id;
    }
    const auto config = tokenizer_config_json(data);
    EXPECT_EQ(config["add_bos_token"], !data.prefix.empty());
  }
}

TEST(TokenizerExport, tokens_that_the_model_has_no_row_for_are_left_out_with_their_merges) {
  NEEDS_TOKENIZERS();
  const TokenizerData data = read_tokenizer_folder(kTokenizers / "deepseek_v3");
  GgufMetadata metadata;
  EXPECT_EQ(add_gguf_tokenizer(data, 1000, metadata),
            static_cast<std::int64_t>(data.tokens.size()) - 1000);
  const TokenizerData back = read_tokenizer_metadata(metadata, "cut");
  EXPECT_EQ(back.tokens.size(), 1000u);
  EXPECT_FALSE(back.merges.empty());
  EXPECT_LT(back.merges.size(), 1000u);
}

TEST(TokenizerExport, a_model_without_a_tokenizer_gets_a_token_for_each_byte) {
  for (const std::int64_t vocabulary : {256, 260, 300}) {
    GgufMetadata metadata;
    EXPECT_EQ(add_gguf_tokenizer(byte_tokenizer(vocabulary), vocabulary, metadata), 0);
    const Tokenizer tokenizer(read_tokenizer_metadata(metadata, "bytes"), "bytes");
    EXPECT_EQ(tokenizer.vocab_size(), vocabulary);
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(kText)), kText);
  }
}

}  // namespace
}  // namespace r1
