// Drafts change how many tokens a pass gives, never which.
#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <vector>

#include "formats/json.h"
#include "generate/engine.h"
#include "models/tiny_model.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

const fs::path kGoldens = fs::path(R1_SHARED) / "goldens";

/// Answers with and without drafts must be equal in ids and in the bits of their probabilities;
/// returns the one with drafts.
Answer expect_equal(const fs::path& path, const std::vector<int>& prompt, GenerateOptions options,
                    const EngineOptions& engine_options) {
  const auto answer = [&](Speculation speculation) {
    options.speculation = speculation;
    Engine engine(Model::load(Checkpoint::open(path), {}), std::nullopt, engine_options);
    return engine.generate(prompt, options)[0];
  };
  const Speculation drafting = options.speculation;
  const Answer plain = answer(Speculation::none), drafted = answer(drafting);
  EXPECT_EQ(plain.ids, drafted.ids);
  for (std::size_t i = 0; i < plain.samples.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(plain.samples[i].logprob),
              std::bit_cast<std::uint32_t>(drafted.samples[i].logprob));
  }
  EXPECT_EQ(plain.drafted, 0);
  return drafted;
}

TEST(Lookup, drafts_what_followed_the_longest_earlier_occurrence) {
  const auto draft = [](std::vector<int> ids, std::int64_t most) {
    return lookup_draft(ids, most);
  };
  EXPECT_EQ(draft({1, 2, 3, 9, 8, 1, 2, 3}, 2), (std::vector<int>{9, 8}));
  EXPECT_EQ(draft({1, 2, 3, 9, 8, 1, 2, 3}, 9), (std::vector<int>{9, 8, 1, 2, 3}));
  EXPECT_EQ(draft({5, 2, 3, 7, 1, 2, 3, 9, 4, 2, 3}, 1), std::vector<int>{9});  // the latest
  EXPECT_EQ(draft({1, 2, 3, 9, 5, 2, 3, 7, 1, 2, 3}, 1), std::vector<int>{9});  // the longest
  EXPECT_EQ(draft({1, 2, 3, 4}, 8), std::vector<int>{});
  EXPECT_EQ(draft({1}, 8), std::vector<int>{});
  EXPECT_EQ(draft({}, 8), std::vector<int>{});
}

TEST(Speculation, drafts_from_the_text_leave_the_answer_as_it_is) {
  const TemporaryFolder folder;
  write_tiny_llama(folder.path(), 40);
  std::vector<int> prompt;
  for (int i = 0; i < 60; ++i) prompt.push_back(i % 6);
  for (const double temperature : {0.0, 0.3, 1.0}) {
    GenerateOptions options;
    options.sampling = {.temperature = temperature, .top_p = 0.95, .seed = 9};
    options.max_tokens = 150;
    options.speculation = Speculation::lookup;
    const Answer answer = expect_equal(folder.path(), prompt, options, {.chunk = 16});
    EXPECT_GT(answer.drafted, 0);
    EXPECT_LE(answer.accepted, answer.drafted);
    if (temperature == 0.0) {
      EXPECT_GT(answer.accepted, 0);
    }
  }
}

TEST(Speculation, drafts_of_the_prediction_layer_leave_the_answer_as_it_is) {
  const fs::path folder = kGoldens / "models" / "deepseek_v3-mtp";
  if (!fs::exists(folder)) GTEST_SKIP() << "needs the folder of R1_SHARED";
  const auto golden = read_json(folder / "golden.json");
  for (const auto& prompt : golden.at("prompts")) {
    for (const std::int64_t chunk : {16, 512}) {
      for (const double temperature : {0.0, 0.5}) {
        GenerateOptions options;
        options.sampling = {.temperature = temperature, .seed = 4};
        options.max_tokens = 80;
        options.speculation = Speculation::prediction;
        const Answer answer = expect_equal(folder, prompt.at("ids").get<std::vector<int>>(),
                                           options, {.chunk = chunk});
        EXPECT_GT(answer.drafted, 40);
      }
    }
  }
}

}  // namespace
}  // namespace r1
