#include "hub/model_list.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "formats/gguf.h"
#include "formats/safetensors.h"
#include "temporary_folder.h"

namespace r1::hub {
namespace {

namespace fs = std::filesystem;

void write_gguf_file(const fs::path& path) {
  GgufWriter writer(path);
  writer.declare("a.weight", DType::q8_0, {2, 32});
  writer.write(std::vector<std::byte>(68));
  writer.finish();
}

void write_model_folder(const fs::path& folder) {
  fs::create_directories(folder);
  std::ofstream(folder / "config.json") << R"({"model_type":"llama"})";
  SafetensorsWriter writer(folder / "model.safetensors");
  writer.declare("a", DType::bf16, {4});
  writer.write(std::vector<std::byte>(8));
  writer.finish();
}

TEST(ModelList, files_and_folders_are_found_up_to_one_level_deep) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "org");
  write_gguf_file(folder / "one.gguf");
  write_gguf_file(folder / "org/two.gguf");
  write_model_folder(folder / "three");
  std::ofstream(folder / "damaged.gguf") << "GGUF but not really";
  std::ofstream(folder / "other.txt") << "x";
  const auto models = models_in_folder(folder.path());
  ASSERT_EQ(models.size(), 3u);
  EXPECT_EQ(models[0].name, "one.gguf");
  EXPECT_EQ(models[0].format, "GGUF");
  EXPECT_EQ(models[0].type, "q8_0");
  EXPECT_EQ(models[0].bytes, 68);
  EXPECT_EQ(models[1].name, "org/two.gguf");
  EXPECT_EQ(models[2].name, "three");
  EXPECT_EQ(models[2].type, "bf16");
  EXPECT_TRUE(models_in_folder(folder / "absent").empty());
}

TEST(ModelList, the_hubs_cache_gives_the_revision_that_main_names) {
  const TemporaryFolder folder;
  const fs::path repository = folder / "models--org--name";
  write_model_folder(repository / "snapshots/old");
  write_model_folder(repository / "snapshots/new");
  fs::create_directories(repository / "refs");
  std::ofstream(repository / "refs/main") << "new";
  fs::create_directories(folder / "datasets--org--data/snapshots/x");
  const auto models = models_in_hub_cache(folder.path());
  ASSERT_EQ(models.size(), 1u);
  EXPECT_EQ(models[0].name, "org/name");
  EXPECT_EQ(models[0].path.filename(), "new");
}

TEST(ModelList, of_a_split_file_the_first_part_is_listed) {
  const TemporaryFolder folder;
  for (int part = 0; part < 2; ++part) {
    GgufWriter writer(folder / ("m-0000" + std::to_string(part + 1) + "-of-00002.gguf"));
    writer.metadata().set("split.no", static_cast<std::uint16_t>(part));
    writer.metadata().set("split.count", std::uint16_t{2});
    writer.declare("t" + std::to_string(part), DType::f32, {1});
    writer.write(std::vector<std::byte>(4));
    writer.finish();
  }
  const auto models = models_in_folder(folder.path());
  ASSERT_EQ(models.size(), 1u);
  EXPECT_EQ(models[0].bytes, 8);
}

TEST(ModelList, the_hubs_cache_is_searched_for_models_below_folders_data_sets_and_parts) {
  const TemporaryFolder folder;
  const fs::path repository = folder / "models--org--name";
  fs::create_directories(repository / "snapshots/a/Q8_0");
  fs::create_directories(repository / "snapshots/b");
  fs::create_directories(repository / "blobs");
  fs::create_directories(repository / "refs");
  std::ofstream(repository / "refs/main") << "b";
  write_gguf_file(repository / "snapshots/a/Q8_0/m.gguf");
  write_gguf_file(repository / "snapshots/a/x.gguf");
  write_gguf_file(repository / "snapshots/b/x.gguf");
  std::ofstream(repository / "blobs/sum.incomplete") << "half";
  const fs::path data = folder / "datasets--org--data/snapshots/c";
  fs::create_directories(data);
  std::ofstream(data / "test.jsonl") << "{}\n";
  const auto models = models_in_hub_cache(folder.path());
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].path, repository / "snapshots/b/x.gguf");
  EXPECT_EQ(models[1].name, "org/name/Q8_0/m.gguf");
  const auto data_sets = data_sets_in_hub_cache(folder.path());
  ASSERT_EQ(data_sets.size(), 1u);
  EXPECT_EQ(data_sets[0].name, "datasets/org/data");
  EXPECT_EQ(data_sets[0].bytes, 3);
  const auto unfinished = unfinished_in_hub_cache(folder.path());
  ASSERT_EQ(unfinished.size(), 1u);
  EXPECT_EQ(unfinished[0].name, "org/name");
  EXPECT_EQ(unfinished[0].bytes, 4);
}

TEST(ModelList, models_come_with_a_build_in_its_source_tree_and_with_an_installed_program) {
  const TemporaryFolder folder;
  for (const char* name : {"tree/models", "tree/build/release", "usr/bin", "usr/share/r1/models"}) {
    fs::create_directories(folder / name);
  }
  EXPECT_EQ(shipped_models(folder / "tree/build/release/r1"), folder / "tree/models");
  EXPECT_EQ(shipped_models(folder / "usr/bin/r1"), folder / "usr/share/r1/models");
  EXPECT_EQ(shipped_models(folder / "tree/r1"), fs::path());
  fs::remove(folder / "tree/models");
  EXPECT_EQ(shipped_models(folder / "tree/build/release/r1"), fs::path());
}

}  // namespace
}  // namespace r1::hub
