// r1 bench: tokens a second, and their share of what the machine can do.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/stopwatch.h"
#include "base/threads.h"
#include "command.h"
#include "formats/convert/random_model.h"
#include "formats/json.h"
#include "generate/page_pool.h"
#include "kernels/isa.h"
#include "kernels/machine.h"
#include "load_model.h"
#include "ops/elementwise.h"
#include "statistics.h"
#include "train_bench.h"

namespace r1::app {
namespace {

struct BenchOptions {
  CommonOptions common;
  ModelOptions model;
  std::string random_shape;
  std::int64_t prompt = 512, generate = 128, depth = 0;
  int repetitions = 5;
  std::vector<std::int64_t> batches;
  std::string batch_shape;  // of training
  TrainBenchOptions training;
};

std::vector<int> some_ids(std::int64_t count, std::int64_t vocab) {
  std::vector<int> ids(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ids[i] = static_cast<int>((i * 7919 + 17) % static_cast<std::size_t>(vocab));
  }
  return ids;
}

/// Runs one model's passes on caches of its own.
class Bench {
 public:
  explicit Bench(const Model& model, std::int64_t positions)
      : model_(model), pool_(model.cache_shape(), positions / kPagePositions + 64) {}

  /// Seconds for a prompt of that many tokens, the last one's logits included.
  double prompt(std::int64_t tokens) {
    PooledCache cache(pool_);
    return fill(cache, tokens);
  }
  /// Seconds for `tokens` steps of `sequences` sequences that stand at `depth`.
  double decode(std::int64_t tokens, std::int64_t sequences, std::int64_t depth) {
    std::vector<PooledCache> caches;
    for (std::int64_t s = 0; s < sequences; ++s) {
      caches.emplace_back(pool_);
      if (depth > 0) fill(caches.back(), depth);
    }
    const Stopwatch watch;
    for (std::int64_t i = 0; i < tokens; ++i) {
      Pass pass;
      for (PooledCache& cache : caches) {
        cache.reserve(depth + i + 1);
        pass.add({static_cast<int>((i * 31 + 5) % model_.config().vocab)}, depth + i, cache);
      }
      model_.logits(model_.hidden(pass));
    }
    return watch.seconds();
  }

 private:
  double fill(PooledCache& cache, std::int64_t tokens) {
    cache.reserve(tokens);
    const std::vector<int> ids = some_ids(tokens, model_.config().vocab);
    const Stopwatch watch;
    constexpr std::int64_t kChunk = 512;
    for (std::int64_t at = 0; at < tokens; at += kChunk) {
      Pass pass;
      const std::int64_t end = std::min(tokens, at + kChunk);
      pass.add({ids.begin() + at, ids.begin() + end}, at, cache);
      const Tensor hidden = model_.hidden(pass);
      if (end == tokens)
        model_.logits(select_rows(hidden, std::vector<std::int64_t>{end - at - 1}));
    }
    return watch.seconds();
  }

