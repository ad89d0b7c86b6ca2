// r1 score: how probable a model finds given tokens.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "command.h"
#include "formats/json.h"
#include "formats/npy.h"
#include "id_lists.h"
#include "kernels/elementwise.h"
#include "learn/packed_pass.h"
#include "load_model.h"
#include "ops/elementwise.h"
#include "ops/tape.h"
#include "ops/token_distribution.h"

namespace r1::app {
namespace {

struct ScoreOptions {
  CommonOptions common;
  ModelOptions model;
  std::string ids, ids_file, logits_folder;
  int top = 0;
  std::size_t batch = 1;
  std::int64_t chunk = 512;
  bool prediction = false, train_forward = false;
};

/// What is gathered of one list while its logits pass by.
struct Scored {
  nlohmann::ordered_json tokens = nlohmann::ordered_json::array();
  double sum = 0.0;
  std::int64_t count = 0;
  std::unique_ptr<NpyWriter> logits;  // written as they come: long texts have gigabytes of them
};

nlohmann::ordered_json most_probable(std::span<const float> logits, double total, int count) {
  std::vector<int> order(logits.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  const auto keep = std::min(order.size(), static_cast<std::size_t>(count));
  const auto value = [&](int id) { return logits[static_cast<std::size_t>(id)]; };
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(keep), order.end(),
      [&](int a, int b) { return value(a) > value(b) || (value(a) == value(b) && a < b); });
  nlohmann::ordered_json top = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < keep; ++i) {
    const float logprob = log_probability(value(order[i]), total);
    top.push_back({{"id", order[i]}, {"logprob", static_cast<double>(logprob)}});
  }
  return top;
}

/// Opens FOLDER/<index>.npy for the logits of a list.
void open_logits(const ScoreOptions& options, const std::vector<int>& text, std::size_t index,
                 std::int64_t vocab, Scored& scored) {
  const auto size = static_cast<std::int64_t>(text.size());
  const std::int64_t shape[] = {options.prediction ? std::max<std::int64_t>(0, size - 1) : size,
                                vocab};
  scored.logits = std::make_unique<NpyWriter>(
      std::filesystem::path(options.logits_folder) / (std::to_string(index) + ".npy"), shape);
}

/// Row `position` of a model's logits says how probable token position + 1 is (+ 2 for the
/// prediction layer); `trained` is that log-probability if it is known already.
void add_position(const ScoreOptions& options, const std::vector<int>& text, std::int64_t position,
                  std::span<const float> logits, Scored& scored,
                  std::optional<float> trained = std::nullopt) {
  if (scored.logits) scored.logits->write(logits);
  const auto next = static_cast<std::size_t>(position) + (options.prediction ? 2 : 1);
  if (next >= text.size()) return;
  const double total = log_sum_exp(logits.data(), static_cast<std::int64_t>(logits.size()));
  const int id = text[next];
  const float logprob =
      trained.value_or(log_probability(logits[static_cast<std::size_t>(id)], total));
  nlohmann::ordered_json token = {{"id", id}, {"logprob", static_cast<double>(logprob)}};
  token["top"] = most_probable(logits, total, options.top);
  scored.tokens.push_back(std::move(token));
  scored.sum += static_cast<double>(logprob);
  ++scored.count;
}

/// Packed as documents are in training, with a tape recording what a backward would need.
void score_as_trained(const ScoreOptions& options, const Engine& engine,
                      const std::vector<std::vector<int>>& texts, std::vector<Scored>& scored) {
  for (const auto& text : texts) {
    if (static_cast<std::int64_t>(text.size()) > engine.context_length()) {
      throw Error("text", "has " + std::to_string(text.size()) + " tokens, and the context holds " +
                              std::to_string(engine.context_length()));
    }
  }
  const Model& model = engine.model();
  Tape tape;
  const Tape::Scope scope(tape);
  const PackedPass pass(model, texts);
  const Tensor trained = pass.log_probabilities();
  const Tape::Pause pause;  // what follows is read out only
  std::int64_t row = 0, next = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto size = static_cast<std::int64_t>(texts[i].size());
    for (std::int64_t position = 0; position < size; ++position, ++row) {
      const std::int64_t rows[] = {row};
      const Tensor logits = model.logits(select_rows(pass.hidden(), rows));
      std::optional<float> known;
      if (position + 1 < size) known = trained.data()[next++];
      add_position(options, texts[i], position, logits.numbers(), scored[i], known);
    }
  }
}

