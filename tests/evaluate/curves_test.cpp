#include "evaluate/curves.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"
#include "error_of.h"

namespace r1 {
namespace {

constexpr const char* kMetrics =
    "{\"step\":1,\"before\":0.25,\"reward\":0.5}\n"
    "\n"
    "{\"step\":2,\"reward\":0.75,\"note\":\"x\"}\r\n"
    "{\"step\":3,\"after\":0.5,\"reward\":null}";

TEST(Curves, hold_the_numbers_of_the_lines_that_have_them) {
  const Curve reward = read_curve(kMetrics, "step", "reward", "file");
  ASSERT_EQ(reward.points.size(), 2U);
  EXPECT_EQ(reward.points[1].x, 2);
  EXPECT_EQ(reward.points[1].y, 0.75);
  const Curve either = read_curve(kMetrics, "step", "after+before", "file");
  ASSERT_EQ(either.points.size(), 2U);
  EXPECT_EQ(either.points[0].y, 0.25);
  EXPECT_EQ(either.points[1].x, 3);
}

TEST(Curves, what_is_no_metric_is_named_with_its_line) {
  EXPECT_NE(error_of([] { read_curve("{}\n[1]\n", "step", "y", "run"); }).find("run, line 2"),
            std::string::npos);
  EXPECT_NE(error_of([] { read_curve("{\"a\":1", "step", "y", "run"); }).find("run, line 1"),
            std::string::npos);
  EXPECT_NE(error_of([] { read_curve(kMetrics, "step", "lost", "run"); }).find("\"lost\""),
            std::string::npos);
}

TEST(Curves, are_drawn_within_the_picture_from_the_least_tick_to_the_most) {
  const Curve rising{.name = "a < b & c", .points = {{0, 0}, {10, 1}}};
  const std::string svg = curves_svg({rising}, {.title = "T", .smooth = 1});
  // The corners of the axes: left below, right above.
  EXPECT_NE(svg.find("<path d=\"M64.0 342.0 L740.0 44.0\""), std::string::npos) << svg;
  EXPECT_NE(svg.find("a &lt; b &amp; c"), std::string::npos);
  EXPECT_EQ(svg.find("a < b"), std::string::npos);
}

TEST(Curves, smoothing_draws_means_of_the_points_before) {
  const Curve steps{.name = "y", .points = {{0, 0}, {1, 1}, {2, 1}}};
  const std::string svg = curves_svg({steps}, {.title = "", .smooth = 2});
  EXPECT_NE(svg.find("<path d=\"M64.0 342.0 L402.0 193.0 L740.0 44.0\""), std::string::npos) << svg;
}

TEST(Curves, one_value_alone_can_be_drawn_and_none_can_not) {
  const std::string svg = curves_svg({{.name = "y", .points = {{3, 7}}}}, {});
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
  EXPECT_THROW(curves_svg({{.name = "y", .points = {}}}, {}), Error);
}

}  // namespace
}  // namespace r1
