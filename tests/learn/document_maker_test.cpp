#include "learn/document_maker.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "formats/tokenizer.h"

namespace r1 {
namespace {

/// A token a byte, 256 <end> (also of answers), 257 BOS.
Tokenizer words() {
  TokenizerData data;
  for (int byte = 0; byte < 256; ++byte) {
    data.tokens.push_back({std::string(1, static_cast<char>(byte)), TokenKind::normal, false});
  }
  data.tokens.push_back({"<end>", TokenKind::control, false});
  data.tokens.push_back({"<bos>", TokenKind::control, false});
  data.eos = 256;
  data.end_of_generation = {256};
  data.bos = 257;
  data.prefix = {257};
  return Tokenizer(std::move(data), "test");
}

const ChatTemplate kChat(
    "{{ bos_token }}{% for m in messages %}{{ m.role[0] }}:{{ m.content }}"
    "{% if m.role == 'assistant' %}<end>{% endif %}{{ '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}a:{% endif %}");

/// As R1's: the prompt opens the thought, past turns are cut to what follows it.
const ChatTemplate kThinking(
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}U{{ m.content }}"
    "{% else %}A{{ m.content.split('</think>')[-1] }}<end>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}A<think>\n{% endif %}");

TokenizedLine make(const ChatTemplate& chat, const std::string& json,
                   const DocumentOptions& options = {}) {
  return DocumentMaker(words(), chat, options)
      .make(nlohmann::ordered_json::parse(json), "data.jsonl:1");
}

/// What is learned, of what is given in brackets: "[<bos>u:Hi\na:]Yo<end>[\n]".
std::string shown(const TokenizedDocument& document) {
  std::string text;
  bool given = false;
  for (std::size_t i = 0; i < document.ids.size(); ++i) {
    const bool counts = document.counts[i] != 0;
    if (counts == given) text += counts ? "]" : "[";
    given = !counts;
    text += words().token_bytes(document.ids[i]);
  }
  return text + (given ? "]" : "");
}

TEST(DocumentMaker, learns_what_the_assistant_says_up_to_the_end_of_its_turn) {
  const TokenizedLine line = make(
      kChat,
      R"({"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"},
      {"role": "user", "content": "Bye"}, {"role": "assistant", "content": "So"}]})");
  ASSERT_EQ(line.documents.size(), 1u);
  EXPECT_EQ(shown(line.documents[0]), "[<bos>u:Hi\na:]Yo<end>[\nu:Bye\na:]So<end>[\n]");
}

TEST(DocumentMaker, turns_that_a_template_renders_otherwise_later_are_documents_of_their_own) {
  const TokenizedLine line = make(kThinking, R"({"messages": [{"role": "user", "content": "q"},
      {"role": "assistant", "content": "<think>\nt\n</think>\n\nx"}, {"role": "user", "content": "r"},
      {"role": "assistant", "reasoning_content": "s", "content": "y"}]})");
  ASSERT_EQ(line.documents.size(), 2u);
  EXPECT_EQ(shown(line.documents[0]), "[<bos>UqA<think>\n]t\n</think>\n\nx<end>");
  EXPECT_EQ(shown(line.documents[1]), "[<bos>UqA\n\nx<end>UrA<think>\n]s\n</think>\n\ny<end>");
}

TEST(DocumentMaker, an_answer_whose_thoughts_are_left_out_is_never_learned) {
  DocumentOptions options;
  options.learn_all = true;
  const TokenizedLine line = make(kThinking, R"({"messages": [{"role": "user", "content": "q"},
      {"role": "assistant", "content": "<think>\nt\n</think>\n\nx"}, {"role": "user", "content": "r"},
      {"role": "assistant", "content": "<think>\ns\n</think>\n\ny"}]})",
                                  options);
  ASSERT_EQ(line.documents.size(), 2u);
  EXPECT_EQ(shown(line.documents[0]), "<bos>UqA<think>\nt\n</think>\n\nx<end>");
  EXPECT_EQ(shown(line.documents[1]), "[<bos>UqA\n\nx<end>UrA<think>\n]s\n</think>\n\ny<end>");
}

TEST(DocumentMaker, learns_completions_and_texts_with_their_end) {
  EXPECT_EQ(shown(make(kChat, R"({"prompt": "p", "completion": "c"})").documents[0]),
            "[<bos>p]c<end>");
  EXPECT_EQ(shown(make(kChat, R"({"text": "abc"})").documents[0]), "[<bos>]abc<end>");
  DocumentOptions options;
  options.prompt = "question";
  options.completion = "solution";
  options.as_chat = true;
  EXPECT_EQ(
      shown(make(kChat, R"({"question": "p", "solution": "c", "text": ""})", options).documents[0]),
      "[<bos>u:p\na:]c<end>[\n]");
  options = {};
  options.learn_all = true;
  EXPECT_EQ(shown(make(kChat, R"({"prompt": "p", "completion": "c"})", options).documents[0]),
            "<bos>pc<end>");
}

TEST(DocumentMaker, long_documents_are_cut_into_pieces_or_at_their_end) {
  DocumentOptions options;
  options.longest = 3;
  TokenizedLine line = make(kChat, R"({"text": "abcde"})", options);
  ASSERT_EQ(line.documents.size(), 1u);
  EXPECT_EQ(line.truncated, 1);
  EXPECT_EQ(shown(line.documents[0]), "[<bos>]ab");
  options.cut = true;
  line = make(kChat, R"({"text": "abcde"})", options);
  ASSERT_EQ(line.documents.size(), 2u);  // the third has one token: nothing to predict
  EXPECT_EQ(line.truncated, 0);
  EXPECT_EQ(line.dropped, 1);
  EXPECT_EQ(shown(line.documents[1]), "cde");
  options = {};
  options.longest = 6;
  EXPECT_EQ(make(kChat, R"({"prompt": "long prompt", "completion": "c"})", options).dropped, 1);
}

TEST(DocumentMaker, what_is_no_document_is_said_with_its_line) {
  for (const char* json :
       {"[]", "{}", R"({"prompt": "p"})", R"({"text": 1})", R"({"prompt": 1, "completion": "c"})",
        R"({"messages": []})", R"({"messages": [{"content": "x"}]})", R"({"messages": 3})",
        R"({"messages": [{"role": "user", "content": "x"}]})"}) {
    try {
      make(kChat, json);
      ADD_FAILURE() << json;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("data.jsonl:1"), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW(DocumentMaker(words(), std::nullopt, {})
                   .make({{"messages", {{{"role", "assistant"}, {"content", "x"}}}}}, "x"),
               Error);
}

}  // namespace
}  // namespace r1
