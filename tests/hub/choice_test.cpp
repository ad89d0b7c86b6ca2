#include "hub/choice.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "error_of.h"

namespace r1::hub {
namespace {

using Files = std::vector<std::string>;

std::string chosen(const Files& files, const std::string& choice = "") {
  return choose_variant(gguf_variants(files), choice, "org/name").files.front();
}

TEST(Choice, takes_q4_k_m_or_what_is_nearest_and_runs_here) {
  EXPECT_EQ(chosen({"m-F16.gguf", "m-Q2_K.gguf", "m-Q4_K_M.gguf", "m-Q8_0.gguf"}), "m-Q4_K_M.gguf");
  EXPECT_EQ(chosen({"m.q8_0.gguf", "m.q4_0.gguf", "m.q2_k.gguf"}), "m.q4_0.gguf");
  EXPECT_EQ(chosen({"m-IQ2_XXS.gguf", "m-Q6_K.gguf", "m-IQ4_XS.gguf"}), "m-Q6_K.gguf");
  EXPECT_EQ(chosen({"whatever.gguf"}), "whatever.gguf");
  EXPECT_EQ(chosen({"m-Q4_K_M-best.gguf", "m-Q4_K_M.gguf", "longer-name-Q4_K_M.gguf"}),
            "m-Q4_K_M.gguf");
  EXPECT_NE(error_of([] {
              chosen({"m-IQ1_S.gguf", "m-IQ2_M.gguf"});
            }).find("IQ1_S, IQ2_M"),
            std::string::npos);
}

TEST(Choice, knows_quantizations_by_name_folder_and_file) {
  const Files files = {"m-Q4_K.gguf", "m-IQ4_NL.gguf", "m-UD-Q4_K_XL.gguf",
                       "BF16/m.gguf", "a/x.gguf",      "a/y.gguf"};
  EXPECT_EQ(chosen(files, "iq4_nl"), "m-IQ4_NL.gguf");
  EXPECT_EQ(chosen(files, "UD-Q4_K_XL"), "m-UD-Q4_K_XL.gguf");
  EXPECT_EQ(chosen(files, "Q4_K_XL"), "m-UD-Q4_K_XL.gguf");
  EXPECT_EQ(chosen(files, "bf16"), "BF16/m.gguf");
  EXPECT_EQ(chosen(files, "a/y.gguf"), "a/y.gguf");
  EXPECT_THROW(chosen(files, "Q5"), Error);
}

TEST(Choice, leaves_out_what_is_no_model_or_not_whole) {
  EXPECT_TRUE(gguf_variants({"mmproj-F16.gguf", "m.imatrix.gguf", "m.safetensors", "README.md",
                             "b-00002-of-00002.gguf", "c-00001-of-00003.gguf",
                             "c-00003-of-00003.gguf", "d-00000-of-00000.gguf", ".gguf"})
                  .size() <= 1);
  const auto variants = gguf_variants({"m-Q8_0-00002-of-00002.gguf", "m-Q8_0-00001-of-00002.gguf"});
  ASSERT_EQ(variants.size(), 1u);
  EXPECT_EQ(variants[0].quantization, "Q8_0");
  EXPECT_EQ(variants[0].files, (Files{"m-Q8_0-00001-of-00002.gguf", "m-Q8_0-00002-of-00002.gguf"}));
}

TEST(Choice, says_when_there_is_nothing_to_run) {
  const Name name{.repository = "org/name"};
  EXPECT_NE(error_of([&] {
              files_to_fetch(name, {"README.md", "pytorch_model.bin"});
            }).find("neither GGUF nor safetensors"),
            std::string::npos);
}

}  // namespace
}  // namespace r1::hub
