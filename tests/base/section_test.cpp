#include "base/section.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "base/files.h"
#include "error_of.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

Section section_of(const std::string& text) {
  return Section::parse(text, "r.toml");
}

TEST(Section, reads_values_of_each_kind_or_what_stands_for_the_missing) {
  const Section file = section_of(
      "[a]\nn = 3\nm = 1e12\nx = 2\ny = 2.5\nf = true\nt = 'word'\n"
      "l = ['p', 'q']\n[[s]]\nk = 1\n[[s]]\nk = 2\n");
  const Section a = file.table("a");
  EXPECT_EQ(a.integer("n", 0, 9), 3);
  EXPECT_EQ(a.integer("m", 0, INT64_MAX), 1'000'000'000'000);
  EXPECT_EQ(a.integer("missing", 7, 0, 9), 7);
  EXPECT_EQ(a.number("x", 0, 9), 2.0);
  EXPECT_EQ(a.number("y", 1.0, 0, 9), 2.5);
  EXPECT_TRUE(a.flag("f", false));
  EXPECT_EQ(a.text("t"), "word");
  EXPECT_EQ(a.texts("t"), std::vector<std::string>{"word"});
  EXPECT_EQ(a.texts("l"), (std::vector<std::string>{"p", "q"}));
  ASSERT_EQ(file.tables("s").size(), 2u);
  EXPECT_EQ(file.tables("s")[0].integer("k", 0, 9), 1);
  EXPECT_EQ(file.tables("s")[1].integer("k", 0, 9), 2);
  EXPECT_FALSE(file.table("none").has("n"));
  EXPECT_NO_THROW(file.require_all_read("help"));
}

TEST(Section, names_every_key_that_nobody_read_with_its_line) {
  const Section file = section_of("[a]\nn = 3\nm = 4\n\n[[s]]\nk = { u = 1 }\n[b]\n");
  file.table("a").integer("n", 0, 9);
  file.tables("s")[0].table("k");
  const std::string error = error_of([&] { file.require_all_read("help"); });
  EXPECT_NE(error.find("r.toml:3: m "), std::string::npos) << error;
  EXPECT_NE(error.find("u (line 6)"), std::string::npos) << error;
  EXPECT_NE(error.find("b (line 7)"), std::string::npos) << error;
  EXPECT_EQ(error.find("n (line"), std::string::npos) << error;
}

TEST(Section, what_is_of_the_wrong_kind_or_out_of_range_is_said_with_its_line) {
  const Section file = section_of(
      "[a]\nn = 'x'\nbig = 100\nf = 1\nt = 2\nc = 'other'\nnan = nan\nwhole = 1.5\nlarge = 1e20\n");
  const Section a = file.table("a");
  const auto expect = [&](const std::string& part, const std::function<void()>& action) {
    const std::string error = error_of(action);
    EXPECT_NE(error.find("r.toml:" + part), std::string::npos) << error << " not " << part;
  };
  expect("2: n must be a whole number from 0 to 9", [&] { a.integer("n", 0, 9); });
  expect("3: big must be a whole number", [&] { a.integer("big", 0, 9); });
  expect("3: big must be a number from 0 to 0.5", [&] { a.number("big", 0, 0.5); });
  expect("4: f must be true or false", [&] { a.flag("f", false); });
  expect("5: t must be a text", [&] { a.text("t"); });
  expect("6: c is \"other\"; known are one, two", [&] { a.choice("c", "one", {"one", "two"}); });
  expect("7: nan must be a number", [&] { a.number("nan", 0, 9); });
  expect("8: whole must be a whole number", [&] { a.integer("whole", 0, 9); });
  expect("9: large must be a whole number", [&] { a.integer("large", 0, INT64_MAX); });
  expect("1: [a] lacks z", [&] { a.integer("z", 0, 9); });
  expect("2: n must be a section", [&] { a.table("n"); });
}

