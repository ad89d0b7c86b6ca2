// r1 plan: memory, time, money and energy of training or serving a model on a cluster.
#include "plan/plan.h"

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "command.h"
#include "formats/json.h"
#include "plan/timeline_svg.h"
#include "plan_lookup.h"
#include "plan_report.h"

namespace r1::app {
namespace {

struct PlanOptions {
  CommonOptions common;
  std::string file, model, cluster, timeline, schedule, recompute, precision;
  std::vector<std::string> assume;
  std::vector<double> times;
  double tokens = 0, price = -1;
  std::int64_t sequence = 0, batch = 0;
  std::int64_t tensor = 0, pipeline = 0, expert = 0, virtual_stages = 0, micro_batches = 0;
  std::int64_t context = 0, prompt = 0, instance = 0;
  double weight_bytes = 0;
  bool sources = false;
};

void set_if(std::int64_t given, std::int64_t& value) {
  if (given > 0) value = given;
}

plan::Description describe(const PlanOptions& options) {
  const plan::Lookup lookup = plan_lookup();
  plan::Description d;
  if (!options.file.empty()) {
    d = plan::read_description(options.file, lookup);
  } else if (options.model.empty() || options.cluster.empty()) {
    throw Error("r1 plan", "it needs a model and a cluster",
                "give a TOML file, or --model NAME and --cluster NAME");
  }
  if (!options.model.empty()) plan::use_model(d, options.model, lookup);
  if (!options.cluster.empty()) d.cluster = lookup.cluster(options.cluster);
  return d;
}

/// Options win over the file and over what was published.
void apply(const PlanOptions& options, plan::Description& d) {
  if (options.tokens > 0) d.run.tokens = options.tokens;
  if (options.sequence > 0) {
    // As many tokens a step as before, if the batch isn't given too.
    d.run.batch = std::max<std::int64_t>(1, d.run.batch * d.run.sequence / options.sequence);
    d.run.sequence = options.sequence;
  }
  set_if(options.batch, d.run.batch);
  if (!options.precision.empty()) d.run.precision = plan::parse_precision(options.precision);
  if (options.price >= 0) d.cluster.device.dollars_per_hour = options.price;
  if (!options.schedule.empty()) {
    d.schedule = d.layout.schedule = plan::parse_schedule(options.schedule);
    if (*d.schedule != plan::Schedule::interleaved) d.layout.virtual_stages = 1;
  }
  if (!options.recompute.empty()) d.layout.recompute = plan::parse_recompute(options.recompute);
  set_if(options.tensor, d.layout.tensor);
  set_if(options.pipeline, d.layout.pipeline);
  set_if(options.expert, d.layout.expert);
  set_if(options.virtual_stages, d.layout.virtual_stages);
  if (options.tensor + options.pipeline + options.expert + options.virtual_stages > 0) {
    d.layout_given = true;
    d.source.clear();
  }
  set_if(options.context, d.serving.context);
  set_if(options.prompt, d.serving.prompt);
  set_if(options.instance, d.serving.instance);
  if (options.weight_bytes > 0) d.serving.weight_bytes = options.weight_bytes;
  for (const std::string& pair : options.assume) {
    const std::size_t equals = pair.find('=');
    double value = 0;
    try {
      if (equals == std::string::npos) throw std::invalid_argument(pair);
      value = std::stod(pair.substr(equals + 1));
    } catch (const std::logic_error&) {
      throw Error("--assume " + pair, "it isn't NAME=NUMBER", "r1 plan --sources lists the names");
    }
    plan::set_assumption(d.assumptions, pair.substr(0, equals), value);
  }
}

void write_timeline(const std::string& path, const plan::Pipeline& pipeline,
                    const plan::Timeline& timeline) {
  if (!path.empty()) write_file(path, plan::timeline_svg(pipeline, timeline));
}

/// Only the schedule, of chunks that take the given times.
void plan_schedule(const PlanOptions& options) {
  plan::Pipeline pipeline;
  pipeline.schedule = plan::parse_schedule(options.schedule.empty() ? "1f1b" : options.schedule);
  set_if(options.pipeline, pipeline.stages);
  set_if(options.virtual_stages, pipeline.virtual_stages);
  pipeline.micro_batches = options.micro_batches > 0 ? options.micro_batches : 2 * pipeline.stages;
  const auto time = [&](std::size_t i, double otherwise) {
    return i < options.times.size() ? options.times[i] : otherwise;
  };
  plan::ChunkTimes& times = pipeline.times;
  times.forward = time(0, 1);
  times.backward = time(1, 2 * times.forward);
  times.weight = time(2, times.backward / 2);
  times.overlapped = time(3, times.forward + times.backward);
  if (!(times.forward > 0 && times.weight > 0 && times.backward > times.weight &&
        times.overlapped > 0 && times.forward + times.backward + times.overlapped < 1e12)) {
    throw Error("--times",
                "forward, backward, its weights' part and both overlapped must be "
                "positive, and the weights' part less than the backward");
  }
  if (pipeline.stages * pipeline.micro_batches * pipeline.virtual_stages > 4'000'000) {
    throw Error("r1 plan", "more than four million events are too many to simulate");
  }
  const plan::Timeline timeline = plan::simulate(pipeline);
  write_timeline(options.timeline, pipeline, timeline);
  if (options.common.json) {
    std::cout << json_text(schedule_json(pipeline, timeline)) << '\n';
    return;
  }
  std::printf("%s, %lld stages, %lld micro-batches: span %g, bubble %g (%.2f %%), by formula %g\n",
              std::string(plan::name(pipeline.schedule)).c_str(),
              static_cast<long long>(pipeline.stages),
              static_cast<long long>(pipeline.micro_batches), timeline.span, timeline.bubble,
              100 * timeline.bubble / timeline.span, plan::bubble_formula(pipeline));
}

void plan_all(const PlanOptions& options) {
  plan::Description d = describe(options);
  apply(options, d);
  const plan::Plan result = plan::make_plan(d);
  plan::Pipeline shown = result.training.pipeline;
  shown.micro_batches = result.training.timeline_micro_batches;
  write_timeline(options.timeline, shown, result.training.timeline);
  if (options.common.json) {
    std::cout << json_text(plan_json(d, result)) << '\n';
  } else {
    print_plan(d, result, options.sources);
  }
}

}  // namespace

void add_plan(CLI::App& program) {
  CLI::App& command = *program.add_subcommand(
      "plan", "memory, time, money and energy of training and serving a model on a cluster");
  const auto o = std::make_shared<PlanOptions>();
  add_common_options(command, o->common,
                     "r1 plan --model deepseek-v3 --cluster h800-2048 --timeline pipeline.svg\n"
                     "  r1 plan --times 1,2,1,3 --schedule dualpipe --pipeline 8 "
                     "--micro-batches 20");
  command.add_option("file", o->file, "model, cluster, run and layout as TOML (docs/plan.md)");
  command.add_option("--model", o->model,
                     "deepseek-v3, deepseek-v2, deepseek-67b, llama-3.1-405b, a shape of r1 bench, "
                     "or a folder with config.json");
  command.add_option("--cluster", o->cluster,
                     "h800-N, h100-N, a100-N, 4090-N with N devices, laptop, this");
  command.add_option("--tokens", o->tokens, "tokens to train on")->check(CLI::PositiveNumber);
  command.add_option("--sequence", o->sequence, "tokens a sequence")
      ->check(CLI::Range(1, 10'000'000));
  command.add_option("--batch", o->batch, "sequences a step")->check(CLI::Range(1, 100'000'000));
  command.add_option("--precision", o->precision, "of the products: bf16 or fp8");
  command.add_option("--price", o->price, "dollars an hour of a device")
      ->check(CLI::Range(0.0, 1e6));
  command.add_option("--tensor", o->tensor, "devices that share a layer")
      ->check(CLI::Range(1, 4096));
  command.add_option("--pipeline", o->pipeline, "stages")->check(CLI::Range(1, 4096));
  command.add_option("--expert", o->expert, "devices that share the experts")
      ->check(CLI::Range(1, 65536));
  command.add_option("--virtual-stages", o->virtual_stages, "chunks a device, interleaved only")
      ->check(CLI::Range(1, 4096));
  command.add_option("--schedule", o->schedule, "1f1b, interleaved, zb1p or dualpipe");
  command.add_option("--recompute", o->recompute, "none, selective or full");
  command.add_option("--context", o->context, "serving: tokens kept a user")
      ->check(CLI::Range(1, 100'000'000));
  command.add_option("--prompt", o->prompt, "serving: tokens a prompt")
      ->check(CLI::Range(1, 100'000'000));
  command.add_option("--instance", o->instance, "serving: devices that hold the model once")
      ->check(CLI::Range(1, 10'000'000));
  command.add_option("--weight-bytes", o->weight_bytes, "serving: bytes a parameter")
      ->check(CLI::Range(0.06, 8.0));
  command.add_option("--assume", o->assume, "NAME=NUMBER: another value for an assumption");
  command.add_flag("--sources", o->sources, "print where each assumption was published");
  command.add_option("--timeline", o->timeline, "write the schedule's timeline as SVG");
  auto* times = command.add_option("--times", o->times,
                                   "only simulate the schedule, of chunks that take so long: "
                                   "forward, backward, of it the weights' part, both overlapped");
  times->delimiter(',')->expected(1, 4);
  command.add_option("--micro-batches", o->micro_batches, "with --times")
      ->check(CLI::Range(1, 10'000'000))
      ->needs(times);
  command.callback([o] { o->times.empty() ? plan_all(*o) : plan_schedule(*o); });
}

}  // namespace r1::app
