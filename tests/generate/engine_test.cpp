#include "generate/engine.h"

#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/threads.h"
#include "formats/convert/convert.h"
#include "formats/json.h"
#include "generate/byte_tokenizer.h"
#include "kernels/elementwise.h"
#include "kernels/isa.h"
#include "models/tiny_model.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

const fs::path kGoldens = fs::path(R1_SHARED) / "goldens";
constexpr int kVocab = 300;

/// A random Llama in a folder that lives as long as the test program.
const fs::path& tiny_llama() {
  static const TemporaryFolder folder;
  static const fs::path path = [] {
    write_tiny_llama(folder / "tiny", kVocab);
    return folder / "tiny";
  }();
  return path;
}

Engine make_engine(const fs::path& path, const EngineOptions& options = {},
                   const LoadOptions& load = {}) {
  return {Model::load(Checkpoint::open(path), load), std::nullopt, options};
}

std::vector<int> random_prompt(std::size_t size, std::uint64_t seed) {
  std::vector<int> ids(size);
  Random random(seed, 0);
  for (int& id : ids) id = static_cast<int>(random.below(250));
  return ids;
}

GenerateOptions drawing(std::int64_t tokens, double temperature = 1.0) {
  GenerateOptions options;
  options.sampling = {.temperature = temperature, .top_p = 1.0, .seed = 3};
  options.max_tokens = tokens;
  return options;
}

/// Ids and log-probabilities; the latter as bits, so that equal means equal.
std::vector<std::uint32_t> bits_of(const Answer& answer) {
  std::vector<std::uint32_t> bits;
  for (const Sample& sample : answer.samples) {
    bits.push_back(static_cast<std::uint32_t>(sample.id));
    bits.push_back(std::bit_cast<std::uint32_t>(sample.logprob));
  }
  return bits;
}

std::vector<std::vector<std::uint32_t>> bits_of(const std::vector<Answer>& answers) {
  std::vector<std::vector<std::uint32_t>> all;
  for (const Answer& answer : answers) all.push_back(bits_of(answer));
  return all;
}

class WithThreads {
 public:
  explicit WithThreads(int count) { set_threads(count); }
  ~WithThreads() { set_threads(2); }
};

/// One answer alone, among others, by other chunks, threads and layouts of the weights.
void expect_the_same_bits_everywhere(const fs::path& path, LoadOptions load, std::size_t others) {
  const std::vector<int> prompt = random_prompt(37, 1);
  const GenerateOptions options = drawing(8);
  const auto alone = bits_of(make_engine(path, {}, load).generate(prompt, options)[0]);
  ASSERT_EQ(alone.size(), 16U);
  std::vector<std::vector<int>> crowd = {prompt};
  for (std::size_t i = 1; i <= others; ++i) crowd.push_back(random_prompt(i * 2 - 1, i));
  const WithThreads one(1);
  for (const std::int64_t chunk : {1, 17}) {
    Engine engine = make_engine(path, {.chunk = chunk}, load);
    EXPECT_EQ(bits_of(engine.generate(prompt, options)[0]), alone) << chunk;
  }
  load.pack = false;
  Engine mapped = make_engine(path, {.chunk = 64}, load);
  EXPECT_EQ(bits_of(mapped.generate_each(crowd, options)[0]), alone);
}

/// All instruction sets and cache types.
void expect_the_same_bits_everywhere(const fs::path& path) {
  for (const Isa isa : available_isas()) {
    set_isa(isa);
    for (const DType cache : {DType::bf16, DType::f32, DType::q8_0}) {
      if (isa == Isa::reference && cache != DType::bf16) continue;
      SCOPED_TRACE(path.string() + " " + std::string(name(isa)) + " " + std::string(name(cache)));
      const auto shape = Model::load(Checkpoint::open(path), {})->cache_shape();
      if (shape.row_elements % info(cache).block != 0) continue;
      expect_the_same_bits_everywhere(path, {.cache_type = cache}, isa == Isa::reference ? 2 : 31);
    }
  }
}

