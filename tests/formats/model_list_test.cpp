#include "formats/model_list.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "formats/gguf.h"
#include "formats/safetensors.h"
#include "temporary_folder.h"

namespace r1 {
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

}  // namespace
}  // namespace r1
