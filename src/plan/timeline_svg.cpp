#include "plan/timeline_svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/error.h"

namespace r1::plan {
namespace {

struct Style {
  const char* name;
  const char* fill;
};
constexpr std::array<Style, 5> kStyles = {{
    {"forward", "#f6c667"},
    {"backward", "#7fb3d5"},
    {"backward, input's gradient", "#a9d3e8"},
    {"backward, weights' gradient", "#8cc99a"},
    {"forward and backward overlapped", "#cfa6d8"},
}};
// Forwards of DualPipe's other direction, and of every other chunk of a device.
constexpr const char* kOtherForward = "#e59f4c";

constexpr double kLeft = 92, kTop = 64, kRow = 26, kGap = 4, kRight = 24;

std::string text(const char* format, double a, double b, double c = 0, double d = 0) {
  std::array<char, 256> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, a, b, c, d);
  return buffer.data();
}

std::string seconds(double value) {
  if (value == 0) return "0";
  if (std::abs(value) < 1e-3) return text("%.0f us", value * 1e6, 0);
  if (std::abs(value) < 1) return text("%.1f ms", value * 1e3, 0);
  return text("%.2f s", value, 0);
}

std::string label(double x, double y, const std::string& words, const char* more) {
  return text("<text x=\"%.1f\" y=\"%.1f\" ", x, y) + more + ">" + words + "</text>\n";
}

std::string box(const Event& event, std::int64_t stages, double x, double y, double width) {
  const bool other = event.work == Work::forward &&
                     (event.first.direction == 1 || event.first.chunk / stages % 2 == 1);
  const char* fill = other ? kOtherForward : kStyles[static_cast<std::size_t>(event.work)].fill;
  std::string svg = text("<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\" ", x, y,
                         std::max(width, 0.3), kRow) +
                    "fill=\"" + fill + "\" stroke=\"#ffffff\" stroke-width=\"0.6\"/>\n";
  const auto number = [](const Event::Part& part) { return std::to_string(part.micro_batch); };
  if (event.work == Work::overlapped) {
    const std::string words = number(event.first) + "&amp;" + number(event.second);
    if (width > 30) svg += label(x + width / 2, y + 17, words, "class=\"n\"");
  } else if (width > 8 + 5 * static_cast<double>(number(event.first).size())) {
    svg += label(x + width / 2, y + 17, number(event.first), "class=\"n\"");
  }
  return svg;
}

std::string legend(const Pipeline& pipeline, double y) {
  std::string svg;
  double x = kLeft;
  const auto entry = [&](const char* fill, const std::string& words) {
    svg += text("<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"12\" ", x, y) + "fill=\"" +
           fill + "\"/>\n" + label(x + 17, y + 10.5, words, "class=\"l\"");
    x += 34 + 6.4 * static_cast<double>(words.size());
  };
  const bool dual = pipeline.schedule == Schedule::dualpipe;
  const bool split = dual || pipeline.schedule == Schedule::zb1p;
  entry(kStyles[0].fill, kStyles[0].name);
  if (dual) entry(kOtherForward, "forward, other direction");
  if (pipeline.virtual_stages > 1) entry(kOtherForward, "forward, second chunk and every other");
  if (pipeline.schedule != Schedule::zb1p) entry(kStyles[1].fill, kStyles[1].name);
  if (split) {
    entry(kStyles[2].fill, kStyles[2].name);
    entry(kStyles[3].fill, kStyles[3].name);
  }
  if (dual) entry(kStyles[4].fill, kStyles[4].name);
  return svg;
}

/// Of 1, 2, 5 times a power of ten, the step that gives about ten ticks.
double tick_step(double span) {
  const double power = std::pow(10.0, std::floor(std::log10(span / 10)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (span / (step * power) <= 12) return step * power;
  }
  return 10 * power;
}

}  // namespace

std::string timeline_svg(const Pipeline& pipeline, const Timeline& timeline) {
  if (timeline.devices.empty()) throw Error("timeline", "it has too many events to draw");
  const double span = std::max(timeline.span, 1e-30);
  const double shortest =
      std::max(1e-30, std::min(pipeline.times.forward, pipeline.times.backward));
  // Wide enough to read the numbers, within what viewers show.
  const double width = std::clamp(span / shortest * 20, 900.0, 6000.0);
  const double scale = width / span;
  const auto rows = static_cast<double>(timeline.devices.size());
  const double bottom = kTop + rows * (kRow + kGap);
  const double height = bottom + 74;
  std::string svg =
      text("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" ",
           kLeft + width + kRight, height) +
      text("viewBox=\"0 0 %.0f %.0f\">\n", kLeft + width + kRight, height) +
      "<style>text{font-family:sans-serif;fill:#222}.t{font-size:17px;font-weight:bold}"
      ".l{font-size:12px}.n{font-size:10px;text-anchor:middle}.a{font-size:11px;"
      "text-anchor:middle;fill:#555}</style>\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"#ffffff\"/>\n";
  svg += label(kLeft, 26,
               "Schedule " + std::string(name(pipeline.schedule)) + ": " +
                   std::to_string(pipeline.stages) + " stages, " +
                   std::to_string(pipeline.micro_batches) + " micro-batches",
               "class=\"t\"");
  svg += label(kLeft, 47,
               "span " + seconds(timeline.span) + ", of it bubble " + seconds(timeline.bubble) +
                   text(" (%.1f %%)", 100 * timeline.bubble / span, 0),
               "class=\"l\"");
  for (std::size_t device = 0; device < timeline.devices.size(); ++device) {
    const double y = kTop + static_cast<double>(device) * (kRow + kGap);
    svg += label(12, y + 17, "device " + std::to_string(device), "class=\"l\"");
    svg += text("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#f1f1f1\"/>\n",
                kLeft, y, width, kRow);
    for (const Event& event : timeline.devices[device]) {
      svg += box(event, pipeline.stages, kLeft + event.start * scale, y,
                 (event.end - event.start) * scale);
    }
  }
  const double step = tick_step(span);
  for (double at = 0; at <= span * (1 + 1e-9); at += step) {
    const double x = kLeft + at * scale;
    svg += text("<path d=\"M%.1f %.1f v5\" stroke=\"#888\"/>\n", x, bottom);
    svg += label(x, bottom + 18, seconds(at), "class=\"a\"");
  }
  return svg + legend(pipeline, bottom + 40) + "</svg>\n";
}

}  // namespace r1::plan
