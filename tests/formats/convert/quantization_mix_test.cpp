#include "formats/convert/quantization_mix.h"

#include <gtest/gtest.h>

#include <string>

namespace r1 {
namespace {

DType chosen(const std::string& format, const MixContext& context, const std::string& name,
             std::int64_t columns = 4096) {
  return choose_type(*parse_target_format(format), context, name, columns).type;
}

TEST(QuantizationMix, a_plain_type_is_that_of_every_matrix) {
  for (const char* name : {"output.weight", "token_embd.weight", "blk.0.attn_v.weight"}) {
    EXPECT_EQ(chosen("q4_k", {.layers = 32}, name), DType::q4_k);
    EXPECT_EQ(chosen("Q8_0", {.layers = 32}, name), DType::q8_0);
  }
  EXPECT_FALSE(parse_target_format("q9").has_value());
}

TEST(QuantizationMix, output_and_the_sensitive_layers_get_six_bits) {
  const MixContext context{.layers = 32};
  EXPECT_EQ(chosen("q4_k_m", context, "output.weight"), DType::q6_k);
  EXPECT_EQ(chosen("q4_k_m", context, "token_embd.weight"), DType::q4_k);
  EXPECT_EQ(chosen("q4_k_m", {.layers = 32, .tied = true}, "token_embd.weight"), DType::q6_k);
  // The first four and the last four of 32, and 6, 9, 12 ... between.
  for (const auto& [layer, more] :
       {std::pair(0, true), std::pair(3, true), std::pair(4, false), std::pair(5, false),
        std::pair(6, true), std::pair(7, false), std::pair(27, true), std::pair(26, false),
        std::pair(28, true), std::pair(31, true)}) {
    for (const char* matrix : {"attn_v", "ffn_down", "ffn_down_exps"}) {
      const std::string name = "blk." + std::to_string(layer) + "." + matrix + ".weight";
      EXPECT_EQ(chosen("q4_k_m", context, name), more ? DType::q6_k : DType::q4_k) << name;
      EXPECT_EQ(chosen("q5_k_m", context, name), more ? DType::q6_k : DType::q5_k) << name;
    }
    const std::string other = "blk." + std::to_string(layer) + ".ffn_up.weight";
    EXPECT_EQ(chosen("q4_k_m", context, other), DType::q4_k);
  }
}

TEST(QuantizationMix, models_whose_heads_share_much_keep_more_of_it) {
  const MixContext large{.layers = 80, .shared_heads_of_70b = true};
  EXPECT_EQ(chosen("q4_k_m", large, "blk.11.attn_v.weight"), DType::q5_k);
  EXPECT_EQ(chosen("q4_k_m", large, "blk.0.attn_v.weight"), DType::q6_k);
  const MixContext eight{.layers = 32, .experts = 8};
  EXPECT_EQ(chosen("q4_k_m", eight, "blk.5.attn_k.weight"), DType::q8_0);
  EXPECT_EQ(chosen("q4_k_m", eight, "blk.5.attn_output.weight"), DType::q5_k);
}

TEST(QuantizationMix, rows_choose_the_nearest_type_that_divides_them) {
  const auto fallback = [](const char* format, std::int64_t columns) {
    const ChosenType found =
        choose_type(*parse_target_format(format), {.layers = 8}, "blk.4.attn_q.weight", columns);
    EXPECT_TRUE(found.instead_of.has_value());
    return found.type;
  };
  EXPECT_EQ(fallback("q4_k", 96), DType::q5_0);
  EXPECT_EQ(fallback("q5_k", 96), DType::q5_1);
  EXPECT_EQ(fallback("q6_k", 96), DType::q8_0);
  EXPECT_EQ(fallback("q4_k", 100), DType::f16);
  EXPECT_EQ(fallback("q8_0", 100), DType::f16);
  EXPECT_FALSE(choose_type(*parse_target_format("q4_k"), {}, "x.weight", 512).instead_of);
}

TEST(QuantizationMix, vectors_norms_and_the_router_stay_as_they_are) {
  EXPECT_TRUE(is_matrix_to_quantize("blk.0.attn_q.weight", 2));
  EXPECT_TRUE(is_matrix_to_quantize("blk.0.ffn_up_exps.weight", 3));
  EXPECT_FALSE(is_matrix_to_quantize("blk.0.attn_norm.weight", 1));
  EXPECT_FALSE(is_matrix_to_quantize("blk.0.attn_q_norm.weight", 2));
  EXPECT_FALSE(is_matrix_to_quantize("blk.0.attn_q.bias", 1));
  EXPECT_FALSE(is_matrix_to_quantize("blk.0.ffn_gate_inp.weight", 2));
  EXPECT_FALSE(is_matrix_to_quantize("blk.0.exp_probs_b.bias", 1));
  EXPECT_FALSE(is_matrix_to_quantize("rope_freqs.weight", 1));
}

}  // namespace
}  // namespace r1