TEST(Determinism, an_answer_has_the_same_bits_whatever_it_is_computed_with) {
  expect_the_same_bits_everywhere(tiny_llama());
}

TEST(Determinism, holds_for_every_weight_type) {
  const TemporaryFolder folder;
  for (const char* type : {"bf16", "f16", "q8_0", "q4_0", "q4_1", "q5_0", "q5_1"}) {
    const fs::path path = folder / (std::string(type) + ".gguf");
    convert({.source = tiny_llama(),
             .target = path,
             .format = type,
             .tokenizer = {},
             .note = [](auto&) {}});
    for (const Isa isa : available_isas()) {
      if (isa == Isa::reference) continue;
      set_isa(isa);
      SCOPED_TRACE(std::string(type) + " " + std::string(name(isa)));
      expect_the_same_bits_everywhere(path, {}, 7);
    }
  }
}

TEST(Determinism, holds_for_every_architecture) {
  if (!fs::exists(kGoldens / "models")) GTEST_SKIP() << "needs the folder of R1_SHARED";
  for (const auto& entry : fs::directory_iterator(kGoldens / "models")) {
    for (const Isa isa : available_isas()) {
      if (isa == Isa::reference) continue;
      set_isa(isa);
      SCOPED_TRACE(entry.path().string() + " " + std::string(name(isa)));
      expect_the_same_bits_everywhere(entry.path(), {}, 3);
    }
  }
}

TEST(Engine, answers_that_share_a_prompt_are_those_of_the_prompt_given_again_and_again) {
  for (const std::size_t length : {1, 37, 128, 150}) {
    const std::vector<int> prompt = random_prompt(length, 4);
    const auto together = make_engine(tiny_llama()).generate(prompt, drawing(20), 5);
    const auto apart = make_engine(tiny_llama())
                           .generate_each(std::vector<std::vector<int>>(5, prompt), drawing(20));
    EXPECT_EQ(bits_of(together), bits_of(apart));
    EXPECT_NE(together[0].ids, together[1].ids);
  }
}

TEST(Engine, a_conversation_goes_on_from_its_cache_with_the_bits_of_one_that_does_not) {
  Engine engine = make_engine(tiny_llama());
  std::vector<int> prompt = random_prompt(100, 5);
  const Answer first = engine.generate(prompt, drawing(60)).front();
  EXPECT_EQ(first.reused_tokens, 0);
  prompt.insert(prompt.end(), first.ids.begin(), first.ids.end());
  std::vector<int> other = prompt;
  prompt.push_back(7);
  const Answer second = engine.generate(prompt, drawing(20)).front();
  EXPECT_EQ(second.reused_tokens, 159);  // what the last answer was computed from
  EXPECT_EQ(bits_of(second),
            bits_of(make_engine(tiny_llama()).generate(prompt, drawing(20)).front()));
  other[50] += 1;  // within the first page
  const Answer third = engine.generate(other, drawing(20)).front();
  EXPECT_EQ(third.reused_tokens, 50);
  EXPECT_EQ(bits_of(third),
            bits_of(make_engine(tiny_llama()).generate(other, drawing(20)).front()));
}

TEST(Engine, what_is_kept_of_a_conversation_gives_way_to_others) {
  Engine engine = make_engine(tiny_llama(), {.cache_tokens = 256});
  engine.generate(random_prompt(150, 5), drawing(20));
  const std::vector<int> prompt = random_prompt(200, 6);  // needs both pages
  EXPECT_EQ(bits_of(engine.generate(prompt, drawing(20)).front()),
            bits_of(make_engine(tiny_llama()).generate(prompt, drawing(20)).front()));
}

