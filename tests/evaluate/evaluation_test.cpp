// Runs with a responder that isn't a model: what is asked, kept, resumed and reported.
#include "evaluate/evaluation.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "evaluate/report.h"
#include "evaluate/summary.h"
#include "temporary_folder.h"

namespace r1::evaluate {
namespace {

/// Says the question's number plus the sample's, and can break down after some answers.
class Counting : public Responder {
 public:
  explicit Counting(std::size_t most = 1000) : most_(most) {}
  std::string name() const override { return "counting"; }
  void respond(const std::vector<Prompt>& prompts, const OnResponse& on_response) override {
    for (const Prompt& prompt : prompts) {
      if (asked++ == most_) throw std::runtime_error("broken down");
      const std::string said = std::to_string((std::stoi(*prompt.text) + prompt.sample) % 3);
      on_response(prompt, {"<b>" + said, prompt.sample == 3 ? "length" : "stop", 10 + prompt.sample,
                           drafted, drafted * 2 / 5});
    }
  }
  std::size_t asked = 0;
  std::int64_t drafted = 0;

 private:
  std::size_t most_;
};

Suite counting_suite() {
  return {"counting", "numbers", 4, nullptr,
          [](const std::string& a, const std::string& b) { return a == b; }};
}

/// Question i is right with the answer "0".
std::vector<Question> counting_questions(int count) {
  std::vector<Question> questions;
  for (int i = 0; i < count; ++i) {
    questions.push_back({"q" + std::to_string(i), std::to_string(i), "0",
                         i % 2 == 0 ? "even" : "odd", [](std::string_view response) {
                           const std::string answer(response.substr(3));
                           return Judged{answer == "0" ? 1.0 : 0.0, answer, "by number"};
                         }});
  }
  return questions;
}

const nlohmann::ordered_json kRun = {{"suite", "counting"}, {"model", "counting"}, {"seed", 1}};

Summary run(const std::filesystem::path& path, Responder& responder, int questions = 3,
            std::int64_t samples = 4) {
  const Suite suite = counting_suite();
  const auto asked = counting_questions(questions);
  SampleFile file(path, kRun);
  run_suite(suite, asked, samples, responder, file);
  return summarize(suite, asked, file.samples(), samples, responder.name());
}

TEST(Evaluation, gives_the_figures_of_its_samples) {
  const TemporaryFolder folder;
  Counting responder;
  const Summary summary = run(folder / "a.jsonl", responder);
  EXPECT_EQ(responder.asked, 12u);
  EXPECT_EQ(summary.questions, 3);
  // Answers: 0 1 2 0, 1 2 0 1, 2 0 1 2.
  EXPECT_NEAR(summary.pass_at_1, (2 + 1 + 1) / 12.0, 1e-12);
  EXPECT_NEAR(summary.consensus.value(), 1.0 / 3, 1e-12);
  ASSERT_EQ(summary.pass_at.size(), 2u);
  EXPECT_NEAR(summary.pass_at[0].second, (5.0 / 6 + 0.5 + 0.5) / 3, 1e-12);
  EXPECT_NEAR(summary.pass_at[1].second, 1, 1e-12);
  EXPECT_NEAR(summary.truncated, 0.25, 1e-12);
  EXPECT_NEAR(summary.mean_tokens, 11.5, 1e-12);
  EXPECT_LE(summary.interval.low, summary.pass_at_1);
  EXPECT_GE(summary.interval.high, summary.pass_at_1);
  ASSERT_EQ(summary.subjects.size(), 2u);
}

TEST(Evaluation, goes_on_where_it_was_ended_and_gives_the_same_table) {
  const TemporaryFolder folder;
  Counting whole;
  const Summary expected = run(folder / "whole.jsonl", whole);
  Counting broken(5);
  EXPECT_THROW(run(folder / "resumed.jsonl", broken), std::runtime_error);
  // As if it had been killed while writing.
  write_file(folder / "resumed.jsonl",
             read_file(folder / "resumed.jsonl") + "{\"question\":\"q2\",\"sam");
  Counting second;
  const Summary resumed = run(folder / "resumed.jsonl", second);
  EXPECT_EQ(second.asked, 7u);
  EXPECT_EQ(markdown_table({resumed}), markdown_table({expected}));
  Counting third;
  run(folder / "resumed.jsonl", third);
  EXPECT_EQ(third.asked, 0u);
}

TEST(Evaluation, tells_how_many_drafted_tokens_were_accepted_also_after_a_break) {
  const TemporaryFolder folder;
  Counting none;
  EXPECT_FALSE(run(folder / "none.jsonl", none).accepted);
  Counting drafting;
  drafting.drafted = 10;
  EXPECT_NEAR(run(folder / "a.jsonl", drafting).accepted.value(), 0.4, 1e-12);
  Counting again;
  EXPECT_NEAR(run(folder / "a.jsonl", again).accepted.value(), 0.4, 1e-12);
  EXPECT_EQ(again.asked, 0u);
}

TEST(Evaluation, more_samples_are_added_to_those_there_are) {
  const TemporaryFolder folder;
  Counting few, more;
  run(folder / "a.jsonl", few, 3, 2);
  const Summary summary = run(folder / "a.jsonl", more, 3, 4);
  EXPECT_EQ(more.asked, 6u);
  EXPECT_EQ(summary.samples, 4);
}

TEST(Evaluation, refuses_a_file_made_with_other_settings) {
  const TemporaryFolder folder;
  Counting responder;
  run(folder / "a.jsonl", responder);
  const nlohmann::ordered_json other = {{"suite", "counting"}, {"model", "counting"}, {"seed", 2}};
  try {
    SampleFile(folder / "a.jsonl", other);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("seed"), std::string::npos) << error.what();
  }
  write_file(folder / "b.jsonl", "nonsense\n");
  EXPECT_THROW(SampleFile(folder / "b.jsonl", other), Error);
  write_file(folder / "c.jsonl", "{\"suite\":\"counting\"}\n{\"question\":1}\n");
  EXPECT_THROW(read_samples(folder / "c.jsonl"), Error);
}

TEST(Evaluation, questions_are_chosen_all_over_the_suite) {
  const auto chosen = choose_questions(counting_questions(100), 4);
  ASSERT_EQ(chosen.size(), 4u);
  EXPECT_EQ(chosen[0].id, "q0");
  EXPECT_EQ(chosen[3].id, "q75");
  EXPECT_EQ(choose_questions(counting_questions(3), 0).size(), 3u);
}

TEST(Report, pages_hold_every_sample_and_no_markup_of_the_model) {
  const TemporaryFolder folder;
  Counting responder;
  const Summary summary = run(folder / "a.jsonl", responder);
  const std::string page =
      html_report(summary, counting_questions(3), read_samples(folder / "a.jsonl").samples);
  EXPECT_EQ(page.find("<b>"), std::string::npos);
  EXPECT_NE(page.find("&lt;b&gt;1"), std::string::npos);
  EXPECT_NE(page.find("by number"), std::string::npos);
  EXPECT_NE(page.find("cons@4"), std::string::npos);
}

TEST(Report, the_paper_table_has_the_published_rows_and_the_runs_own) {
  Summary summary;
  summary.suite = "aime2024";
  summary.model = "mine";
  summary.samples = 4;
  summary.pass_at_1 = 0.5;
  summary.interval = {0.4, 0.6};
  summary.consensus = 0.75;
  const std::string table = paper_table({summary});
  EXPECT_NE(table.find("| DeepSeek-R1 | 79.8 | - | 97.3 | 71.5 | 65.9 | 2029 |"),
            std::string::npos);
  EXPECT_NE(table.find("| **mine** | 50.0 (40.0 - 60.0) | 75.0 (cons@4) | - |"), std::string::npos)
      << table;
}

TEST(Report, two_runs_are_compared_over_the_questions_both_answered) {
  const TemporaryFolder folder;
  Counting first, second;
  run(folder / "a.jsonl", first, 6, 1);
  run(folder / "b.jsonl", second, 9, 2);
  const std::string text =
      compare_runs(read_samples(folder / "a.jsonl"), read_samples(folder / "b.jsonl"));
  EXPECT_NE(text.find("6 common questions"), std::string::npos) << text;
  EXPECT_NE(text.find("p = "), std::string::npos);
  EXPECT_THROW(compare_runs(read_samples(folder / "a.jsonl"), {kRun, {}}), Error);
}

}  // namespace
}  // namespace r1::evaluate
