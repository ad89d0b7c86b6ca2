#include "generate/json_grammar.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "formats/json.h"
#include "generate/byte_tokenizer.h"
#include "generate/sequence.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;

bool admits(const std::shared_ptr<const Grammar>& grammar, const std::string& text) {
  GrammarStates states(grammar);
  auto state = states.start();
  for (const char c : text) state = states.next(state, static_cast<unsigned char>(c));
  return states.ends(state);
}

bool admits(const std::string& schema, const std::string& text) {
  return admits(json_schema_grammar(parse_ordered_json(schema, "schema")), text);
}

TEST(JsonGrammar, admits_objects_and_nothing_else) {
  const auto grammar = json_object_grammar();
  for (const char* text :
       {"{}", "{ }", "\n{\n  \"a\": 1,\n  \"b\": [true, false, null]\n}", R"({"a":{"b":{"c":[]}}})",
        R"({"x":-0.5e+10,"y":0,"z":"\u00e9\ud83d\ude00\n\"\\\/"})",
        "{\"\xc3\xa9\":\"\xe2\x82\xac\"}"}) {
    EXPECT_TRUE(admits(grammar, text)) << text;
    EXPECT_NO_THROW(parse_json(text, "text"));
  }
  for (const char* text : {"",
                           "[]",
                           "1",
                           "{",
                           "{}}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{'a':1}",
                           "{\"a\":01}",
                           "{\"a\":1.}",
                           "{\"a\":.5}",
                           "{\"a\":+1}",
                           "{\"a\":\"\n\"}",
                           "{\"a\":\"\\x\"}",
                           "{\"a\":\"\xff\"}",
                           "{\"a\":\"\xed\xa0\x80\"}",
                           R"({"a":"\ud800"})",
                           R"({"a":tru})"}) {
    EXPECT_FALSE(admits(grammar, text)) << text;
  }
}

TEST(JsonGrammar, admits_what_a_schema_does) {
  const std::string person =
      R"({"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"},
          "tags":{"type":"array","items":{"enum":["a","b"]},"maxItems":2}},"required":["name"]})";
  for (const char* text :
       {R"({"name":"x"})", R"({"name":"x","age":3})", R"({"name":"x","tags":[]})",
        R"({"name":"x","age":-1,"tags":["a","b"]})"}) {
    EXPECT_TRUE(admits(person, text)) << text;
  }
  for (const char* text : {"{}", R"({"age":3})", R"({"name":1})", R"({"name":"x","age":1.5})",
                           R"({"name":"x","tags":["c"]})", R"({"name":"x","tags":["a","a","a"]})",
                           R"({"name":"x","other":1})", R"({"age":3,"name":"x"})"}) {
    EXPECT_FALSE(admits(person, text)) << text;
  }
}

TEST(JsonGrammar, understands_the_words_of_json_schema) {
  EXPECT_TRUE(admits(R"({"const":{"a":[1]}})", R"({"a":[1]})"));
  EXPECT_TRUE(admits(R"({"type":["string","null"]})", "null"));
  EXPECT_FALSE(admits(R"({"type":["string","null"]})", "1"));
  EXPECT_TRUE(admits(R"({"anyOf":[{"type":"integer"},{"type":"boolean"}]})", "true"));
  EXPECT_TRUE(admits(R"({"type":"string","minLength":2,"maxLength":3})", "\"ab\""));
  EXPECT_FALSE(admits(R"({"type":"string","minLength":2,"maxLength":3})", "\"a\""));
  EXPECT_FALSE(admits(R"({"type":"string","minLength":2,"maxLength":3})", "\"abcd\""));
  EXPECT_TRUE(admits(R"({"type":"array","items":{"type":"integer"},"minItems":2})", "[1, 2, 3]"));
  EXPECT_FALSE(admits(R"({"type":"array","items":{"type":"integer"},"minItems":2})", "[1]"));
  EXPECT_TRUE(admits(R"({"prefixItems":[{"type":"integer"},{"type":"string"}],"items":false,
                         "type":"array"})",
                     R"([1,"a"])"));
  EXPECT_TRUE(
      admits(R"({"type":"object","additionalProperties":{"type":"integer"}})", R"({"a":1,"b":2})"));
  EXPECT_FALSE(
      admits(R"({"type":"object","additionalProperties":{"type":"integer"}})", R"({"a":"b"})"));
  const std::string tree =
      R"({"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{
          "value":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},
          "required":["value","next"]}}})";
  EXPECT_TRUE(admits(tree, R"({"value":1,"next":{"value":2,"next":null}})"));
  EXPECT_FALSE(admits(tree, R"({"value":1,"next":{"value":2}})"));
  EXPECT_TRUE(admits("{}", R"([{"anything":1}])"));
}

