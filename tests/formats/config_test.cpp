#include "formats/config.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "formats/json.h"

namespace r1 {
namespace {

nlohmann::ordered_json normalised(const std::string& text) {
  auto config = parse_ordered_json(text, "config.json");
  normalise_config(config, "config.json");
  return config;
}

TEST(Config, rope_parameters_and_rope_scaling_become_one_form) {
  const auto expected = normalised(
      R"({"model_type":"llama","rope_theta":500.0,"rope_scaling":{"rope_type":"llama3","factor":8}})");
  EXPECT_EQ(expected["rope_scaling"]["rope_type"], "llama3");
  const auto released = normalised(
      R"({"model_type":"llama","rope_theta":500.0,"rope_scaling":{"type":"llama3","factor":8}})");
  const auto newer = normalised(
      R"({"model_type":"llama","rope_parameters":{"rope_type":"llama3","factor":8,"rope_theta":500.0}})");
  EXPECT_EQ(nlohmann::json(released), nlohmann::json(expected));
  EXPECT_EQ(nlohmann::json(newer), nlohmann::json(expected));
  const auto plain = normalised(
      R"({"model_type":"llama","rope_parameters":{"rope_type":"default","rope_theta":5e5}})");
  EXPECT_TRUE(plain["rope_scaling"].is_null());
  EXPECT_EQ(plain["rope_theta"], 5e5);
}

TEST(Config, what_a_model_type_takes_for_granted_is_written_out) {
  const auto llama = normalised(
      R"({"model_type":"llama","hidden_size":64,"num_attention_heads":4,"dtype":"float32"})");
  EXPECT_EQ(llama["num_key_value_heads"], 4);
  EXPECT_EQ(llama["head_dim"], 16);
  EXPECT_EQ(llama["torch_dtype"], "float32");
  EXPECT_EQ(llama["tie_word_embeddings"], false);
  const auto v3 = normalised(R"({"model_type":"deepseek_v3","head_dim":64})");
  EXPECT_FALSE(v3.contains("head_dim"));
  EXPECT_EQ(v3["scoring_func"], "sigmoid");
  EXPECT_EQ(v3["topk_method"], "noaux_tc");
  EXPECT_TRUE(v3["q_lora_rank"].is_null());
  const auto v2 = normalised(R"({"model_type":"deepseek_v2"})");
  EXPECT_EQ(v2["scoring_func"], "softmax");
  EXPECT_EQ(v2["topk_method"], "greedy");
}

TEST(Config, entries_of_the_wrong_kind_are_refused) {
  for (const std::string wrong :
       {R"([])", R"({})", R"({"model_type":7})", R"({"model_type":"llama","rope_scaling":[1]})",
        R"({"model_type":"llama","rope_scaling":"yarn"})",
        R"({"model_type":"llama","rope_parameters":3})",
        R"({"model_type":"llama","hidden_size":-1})",
        R"({"model_type":"llama","hidden_size":"64"})",
        R"({"model_type":"llama","hidden_size":1e400})",
        R"({"model_type":"llama","num_attention_heads":99999999999})",
        R"({"model_type":"llama","rms_norm_eps":0})",
        R"({"model_type":"llama","rope_theta":null,"rms_norm_eps":[]})",
        R"({"model_type":"llama","tie_word_embeddings":1})",
        R"({"model_type":"llama","torch_dtype":{"a":1}})",
        R"({"model_type":"llama","rope_scaling":{"rope_type":"yarn","factor":{}}})"}) {
    EXPECT_THROW(normalised(wrong), Error) << wrong;
  }
}

}  // namespace
}  // namespace r1
