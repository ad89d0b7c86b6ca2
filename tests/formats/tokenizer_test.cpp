// The tokenizer's promises on a vocabulary small enough to see through.
#include "formats/tokenizer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "formats/byte_pair.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Ids = std::vector<TokenId>;
using namespace std::string_literals;

/// 256 bytes, three merges, <s> (special, 300), <think> (not special, 301), <n> (normalized, 302).
json tiny_json() {
  json vocabulary;
  for (int byte = 0; byte < 256; ++byte) {
    vocabulary[to_byte_alphabet(std::string(1, static_cast<char>(byte)))] = byte;
  }
  vocabulary["he"] = 256;
  vocabulary["ll"] = 257;
  vocabulary["hell"] = 258;
  const auto added = [](int id, const char* content, bool special, bool normalized) {
    return json{{"id", id}, {"content", content}, {"special", special}, {"normalized", normalized}};
  };
  return {{"added_tokens",
           {added(300, "<s>", true, false), added(301, "<think>", false, false),
            added(302, "<n>", true, true)}},
          {"normalizer", nullptr},
          {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
          {"post_processor", nullptr},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", {"h e", "l l", "he ll"}}}}};
}

Tokenizer make(const json& document) {
  return Tokenizer(parse_tokenizer_json(document.dump(), "tiny"), "tiny");
}

TEST(Tokenizer, MergesInTheOrderOfTheRules) {
  const Tokenizer t = make(tiny_json());
  EXPECT_EQ(t.vocab_size(), 303);
  EXPECT_EQ(t.encode("hello"), (Ids{258, 'o'}));
  EXPECT_EQ(t.encode("hlle"), (Ids{'h', 257, 'e'}));
  EXPECT_EQ(t.encode("he ll"), (Ids{256, ' ', 257}));
  EXPECT_EQ(t.encode(""), Ids());
  EXPECT_EQ(t.encode("a\0b"s), (Ids{'a', 0, 'b'}));
}

TEST(Tokenizer, ParsesSpecialTokensUnlessTextIsPlain) {
  const Tokenizer t = make(tiny_json());
  EXPECT_EQ(t.encode("a<s>b<think>"), (Ids{'a', 300, 'b', 301}));
  EXPECT_EQ(t.encode("<s>", plain_text), (Ids{'<', 's', '>'}));
  EXPECT_EQ(t.encode("<<s><n>"), (Ids{'<', 300, 302}));
  EXPECT_EQ(t.special_token("<think>"), 301);
  EXPECT_EQ(t.special_token("hello"), std::nullopt);
}

TEST(Tokenizer, SkipsOnlySpecialTokensOnDecoding) {
  const Tokenizer t = make(tiny_json());
  const Ids ids = {300, 301, 258, 302};
  EXPECT_EQ(t.decode(ids), "<s><think>hell<n>");
  EXPECT_EQ(t.decode(ids, {.skip_special = true}), "<think>hell");
}

TEST(Tokenizer, AddsWhatTheTemplateAdds) {
  json document = tiny_json();
  document["post_processor"] = {
      {"type", "TemplateProcessing"},
      {"single",
       {{{"SpecialToken", {{"id", "<s>"}}}},
        {{"Sequence", {{"id", "A"}}}},
        {{"SpecialToken", {{"id", "<n>"}}}}}},
      {"special_tokens", {{"<s>", {{"ids", {300}}}}, {"<n>", {{"ids", {302}}}}}}};
  const Tokenizer t = make(document);
  EXPECT_EQ(t.encode("a"), (Ids{300, 'a', 302}));
  EXPECT_EQ(t.encode("a", {.add_special = false}), Ids{'a'});
}

TEST(Tokenizer, TakesAPieceWholeIfMergesAreIgnored) {
  json document = tiny_json();
  document["model"]["merges"] = json::array();
  EXPECT_EQ(make(document).encode("hell"), (Ids{'h', 'e', 'l', 'l'}));
  document["model"]["ignore_merges"] = true;
  EXPECT_EQ(make(document).encode("hell"), Ids{258});
}

TEST(Tokenizer, NormalizesBetweenSpecialTokensNotAcross) {
  json document = tiny_json();
  document["normalizer"] = {{"type", "NFC"}};
  const Tokenizer t = make(document);
  EXPECT_EQ(t.decode(t.encode("e\u0301")), "\u00e9");
  EXPECT_EQ(t.decode(t.encode("e<s>\u0301")), "e<s>\u0301");
}

TEST(Tokenizer, InvalidBytesAreReplacementCharacters) {
  const Tokenizer t = make(tiny_json());
  EXPECT_EQ(t.encode("a\xE4\xBDz"), (Ids{'a', 0xEF, 0xBF, 0xBD, 'z'}));
  EXPECT_EQ(t.decode(Ids{'a', 0xE4, 0xBD, 'z', 0xE4}), "a\uFFFDz\uFFFD");
}

TEST(Tokenizer, BytesWithoutATokenVanish) {
  json document = tiny_json();
  document["model"]["vocab"].erase("x");
  EXPECT_EQ(make(document).encode("hxe"), Ids{256});
}

TEST(Tokenizer, StreamsOnlyWholeCharacters) {
  const Tokenizer t = make(tiny_json());
  StreamDecoder decoder(t);
  EXPECT_EQ(decoder.push(0xE4), "");
  EXPECT_EQ(decoder.push(0xBD), "");
  EXPECT_EQ(decoder.push(0xA0), "\u4f60");
  EXPECT_EQ(decoder.push(0xE4), "");
  EXPECT_EQ(decoder.push(301), "\uFFFD<think>");
  EXPECT_EQ(decoder.push(0xF0), "");
  EXPECT_EQ(decoder.flush(), "\uFFFD");
  EXPECT_EQ(decoder.flush(), "");
  EXPECT_THROW(decoder.push(303), Error);
  EXPECT_THROW(decoder.push(-1), Error);
}

TEST(Tokenizer, IdsWithoutATokenStandForNothing) {
  const Tokenizer t = make(tiny_json());
  EXPECT_EQ(t.token_bytes(280), "");
  EXPECT_EQ(t.token_bytes(-1), "");
  EXPECT_EQ(t.token_bytes(1 << 30), "");
  EXPECT_EQ(t.decode(Ids{280, 'a'}), "a");
}

TEST(Tokenizer, LongRunsTakeNoQuadraticTime) {
  const Tokenizer t = make(tiny_json());
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(t.encode(std::string(1'000'000, 'l')).size(), 500'000u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(TokenizerFolder, ItsConfigurationSaysWhichTokensAreAdded) {
  const TemporaryFolder folder;
  write_file(folder / "tokenizer.json", tiny_json().dump());
  write_file(folder / "tokenizer_config.json",
             R"({"bos_token":{"content":"<s>"},"eos_token":"<n>","add_bos_token":true,
                 "chat_template":[{"name":"tool_use","template":"tools"},
                                  {"name":"default","template":"yes"}]})");
  write_file(folder / "generation_config.json", R"({"eos_token_id":[302,301]})");
  const Tokenizer t = Tokenizer::open(folder.path());
  EXPECT_EQ(t.encode("a"), (Ids{300, 'a'}));
  EXPECT_EQ(t.bos(), 300);
  EXPECT_EQ(t.eos(), 302);
  EXPECT_EQ(t.end_of_generation(), (Ids{301, 302}));
  EXPECT_EQ(t.chat_template(), "yes");
  EXPECT_EQ(t.tool_use_template(), "tools");
  EXPECT_THROW(Tokenizer::open(folder / "absent"), Error);
  fs::remove(folder / "tokenizer.json");
  EXPECT_THROW(Tokenizer::open(folder.path()), Error);
}

TEST(TokenizerJson, WhatIsNotKnownIsAnErrorThatNamesIt) {
  const auto message = [](const std::function<void(json&)>& change) -> std::string {
    json document = tiny_json();
    change(document);
    try {
      make(document);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  const auto expect = [&](const char* part, const std::function<void(json&)>& change) {
    EXPECT_NE(message(change).find(part), std::string::npos) << message(change);
  };
  expect("no error", [](json&) {});
  expect("Unigram", [](json& j) { j["model"]["type"] = "Unigram"; });
  expect("byte_fallback", [](json& j) { j["model"]["byte_fallback"] = true; });
  expect("Lowercase", [](json& j) { j["normalizer"] = {{"type", "Lowercase"}}; });
  expect("Metaspace", [](json& j) { j["pre_tokenizer"] = {{"type", "Metaspace"}}; });
  expect("[a-z]+", [](json& j) {
    j["pre_tokenizer"] = {{"type", "Split"},
                          {"pattern", {{"Regex", "[a-z]+"}}},
                          {"behavior", "Isolated"},
                          {"invert", false}};
  });
  expect("add_prefix_space", [](json& j) { j["pre_tokenizer"]["add_prefix_space"] = true; });
  expect("lstrip", [](json& j) { j["added_tokens"][0]["lstrip"] = true; });
  expect("'he  xx'", [](json& j) { j["model"]["merges"][0] = "he  xx"; });
  expect("'xyz'", [](json& j) { j["model"]["merges"][0] = "xyz e"; });
  expect("4000000000", [](json& j) { j["model"]["vocab"]["q1"] = 4000000000; });
  expect("well-formed", [](json& j) { j["model"]["vocab"]["q1"] = -1; });
  expect("well-formed", [](json& j) { j["model"].erase("vocab"); });
  expect("well-formed", [](json& j) { j = "text"; });
}

/// <unk>, <s>, </s>, 256 bytes, then words; "▁" is a space.
GgufMetadata tiny_sentence_piece() {
  std::vector<std::string> tokens = {"<unk>", "<s>", "</s>"};
  std::vector<std::int32_t> types = {2, 3, 3};
  for (int byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    tokens.emplace_back(name);
    types.push_back(6);
  }
  std::vector<float> scores(tokens.size(), 0);
  const auto add = [&](const char* token, float score) {
    tokens.emplace_back(token);
    types.push_back(1);
    scores.push_back(score);
  };
  for (const char* letter : {"\u2581", "a", "b"}) add(letter, -100);  // 259, 260, 261
  add("ab", -2);                                                      // 262
  add("ba", -1);                                                      // 263
  add("\u2581a", -3);                                                 // 264
  GgufMetadata metadata;
  metadata.set("tokenizer.ggml.model", "llama"s);
  metadata.set("tokenizer.ggml.tokens", GgufArray{std::move(tokens)});
  metadata.set("tokenizer.ggml.token_type", GgufArray{std::move(types)});
  metadata.set("tokenizer.ggml.scores", GgufArray{std::move(scores)});
  metadata.set("tokenizer.ggml.bos_token_id", std::uint32_t{1});
  metadata.set("tokenizer.ggml.eos_token_id", std::uint32_t{2});
  metadata.set("tokenizer.ggml.padding_token_id", std::uint32_t{0xFFFFFFFF});
  return metadata;
}
Tokenizer make(const GgufMetadata& metadata) {
  return Tokenizer(read_tokenizer_metadata(metadata, "tiny"), "tiny");
}

TEST(SentencePiece, JoinsTheBestScoreFirstAndFallsBackToBytes) {
  const Tokenizer t = make(tiny_sentence_piece());
  EXPECT_EQ(t.encode("ab"), (Ids{1, 259, 262}));
  EXPECT_EQ(t.encode("aba"), (Ids{1, 264, 263}));
  EXPECT_EQ(t.encode("aa", plain_text), (Ids{264, 260}));
  EXPECT_EQ(t.encode("\u00e9", plain_text), (Ids{259, 3 + 0xC3, 3 + 0xA9}));
  EXPECT_EQ(t.encode("<0x0A>", plain_text).size(), 7u);
  EXPECT_EQ(t.encode(""), Ids{1});
}

TEST(SentencePiece, PutsASpaceInFrontAndTakesItOffAgain) {
  const Tokenizer t = make(tiny_sentence_piece());
  const Ids ids = t.encode("a</s>a b");
  EXPECT_EQ(ids, (Ids{1, 264, 2, 264, 259, 261}));
  EXPECT_EQ(t.decode(Ids{264, 2, 264}), "a</s> a");
  EXPECT_EQ(t.decode(ids, {.skip_special = true}), "a a b");
  EXPECT_EQ(t.decode(Ids{264}, {.continuation = true}), " a");
  StreamDecoder stream(t);
  EXPECT_EQ(stream.push(259), "");
  EXPECT_EQ(stream.push(259), " ");
}

TEST(SentencePiece, BadMetadataIsAnError) {
  const auto broken = [](const char* key, GgufValue value) {
    GgufMetadata metadata = tiny_sentence_piece();
    metadata.set(key, std::move(value));
    EXPECT_THROW(make(metadata), Error) << key;
  };
  broken("tokenizer.ggml.model", "bert"s);
  broken("tokenizer.ggml.model", "gpt2"s);  // names no pre-tokenizer
  broken("tokenizer.ggml.scores", GgufArray{std::vector<float>{1, 2}});
  broken("tokenizer.ggml.token_type", GgufArray{std::vector<std::int32_t>{1, 2}});
  broken("tokenizer.ggml.token_type", GgufArray{std::vector<std::int32_t>(265, 6)});
  broken("tokenizer.ggml.token_type", GgufArray{std::vector<std::int32_t>(265, 99)});
  broken("tokenizer.ggml.scores",
         GgufArray{std::vector<float>(265, std::numeric_limits<float>::quiet_NaN())});
  broken("tokenizer.ggml.tokens", GgufArray{std::vector<std::string>{}});
}

}  // namespace
}  // namespace r1