TEST(JsonGrammar, schemas_that_cannot_be_kept_are_refused) {
  for (const char* schema :
       {R"({"type":"string","pattern":"a+"})", R"({"type":"integer","minimum":3})",
        R"({"type":"car"})", R"({"type":5})", R"({"enum":[]})", R"({"enum":5})",
        R"({"$ref":"#/$defs/none"})", R"({"$ref":"http://x"})", R"({"properties":[]})",
        R"({"required":"a"})", R"({"anyOf":[]})", R"({"anyOf":[5]})",
        R"({"items":5,"type":"array"})", R"({"maxItems":-1,"type":"array"})",
        R"({"maxItems":1000000000,"type":"array"})", R"({"not":{}})",
        R"({"type":"array","minItems":3,"maxItems":2})"}) {
    EXPECT_THROW(json_schema_grammar(parse_ordered_json(schema, "schema")), Error) << schema;
  }
}

TEST(JsonGrammar, schemas_that_lead_in_circles_end) {
  for (const char* schema : {R"({"$ref":"#"})", R"({"anyOf":[{"$ref":"#"},{"$ref":"#"}]})",
                             R"({"type":"array","items":{"$ref":"#"}})",
                             R"({"properties":{"a":{"$ref":"#"},"b":{"$ref":"#"}}})"}) {
    EXPECT_NO_THROW(GrammarStates(json_schema_grammar(parse_ordered_json(schema, "schema"))))
        << schema;
  }
}

// Each of the 20 ways splits into 20 again, 12 times.
TEST(JsonGrammar, alternatives_that_lead_to_the_same_are_gone_into_once) {
  std::string schema = R"({"anyOf":[{"type":"null"})";
  for (int i = 0; i < 20; ++i) schema += R"(,{"$ref":"#"})";
  schema += "]}";
  EXPECT_TRUE(admits(schema, "null"));
  EXPECT_FALSE(admits(schema, "true"));
}

TEST(JsonGrammar, schemas_that_would_take_too_much_memory_are_refused) {
  const std::string text(100'000, 'x');
  const std::string schema = R"({"anyOf":[{"$ref":"#"},{"const":")" + text + R"("}]})";
  EXPECT_THROW(json_schema_grammar(parse_ordered_json(schema, "schema")), Error);
}

/// Random logits: whatever comes out must be JSON.
TEST(JsonGrammar, whatever_is_drawn_is_json) {
  const Tokenizer tokenizer = byte_tokenizer({"{\"", "\":", "</think>", "[[", "\": \"", ", \""});
  PagePool pool({.type = DType::f32, .layers = 1, .row_elements = 4}, 8);
  GenerateOptions options;
  options.sampling = {.temperature = 1.0, .top_p = 1.0};
  options.max_tokens = 100000;
  options.grammar = {json_object_grammar(), std::make_shared<const TokenTree>(tokenizer)};
  for (const bool thinks : {false, true}) {
    options.starts_in_thinking = thinks;
    options.thinking_budget = thinks ? 5 : -1;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Sequence sequence(&tokenizer, pool, {1}, options, 0, seed);
      Random random(seed, 1);
      while (!sequence.finished()) {
        std::vector<float> logits(300);
        for (float& logit : logits) logit = random.normal();
        // Otherwise strings would hardly ever end.
        for (const char c : {'"', '}', ']'}) logits[static_cast<std::size_t>(c)] += 4;
        sequence.accept(logits, 1000);
      }
      EXPECT_EQ(sequence.answer().finish_reason, "stop");
      std::string text = sequence.answer().text;
      if (thinks) text = text.substr(text.find("</think>") + 8);
      EXPECT_TRUE(parse_json(text, "answer").is_object()) << text;
    }
  }
}

}  // namespace
}  // namespace r1