TEST(Engine, the_probability_of_a_drawn_token_is_the_one_that_scoring_finds) {
  const std::vector<int> prompt = random_prompt(30, 5);
  for (const double temperature : {0.0, 1.0}) {
    Engine engine = make_engine(tiny_llama());
    const Answer answer = engine.generate(prompt, drawing(40, temperature))[0];
    std::vector<int> text = prompt;
    text.insert(text.end(), answer.ids.begin(), answer.ids.end());
    engine.score({text, prompt}, 19, false,
                 [&](std::size_t which, std::int64_t position, std::span<const float> logits) {
                   const auto next = static_cast<std::size_t>(position) + 1;
                   if (which != 0 || next < prompt.size() || next >= text.size()) return;
                   const double total = log_sum_exp(logits.data(), kVocab);
                   const Sample& sample = answer.samples[next - prompt.size()];
                   const float logit = logits[static_cast<std::size_t>(sample.id)];
                   EXPECT_EQ(sample.logprob,
                             static_cast<float>(static_cast<double>(logit) - total));
                 });
  }
}

TEST(Engine, answers_that_do_not_fit_the_cache_together_take_turns) {
  const std::vector<int> prompt = random_prompt(100, 6);
  const auto roomy = make_engine(tiny_llama()).generate(prompt, drawing(60), 8);
  for (const std::int64_t tokens : {256, 512, 1024}) {
    Engine engine = make_engine(tiny_llama(), {.cache_tokens = tokens});
    EXPECT_EQ(bits_of(engine.generate(prompt, drawing(60), 8)), bits_of(roomy)) << tokens;
  }
  Engine few = make_engine(tiny_llama(), {.sequences = 3});
  EXPECT_EQ(bits_of(few.generate(prompt, drawing(60), 8)), bits_of(roomy));
  std::vector<std::vector<int>> prompts;
  for (std::size_t i = 0; i < 8; ++i) prompts.push_back(random_prompt(20 * i + 1, i));
  const auto each = make_engine(tiny_llama()).generate_each(prompts, drawing(60));
  Engine tight = make_engine(tiny_llama(), {.chunk = 50, .cache_tokens = 384});
  EXPECT_EQ(bits_of(tight.generate_each(prompts, drawing(60))), bits_of(each));
}

TEST(Engine, an_answer_that_does_not_fit_the_cache_at_all_is_an_error) {
  Engine engine = make_engine(tiny_llama(), {.context_length = 256, .cache_tokens = 128});
  EXPECT_THROW(engine.generate(random_prompt(100, 6), drawing(60), 2), Error);
  EXPECT_EQ(engine.generate(random_prompt(100, 6), drawing(20))[0].ids.size(), 20U);
}

TEST(Engine, the_context_ends_an_answer) {
  Engine engine = make_engine(tiny_llama(), {.context_length = 40});
  for (const Speculation speculation : {Speculation::none, Speculation::lookup}) {
    GenerateOptions options = drawing(1000, 0);
    options.speculation = speculation;
    const Answer answer = engine.generate(random_prompt(30, 7), options)[0];
    EXPECT_EQ(answer.ids.size(), 10U);
    EXPECT_EQ(answer.finish_reason, "length");
  }
  EXPECT_THROW(engine.generate(random_prompt(40, 7), drawing(1)), Error);
  EXPECT_EQ(engine.generate(random_prompt(39, 7), drawing(9))[0].ids.size(), 1U);
}

TEST(Engine, a_callback_that_says_no_cancels_its_answer_alone) {
  Engine engine = make_engine(tiny_llama());
  std::vector<int> calls(3);
  const auto answers = engine.generate(random_prompt(9, 8), drawing(12), 3,
                                       [&](std::size_t answer, const GeneratedToken&) {
                                         ++calls[answer];
                                         return answer != 1 || calls[1] < 4;
                                       });
  EXPECT_EQ(calls, (std::vector<int>{12, 4, 12}));
  EXPECT_EQ(answers[1].finish_reason, "cancelled");
  EXPECT_EQ(answers[1].ids.size(), 4U);
  EXPECT_EQ(answers[2].finish_reason, "length");
}

