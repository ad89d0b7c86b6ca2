#include "learn/recipe.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "base/files.h"
#include "error_of.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

Recipe recipe_of(const TemporaryFolder& folder, const std::string& text) {
  write_file(folder / "r.toml", text);
  return Recipe::open(folder / "r.toml");
}

TEST(Recipe, reads_values_of_each_kind_or_what_stands_for_the_missing) {
  const TemporaryFolder folder;
  const Recipe recipe = recipe_of(folder,
                                  "[a]\nn = 3\nx = 2\ny = 2.5\nf = true\nt = 'word'\n"
                                  "l = ['p', 'q']\n[[s]]\nk = 1\n[[s]]\nk = 2\n");
  const Section a = recipe.root().table("a");
  EXPECT_EQ(a.integer("n", 0, 9), 3);
  EXPECT_EQ(a.integer("missing", 7, 0, 9), 7);
  EXPECT_EQ(a.number("x", 0, 9), 2.0);
  EXPECT_EQ(a.number("y", 1.0, 0, 9), 2.5);
  EXPECT_TRUE(a.flag("f", false));
  EXPECT_EQ(a.text("t"), "word");
  EXPECT_EQ(a.texts("t"), std::vector<std::string>{"word"});
  EXPECT_EQ(a.texts("l"), (std::vector<std::string>{"p", "q"}));
  ASSERT_EQ(recipe.root().tables("s").size(), 2u);
  EXPECT_EQ(recipe.root().tables("s")[0].integer("k", 0, 9), 1);
  EXPECT_EQ(recipe.root().tables("s")[1].integer("k", 0, 9), 2);
  EXPECT_FALSE(recipe.root().table("none").has("n"));
  EXPECT_NO_THROW(recipe.require_all_read());
}

TEST(Recipe, names_every_key_that_nobody_read_with_its_line) {
  const TemporaryFolder folder;
  const Recipe recipe = recipe_of(folder, "[a]\nn = 3\nm = 4\n\n[[s]]\nk = { u = 1 }\n[b]\n");
  recipe.root().table("a").integer("n", 0, 9);
  recipe.root().tables("s")[0].table("k");
  const std::string error = error_of([&] { recipe.require_all_read(); });
  EXPECT_NE(error.find("r.toml:3: m "), std::string::npos) << error;
  EXPECT_NE(error.find("u (line 6)"), std::string::npos) << error;
  EXPECT_NE(error.find("b (line 7)"), std::string::npos) << error;
  EXPECT_EQ(error.find("n (line"), std::string::npos) << error;
}

TEST(Recipe, what_is_of_the_wrong_kind_or_out_of_range_is_said_with_its_line) {
  const TemporaryFolder folder;
  const Recipe recipe = recipe_of(
      folder, "[a]\nn = 'x'\nbig = 100\nf = 1\nt = 2\nc = 'other'\nnan = nan\nwhole = 1.5\n");
  const Section a = recipe.root().table("a");
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
  expect("1: [a] lacks z", [&] { a.integer("z", 0, 9); });
  expect("2: n must be a section", [&] { a.table("n"); });
}

TEST(Recipe, files_must_be_there_or_be_written_by_an_earlier_section) {
  const TemporaryFolder folder;
  write_file(folder / "data.jsonl", "{}");
  ::setenv("R1_TEST_FOLDER", folder.path().c_str(), 1);
  ::unsetenv("R1_TEST_UNSET");
  const Recipe recipe = recipe_of(
      folder, "[run]\ndir = '" + (folder / "run").string() +
                  "'\n[a]\nhere = 'data.jsonl'\nby_name = '${R1_TEST_FOLDER}/data.jsonl'\n"
                  "gone = 'no.jsonl'\nunset = '${R1_TEST_UNSET}/x'\n"
                  "otherwise = '${R1_TEST_UNSET:-data}.jsonl'\nlater = '${RUN}/made.jsonl'\n");
  const Section a = recipe.root().table("a");
  EXPECT_EQ(a.input("here"), folder / "data.jsonl");
  EXPECT_EQ(a.input("by_name"), folder / "data.jsonl");
  EXPECT_EQ(a.input("otherwise"), folder / "data.jsonl");
  EXPECT_TRUE(a.input("missing").empty());
  EXPECT_NE(error_of([&] { a.input("gone"); }).find("r.toml:6"), std::string::npos);
  EXPECT_NE(error_of([&] { a.input("unset"); }).find("R1_TEST_UNSET"), std::string::npos);
  EXPECT_NE(error_of([&] { a.input("later"); }), "");
  EXPECT_EQ(a.output("to", "made.jsonl"), folder / "run" / "made.jsonl");
  EXPECT_EQ(a.input("later"), folder / "run" / "made.jsonl");
}

TEST(Recipe, the_runs_folder_is_the_recipes_the_callers_or_named_after_the_file) {
  const TemporaryFolder folder;
  EXPECT_EQ(recipe_of(folder, "").run_folder(), "runs/r");
  EXPECT_EQ(recipe_of(folder, "[run]\ndir = 'x/y'\n").run_folder(), "x/y");
  EXPECT_EQ(Recipe::open(folder / "r.toml", "z").run_folder(), "z");
}

TEST(Recipe, what_is_no_toml_is_said_with_its_line) {
  const TemporaryFolder folder;
  const std::string error = error_of([&] { recipe_of(folder, "[a]\nn = 1\nn = 2\n"); });
  EXPECT_NE(error.find("r.toml:3: is no TOML"), std::string::npos) << error;
}

}  // namespace
}  // namespace r1
