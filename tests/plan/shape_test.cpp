#include "plan/shape.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "plan/published_runs.h"

namespace r1::plan {
namespace {

Shape published(const char* name) {
  return find_published_run(name)->shape;
}

TEST(Shape, parameters_of_published_models_are_counted_to_the_last_one) {
  const Parameters v3 = count_parameters(published("deepseek-v3"));
  EXPECT_EQ(v3.total(), 671'026'419'200);
  EXPECT_EQ(v3.active(), 37'552'297'472);
  EXPECT_EQ(v3.embedding, 129280 * 7168);
  EXPECT_EQ(v3.prediction, 11'610'068'224);
  EXPECT_EQ(count_parameters(published("deepseek-v2")).total(), 235'741'434'880);
  const Parameters llama = count_parameters(published("llama-3.1-405b"));
  EXPECT_EQ(llama.total(), 405'853'388'800);
  EXPECT_EQ(llama.active(), llama.total());
  EXPECT_EQ(count_parameters(published("deepseek-67b")).total(), 67'425'001'472);
}

TEST(Shape, latent_attention_caches_576_elements_a_layer_and_grouped_queries_two_a_head) {
  EXPECT_EQ(cache_bytes(published("deepseek-v3"), 2), 70272);
  EXPECT_EQ(cache_bytes(published("llama-3.1-405b"), 2), 126 * 2 * 8 * 128 * 2);
}

TEST(Shape, operations_are_two_a_multiplying_parameter_and_attention_grows_with_the_sequence) {
  Shape tiny;
  tiny.name = "tiny";
  tiny.vocab = 10;
  tiny.width = 8;
  tiny.layers = 1;
  tiny.heads = 2;
  tiny.kv_heads = 1;
  tiny.head_dims = 4;
  tiny.feed_forward = 16;
  check(tiny);
  // q 8x8, k and v 8x4 each, output 8x8, three of 8x16, head 10x8.
  EXPECT_EQ(token_flops(tiny, 1).linear, 2.0 * (64 + 64 + 64 + 3 * 128 + 80));
  // One key of 4 and one value of 4 for 2 heads, a multiplication and an addition each.
  EXPECT_EQ(token_flops(tiny, 1).attention, 2.0 * 2 * (4 + 4));
  EXPECT_EQ(token_flops(tiny, 7).attention, 4 * token_flops(tiny, 1).attention);
  EXPECT_EQ(token_flops(tiny, 7).linear, token_flops(tiny, 1).linear);
  EXPECT_EQ(token_flops(tiny, 7).training(), 3 * token_flops(tiny, 7).forward());
}

TEST(Shape, numbers_out_of_bounds_are_refused) {
  const Shape right = published("deepseek-v3");
  EXPECT_NO_THROW(check(right));
  const auto refused = [&](auto change) {
    Shape shape = right;
    change(shape);
    EXPECT_THROW(check(shape), Error);
  };
  refused([](Shape& s) { s.layers = 0; });
  refused([](Shape& s) { s.width = std::int64_t{1} << 40; });
  refused([](Shape& s) { s.dense_layers = 62; });
  refused([](Shape& s) { s.experts_per_token = 257; });
  refused([](Shape& s) { s.kept_groups = 9; });
  refused([](Shape& s) { s.heads = -1; });
  refused([](Shape& s) { s.layers = 4096, s.experts = 1 << 16, s.expert_feed_forward = 1 << 20; });
}

}  // namespace
}  // namespace r1::plan
