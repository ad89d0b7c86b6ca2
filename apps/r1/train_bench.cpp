#include "train_bench.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/stopwatch.h"
#include "base/threads.h"
#include "kernels/isa.h"
#include "kernels/machine.h"
#include "learn/batches.h"
#include "learn/gradient_lanes.h"
#include "learn/language_loss.h"
#include "statistics.h"

namespace r1::app {
namespace {

std::vector<std::vector<int>> random_documents(const TrainBenchOptions& options,
                                               std::int64_t vocab) {
  Random random(1, 0);
  std::vector<std::vector<int>> documents(static_cast<std::size_t>(options.documents));
  for (auto& document : documents) {
    for (std::int64_t t = 0; t < options.tokens; ++t) {
      document.push_back(static_cast<int>(random.below(static_cast<std::uint64_t>(vocab))));
    }
  }
  return documents;
}

/// Of a step: each multiplication with a weight comes three times, forward, for the input's
/// gradient and for the weight's; those of attention with each position that a token sees likewise.
/// What is computed again doesn't count.
double operations(const Model& model, const TrainBenchOptions& options) {
  const TokenCost cost = model.token_cost();
  const double head = static_cast<double>(model.head().out() * model.head().in());
  const double seen = static_cast<double>(options.tokens + 1) / 2;
  const double multiplications =
      cost.layer_multiplications + head + cost.position_multiplications * seen;
  return 6 * multiplications * static_cast<double>(options.documents * options.tokens);
}

/// Seconds that the gradients of a step took.
struct Gradients {
  double forward = 0, backward = 0;
};

/// As r1 train does it: so many documents at a time as a micro-batch holds. Micro-batches may be
/// computed side by side: the time is parted as the threads' time was.
Gradients accumulate(const Model& model, std::span<const std::vector<int>> documents,
                     bool recompute) {
  const auto tokens = static_cast<std::int64_t>(documents[0].size());
  const auto together = static_cast<std::size_t>(
      std::max<std::int64_t>(1, BatchOptions().micro_batch_tokens / tokens));
  const auto all = static_cast<std::int64_t>(documents.size()) * (tokens - 1);
  std::atomic<double> forward_seconds = 0;
  PackedOptions packing;
  packing.recompute = recompute;
  const Stopwatch watch;
  const std::size_t count = (documents.size() + together - 1) / together;
  const int at_a_time = accumulate_gradients(model.parameters(), count, [&](std::size_t i) {
    const Stopwatch own;
    const std::size_t first = i * together;
    const auto some = documents.subspan(first, std::min(together, documents.size() - first));
    const auto pass = std::make_shared<PackedPass>(model, some, packing);
    const MicroLoss part = {next_token_loss(*pass, {}, all), pass};
    forward_seconds += own.seconds();
    return part;
  });
  const double seconds = watch.seconds();
  const double forward = forward_seconds / at_a_time;
  return {forward, seconds - forward};
}

double peak_memory_gb() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e9;
}

}  // namespace

void read_batch_shape(const std::string& text, TrainBenchOptions& options) {
  const char* end = text.data() + text.size();
  const auto [middle, first_error] = std::from_chars(text.data(), end, options.documents);
  const bool times = first_error == std::errc() && middle != end && *middle == 'x';
  const auto [last, second_error] = std::from_chars(times ? middle + 1 : end, end, options.tokens);
  constexpr std::int64_t kMost = std::int64_t{1} << 20;
  if (!times || second_error != std::errc() || last != end || options.documents < 1 ||
      options.documents > kMost || options.tokens < 2 || options.tokens > kMost) {
    throw Error("--train", "'" + text + "' is no number of documents and of tokens of each",
                "give it like 1x2048");
  }
}

nlohmann::ordered_json train_bench(const TrainBenchOptions& options) {
  const LearningModel learning = load_learning_model(options.learning);
  const Model& model = learning.model();
  const auto documents = random_documents(options, model.config().vocab);
  Optimizer optimizer(model.parameters(), options.optimizer);
  const double tokens = static_cast<double>(options.documents * options.tokens);
  const double work = operations(model, options);
  const DType type = options.learning.dtype == "f32" ? DType::f32 : DType::bf16;
  std::vector<double> forward, backward, update, step, peak, share;
  for (int i = 0; i <= options.repetitions; ++i) {
    const double limit = matrix_peak_gflops(type);
    const Gradients gradients = accumulate(model, documents, options.learning.recompute);
    const Stopwatch watch;
    optimizer.step(1e-5);
    const double updated = watch.seconds();
    if (i == 0) continue;  // memory and caches are new
    forward.push_back(gradients.forward);
    backward.push_back(gradients.backward);
    update.push_back(updated);
    step.push_back(gradients.forward + gradients.backward + updated);
    peak.push_back(limit);
    share.push_back(limit > 0 ? work / step.back() / limit / 1e9 : 0.0);
  }
  return {{"documents", options.documents},
          {"tokens", options.tokens},
          {"train_tps", tokens / median(step)},
          {"forward_tps", tokens / median(forward)},
          {"backward_tps", tokens / median(backward)},
          {"optimizer_tps", tokens / median(update)},
          {"step_seconds", median(step)},
          {"operations", work},
          {"matrix_peak_gflops", median(peak)},
          {"train_share", median(share)},
          {"peak_memory_gb", peak_memory_gb()},
          {"isa", name(active_isa())},
          {"threads", threads().size()}};
}

void print_train_bench(const nlohmann::ordered_json& result) {
  std::printf("%-28s %12s\n", "test", "tokens/s");
  const auto line = [&](const char* test, const char* key) {
    std::printf("%-28s %12.1f\n", test, result[key].get<double>());
  };
  line("forward", "forward_tps");
  line("backward", "backward_tps");
  line("optimizer", "optimizer_tps");
  line("whole step", "train_tps");
  std::printf("%.0f %% of %.0f Gop/s, at most %.2f GB of memory\n",
              100 * result["train_share"].get<double>(), result["matrix_peak_gflops"].get<double>(),
              result["peak_memory_gb"].get<double>());
}

}  // namespace r1::app