TEST(Section, files_must_be_there_or_be_written_by_an_earlier_section) {
  const TemporaryFolder folder;
  write_file(folder / "data.jsonl", "{}");
  ::setenv("R1_TEST_FOLDER", folder.path().c_str(), 1);
  ::unsetenv("R1_TEST_UNSET");
  const Section file = Section::parse(
      "[a]\nhere = 'data.jsonl'\nby_name = '${R1_TEST_FOLDER}/data.jsonl'\n"
      "gone = 'no.jsonl'\nunset = '${R1_TEST_UNSET}/x'\n"
      "otherwise = '${R1_TEST_UNSET:-data}.jsonl'\nlater = '${RUN}/made.jsonl'\n",
      folder / "r.toml");
  file.set_run_folder(folder / "run");
  const Section a = file.table("a");
  EXPECT_EQ(a.input("here"), folder / "data.jsonl");
  EXPECT_EQ(a.input("by_name"), folder / "data.jsonl");
  EXPECT_EQ(a.input("otherwise"), folder / "data.jsonl");
  EXPECT_TRUE(a.input("missing").empty());
  EXPECT_NE(error_of([&] { a.input("gone"); }).find("r.toml:4"), std::string::npos);
  EXPECT_NE(error_of([&] { a.input("unset"); }).find("R1_TEST_UNSET"), std::string::npos);
  EXPECT_NE(error_of([&] { a.input("later"); }), "");
  EXPECT_EQ(a.output("to", "made.jsonl"), folder / "run" / "made.jsonl");
  EXPECT_EQ(a.input("later"), folder / "run" / "made.jsonl");
}

TEST(Section, what_is_no_toml_is_said_with_its_line) {
  const std::string error = error_of([&] { section_of("[a]\nn = 1\nn = 2\n"); });
  EXPECT_NE(error.find("r.toml:3: is no TOML"), std::string::npos) << error;
}

TEST(Section, hostile_files_are_refused) {
  std::string deep;
  for (int i = 0; i < 400'000; ++i) deep += "a.";
  for (const std::string& text :
       {deep + "a = 1", "[" + deep + "a]", "x = " + std::string(100'000, '['),
        "x = " + std::string(100'000, '{'), std::string(100, '\0'), std::string("x = \"\xff\"")}) {
    EXPECT_NE(error_of([&] { section_of(text); }), "") << text.substr(0, 20);
  }
}

TEST(Section, a_number_may_be_a_formula_of_the_dial) {
  ::setenv("R1_TEST_DEPTH", "6", 1);
  const Section file = section_of(
      "[dial]\ndepth = '${R1_TEST_DEPTH:-4}'\nwidth = '32 * depth'\nx = 0.5\nunused = 1\n"
      "[a]\nw = 'width'\nf = '-2^2 + 2 * (depth - 1) / 4'\nr = '10 / 4'\nlr = '0.02 * "
      "x^2 / depth'\n");
  const Section a = file.table("a");
  EXPECT_EQ(a.integer("w", 1, 1000), 192);
  EXPECT_DOUBLE_EQ(a.number("f", -9, 9), -1.5);
  EXPECT_EQ(a.integer("r", 0, 9), 3);  // the nearest whole number
  EXPECT_DOUBLE_EQ(a.number("lr", 0, 1), 0.02 * 0.25 / 6);
  EXPECT_NO_THROW(file.require_all_read("help"));
  ::unsetenv("R1_TEST_DEPTH");
}

TEST(Section, formulas_that_make_no_number_are_said_with_their_line) {
  const Section file = section_of(
      "[dial]\nround = '1 + about'\nabout = 'round'\nword = '3 +'\nodd = 3\n"
      "[a]\nloop = 'round'\nnone = 'height'\nword = 'word'\nopen = '2 * (odd'\n"
      "zero = '1 / (odd - 3)'\nbig = '10^400'\nrange = '100 * odd'\ndeep = '" +
      std::string(5000, '(') + "'\n");
  const Section a = file.table("a");
  const auto expect = [&](const char* key, const std::string& part) {
    const std::string error = error_of([&] { a.integer(key, 0, 100); });
    EXPECT_NE(error.find(part), std::string::npos) << error;
    EXPECT_NE(error_of([&] { a.number(key, 0, 100); }), "");
  };
  expect("loop", "r.toml:7: loop needs");
  expect("none", "r.toml:8: none needs height, which [dial] lacks");
  expect("word", "r.toml:9: word needs word, which is no number and no formula");
  expect("open", "must be a whole number");
  expect("zero", "must be a whole number");
  expect("big", "must be a whole number");
  expect("range", "must be a whole number from 0 to 100");
  expect("deep", "must be a whole number");
}

TEST(Section, lists_of_numbers_are_checked_each) {
  const Section file = section_of("[a]\nl = [1, 2.5]\none = 3\nbad = [1, 'x']\n");
  const Section a = file.table("a");
  EXPECT_EQ(a.numbers("l", 0, 9), (std::vector<double>{1, 2.5}));
  EXPECT_EQ(a.numbers("one", 0, 9), (std::vector<double>{3}));
  EXPECT_TRUE(a.numbers("none", 0, 9).empty());
  EXPECT_NE(error_of([&] { a.numbers("bad", 0, 9); }), "");
  EXPECT_NE(error_of([&] { a.numbers("l", 0, 2); }), "");
}

}  // namespace
}  // namespace r1
