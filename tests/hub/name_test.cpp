#include "hub/name.h"

#include <gtest/gtest.h>

#include <string>

#include "error_of.h"
#include "formats/model_shapes.h"
#include "hub/short_names.h"

namespace r1::hub {
namespace {

TEST(HubName, is_read_in_all_its_forms) {
  for (const std::string text :
       {"org/na.me-1", "hf.co/org/na.me-1", "huggingface.co/org/na.me-1", "hf://org/na.me-1",
        "https://huggingface.co/org/na.me-1", "https://hf.co/org/na.me-1/",
        "https://huggingface.co/org/na.me-1/tree/main",
        "https://www.huggingface.co/org/na.me-1?x=1", "org/na.me-1@main"}) {
    const Name name = parse_name(text);
    EXPECT_EQ(name.text(), "org/na.me-1") << text;
    EXPECT_EQ(name.folder(), "models--org--na.me-1");
  }
  const Name quantized = parse_name("hf.co/org/name:Q4_K_M");
  EXPECT_EQ(quantized.choice, "Q4_K_M");
  EXPECT_EQ(quantized.text(), "org/name:Q4_K_M");
  EXPECT_EQ(parse_name("org/name/a/b.gguf").choice, "a/b.gguf");
  EXPECT_EQ(parse_name("org/name/a/b.gguf").text(), "org/name/a/b.gguf");
  const Name revision = parse_name("org/name@refs/pr/1");
  EXPECT_EQ(revision.revision, "refs/pr/1");
  EXPECT_EQ(parse_name("https://hf.co/org/name/blob/v2/x.gguf").revision, "v2");
  const Name data = parse_name("https://huggingface.co/datasets/org/name");
  EXPECT_TRUE(data.data_set);
  EXPECT_EQ(data.folder(), "datasets--org--name");
  EXPECT_EQ(data.text(), "datasets/org/name");
}

TEST(HubName, what_is_none_is_refused) {
  for (const std::string text :
       {"", "name", "/etc/passwd", "./a/b", "../a", "a//b", "org/", "/name", "org/name/../x",
        "org/na me", "org/name@../..", "org/--x", "org/a--b", "org/name:", "org/name:../x",
        "https://example.com/a", "ftp://hf.co/a/b", "org/name\n", "datasets/name"}) {
    EXPECT_FALSE(try_name(text).has_value()) << text;
  }
  EXPECT_NE(error_of([] { parse_name("nonsense"); }).find("nonsense: is no name of the hub"),
            std::string::npos);
}

TEST(ShortNames, lead_to_repositories) {
  EXPECT_EQ(parse_name("deepseek-r1:1.5b").repository,
            "unsloth/DeepSeek-R1-Distill-Qwen-1.5B-GGUF");
  EXPECT_EQ(parse_name("DeepSeek-R1:8B").repository, "unsloth/DeepSeek-R1-Distill-Llama-8B-GGUF");
  EXPECT_EQ(parse_name("deepseek-r1:8b-llama").choice, "");
  EXPECT_EQ(parse_name("deepseek-r1:7b-qwen-distill-q8_0").choice, "q8_0");
  EXPECT_EQ(parse_name("deepseek-r1:7b-q6_k").choice, "q6_k");
  EXPECT_EQ(parse_name("deepseek-r1:671b").repository, "unsloth/DeepSeek-R1-GGUF");
  for (const char* none : {"deepseek-r1", "deepseek-r1:9b", "deepseek-r1:7b-llama",
                           "deepseek-r1:671b-distill", "deepseek-r1:7bx", "deepseek-r1:7b-"}) {
    EXPECT_FALSE(try_name(none).has_value()) << none;
  }
}

TEST(ShortNames, know_what_their_models_take) {
  const auto cache_of = [](const std::string& shape) {
    const auto config = model_shape(shape);
    return 4 * config["num_hidden_layers"].get<std::int64_t>() *
           config["num_key_value_heads"].get<std::int64_t>() *
           config["head_dim"].get<std::int64_t>();
  };
  const std::vector<std::pair<std::string, std::string>> kShapes = {
      {"smollm2:135m", "smollm2-135m"}, {"deepseek-r1:1.5b", "qwen2-1.5b"},
      {"deepseek-r1:7b", "qwen2-7b"},   {"deepseek-r1:8b", "llama-8b"},
      {"deepseek-r1:14b", "qwen2-14b"}, {"deepseek-r1:32b", "qwen2-32b"},
      {"deepseek-r1:70b", "llama-70b"}};
  for (std::size_t i = 0; i < kShapes.size(); ++i) {
    ASSERT_EQ(short_names()[i].name, kShapes[i].first);
    EXPECT_EQ(short_names()[i].cache, cache_of(kShapes[i].second)) << kShapes[i].first;
  }
}

TEST(ShortNames, the_largest_that_fits_is_advised) {
  const auto advice = [](std::int64_t gigabytes) {
    const ShortName* best = advised(gigabytes * 1'000'000'000, 8192);
    return best == nullptr ? "" : best->name;
  };
  EXPECT_EQ(advice(0), "");
  EXPECT_EQ(advice(2), "deepseek-r1:1.5b");
  EXPECT_EQ(advice(8), "deepseek-r1:8b");
  EXPECT_EQ(advice(16), "deepseek-r1:14b");
  EXPECT_EQ(advice(32), "deepseek-r1:32b");
  EXPECT_EQ(advice(64), "deepseek-r1:70b");
  EXPECT_EQ(advice(512), "deepseek-r1:671b");
}

}  // namespace
}  // namespace r1::hub