std::vector<std::vector<int>> texts_of(const ScoreOptions& options, const Engine& engine) {
  if (!options.ids.empty()) return {parse_ids(options.ids)};
  if (!options.ids_file.empty()) return read_id_lists(options.ids_file);
  const std::string text{std::istreambuf_iterator<char>(std::cin),
                         std::istreambuf_iterator<char>()};
  if (engine.tokenizer() == nullptr)
    throw Error(options.model.model, "has no tokenizer", "give --ids or --ids-file");
  return {engine.tokenizer()->encode(text)};
}

void print(const ScoreOptions& options, const Scored& scored) {
  const double perplexity =
      scored.count > 0 ? std::exp(-scored.sum / static_cast<double>(scored.count)) : 1.0;
  if (options.common.json) {
    std::cout << json_text(nlohmann::ordered_json{
                     {"tokens", scored.tokens}, {"sum", scored.sum}, {"perplexity", perplexity}})
              << '\n';
  } else {
    std::cout << scored.count << " tokens, log-probability " << scored.sum << ", perplexity "
              << perplexity << '\n';
  }
}

void score(ScoreOptions options) {
  if (options.train_forward && options.prediction) {
    throw Error("--mtp", "is not for --train-forward", "leave out one of them");
  }
  options.model.learns = options.train_forward;
  const LoadedModel loaded = load_model(options.model, static_cast<std::int64_t>(options.batch));
  const auto texts = texts_of(options, *loaded.engine);
  const std::int64_t vocab = loaded.engine->model().config().vocab;
  if (!options.logits_folder.empty()) std::filesystem::create_directories(options.logits_folder);
  for (const auto& text : texts) {
    for (const int id : text) {
      if (id >= vocab)
        throw Error("token ids",
                    std::to_string(id) + " is not in the vocabulary of " + std::to_string(vocab));
    }
  }
  // As many files are open as lists are computed together.
  constexpr std::size_t kOpenFiles = 256;
  const std::size_t together =
      options.logits_folder.empty() ? options.batch : std::min(options.batch, kOpenFiles);
  for (std::size_t first = 0; first < texts.size(); first += together) {
    const std::vector<std::vector<int>> batch(
        texts.begin() + static_cast<std::ptrdiff_t>(first),
        texts.begin() + static_cast<std::ptrdiff_t>(std::min(texts.size(), first + together)));
    std::vector<Scored> scored(batch.size());
    for (std::size_t i = 0; i < batch.size() && !options.logits_folder.empty(); ++i) {
      open_logits(options, batch[i], first + i, vocab, scored[i]);
    }
    if (options.train_forward) {
      score_as_trained(options, *loaded.engine, batch, scored);
    } else {
      loaded.engine->score(
          batch, options.chunk, options.prediction,
          [&](std::size_t text, std::int64_t position, std::span<const float> logits) {
            add_position(options, batch[text], position, logits, scored[text]);
          });
    }
    for (const Scored& list : scored) {
      if (list.logits) list.logits->finish();
      print(options, list);
    }
  }
}

}  // namespace

void add_score(CLI::App& program) {
  auto options = std::make_shared<ScoreOptions>();
  CLI::App* command = program.add_subcommand("score", "token log-probabilities and perplexity");
  add_common_options(*command, options->common, "r1 score -m model.gguf < text.txt");
  add_model_options(*command, options->model);
  command->add_option("--ids", options->ids, "token ids in place of text, like 1,2,3");
  command->add_option("--ids-file", options->ids_file, "a file with a JSON list of ids a line");
  command->add_option("--top", options->top, "also the K most probable tokens of each position")
      ->check(CLI::Range(0, 1 << 20));
  command->add_option("--logits", options->logits_folder,
                      "write each list's logits to FOLDER/0.npy, 1.npy ...");
  command->add_option("--batch", options->batch, "lists computed together")
      ->check(CLI::Range(1, 4096));
  command->add_option("--chunk", options->chunk, "tokens of each list computed in one pass")
      ->check(CLI::Range(1, 1 << 20));
  command->add_flag("--mtp", options->prediction,
                    "the multi-token prediction layer's logits instead");
  command->add_flag("--train-forward", options->train_forward,
                    "compute as in training: the numbers are the same");
  command->callback([options] { score(*options); });
}

}  // namespace r1::app
