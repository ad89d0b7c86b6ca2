#include "formats/convert/convert.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/threads.h"
#include "formats/checkpoint.h"
#include "formats/convert/folder_export.h"
#include "formats/convert/random_model.h"
#include "formats/convert/weight_source.h"
#include "formats/gguf.h"
#include "formats/json.h"
#include "formats/model_shapes.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

const fs::path kGoldens = fs::path(R1_SHARED) / "goldens";

#define NEEDS_GOLDENS() \
  if (!fs::exists(kGoldens)) GTEST_SKIP() << "needs the folder of goldens (R1_SHARED)"

std::vector<std::string> convert_and_listen(const fs::path& source, const fs::path& target,
                                            const std::string& format = {}) {
  std::vector<std::string> notes;
  convert({.source = source,
           .target = target,
           .format = format,
           .tokenizer = {},
           .note = [&](const std::string& note) { notes.push_back(note); }});
  return notes;
}

std::vector<float> numbers_of(const WeightSource& source) {
  std::vector<float> numbers(static_cast<std::size_t>(source.rows * source.columns));
  source.read(0, source.rows, numbers.data());
  return numbers;
}

TEST(Convert, a_folder_becomes_the_gguf_that_llama_cpps_converter_makes_of_it) {
  NEEDS_GOLDENS();
  const TemporaryFolder folder;
  for (const auto& [name, format] : {std::pair("llama", "f32"), std::pair("llama-tied", "f32"),
                                     std::pair("qwen2", "f32"), std::pair("llama-q8_0", "q8_0")}) {
    const std::string model = std::string(name).substr(0, std::string(name).find("-q8"));
    const fs::path target = folder / (std::string(name) + ".gguf");
    convert_and_listen(kGoldens / "models" / model, target, format);
    const Gguf made = Gguf::open(target);
    const Gguf golden = Gguf::open(kGoldens / "gguf" / (std::string(name) + ".gguf"));
    ASSERT_EQ(made.tensors().size(), golden.tensors().size()) << name;
    for (const StoredTensor& expected : golden.tensors()) {
      const StoredTensor* found = made.find(expected.name);
      ASSERT_NE(found, nullptr) << expected.name;
      EXPECT_EQ(found->type, expected.type) << expected.name;
      EXPECT_EQ(found->shape, expected.shape) << expected.name;
      EXPECT_TRUE(std::ranges::equal(found->bytes, expected.bytes)) << expected.name;
    }
    for (const auto& [key, value] : golden.metadata().entries()) {
      if (!key.starts_with("llama.") && !key.starts_with("qwen2.")) continue;
      EXPECT_EQ(made.metadata().number(key), golden.metadata().number(key)) << key;
    }
  }
}

/// The same tensors with the same values, fp8 and bf16 compared as numbers.
void expect_equal_models(const Checkpoint& expected, const Checkpoint& found) {
  for (const auto& [name, view] : expected.tensors()) {
    if (name.ends_with("_scale_inv")) continue;
    ASSERT_NE(found.find(name), nullptr) << name;
    EXPECT_EQ(found.at(name).shape, view.shape) << name;
    EXPECT_EQ(numbers_of(source_of(found, name)), numbers_of(source_of(expected, name))) << name;
  }
  for (const auto& [name, view] : found.tensors()) EXPECT_NE(expected.find(name), nullptr) << name;
}

TEST(Convert, every_model_comes_back_from_gguf_as_it_was) {
  NEEDS_GOLDENS();
  for (const auto& entry : fs::directory_iterator(kGoldens / "models")) {
    SCOPED_TRACE(entry.path().string());
    const TemporaryFolder folder;
    convert_and_listen(entry.path(), folder / "m.gguf", "f32");
    convert_and_listen(folder / "m.gguf", folder / "back");
    const Checkpoint before = Checkpoint::open(entry.path());
    const Checkpoint after = Checkpoint::open(folder / "back");
    expect_equal_models(before, after);
    for (const auto& [key, value] : after.config().items()) {
      if (key == "torch_dtype" || !before.config().contains(key)) continue;
      if (key != "rope_scaling" || value.is_null()) {
        EXPECT_EQ(value, before.config()[key]) << key;
        continue;
      }
      for (const auto& [name, number] : value.items()) {
        const auto& expected = before.config()[key][name];
        if (number.is_number()) {
          EXPECT_NEAR(number.get<double>(), expected.get<double>(), 1e-5) << name;
        } else {
          EXPECT_EQ(number, expected) << name;
        }
      }
    }
  }
}

TEST(Convert, without_a_type_matrices_keep_theirs) {
  NEEDS_GOLDENS();
  const TemporaryFolder folder;
  convert_and_listen(kGoldens / "models/qwen2", folder / "q.gguf");
  EXPECT_EQ(Gguf::open(folder / "q.gguf").find("blk.0.attn_q.weight")->dtype, DType::bf16);
  EXPECT_EQ(Gguf::open(folder / "q.gguf").find("blk.0.attn_q.bias")->dtype, DType::f32);
  convert_and_listen(kGoldens / "models/deepseek_v3-fp8", folder / "f.gguf");
  EXPECT_EQ(Gguf::open(folder / "f.gguf").find("blk.0.attn_k_b.weight")->dtype, DType::bf16);
  EXPECT_EQ(Gguf::open(folder / "f.gguf").find("blk.1.ffn_gate_inp.weight")->dtype, DType::f32);
  convert_and_listen(kGoldens / "models/deepseek_v3-fp8", folder / "f");
  const Checkpoint copy = Checkpoint::open(folder / "f");
  EXPECT_EQ(copy.at("model.layers.0.self_attn.kv_b_proj.weight").dtype, DType::f8_e4m3);
  EXPECT_TRUE(copy.config().contains("quantization_config"));
  convert_and_listen(kGoldens / "models/deepseek_v3-fp8", folder / "b", "bf16");
  const Checkpoint plain = Checkpoint::open(folder / "b");
  EXPECT_EQ(plain.at("model.layers.0.self_attn.kv_b_proj.weight").dtype, DType::bf16);
  EXPECT_EQ(plain.at("model.layers.1.mlp.gate.e_score_correction_bias").dtype, DType::f32);
  EXPECT_FALSE(plain.config().contains("quantization_config"));
}