  const Model& model_;
  PagePool pool_;
};

/// A file that is removed at the end.
struct TemporaryModel {
  std::filesystem::path path;
  ~TemporaryModel() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove(path, ignored);
  }
};

void report(const BenchOptions& options, const nlohmann::ordered_json& result) {
  if (options.common.json) {
    std::cout << json_text(result) << '\n';
    return;
  }
  std::printf("%-28s %12s %12s\n", "test", "tokens/s", "of the limit");
  const auto line = [&](const std::string& test, const char* key, const char* share,
                        const char* limit) {
    std::printf("%-28s %7.1f ± %3.1f %8.0f %% of %s\n", test.c_str(),
                result[key]["mean"].get<double>(), result[key]["std"].get<double>(),
                100 * result[share].get<double>(), limit);
  };
  char bandwidth[64], peak[64];
  std::snprintf(bandwidth, sizeof bandwidth, "%.1f GB/s", result["bandwidth_gbs"].get<double>());
  std::snprintf(peak, sizeof peak, "%.0f Gop/s", result["matrix_peak_gflops"].get<double>());
  line("prompt " + std::to_string(options.prompt), "prompt_tps", "prompt_share", peak);
  line("decode " + std::to_string(options.generate), "decode_tps", "decode_share", bandwidth);
  for (const auto& batch : result["batches"]) {
    std::printf("%-28s %7.1f\n",
                ("decode, " + std::to_string(batch["sequences"].get<int>()) + " sequences").c_str(),
                batch["tps"].get<double>());
  }
}

/// A GGUF file with random weights of the named shape.
void make_random_model(const std::string& shape, const std::string& dtype, TemporaryModel& model) {
  model.path =
      std::filesystem::temp_directory_path() / ("r1-bench-" + std::to_string(::getpid()) + ".gguf");
  RandomModelOptions options;
  options.shape = shape;
  options.format = dtype;
  options.target = model.path;
  write_random_model(options);
}

void bench_training(const BenchOptions& options) {
  TrainBenchOptions training = options.training;
  read_batch_shape(options.batch_shape, training);
  TemporaryModel random;
  training.learning.model = options.model.model;
  training.learning.lora = options.model.lora;
  const std::string& dtype = options.model.dtype;
  if (dtype == "f32" || dtype == "bf16") {
    training.learning.dtype = dtype;
  } else if (dtype != "native") {
    throw Error("--dtype", "'" + dtype + "' is no type to train in", "take bf16 or f32");
  }
  training.repetitions = options.repetitions;
  if (!options.random_shape.empty()) {
    make_random_model(options.random_shape, "bf16", random);
    training.learning.model = random.path.string();
  }
  const auto result = train_bench(training);
  if (options.common.json) {
    std::cout << json_text(result) << '\n';
  } else {
    print_train_bench(result);
  }
}

/// What a token's step reads at the mean depth of the decoded ones.
double bytes_of_a_token(const Model& model, const BenchOptions& options) {
  const double rows =
      static_cast<double>(options.depth) + static_cast<double>(options.generate) / 2;
  const double row = static_cast<double>(model.cache_shape().row_bytes() * model.config().layers);
  return model.token_cost().weight_bytes + row * rows;
}

/// Other users of the machine come and go: a limit is measured beside each run, and the share is
/// the median of the runs' shares.
nlohmann::ordered_json bench_one_sequence(Bench& bench, const Model& model,
                                          const BenchOptions& options) {
  const TokenCost cost = model.token_cost();
  const double token_bytes = bytes_of_a_token(model, options);
  const BandwidthMeter meter;
  std::vector<double> prompt, decode, bandwidth, peak, prompt_share, decode_share;
  bench.prompt(std::min<std::int64_t>(options.prompt, 32));
  for (int i = 0; i < options.repetitions; ++i) {
    peak.push_back(matrix_peak_gflops(cost.type));
    prompt.push_back(static_cast<double>(options.prompt) / bench.prompt(options.prompt));
    prompt_share.push_back(prompt.back() * 2 * cost.layer_multiplications / peak.back() / 1e9);
    const double before = meter.measure();
    decode.push_back(static_cast<double>(options.generate) /
                     bench.decode(options.generate, 1, options.depth));
    bandwidth.push_back((before + meter.measure()) / 2);
    decode_share.push_back(decode.back() * token_bytes / bandwidth.back() / 1e9);
  }
  const auto share = [](double limit, const std::vector<double>& shares) {
    return limit > 0 ? median(shares) : 0.0;  // the reference has no limit of its own
  };
  const Rate prompt_rate = rate_of(prompt), decode_rate = rate_of(decode);
  return {{"prompt_tps", {{"mean", prompt_rate.mean}, {"std", prompt_rate.deviation}}},
          {"decode_tps", {{"mean", decode_rate.mean}, {"std", decode_rate.deviation}}},
          {"bandwidth_gbs", median(bandwidth)},
          {"matrix_peak_gflops", median(peak)},
          {"prompt_share", share(median(peak), prompt_share)},
          {"decode_share", share(median(bandwidth), decode_share)},
          {"isa", name(active_isa())},
          {"threads", threads().size()}};
}

nlohmann::ordered_json bench_batches(Bench& bench, const BenchOptions& options) {
  nlohmann::ordered_json results = nlohmann::ordered_json::array();
  for (const std::int64_t batch : options.batches) {
    std::vector<double> rates;
    rates.reserve(static_cast<std::size_t>(options.repetitions));
    for (int i = 0; i < options.repetitions; ++i) {
      rates.push_back(static_cast<double>(batch * options.generate) /
                      bench.decode(options.generate, batch, options.depth));
    }
    const Rate rate = rate_of(rates);
    results.push_back({{"sequences", batch}, {"tps", rate.mean}, {"std", rate.deviation}});
  }
  return results;
}

void bench(BenchOptions options) {
  if (options.random_shape.empty() && options.model.model.empty()) {
    throw Error("r1 bench", "no model is named", "give -m MODEL or --random SHAPE");
  }
  if (!options.batch_shape.empty()) return bench_training(options);
  TemporaryModel random;
  if (!options.random_shape.empty()) {
    make_random_model(options.random_shape, options.model.dtype, random);
    options.model.dtype = "native";
    options.model.model = random.path.string();
  }
  std::int64_t most = 1;
  for (const std::int64_t batch : options.batches) most = std::max(most, batch);
  const std::int64_t positions = std::max(options.prompt, options.depth + options.generate);
  options.model.context = positions;
  const LoadedModel loaded = load_model(options.model, most);
  const Model& model = loaded.engine->model();
  Bench bench(model, most * (positions + kPagePositions));
  nlohmann::ordered_json result = bench_one_sequence(bench, model, options);
  result["batches"] = bench_batches(bench, options);
  report(options, result);
}

}  // namespace

void add_bench(CLI::App& program) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command =
      program.add_subcommand("bench", "tokens a second, and their share of the machine's limit");
  add_common_options(*command, options->common, "r1 bench -m model.gguf -p 512 -n 128 -t 2 -r 5");
  add_model_options(*command, options->model);
  command->get_option("--model")->required(false);
  command->remove_option(command->get_option("--dtype"));
  command->add_option("--dtype", options->model.dtype,
                      "type of the random weights; with -m, f32 computes in float32");
  command->add_option("--random", options->random_shape,
                      "random weights of a shape in place of a model");
  command->add_option("-p,--prompt", options->prompt, "tokens of the prompt")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("-n,--generate", options->generate, "tokens decoded")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("--depth", options->depth, "tokens of context before decoding")
      ->check(CLI::Range(0, 1 << 20));
  command->add_option("-r,--repetitions", options->repetitions, "runs to average")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_option("--batch", options->batches, "also decode so many sequences together")
      ->delimiter(',')
      ->check(CLI::Range(1, 1 << 12));
  command->add_option("--train", options->batch_shape,
                      "measure whole steps of training on so many documents of so many tokens, "
                      "like 1x2048");
  command->add_flag("--recompute", options->training.learning.recompute,
                    "with --train: keep each layer's input alone");
  add_optimizer_options(*command, options->training.optimizer);
  command->callback([options] { bench(*options); });
}

}  // namespace r1::app
