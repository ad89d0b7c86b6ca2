#include "plan/training.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "plan/plan.h"

namespace r1::plan {
namespace {

Lookup no_lookup() {
  return {[](const std::string& name) -> Shape { throw Error(name, "it is not known"); },
          [](const std::string& name) { return find_cluster(name); }};
}

Description describe(const std::string& model, const std::string& cluster) {
  Description d;
  use_model(d, model, no_lookup());
  d.cluster = find_cluster(cluster);
  return d;
}

Plan plan_of(const std::string& model, const std::string& cluster) {
  return make_plan(describe(model, cluster));
}

void expect_within(double value, double published, double share) {
  EXPECT_NEAR(value / published, 1, share) << value << " against " << published;
}

TEST(PublishedTraining, deepseek_v3_takes_180_thousand_hours_a_trillion_tokens_within_10_percent) {
  const Plan plan = plan_of("deepseek-v3", "h800-2048");
  expect_within(plan.training.hours_per_trillion, 180e3, 0.10);
  expect_within(plan.dollars, 5.576e6, 0.10);
  EXPECT_TRUE(plan.training.memory.fits());
  // Figures that took no part in choosing the assumptions: the chunk's profile, and the step's
  // parts that were published later.
  expect_within(plan.training.pipeline.times.overlapped, 0.129 * 4.3 / 4, 0.10);
  expect_within(plan.training.step.total(), 19.926, 0.12);
}

TEST(PublishedTraining, deepseek_v2_takes_172_8_thousand_hours_a_trillion_within_15_percent) {
  expect_within(plan_of("deepseek-v2", "h800-2048").training.hours_per_trillion, 172.8e3, 0.15);
}

TEST(PublishedTraining, deepseek_67b_takes_300_6_thousand_hours_a_trillion_within_15_percent) {
  for (const char* cluster : {"h800-512", "h800-1024", "h800-2048"}) {
    expect_within(plan_of("deepseek-67b", cluster).training.hours_per_trillion, 300.6e3, 0.15);
  }
}

TEST(PublishedTraining, llama_405b_takes_30_84_million_hours_within_15_percent) {
  const Plan plan = plan_of("llama-3.1-405b", "h100-16384");
  expect_within(plan.device_hours, 30.84e6, 0.15);
  const double share = plan.training.achieved_flops / 989e12;
  EXPECT_GT(share, 0.38);
  EXPECT_LT(share, 0.435);
}

class Physics : public testing::TestWithParam<const char*> {
 protected:
  Description d = describe(GetParam(), "h800-2048");
  TrainingPlan plan(const Description& of) const {
    return plan_training(of.shape, of.cluster, of.run, layout(of), of.assumptions);
  }
  static Layout layout(const Description& of) {
    Layout given = of.layout;
    if (!of.layout_given) {
      given.tensor = 2;
      given.pipeline = 16;
    }
    return filled(given, of.cluster, of.run);
  }
  double seconds(const Description& of) const { return plan(of).step.total(); }
};

TEST_P(Physics, faster_parts_never_make_a_step_longer_and_slower_ones_never_shorter) {
  const double before = seconds(d);
  for (double Device::*rate : {&Device::bf16_flops, &Device::fp8_flops, &Device::memory_bandwidth,
                               &Device::node_link, &Device::network_link}) {
    Description faster = d, slower = d;
    faster.cluster.device.*rate *= 2;
    slower.cluster.device.*rate /= 2;
    EXPECT_LE(seconds(faster), before);
    EXPECT_GE(seconds(slower), before);
  }
}

TEST_P(Physics, everything_twice_as_fast_halves_the_time) {
  Description faster = d;
  for (double Device::*rate : {&Device::bf16_flops, &Device::fp8_flops, &Device::memory_bandwidth,
                               &Device::node_link, &Device::network_link}) {
    faster.cluster.device.*rate *= 2;
  }
  faster.assumptions.kernel_start /= 2;
  faster.assumptions.node_latency /= 2;
  faster.assumptions.network_latency /= 2;
  EXPECT_NEAR(seconds(faster) / seconds(d), 0.5, 1e-9);
}

TEST_P(Physics, twice_the_devices_and_batch_take_a_step_of_about_the_same_length) {
  Description larger = d;
  larger.cluster.devices *= 2;
  larger.run.batch *= 2;
  EXPECT_GE(seconds(larger), seconds(d));
  EXPECT_LE(seconds(larger), 1.03 * seconds(d));
}

TEST_P(Physics, twice_the_devices_with_the_same_batch_give_less_than_twice_the_speed) {
  Description larger = d;
  larger.cluster.devices *= 2;
  if (larger.layout.schedule == Schedule::interleaved) larger.layout.pipeline /= 2;
  const TrainingPlan before = plan(d), after = plan(larger);
  EXPECT_GT(after.tokens_per_second, before.tokens_per_second);
  EXPECT_LT(after.tokens_per_second, 2 * before.tokens_per_second);
}

TEST_P(Physics, half_the_stages_leave_less_bubble_and_fill_more_memory) {
  Description shorter = d;
  shorter.layout = layout(d);
  shorter.layout_given = true;
  Description same = shorter;
  shorter.layout.pipeline /= 2;
  const TrainingPlan before = plan(same), after = plan(shorter);
  EXPECT_LT(after.bubble_share, before.bubble_share);
  EXPECT_GT(after.memory.weights, before.memory.weights);
}

TEST_P(Physics, longer_sequences_cost_more_and_only_by_attention) {
  Description longer = d;
  longer.run.sequence *= 8;
  longer.run.batch /= 8;
  longer.layout.micro_batch_tokens = d.layout.micro_batch_tokens;
  const double more = seconds(longer) / seconds(d);
  EXPECT_GT(more, 1);
  // Attention's share of operations, at the speed of its kernels, bounds the growth.
  const double before = token_flops(d.shape, d.run.sequence).training();
  const double after = token_flops(d.shape, longer.run.sequence).training();
  EXPECT_LT(more, 1 + 3 * (after / before - 1));
}

TEST_P(Physics, recomputing_takes_time_and_frees_memory) {
  Description none = d, selective = d, full = d;
  none.layout.recompute = Recompute::none;
  selective.layout.recompute = Recompute::selective;
  full.layout.recompute = Recompute::full;
  EXPECT_LT(seconds(none), seconds(selective));
  EXPECT_LT(seconds(selective), seconds(full));
  EXPECT_GT(plan(none).memory.activations, plan(selective).memory.activations);
  EXPECT_GT(plan(selective).memory.activations, plan(full).memory.activations);
}

TEST_P(Physics, more_replicas_split_the_optimizer_further) {
  Description larger = d;
  larger.cluster.devices *= 2;
  larger.run.batch *= 2;
  EXPECT_NEAR(plan(larger).memory.optimizer / plan(d).memory.optimizer, 0.5, 1e-9);
  EXPECT_EQ(plan(larger).memory.weights, plan(d).memory.weights);
}

TEST_P(Physics, hours_grow_with_tokens_and_money_with_hours) {
  Description twice = d;
  twice.run.tokens *= 2;
  const Plan before = make_plan(d), after = make_plan(twice);
  EXPECT_NEAR(after.device_hours / before.device_hours, 2, 1e-9);
  EXPECT_NEAR(after.dollars / before.dollars, 2, 1e-9);
  EXPECT_DOUBLE_EQ(before.dollars, before.device_hours * d.cluster.device.dollars_per_hour);
}

INSTANTIATE_TEST_SUITE_P(Models, Physics,
                         testing::Values("deepseek-v3", "deepseek-v2", "deepseek-67b",
                                         "llama-3.1-405b"),
                         [](const auto& name) {
                           std::string text = name.param;
                           for (char& c : text) c = c == '-' || c == '.' ? '_' : c;
                           return text;
                         });

TEST(Training, fp8_is_faster_than_bf16_but_not_twice) {
  Description d = describe("deepseek-v3", "h800-2048");
  const double fp8 = make_plan(d).training.tokens_per_second;
  d.run.precision = Precision::bf16;
  d.layout_given = true;
  d.source.clear();
  const double bf16 = make_plan(d).training.tokens_per_second;
  EXPECT_GT(fp8, bf16);
  EXPECT_LT(fp8, 2 * bf16);
}

TEST(Training, dualpipe_hides_the_exchange_of_experts) {
  Description d = describe("deepseek-v3", "h800-2048");
  const auto bubble_and_time = [&](Schedule schedule) {
    d.layout.schedule = schedule;
    const Layout layout = filled(d.layout, d.cluster, d.run);
    return plan_training(d.shape, d.cluster, d.run, layout, d.assumptions).step.total();
  };
  EXPECT_LT(bubble_and_time(Schedule::dualpipe), bubble_and_time(Schedule::zb1p));
  EXPECT_LT(bubble_and_time(Schedule::zb1p), bubble_and_time(Schedule::one_f_one_b));
}

TEST(Training, the_closed_formulas_give_the_simulated_step) {
  for (const char* model : {"deepseek-v3", "deepseek-v2", "llama-3.1-405b"}) {
    const Description d = describe(model, "h800-4096");
    const Layout layout = filled(d.layout, d.cluster, d.run);
    const TrainingPlan simulated =
        plan_training(d.shape, d.cluster, d.run, layout, d.assumptions, true);
    const TrainingPlan formula =
        plan_training(d.shape, d.cluster, d.run, layout, d.assumptions, false);
    EXPECT_NEAR(simulated.step.total() / formula.step.total(), 1, 1e-9) << model;
    EXPECT_NEAR(simulated.bubble / formula.bubble, 1, 1e-9) << model;
  }
}

TEST(Training, a_searched_layout_uses_the_cluster_and_fits_if_any_does) {
  for (const char* cluster : {"h800-8", "h800-64", "h800-100", "a100-512"}) {
    Description d = describe("deepseek-67b", cluster);
    const Plan plan = make_plan(d);
    EXPECT_LE(plan.training.layout.devices(), d.cluster.devices);
    EXPECT_GT(2 * plan.training.layout.devices(), d.cluster.devices);
    EXPECT_EQ(plan.training.memory.fits(), d.cluster.devices > 8) << cluster;
  }
}

TEST(Training, no_device_computes_more_than_its_products_can) {
  Description d;
  Shape& s = d.shape;
  s.name = "small";
  s.vocab = 49152;
  s.width = 576;
  s.heads = 9;
  s.kv_heads = 3;
  s.head_dims = 64;
  s.feed_forward = 1536;
  for (const char* cluster : {"laptop", "4090-1", "a100-8", "h100-16", "h800-256"}) {
    for (s.layers = 1; s.layers <= 32; s.layers += s.layers < 4 ? 1 : 7) {
      d.cluster = find_cluster(cluster);
      const TrainingPlan plan = make_plan(d).training;
      EXPECT_LE(plan.balance, 1 + 1e-6) << cluster << ", " << s.layers;
      EXPECT_LE(plan.achieved_flops, d.assumptions.bf16_product_share *
                                         d.assumptions.slowest_device * d.cluster.device.bf16_flops)
          << cluster << ", " << s.layers;
    }
  }
}

TEST(Training, runs_out_of_bounds_are_refused) {
  Description d = describe("deepseek-v3", "h800-2048");
  d.run.tokens = 1e30;
  EXPECT_THROW(make_plan(d), Error);
  d.run.tokens = 1e12;
  d.run.batch = 0;
  EXPECT_THROW(make_plan(d), Error);
}

TEST(Training, a_published_layout_gives_way_where_it_cannot_be) {
  for (const char* cluster : {"h800-8", "h800-48", "h800-256", "4090-64"}) {
    const Plan plan = plan_of("deepseek-v3", cluster);
    EXPECT_GT(plan.training.hours_per_trillion, 0) << cluster;
    EXPECT_FALSE(plan.notes.empty()) << cluster;
  }
}

TEST(Training, devices_without_fp8_train_in_bf16) {
  const Plan plan = plan_of("deepseek-v3", "a100-4096");
  EXPECT_FALSE(plan.notes.empty());
  Description d = describe("deepseek-v3", "a100-4096");
  d.run.precision = Precision::bf16;
  EXPECT_EQ(make_plan(d).training.hours_per_trillion, plan.training.hours_per_trillion);
  EXPECT_EQ(make_plan(d).training.memory.weights, plan.training.memory.weights);
}

TEST(Training, replicas_without_work_do_not_count_as_trained_tokens) {
  Description d = describe("deepseek-67b", "h800-256");
  d.layout.pipeline = 1;
  d.layout.recompute = Recompute::full;
  d.run.batch = 256;
  const auto speed = [&] {
    const Layout layout = filled(d.layout, d.cluster, d.run);
    return plan_training(d.shape, d.cluster, d.run, layout, d.assumptions).tokens_per_second;
  };
  const double full = speed();
  d.run.batch = 64;
  EXPECT_LT(speed(), full / 3.9);
}

TEST(Training, layouts_out_of_bounds_are_refused_before_anything_is_divided) {
  const Description d = describe("deepseek-v3", "h800-2048");
  for (std::int64_t Layout::*number : {&Layout::tensor, &Layout::pipeline, &Layout::expert,
                                       &Layout::virtual_stages, &Layout::micro_batch_tokens}) {
    for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 60}) {
      Layout layout = d.layout;
      layout.*number = value;
      EXPECT_THROW(filled(layout, d.cluster, d.run), Error);
    }
  }
}

TEST(Training, layouts_that_cannot_be_are_refused) {
  const Description d = describe("deepseek-v3", "h800-2048");
  const auto refused = [&](auto change) {
    Layout layout = filled(d.layout, d.cluster, d.run);
    change(layout);
    EXPECT_THROW(plan_training(d.shape, d.cluster, d.run, layout, d.assumptions), Error);
  };
  refused([](Layout& layout) { layout.data *= 2; });
  refused([](Layout& layout) { layout.tensor = 3; });
  refused([](Layout& layout) { layout.pipeline = 128; });
  refused([](Layout& layout) { layout.expert = 48; });
  refused([](Layout& layout) { layout.pipeline = std::int64_t{1} << 62; });
  refused([](Layout& layout) { layout.virtual_stages = 2; });
}

}  // namespace
}  // namespace r1::plan
