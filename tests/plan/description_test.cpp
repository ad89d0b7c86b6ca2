#include "plan/description.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "base/files.h"
#include "plan/plan.h"
#include "plan/timeline_svg.h"
#include "temporary_folder.h"

namespace r1::plan {
namespace {

Lookup lookup() {
  return {
      [](const std::string& name) -> Shape { throw Error("model", "'" + name + "' is not known"); },
      [](const std::string& name) { return find_cluster(name); }};
}

Description read(const std::string& text) {
  const TemporaryFolder folder;
  write_file(folder / "plan.toml", text);
  return read_description(folder / "plan.toml", lookup());
}

std::string refusal(const std::string& text) {
  try {
    read(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(DescriptionFile, names_model_cluster_run_layout_serving_and_assumptions) {
  const Description d = read(R"(
[model]
name = "deepseek-v3"
layers = 30
[cluster]
device = "h100"
devices = 64
dollars_per_hour = 3
[run]
tokens = 1e12
sequence = 8192
batch = 512
precision = "bf16"
[layout]
pipeline = 4
expert = 8
schedule = "zb1p"
recompute = "full"
[serving]
context = 32768
[assumptions]
network_share = 0.5
)");
  EXPECT_EQ(d.shape.layers, 30);
  EXPECT_EQ(d.shape.width, 7168);
  EXPECT_EQ(d.cluster.devices, 64);
  EXPECT_EQ(d.cluster.device.node_link, 450e9);
  EXPECT_EQ(d.cluster.device.dollars_per_hour, 3);
  EXPECT_EQ(d.run.tokens, 1e12);
  EXPECT_EQ(d.run.precision, Precision::bf16);
  EXPECT_TRUE(d.layout_given);
  EXPECT_EQ(d.layout.schedule, Schedule::zb1p);
  EXPECT_EQ(d.layout.recompute, Recompute::full);
  EXPECT_EQ(d.serving.context, 32768);
  EXPECT_EQ(d.assumptions.network_share, 0.5);
  EXPECT_GT(make_plan(d).device_hours, 0);
}

TEST(DescriptionFile, a_model_of_ones_own_needs_only_its_numbers) {
  const Description d = read(R"(
[model]
vocab = 32000
width = 1024
layers = 12
heads = 16
kv_heads = 4
head_dims = 64
feed_forward = 4096
[cluster]
name = "laptop"
[run]
tokens = 1e9
)");
  const Plan plan = make_plan(d);
  EXPECT_EQ(
      plan.parameters.total(),
      2 * 32000 * 1024 + 1024 + 12 * (1024 * 24 * 64 + 1024 * 1024 + 2 * 1024 + 3 * 1024 * 4096));
  EXPECT_GT(plan.device_hours, 0);
}

TEST(DescriptionFile, errors_name_the_place_and_what_is_wrong) {
  const std::string right = "[model]\nname = \"deepseek-v3\"\n[cluster]\nname = \"h800-64\"\n";
  EXPECT_EQ(refusal(right), "");
  EXPECT_NE(refusal(right + "[run]\ntoken = 1").find("token is no key"), std::string::npos);
  EXPECT_NE(refusal(right + "[runs]\n").find("runs is no key"), std::string::npos);
  EXPECT_NE(refusal(right + "[run]\nbatch = 1.5").find("whole number"), std::string::npos);
  EXPECT_NE(refusal(right + "[run]\nbatch = \"many\"").find("number"), std::string::npos);
  EXPECT_NE(refusal(right + "[layout]\nschedule = \"gpipe\"").find("gpipe"), std::string::npos);
  EXPECT_NE(refusal(right + "[assumptions]\nluck = 1").find("luck"), std::string::npos);
  EXPECT_NE(refusal(right + "[assumptions]\nnetwork_share = 7").find("out of bounds"),
            std::string::npos);
  EXPECT_NE(refusal(right + "x =").find("plan.toml:5"), std::string::npos);
  EXPECT_NE(refusal("[cluster]\nname = \"h800-64\"\n").find("[model]"), std::string::npos);
  EXPECT_NE(refusal("[model]\nname = \"deepseek-v3\"\n").find("[cluster]"), std::string::npos);
  EXPECT_NE(refusal("model = 1\n[cluster]\nname = \"h800-64\"\n").find("section"),
            std::string::npos);
}

TEST(DescriptionFile, hostile_files_are_refused) {
  EXPECT_NE(refusal("[model]\nname=\"\xff\xfe\"\n[cluster]\nname=\"h800-8\""), "");
  const std::string clusters[] = {
      "h800-0", "h800--1", "h800-99999999999999999999", "h800", "h800-8x8", "-8", "xyz-8"};
  for (const std::string& cluster : clusters) {
    EXPECT_NE(refusal("[model]\nname=\"deepseek-v3\"\n[cluster]\nname=\"" + cluster + "\""), "")
        << cluster;
  }
  for (const char* line : {"memory = 0", "memory = nan", "bf16_flops = inf", "devices = 1e15",
                           "devices_per_node = 0", "network_link = -1"}) {
    const std::string text =
        std::string("[model]\nname=\"deepseek-v3\"\n[cluster]\ndevice=\"h800\"\n") + line;
    EXPECT_THROW(make_plan(read(text)), Error) << line;
  }
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t number = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++number;
  }
  return number;
}

TEST(TimelineSvg, shows_every_event_of_every_device_in_closed_elements) {
  for (const Schedule schedule : {Schedule::one_f_one_b, Schedule::zb1p, Schedule::dualpipe}) {
    const Pipeline p = {schedule, 4, 8, 1, {1, 2, 1, 3}};
    const Timeline timeline = simulate(p);
    const std::string svg = timeline_svg(p, timeline);
    std::size_t events = 0;
    for (const auto& device : timeline.devices) events += device.size();
    EXPECT_EQ(count(svg, "stroke=\"#ffffff\""), events);
    EXPECT_EQ(count(svg, "device "), 4u);
    EXPECT_EQ(count(svg, "<text "), count(svg, "</text>"));
    EXPECT_EQ(count(svg, "nan"), 0u);
    EXPECT_TRUE(svg.starts_with("<svg "));
    EXPECT_TRUE(svg.ends_with("</svg>\n"));
  }
}

}  // namespace
}  // namespace r1::plan
