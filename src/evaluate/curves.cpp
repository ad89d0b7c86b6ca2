#include "evaluate/curves.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

#include "base/error.h"
#include "formats/json.h"

namespace r1 {
namespace {

// Told apart by the colour-blind as well (Okabe and Ito's).
constexpr std::array<const char*, 7> kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                 "#e69f00", "#56b4e9", "#333333"};
constexpr double kWidth = 760, kHeight = 420, kLeft = 64, kRight = 20, kTop = 44, kBottom = 78;
constexpr std::size_t kFewPoints = 40;

std::string svg_text(const char* format, double a, double b = 0, double c = 0, double d = 0) {
  std::array<char, 256> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, a, b, c, d);
  return buffer.data();
}

std::string escaped(const std::string& words) {
  std::string safe;
  for (const char c : words) {
    if (c == '<') {
      safe += "&lt;";
    } else if (c == '&') {
      safe += "&amp;";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string words_at(double x, double y, const std::string& words, const char* kind) {
  return svg_text("<text x=\"%.1f\" y=\"%.1f\" ", x, y) + "class=\"" + kind + "\">" +
         escaped(words) + "</text>\n";
}

/// One direction of the picture: numbers from `least` to `most`, ticks every `step`.
struct Axis {
  double least = std::numeric_limits<double>::infinity();
  double most = -std::numeric_limits<double>::infinity();
  double step = 1;

  void include(double value) {
    least = std::min(least, value);
    most = std::max(most, value);
  }

  /// Ends at ticks of 1, 2 or 5 times a power of ten, about `ticks` of them.
  void round(double ticks) {
    if (most - least < 1e-12 * std::max(1.0, std::abs(most))) most = least + 1;
    const double rough = (most - least) / ticks;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    step = 10 * power;
    for (const double factor : {5.0, 2.0, 1.0}) {
      if (factor * power >= rough) step = factor * power;
    }
    least = std::floor(least / step) * step;
    most = std::ceil(most / step) * step;
  }

  /// 0 at the least, 1 at the most.
  double place(double value) const { return (value - least) / (most - least); }
};

double across(const Axis& axis, double x) {
  return kLeft + axis.place(x) * (kWidth - kLeft - kRight);
}

double down(const Axis& axis, double y) {
  return kHeight - kBottom - axis.place(y) * (kHeight - kTop - kBottom);
}

std::string grid(const Axis& x, const Axis& y, const CurvesOptions& options) {
  std::string svg;
  for (double at = y.least; at <= y.most + y.step / 2; at += y.step) {
    const double height = down(y, at);
    svg += svg_text("<path d=\"M%.1f %.1f H%.1f\" stroke=\"#e4e4e4\"/>\n", kLeft, height,
                    kWidth - kRight);
    const double shown = std::abs(at) < y.step / 1e6 ? 0 : at;
    svg += words_at(kLeft - 8, height + 4, svg_text("%.6g", shown), "y");
  }
  for (double at = x.least; at <= x.most + x.step / 2; at += x.step) {
    const double place = across(x, at);
    svg += svg_text("<path d=\"M%.1f %.1f v5\" stroke=\"#888\"/>\n", place, kHeight - kBottom);
    svg += words_at(place, kHeight - kBottom + 19, svg_text("%.6g", at), "x");
  }
  svg += words_at((kLeft + kWidth - kRight) / 2, kHeight - kBottom + 37, options.x_label, "x");
  return svg + words_at(kLeft, 26, options.title, "t");
}

std::vector<Point> smoothed(const std::vector<Point>& points, std::int64_t smooth) {
  std::vector<Point> all;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::size_t count =
        std::min(i + 1, static_cast<std::size_t>(std::max<std::int64_t>(smooth, 1)));
    double sum = 0;
    for (std::size_t back = 0; back < count; ++back) sum += points[i - back].y;
    all.push_back({points[i].x, sum / static_cast<double>(count)});
  }
  return all;
}

std::string drawn(const std::vector<Point>& points, const char* colour, const Axis& x,
                  const Axis& y) {
  const std::string paint = std::string("=\"") + colour + "\"";
  std::string line, dots;
  for (const Point& point : points) {
    line +=
        svg_text(line.empty() ? "M%.1f %.1f" : " L%.1f %.1f", across(x, point.x), down(y, point.y));
    dots += svg_text("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.2\" ", across(x, point.x),
                     down(y, point.y)) +
            "fill" + paint + "/>\n";
  }
  return "<path d=\"" + line + "\" fill=\"none\" stroke-width=\"2\" stroke" + paint + "/>\n" +
         (points.size() <= kFewPoints ? dots : "");
}

std::optional<double> number_under(const nlohmann::json& line, const std::string& keys) {
  std::size_t from = 0;
  while (from <= keys.size()) {
    const std::size_t end = std::min(keys.find('+', from), keys.size());
    const auto value = line.find(keys.substr(from, end - from));
    if (value != line.end() && value->is_number()) return value->get<double>();
    from = end + 1;
  }
  return std::nullopt;
}

}  // namespace

Curve read_curve(std::string_view lines, const std::string& x, const std::string& y,
                 const std::string& where) {
  Curve curve{.name = y, .points = {}};
  std::int64_t number = 0;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view text = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    ++number;
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string place = where + ", line " + std::to_string(number);
    const nlohmann::json line = parse_json(text, place);
    if (!line.is_object()) throw Error(place, "it is no JSON object", "give a run's metrics.jsonl");
    const std::optional<double> across = number_under(line, x), up = number_under(line, y);
    if (across && up && std::isfinite(*across) && std::isfinite(*up)) {
      curve.points.push_back({*across, *up});
    }
  }
  if (curve.points.empty()) {
    throw Error(where, "no line has numbers under \"" + x + "\" and \"" + y + "\"",
                "name keys that its lines have");
  }
  return curve;
}

std::string curves_svg(const std::vector<Curve>& curves, const CurvesOptions& options) {
  Axis x, y;
  std::vector<std::vector<Point>> all;
  for (const Curve& curve : curves) {
    all.push_back(smoothed(curve.points, options.smooth));
    for (const Point& point : all.back()) {
      x.include(point.x);
      y.include(point.y);
    }
  }
  if (!std::isfinite(x.least) || !std::isfinite(y.least)) {
    throw Error("plot", "there is no point to draw", "name metrics that have numbers");
  }
  // A share is read against nothing and all of it.
  if (y.least >= 0 && y.most <= 1) y.least = 0;
  x.round(10);
  y.round(6);
  std::string svg = svg_text(
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                        "viewBox=\"0 0 %.0f %.0f\">\n",
                        kWidth, kHeight, kWidth, kHeight) +
                    "<style>text{font-family:sans-serif;font-size:12px;fill:#333}.t{font-size:16px;"
                    "font-weight:bold}.x{text-anchor:middle}.y{text-anchor:end}</style>\n"
                    "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n" +
                    grid(x, y, options);
  double legend = kLeft;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const char* colour = kColours[i % kColours.size()];
    svg += drawn(all[i], colour, x, y);
    svg +=
        svg_text("<rect x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"4\" ", legend, kHeight - 22) +
        "fill=\"" + colour + "\"/>\n" + words_at(legend + 20, kHeight - 16, curves[i].name, "l");
    legend += 44 + 6.6 * static_cast<double>(curves[i].name.size());
  }
  return svg + "</svg>\n";
}

}  // namespace r1