TEST(Convert, rows_that_no_block_divides_fall_back_and_that_is_said) {
  NEEDS_GOLDENS();
  const TemporaryFolder folder;
  const auto notes = convert_and_listen(kGoldens / "models/llama", folder / "m.gguf", "q4_k");
  const Gguf gguf = Gguf::open(folder / "m.gguf");
  EXPECT_EQ(gguf.find("blk.0.attn_q.weight")->dtype, DType::q5_0);  // rows of 64
  EXPECT_EQ(gguf.find("blk.0.attn_norm.weight")->dtype, DType::f32);
  EXPECT_TRUE(std::ranges::any_of(
      notes, [](const std::string& note) { return note.find("q5_0") != std::string::npos; }));
}

TEST(Convert, a_big_folder_is_cut_into_shards_with_an_index) {
  NEEDS_GOLDENS();
  const TemporaryFolder folder;
  const Checkpoint model = Checkpoint::open(kGoldens / "models/llama");
  FolderOptions options;
  options.folder = folder / "out";
  options.shard_bytes = 200000;
  write_folder(model, options);
  EXPECT_TRUE(fs::exists(folder / "out/model.safetensors.index.json"));
  EXPECT_FALSE(fs::exists(folder / "out/model.safetensors"));
  expect_equal_models(model, Checkpoint::open(folder / "out"));
}

TEST(Convert, what_is_there_already_is_not_overwritten_by_a_folder) {
  NEEDS_GOLDENS();
  const TemporaryFolder folder;
  fs::create_directory(folder / "out");
  std::ofstream(folder / "out/precious.txt") << "x";
  EXPECT_THROW(convert_and_listen(kGoldens / "models/llama", folder / "out"), Error);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(Convert, wrong_wishes_are_refused_and_leave_nothing) {
  NEEDS_GOLDENS();
  const TemporaryFolder folder;
  const fs::path llama = kGoldens / "models/llama";
  EXPECT_THROW(convert_and_listen(llama, folder / "m.gguf", "q9"), Error);
  EXPECT_THROW(convert_and_listen(llama, folder / "m", "q8_0"), Error);
  EXPECT_THROW(convert_and_listen(folder / "absent", folder / "m.gguf"), Error);
  EXPECT_THROW(convert_and_listen(llama, folder / "no/such/m.gguf"), Error);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Convert, infinite_weights_are_not_quantized) {
  const TemporaryFolder folder;
  GgufWriter writer(folder / "bad.gguf");
  writer.metadata().set("general.architecture", std::string("any"));
  writer.declare("blk.0.a.weight", DType::f32, {2, 32});
  std::vector<float> numbers(64, 1.0f);
  numbers[40] = INFINITY;
  writer.write(std::as_bytes(std::span(numbers)));
  writer.finish();
  EXPECT_THROW(convert_and_listen(folder / "bad.gguf", folder / "out.gguf", "q8_0"), Error);
  EXPECT_FALSE(fs::exists(folder / "out.gguf"));
  EXPECT_NO_THROW(convert_and_listen(folder / "bad.gguf", folder / "out.gguf", "bf16"));
}

TEST(Convert, a_model_with_too_few_experts_is_refused) {
  NEEDS_GOLDENS();
  const TemporaryFolder folder;
  fs::create_directory(folder / "m");
  fs::copy(kGoldens / "models/deepseek_v3/model.safetensors", folder / "m/model.safetensors");
  auto config = read_ordered_json(kGoldens / "models/deepseek_v3/config.json");
  config["n_routed_experts"] = 20;
  std::ofstream(folder / "m/config.json") << json_text(config);
  EXPECT_THROW(convert_and_listen(folder / "m", folder / "m.gguf"), Error);
}

TEST(RandomModel, depends_on_the_seed_and_not_on_the_threads) {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name, std::uint64_t seed, int count) {
    const int before = threads().size();
    set_threads(count);
    RandomModelOptions options;
    options.shape = "smollm2-135m";
    options.layers = 1;
    options.format = "q4_0";
    options.target = folder / name;
    options.seed = seed;
    options.note = [](const std::string&) {};
    write_random_model(options);
    set_threads(before);
    return read_file(folder / name);
  };
  const std::string one = write("1.gguf", 7, 1), two = write("2.gguf", 7, 3);
  EXPECT_TRUE(one == two);
  EXPECT_FALSE(one == write("3.gguf", 8, 3));
}

TEST(RandomModel, has_the_parameters_of_its_shape) {
  std::int64_t count = 0, biases = 0;
  for (const auto& [name, shape] : gguf_shapes(model_shape("moe-small"))) {
    std::int64_t product = 1;
    for (const std::int64_t size : shape) product *= size;
    (name.ends_with("exp_probs_b.bias") ? biases : count) += product;
  }
  EXPECT_EQ(count, 612884480);
  EXPECT_EQ(biases, 224);
  EXPECT_THROW(model_shape("gpt-5"), Error);
}

}  // namespace
}  // namespace r1
