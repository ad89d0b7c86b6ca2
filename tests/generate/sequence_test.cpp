// One answer, its tokens dictated through logits that leave no choice.
#include "generate/sequence.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "generate/byte_tokenizer.h"
#include "generate/json_grammar.h"

namespace r1 {
namespace {

class SequenceTest : public testing::Test {
 protected:
  SequenceTest() { options.sampling.temperature = 0; }

  Sequence start() const { return {&tokenizer, pool, {1, 2}, options, 0, 0}; }
  /// The token that is drawn when `id` is by far the most probable.
  GeneratedToken give(Sequence& sequence, int id, std::int64_t room = 1000) const {
    std::vector<float> logits(300, 0.0f);
    logits[static_cast<std::size_t>(id)] = 30.0f;
    return sequence.accept(logits, room);
  }
  /// Gives a text byte by byte as far as the answer goes on; what was shown at each.
  std::vector<std::string> give(Sequence& sequence, std::string_view text) const {
    std::vector<std::string> shown;
    for (const char c : text) {
      if (sequence.finished()) break;
      shown.push_back(give(sequence, static_cast<unsigned char>(c)).text);
    }
    return shown;
  }

  Tokenizer tokenizer = byte_tokenizer();
  mutable PagePool pool{{.type = DType::f32, .layers = 1, .row_elements = 4}, 8};
  GenerateOptions options;
};

TEST_F(SequenceTest, an_end_token_ends_the_answer_and_is_not_shown) {
  Sequence sequence = start();
  give(sequence, "hi");
  EXPECT_EQ(give(sequence, 256).text, "");
  EXPECT_EQ(sequence.answer().text, "hi");
  EXPECT_EQ(sequence.answer().finish_reason, "stop");
  EXPECT_EQ(sequence.answer().ids, (std::vector<int>{'h', 'i', 256}));
}

TEST_F(SequenceTest, a_model_with_fewer_rows_than_tokens_can_neither_end_nor_be_forced) {
  std::vector<float> logits(200, 0.0f);
  logits['{'] = 1.0f;
  options.grammar = {json_object_grammar(), std::make_shared<const TokenTree>(tokenizer)};
  Sequence masked = start();
  EXPECT_EQ(masked.accept(logits, 1000).text, "{");
  tokenizer = byte_tokenizer({"<think>", "</think>"});
  options.grammar = {};
  options.starts_in_thinking = true;
  options.thinking_budget = 0;
  Sequence forced = start();
  EXPECT_THROW(forced.accept(logits, 1000), Error);
}

TEST_F(SequenceTest, with_ignore_end_only_the_length_ends_the_answer) {
  options.ignore_end = true;
  options.max_tokens = 3;
  Sequence sequence = start();
  give(sequence, 256);
  EXPECT_FALSE(sequence.finished());
  give(sequence, "ab");
  EXPECT_EQ(sequence.answer().finish_reason, "length");
  EXPECT_EQ(sequence.answer().text, "<end>ab");
}

TEST_F(SequenceTest, the_end_of_the_context_ends_the_answer) {
  Sequence sequence = start();
  give(sequence, 'a', 2);
  EXPECT_FALSE(sequence.finished());
  give(sequence, 'b', 1);
  EXPECT_EQ(sequence.answer().finish_reason, "length");
}

TEST_F(SequenceTest, a_stop_text_split_over_tokens_is_never_shown) {
  options.stop = {"END"};
  Sequence sequence = start();
  EXPECT_EQ(give(sequence, "a ENx END"),
            (std::vector<std::string>{"a", " ", "", "", "ENx", " ", "", "", ""}));
  EXPECT_EQ(sequence.answer().text, "a ENx ");
  EXPECT_EQ(sequence.answer().finish_reason, "stop");
}

TEST_F(SequenceTest, the_stop_text_that_comes_first_counts) {
  tokenizer = byte_tokenizer({"one two"});
  options.stop = {"two", "ne"};
  Sequence sequence = start();
  give(sequence, 257);
  EXPECT_EQ(sequence.answer().text, "o");
}

TEST_F(SequenceTest, a_held_back_beginning_of_a_stop_text_is_shown_at_the_end) {
  options.stop = {"END"};
  options.max_tokens = 3;
  Sequence sequence = start();
  EXPECT_EQ(give(sequence, "xEN"), (std::vector<std::string>{"x", "", "EN"}));
}

TEST_F(SequenceTest, a_character_is_shown_when_it_is_whole) {
  Sequence sequence = start();
  EXPECT_EQ(give(sequence, "\xc3\xa9"), (std::vector<std::string>{"", "\xc3\xa9"}));
}

TEST_F(SequenceTest, ids_beyond_the_tokenizer_have_no_text) {
  Sequence sequence = start();
  EXPECT_EQ(give(sequence, 299).text, "");
  EXPECT_EQ(sequence.answer().ids, std::vector<int>{299});
}

TEST_F(SequenceTest, a_spent_budget_closes_the_thinking_with_a_tag_of_several_tokens) {
  options.thinking_budget = 3;
  options.starts_in_thinking = true;
  Sequence sequence = start();
  give(sequence, "abcdefghijklm");
  EXPECT_EQ(sequence.answer().text, "abc</think>lm");
}

TEST_F(SequenceTest, a_spent_budget_closes_the_thinking_with_a_tag_of_one_token) {
  tokenizer = byte_tokenizer({"<think>", "</think>"});
  options.thinking_budget = 2;
  Sequence sequence = start();
  give(sequence, "x");
  give(sequence, 257);
  give(sequence, "abcde");
  EXPECT_EQ(sequence.answer().text, "x<think>ab</think>de");
}

TEST_F(SequenceTest, a_budget_of_nothing_closes_the_thinking_at_once) {
  tokenizer = byte_tokenizer({"<think>", "</think>"});
  options.thinking_budget = 0;
  options.starts_in_thinking = true;
  Sequence opened = start();
  give(opened, "abc");
  EXPECT_EQ(opened.answer().text, "</think>bc");
  options.starts_in_thinking = false;
  Sequence opening = start();
  give(opening, 257);
  give(opening, "abc");
  EXPECT_EQ(opening.answer().text, "<think></think>bc");
}

TEST_F(SequenceTest, thinking_that_ends_in_time_is_left_alone) {
  tokenizer = byte_tokenizer({"</think>\n"});  // the tag joined with what follows
  options.thinking_budget = 3;
  options.starts_in_thinking = true;
  Sequence sequence = start();
  give(sequence, "a");
  give(sequence, 257);
  give(sequence, "bcdef");
  EXPECT_EQ(sequence.answer().text, "a</think>\nbcdef");
}

TEST_F(SequenceTest, without_a_budget_thinking_goes_on) {
  options.starts_in_thinking = true;
  Sequence sequence = start();
  give(sequence, "abcdefghijkl");
  EXPECT_EQ(sequence.answer().text, "abcdefghijkl");
}

TEST_F(SequenceTest, an_end_within_the_thinking_closes_it_where_a_grammar_wants_an_answer) {
  for (const bool one_token : {false, true}) {
    if (one_token) tokenizer = byte_tokenizer({"<think>", "</think>"});
    options.grammar = {json_object_grammar(), std::make_shared<const TokenTree>(tokenizer)};
    options.starts_in_thinking = true;
    Sequence sequence = start();
    give(sequence, "hm");
    EXPECT_EQ(give(sequence, 256).sample.id, one_token ? 258 : '<');
    if (!one_token) give(sequence, "1234567");  // the rest of the tag comes whatever is drawn
    EXPECT_FALSE(sequence.finished());
    EXPECT_NE(give(sequence, 256).sample.id, 256);  // nor may the answer end before it has begun
    give(sequence, "{}");
    give(sequence, 256);
    EXPECT_EQ(sequence.answer().text, "hm</think>\n{}");
    EXPECT_EQ(sequence.answer().finish_reason, "stop");
  }
}

TEST_F(SequenceTest, thinking_that_takes_all_tokens_is_too_long_whatever_the_grammar) {
  options.grammar = {json_object_grammar(), std::make_shared<const TokenTree>(tokenizer)};
  options.starts_in_thinking = true;
  options.max_tokens = 3;
  Sequence sequence = start();
  give(sequence, "hm");
  give(sequence, 256);
  EXPECT_EQ(sequence.answer().text, "hm<");
  EXPECT_EQ(sequence.answer().finish_reason, "length");
}

TEST_F(SequenceTest, options_out_of_range_are_refused) {
  const auto refused = [](const auto& change) {
    GenerateOptions bad;
    change(bad);
    EXPECT_THROW(bad.check(), Error);
  };
  EXPECT_NO_THROW(GenerateOptions().check());
  refused([](GenerateOptions& o) { o.max_tokens = 0; });
  refused([](GenerateOptions& o) { o.stop = {""}; });
  refused([](GenerateOptions& o) { o.sampling.temperature = -1; });
  refused([](GenerateOptions& o) { o.sampling.temperature = 1e-9; });
  refused([](GenerateOptions& o) { o.sampling.top_p = 0; });
  refused([](GenerateOptions& o) { o.sampling.min_p = 2; });
  refused([](GenerateOptions& o) { o.sampling.repetition_penalty = 0; });
}

}  // namespace
}  // namespace r1