TEST(Engine, gives_the_most_probable_tokens_that_were_asked_for) {
  GenerateOptions options = drawing(5);
  options.top_logprobs = 7;
  const Answer answer = make_engine(tiny_llama()).generate(random_prompt(9, 9), options)[0];
  for (const Sample& sample : answer.samples) {
    ASSERT_EQ(sample.top.size(), 7U);
    EXPECT_GE(sample.top[0].logprob, sample.logprob);
  }
}

TEST(Engine, what_is_shown_piece_by_piece_is_the_text) {
  Engine engine(Model::load(Checkpoint::open(tiny_llama()), {}), byte_tokenizer(), {});
  GenerateOptions options = drawing(100);
  options.stop = {"a", "bc"};
  std::vector<std::string> shown(6);
  const auto answers =
      engine.generate({1}, options, 6, [&](std::size_t i, const GeneratedToken& t) {
        shown[i] += t.text;
        return true;
      });
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(shown[i], answers[i].text);
    EXPECT_EQ(shown[i].find('a'), std::string::npos);
  }
}

TEST(Engine, requests_that_make_no_sense_are_refused) {
  Engine engine = make_engine(tiny_llama());
  EXPECT_THROW(engine.generate({}, drawing(1)), Error);
  EXPECT_THROW(engine.generate({kVocab}, drawing(1)), Error);
  EXPECT_THROW(engine.generate({-1}, drawing(1)), Error);
  EXPECT_THROW(engine.generate({1}, drawing(0)), Error);
  GenerateOptions predicting = drawing(1);
  predicting.speculation = Speculation::prediction;
  EXPECT_THROW(engine.generate({1}, predicting), Error);
  const auto nothing = [](std::size_t, std::int64_t, std::span<const float>) {};
  EXPECT_THROW(engine.score({{}}, 1, false, nothing), Error);
  EXPECT_THROW(engine.score({{1, kVocab}}, 1, false, nothing), Error);
  EXPECT_THROW(engine.score({random_prompt(257, 1)}, 512, false, nothing), Error);
  EXPECT_TRUE(engine.generate({1}, drawing(1), 0).empty());
  EXPECT_TRUE(engine.generate_each({}, drawing(1)).empty());
}

TEST(Engine, a_request_that_is_refused_leaves_nothing_behind) {
  const Tokenizer tokenizer = byte_tokenizer();
  Engine engine(Model::load(Checkpoint::open(tiny_llama()), {}), tokenizer, {});
  const auto grammar = std::make_shared<Grammar>();
  const Grammar::Rule endless = grammar->add_rule();
  grammar->add(endless, {Grammar::use(endless), grammar->one_of({})});
  GenerateOptions options = drawing(5);
  options.grammar = {grammar, std::make_shared<const TokenTree>(tokenizer)};
  EXPECT_THROW(engine.generate({1}, options), Error);
  EXPECT_EQ(engine.load().requests, 0);
}

TEST(Engine, scoring_gives_every_position_once_and_in_order_whatever_the_batch) {
  Engine engine = make_engine(tiny_llama());
  const std::vector<std::vector<int>> texts = {random_prompt(50, 1), {5}, random_prompt(130, 2)};
  const auto logits_of = [&](const std::vector<std::vector<int>>& some, std::int64_t chunk) {
    std::vector<std::vector<float>> all(some.size());
    engine.score(some, chunk, false,
                 [&](std::size_t text, std::int64_t position, std::span<const float> logits) {
                   EXPECT_EQ(static_cast<std::size_t>(position) * kVocab, all[text].size());
                   all[text].insert(all[text].end(), logits.begin(), logits.end());
                 });
    return all;
  };
  const auto together = logits_of(texts, 512);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(together[i].size(), texts[i].size() * kVocab);
    EXPECT_EQ(logits_of({texts[i]}, 7)[0], together[i]);
  }
}

}  // namespace
}  // namespace r1
