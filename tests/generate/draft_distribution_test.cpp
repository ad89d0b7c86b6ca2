// Answers with drafts come from the model's own distribution: their tokens are counted at each
// position and compared with those of plain sampling under other seeds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "base/threads.h"
#include "generate/engine.h"
#include "models/small_models.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

constexpr int kVocab = 5;
constexpr std::int64_t kTokens = 5;

/// Lyndon words in order: each pair of tokens occurs, so that lookup always finds a draft.
std::vector<int> prompt_with_every_pair() {
  std::vector<int> ids;
  for (int first = 0; first < kVocab; ++first) {
    ids.push_back(first);
    for (int second = first + 1; second < kVocab; ++second) {
      ids.push_back(first);
      ids.push_back(second);
    }
  }
  ids.push_back(0);
  return ids;
}

using Texts = std::vector<std::vector<int>>;

GenerateOptions drawing(double temperature, std::uint64_t seed) {
  GenerateOptions options;
  options.sampling = {.temperature = temperature, .top_p = 0.95, .seed = seed};
  options.max_tokens = kTokens;
  return options;
}

Texts plain_texts(Engine& engine, double temperature, std::uint64_t seed) {
  Texts texts;
  for (const Answer& answer :
       engine.generate(prompt_with_every_pair(), drawing(temperature, seed), 2000)) {
    texts.push_back(answer.ids);
  }
  return texts;
}

/// A seed each, as only a sequence that is alone has drafts.
Texts drafted_texts(Engine& engine, Speculation speculation) {
  constexpr std::int64_t kTexts = 1000;
  Texts texts;
  std::int64_t drafted = 0, accepted = 0;
  for (std::uint64_t seed = 0; seed < kTexts; ++seed) {
    GenerateOptions options = drawing(1.0, 1000 + seed);
    options.speculation = speculation;
    options.draft_tokens = 3;
    const Answer answer = engine.generate(prompt_with_every_pair(), options)[0];
    texts.push_back(answer.ids);
    drafted += answer.drafted;
    accepted += answer.accepted;
  }
  EXPECT_GT(drafted, kTexts);
  EXPECT_GT(accepted, kTexts / 8);
  EXPECT_GT(drafted - accepted, kTexts / 4);
  return texts;
}

std::vector<double> counts_at(const Texts& texts, std::size_t position) {
  std::vector<double> counts(kVocab);
  for (const auto& text : texts) ++counts[static_cast<std::size_t>(text.at(position))];
  return counts;
}

/// Pearson's statistic of two samples over the bound that equal distributions hardly ever reach:
/// above 1 they differ. A chi-squared variable of k degrees of freedom exceeds
/// k + 2 sqrt(k x) + 2 x with a probability of at most exp(-x) (Laurent and Massart, 2000, lemma
/// 1); x = 12 leaves 6e-6 for each comparison. Tokens too rare for the statistic to be
/// chi-squared, fewer than 20 in both samples together, count as one.
double excess(const std::vector<double>& a, const std::vector<double>& b) {
  double size_a = 0, size_b = 0;
  for (const double count : a) size_a += count;
  for (const double count : b) size_b += count;
  double statistic = 0, freedom = -1;
  const auto add = [&](double in_a, double in_b) {
    if (in_a + in_b == 0) return;
    const double difference = in_a * std::sqrt(size_b / size_a) - in_b * std::sqrt(size_a / size_b);
    statistic += difference * difference / (in_a + in_b);
    ++freedom;
  };
  double rare_a = 0, rare_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] + b[i] >= 20) {
      add(a[i], b[i]);
    } else {
      rare_a += a[i];
      rare_b += b[i];
    }
  }
  add(rare_a, rare_b);
  constexpr double kX = 12;
  return statistic / (freedom + 2 * std::sqrt(freedom * kX) + 2 * kX);
}

double largest_excess(const Texts& a, const Texts& b) {
  double largest = 0;
  for (std::size_t position = 0; position < kTokens; ++position) {
    largest = std::max(largest, excess(counts_at(a, position), counts_at(b, position)));
  }
  return largest;
}

/// What answers would be if a draft (here the token that is the likeliest at its position) were
/// taken where the draw agrees with it, but drawn again, and not from what is left, where not.
Texts wrongly_accepted(const Texts& draws, const Texts& second_draws) {
  Texts texts = draws;
  for (std::size_t position = 0; position < kTokens; ++position) {
    const auto counts = counts_at(draws, position);
    const auto draft =
        static_cast<int>(std::max_element(counts.begin(), counts.end()) - counts.begin());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (texts[i][position] != draft) texts[i][position] = second_draws[i][position];
    }
  }
  return texts;
}

void expect_the_models_distribution(nlohmann::ordered_json config, Speculation speculation) {
  config["vocab_size"] = kVocab;
  const TemporaryFolder folder;
  write_small_gguf(folder / "model.gguf", config, DType::f32);
  set_threads(1);  // more would wait for each other most of the time
  Engine engine(Model::load(Checkpoint::open(folder / "model.gguf"), {}), std::nullopt,
                {.sequences = 2000});
  const Texts plain = plain_texts(engine, 1.0, 1);
  EXPECT_LT(largest_excess(drafted_texts(engine, speculation), plain), 1.0);
  // The comparison sees what it has to see, and only that.
  const Texts again = plain_texts(engine, 1.0, 2);
  EXPECT_LT(largest_excess(again, plain), 1.0);
  EXPECT_GT(largest_excess(plain_texts(engine, 1.3, 3), plain), 1.0);
  EXPECT_GT(largest_excess(wrongly_accepted(again, plain_texts(engine, 1.0, 4)), plain), 1.0);
  set_threads(2);
}

TEST(Speculation, drafts_from_the_text_leave_the_distribution_as_it_is) {
  auto config = small_config("llama");
  for (const char* size : {"hidden_size", "intermediate_size"}) config[size] = 32;
  config["head_dim"] = 8;
  expect_the_models_distribution(config, Speculation::lookup);
}

TEST(Speculation, drafts_of_the_prediction_layer_leave_the_distribution_as_it_is) {
  auto config = small_config("deepseek_v3");
  for (const char* size : {"hidden_size", "intermediate_size", "moe_intermediate_size",
                           "q_lora_rank", "kv_lora_rank"}) {
    config[size] = 32;
  }
  config["v_head_dim"] = 8;
  config["num_nextn_predict_layers"] = 1;
  expect_the_models_distribution(config, Speculation::prediction);
}

}  // namespace
}  // namespace r1
