// Curves of a run's metrics, drawn.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace r1 {

struct Point {
  double x, y;
};

struct Curve {
  std::string name;
  std::vector<Point> points;  // in the order they are joined in
};

struct CurvesOptions {
  std::string title, x_label = "step";
  std::int64_t smooth = 1;  // each point drawn is the mean of so many up to it
};

/// One curve of a text that has a JSON object a line: of each line that has both, the number under
/// the key `x` and that under `y`, which may be several keys with + between (the first that is
/// there). Throws Error, naming `where`, for lines that are no JSON objects and if no point is
/// found.
Curve read_curve(std::string_view lines, const std::string& x, const std::string& y,
                 const std::string& where);

/// An SVG picture of all curves over common axes. Curves of few points show each of them. Throws
/// Error without any finite point.
std::string curves_svg(const std::vector<Curve>& curves, const CurvesOptions& options);

}  // namespace r1
