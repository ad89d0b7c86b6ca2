#include "learn/train_tokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/random.h"
#include "base/threads.h"
#include "formats/chat_template.h"
#include "formats/convert/tokenizer_export.h"
#include "formats/json.h"
#include "formats/tokenizer.h"
#include "learn/task_documents.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

std::vector<std::string> worked_texts(std::int64_t count) {
  TaskDocumentOptions options;
  options.tasks = tasks::find_tasks("all");
  options.count = count;
  std::vector<std::string> texts;
  for (const TaskDocument& document : task_documents(options, 5)) {
    texts.push_back(document[0].question + document[0].response);
  }
  return texts;
}

Tokenizer written_and_read(const TokenizerData& data) {
  const TemporaryFolder folder;
  write_file(folder / "tokenizer.json", json_text(tokenizer_json(data)));
  write_file(folder / "tokenizer_config.json", json_text(tokenizer_config_json(data)));
  return Tokenizer::open(folder.path());
}

TEST(TrainTokenizer, any_text_comes_back_whatever_it_was_trained_on) {
  const Tokenizer tokenizer =
      written_and_read(r1_tokenizer(worked_texts(100), 512, Joining::words));
  EXPECT_EQ(tokenizer.vocab_size(), 512);
  std::string all;
  for (int code = 1; code < 0x3000; code += 7) {
    if (code < 0x80) all += static_cast<char>(code);
    if (code >= 0x800) {
      all += static_cast<char>(0xe0 | code >> 12);
      all += static_cast<char>(0x80 | (code >> 6 & 0x3f));
      all += static_cast<char>(0x80 | (code & 0x3f));
    }
  }
  for (const std::string& text :
       {all, std::string("a\0b \n\n\t 12,345", 14), std::string("\\boxed{}")}) {
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text, plain_text)), text);
  }
  std::vector<bool> bytes(256, false);
  for (TokenId id = 0; id < tokenizer.vocab_size(); ++id) {
    const std::string_view token = tokenizer.token_bytes(id);
    if (token.size() == 1) bytes[static_cast<unsigned char>(token[0])] = true;
  }
  EXPECT_EQ(std::count(bytes.begin(), bytes.end(), false), 0);
}

TEST(TrainTokenizer, digits_stand_one_by_one_and_quoted_words_are_letters) {
  const std::vector<std::string> texts = worked_texts(500);
  for (const Joining joining : {Joining::words, Joining::anywhere}) {
    const Tokenizer tokenizer = written_and_read(r1_tokenizer(texts, 800, joining));
    for (const std::string& text : texts) {
      for (const TokenId id : tokenizer.encode(text, {.add_special = false})) {
        const std::string_view token = tokenizer.token_bytes(id);
        if (token.find_first_of("0123456789") != std::string_view::npos) {
          EXPECT_EQ(token.size(), 1u);
        }
      }
    }
    const std::size_t word = tokenizer.encode("\"number\"", plain_text).size();
    const std::size_t running = tokenizer.encode(" number", plain_text).size();
    EXPECT_EQ(running, 1u);
    if (joining == Joining::words) {
      EXPECT_EQ(word, 8u);
    } else {
      EXPECT_LT(word, 8u);
    }
  }
}

TEST(TrainTokenizer, has_the_same_bytes_with_one_and_two_threads) {
  std::vector<std::string> files;
  for (const int count : {1, 2}) {
    set_threads(count);
    files.push_back(
        json_text(tokenizer_json(r1_tokenizer(worked_texts(300), 600, Joining::words))));
  }
  EXPECT_EQ(files[0], files[1]);
  EXPECT_GT(files[0].size(), 1000u);
}

TEST(TrainTokenizer, joins_the_commonest_neighbours_first) {
  std::vector<Token> tokens;
  const PieceCounts pieces = {{" ab", 3}, {" abc", 2}, {" x", 4}, {"-->", 5}, {"abab", 9}};
  const auto spelled = [&](const std::vector<MergeRule>& merges) {
    std::string text;
    for (const MergeRule& rule : merges) {
      text += tokens[static_cast<std::size_t>(rule.merged)].bytes + "|";
    }
    return text;
  };
  // From the beginning on: " a" stands 5 times, as "--" does, and has the smaller ids; " ab" has
  // larger ones.
  EXPECT_EQ(spelled(train_byte_pairs(pieces, 1000, Joining::words, tokens)),
            " a|--| ab|-->| x| abc|");
  tokens.clear();
  // "ab" stands twice in each of the last ones.
  EXPECT_EQ(spelled(train_byte_pairs(pieces, 259, Joining::anywhere, tokens)), "ab|abab| ab|");
}

TEST(TrainTokenizer, gives_a_text_one_token_whichever_way_it_was_joined) {
  // "ab" and "ba" come first; then "aba" is made of "ab" and "a", and of "a" and "ba".
  const PieceCounts pieces = {{"abx", 20}, {"bay", 30}, {"aba", 15}, {"aba.", 2}, {"zaba", 9}};
  std::vector<Token> tokens;
  const auto merges = train_byte_pairs(pieces, 1000, Joining::anywhere, tokens);
  std::set<std::string> spellings;
  for (const Token& token : tokens) EXPECT_TRUE(spellings.insert(token.bytes).second);
  for (const MergeRule& rule : merges) {
    const auto bytes = [&](TokenId id) { return tokens[static_cast<std::size_t>(id)].bytes; };
    EXPECT_EQ(bytes(rule.merged), bytes(rule.left) + bytes(rule.right));
  }
}

TEST(TrainTokenizer, speaks_the_chat_format_of_r1) {
  const Tokenizer tokenizer = written_and_read(r1_tokenizer(worked_texts(50), 400, Joining::words));
  ChatRequest request = ChatRequest::of(tokenizer);
  request.messages = {{{"role", "system"}, {"content", "Be brief."}},
                      {{"role", "user"}, {"content", "2+2?"}},
                      {{"role", "assistant"}, {"content", "<think>\n4.\n</think>\n\nIt is 4."}},
                      {{"role", "user"}, {"content", "2+3?"}}};
  const std::string prompt = ChatTemplate::of(tokenizer).render(request);
  EXPECT_EQ(prompt,
            "<｜begin▁of▁sentence｜>Be brief.<｜User｜>2+2?<｜Assistant｜>It is 4."
            "<｜end▁of▁sentence｜><｜User｜>2+3?<｜Assistant｜><think>\n");
  EXPECT_TRUE(begins_in_thinking(prompt));
  const std::vector<TokenId> ids = tokenizer.encode(prompt, {.add_special = false});
  EXPECT_EQ(ids[0], 0);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), *tokenizer.special_token("<｜User｜>")), 2);
  EXPECT_TRUE(tokenizer.ends_generation(1));
  // The thought's tags are part of what is shown.
  EXPECT_EQ(tokenizer.decode(ids, {.skip_special = true}).find("<think>"),
            std::string("Be brief.2+2?It is 4.2+3?").size());
}

}  // namespace
}  // namespace r1
