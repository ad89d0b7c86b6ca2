#include "learn/data_set.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "base/error.h"
#include "learn/batches.h"
#include "small_run.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

struct Opened {
  SmallRun small = SmallRun("llama", "");
  LearningModel model = LearningModel::open(read_model_options(Recipe::open(small.recipe())));
  std::string notes;

  DataSet open(const DocumentOptions& options = {}) {
    return DataSet::open({small / "data.jsonl"}, options, model, small / "cache",
                         [&](const std::string& note) { notes += note + "\n"; });
  }
  std::vector<fs::path> cached() const {
    std::vector<fs::path> files;
    for (const auto& file : fs::directory_iterator(small / "cache")) files.push_back(file.path());
    return files;
  }
};

TEST(DataSet, is_tokenized_once_and_again_when_something_changed) {
  Opened opened;
  const DataSet first = opened.open();
  EXPECT_EQ(first.size(), 24);
  ASSERT_EQ(opened.cached().size(), 1u);
  const fs::path cache = opened.cached()[0];
  const auto written = fs::last_write_time(cache);
  EXPECT_EQ(opened.open().tokens(), first.tokens());
  EXPECT_EQ(fs::last_write_time(cache), written);
  DocumentOptions shorter;
  shorter.longest = 40;
  EXPECT_LT(opened.open(shorter).tokens(), first.tokens());
  EXPECT_NE(opened.notes.find("are longer than 40 tokens"), std::string::npos) << opened.notes;
  write_file(opened.small / "data.jsonl",
             read_file(opened.small / "data.jsonl") + "{\"text\":\"a b\"}");
  EXPECT_EQ(opened.open().size(), 25);
  EXPECT_EQ(opened.cached().size(), 3u);
}

TEST(DataSet, a_damaged_cache_is_made_again) {
  Opened opened;
  const DataSet first = opened.open();
  const fs::path cache = opened.cached()[0];
  const std::string whole = read_file(cache);
  for (const std::size_t at : {std::size_t{3}, std::size_t{9}, whole.size() / 2}) {
    std::string damaged = whole;
    damaged[at] ^= 0x40;
    write_file(cache, damaged);
    opened.notes.clear();
    EXPECT_EQ(opened.open().tokens(), first.tokens());
    EXPECT_NE(opened.notes.find("is damaged: it is made again"), std::string::npos);
    EXPECT_EQ(read_file(cache), whole);
  }
  write_file(cache, whole.substr(0, 20));
  EXPECT_EQ(opened.open().tokens(), first.tokens());
}

TEST(DataSet, says_the_line_of_what_is_no_document) {
  Opened opened;
  write_file(opened.small / "data.jsonl", "{\"text\": \"a b c\"}\n\n{\"text\": 4}\n");
  try {
    opened.open();
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("data.jsonl:3"), std::string::npos) << error.what();
  }
  EXPECT_TRUE(!fs::exists(opened.small / "cache") || opened.cached().empty());
}

TEST(Batches, walk_through_every_document_once_an_epoch_in_other_orders) {
  Opened opened;
  const DataSet data = opened.open();
  Batches batches(data, {.documents = 6}, 5);
  EXPECT_EQ(batches.steps(2), 8);
  std::vector<std::vector<std::int64_t>> epochs;
  for (int epoch = 0; epoch < 2; ++epoch) {
    epochs.emplace_back();
    for (int step = 0; step < 4; ++step) {
      for (const std::int64_t document : batches.next()) epochs.back().push_back(document);
    }
    EXPECT_EQ(std::set(epochs.back().begin(), epochs.back().end()).size(), 24u);
  }
  EXPECT_NE(epochs[0], epochs[1]);
  EXPECT_EQ(batches.epochs(), 2);
}

TEST(Batches, of_tokens_hold_no_more_and_micro_batches_neither) {
  Opened opened;
  const DataSet data = opened.open();
  Batches batches(data, {.tokens = 200}, 5);
  for (int step = 0; step < 10; ++step) {
    const auto documents = batches.next();
    std::int64_t tokens = 0;
    for (const std::int64_t document : documents) {
      tokens += static_cast<std::int64_t>(data[document].ids.size());
    }
    EXPECT_TRUE(documents.size() == 1 || tokens <= 200);
    std::size_t count = 0;
    for (const auto& micro : micro_batches(data, documents, 100)) {
      std::size_t held = 0;
      for (const Document& document : micro) held += document.ids.size();
      EXPECT_TRUE(micro.size() == 1 || held <= 100);
      count += micro.size();
    }
    EXPECT_EQ(count, documents.size());
  }
}

TEST(Batches, are_cut_into_as_many_even_micro_batches_as_threads_can_share) {
  Opened opened;
  const DataSet data = opened.open();
  std::int64_t longest = 0, total = 0;
  std::vector<std::int64_t> documents;
  for (std::int64_t i = 0; i < data.size(); ++i) {
    documents.push_back(i);
    longest = std::max(longest, static_cast<std::int64_t>(data[i].ids.size()));
    total += static_cast<std::int64_t>(data[i].ids.size());
  }
  for (const std::int64_t tokens : {total, total / 3}) {
    const auto parts = micro_batches(data, documents, tokens, 4);
    ASSERT_EQ(parts.size() % 4, 0u);
    for (const auto& part : parts) {
      std::int64_t held = 0;
      for (const Document& document : part) held += static_cast<std::int64_t>(document.ids.size());
      EXPECT_LE(std::abs(held - total / static_cast<std::int64_t>(parts.size())), longest);
    }
  }
  EXPECT_EQ(micro_batches(data, documents, total).size(), 1u);
}

}  // namespace
}  // namespace r1
