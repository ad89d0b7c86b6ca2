#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "command.h"
#include "evaluate/curves.h"

namespace r1::app {
namespace {

struct PlotOptions {
  CommonOptions common;
  std::vector<std::string> files, metrics, names;
  std::string x = "step", out;
  CurvesOptions curves;
};

void plot(PlotOptions options) {
  std::vector<Curve> curves;
  for (const std::string& file : options.files) {
    const std::string lines = read_file(file);
    for (const std::string& metric : options.metrics) {
      Curve curve = read_curve(lines, options.x, metric, file);
      if (options.files.size() > 1) curve.name = file + ": " + curve.name;
      if (curves.size() < options.names.size()) curve.name = options.names[curves.size()];
      curves.push_back(std::move(curve));
    }
  }
  options.curves.x_label = options.x;
  write_file(options.out, curves_svg(curves, options.curves));
}

}  // namespace

void add_plot(CLI::App& program) {
  CLI::App& command =
      *program.add_subcommand("plot", "draw the curves of runs, from the metrics they wrote");
  const auto options = std::make_shared<PlotOptions>();
  add_common_options(command, options->common,
                     "r1 plot runs/a/metrics.jsonl runs/b/metrics.jsonl -y reward -o reward.svg");
  command.add_option("files", options->files, "files with a JSON object a line")->required();
  command
      .add_option("-y,--metrics", options->metrics,
                  "keys to draw, with commas between; a+b draws b where a line has no a")
      ->required()
      ->delimiter(',');
  command.add_option("-x", options->x, "key to draw them over")->capture_default_str();
  command.add_option("-o,--out", options->out, "the SVG file to write")->required();
  command.add_option("--title", options->curves.title, "words above the picture");
  command.add_option("--names", options->names, "names of the curves, in order, with commas")
      ->delimiter(',');
  command.add_option("--smooth", options->curves.smooth, "draw means of so many points")
      ->check(CLI::Range(1, 1 << 20));
  command.callback([options] { plot(*options); });
}

}  // namespace r1::app
