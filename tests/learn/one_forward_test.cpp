// The log-probability that a token was sampled with is the one that the trainer computes, bit for
// bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/threads.h"
#include "formats/convert/convert.h"
#include "generate/byte_tokenizer.h"
#include "kernels/isa.h"
#include "learn/group_pass.h"
#include "learn/load_options.h"
#include "learn/rollouts.h"
#include "models/small_models.h"
#include "ops/tape.h"
#include "restored_settings.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

std::vector<std::vector<int>> random_prompts(std::size_t count, int vocab, std::uint64_t seed) {
  std::vector<std::vector<int>> prompts(count);
  Random random(seed, 0);
  for (std::size_t i = 0; i < count; ++i) {
    // The longest fill a page of the cache and begin another one.
    prompts[i].resize(i % 4 == 3 ? 120 + i : 1 + 7 * i);
    for (int& id : prompts[i]) {
      id = static_cast<int>(random.below(static_cast<std::uint64_t>(vocab)));
    }
  }
  return prompts;
}

/// Ways to draw, to cut the work, and to compute again what was drawn.
struct Way {
  RolloutOptions rollouts;
  int rollout_threads, training_threads;
  bool recompute;
};

std::vector<Way> ways() {
  std::vector<Way> all(3);
  all[0] = {{}, 2, 1, false};
  all[1] = {{}, 1, 2, true};
  all[1].rollouts.temperature = 0.7;
  all[1].rollouts.top_p = 0.9;
  all[1].rollouts.sequences = 3;
  all[1].rollouts.chunk = 17;
  all[2] = {{}, 2, 2, false};
  all[2].rollouts.temperature = 1.3;
  all[2].rollouts.top_k = 12;
  all[2].rollouts.min_p = 0.02;
  all[2].rollouts.sequences = 7;
  for (Way& way : all) {
    way.rollouts.group = 6;
    way.rollouts.max_tokens = 40;
    way.rollouts.seed = 5;
  }
  return all;
}

/// What the trainer computes of the groups, all packed: answer after answer.
std::vector<float> trained(const Model& model, const std::vector<RolloutGroup>& groups,
                           double temperature, bool recompute) {
  std::vector<PromptAnswers> packed;
  std::vector<const Rollout*> rollouts;
  for (const RolloutGroup& group : groups) {
    packed.push_back({group.prompt, {}});
    for (const Rollout& answer : group.answers) {
      packed.back().answers.push_back(answer.ids);
      rollouts.push_back(&answer);
    }
  }
  Tape tape;
  const Tape::Scope scope(tape);
  const GroupPass pass(model, packed, {.recompute = recompute});
  const Tensor numbers = pass.log_probabilities(distribution_of(rollouts, temperature));
  return {numbers.data(), numbers.data() + numbers.elements()};
}

std::vector<float> sampled(const std::vector<RolloutGroup>& groups) {
  std::vector<float> all;
  for (const RolloutGroup& group : groups) {
    for (const Rollout& answer : group.answers) {
      all.insert(all.end(), answer.log_probabilities.begin(), answer.log_probabilities.end());
    }
  }
  return all;
}

/// Tokens whose two numbers differ in any bit.
std::size_t different(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i])) ++count;
  }
  return count;
}

/// Draws and computes again; returns how many tokens were compared.
std::size_t expect_one_forward(const Model& model, const Way& way, std::size_t prompts) {
  const Tokenizer tokenizer = byte_tokenizer();
  set_threads(way.rollout_threads);
  const auto groups =
      roll_out(model, tokenizer, random_prompts(prompts, model.config().vocab, 1), way.rollouts, 3);
  set_threads(way.training_threads);
  const auto drawn = sampled(groups);
  EXPECT_EQ(different(drawn, trained(model, groups, way.rollouts.temperature, way.recompute)), 0u);
  return drawn.size();
}

std::shared_ptr<const LoraAdapter> random_adapter(const Checkpoint& model, const fs::path& folder) {
  // Changes of about a tenth of the weights in all layers that can have one.
  LoraAdapter adapter = LoraAdapter::create(model, {.rank = 4, .alpha = 8, .targets = {}}, 2);
  std::uint64_t stream = 0;
  for (const auto& [name, change] : adapter.layers()) {
    Tensor b = change.b;
    fill_normal(3, ++stream, 0, {b.data(), static_cast<std::size_t>(b.elements())}, 0.1f);
  }
  fs::create_directories(folder);
  adapter.write(folder, "small");
  return std::make_shared<const LoraAdapter>(LoraAdapter::open(folder));
}

TEST(OneForward, sampled_log_probabilities_are_the_trainers_for_every_architecture) {
  const RestoredSettings restored;
  const TemporaryFolder folder;
  std::size_t tokens = 0;
  for (const std::string type : {"llama", "qwen2", "deepseek_v2", "deepseek_v3"}) {
    for (const DType base : {DType::f32, DType::bf16, DType::q8_0, DType::q4_k}) {
      SCOPED_TRACE(type + " " + std::string(name(base)));
      const fs::path file = folder / (type + std::string(name(base)) + ".gguf");
      write_small_gguf(file, small_config(type), base);
      const Checkpoint checkpoint = Checkpoint::open(file);
      LoadOptions options = base == DType::f32 ? kFloat : kBf16;
      if (is_quantized(base)) {
        options.learn = Learn::adapter;
        options.adapter = random_adapter(checkpoint, folder / (type + "-adapter"));
      }
      const auto model = Model::load(checkpoint, options);
      for (const Way& way : ways()) tokens += expect_one_forward(*model, way, 5);
    }
  }
  EXPECT_GE(tokens, 10000u);
  RecordProperty("tokens", static_cast<int>(tokens));
}

TEST(OneForward, holds_on_every_instruction_set) {
  const RestoredSettings restored;
  const TemporaryFolder folder;
  const Isa before = active_isa();
  for (const Isa isa : available_isas()) {
    set_isa(isa);
    for (const std::string type : {"llama", "deepseek_v3"}) {
      SCOPED_TRACE(type + " " + std::string(name(isa)));
      const fs::path file = folder / (type + ".gguf");
      write_small_gguf(file, small_config(type), DType::bf16);
      const auto model = Model::load(Checkpoint::open(file), kBf16);
      Way way = ways()[1];
      way.rollouts.group = 2;
      way.rollouts.max_tokens = 10;
      expect_one_forward(*model, way, 2);
    }
  }
  set_isa(before);
}

TEST(OneForward, one_bit_of_one_weight_between_rollout_and_training_is_seen) {
  const TemporaryFolder folder;
  for (const std::string type : {"llama", "deepseek_v3"}) {
    SCOPED_TRACE(type);
    const fs::path file = folder / (type + ".gguf");
    write_small_gguf(file, small_config(type), DType::bf16);
    const auto model = Model::load(Checkpoint::open(file), kBf16);
    const Way way = ways()[0];
    const auto groups = roll_out(*model, byte_tokenizer(),
                                 random_prompts(3, model->config().vocab, 1), way.rollouts, 3);
    const auto drawn = sampled(groups);
    EXPECT_EQ(different(drawn, trained(*model, groups, 1.0, false)), 0u);
    Tensor weight = *model->parameters().find("model.layers.0.self_attn.o_proj.weight");
    float& number = weight.data()[7];
    // The lowest of the bits that bf16 keeps.
    number = std::bit_cast<float>(std::bit_cast<std::uint32_t>(number) ^ 0x10000u);
    model->parameters().refresh();
    EXPECT_GT(different(drawn, trained(*model, groups, 1.0, false)), 0u);
    number = std::bit_cast<float>(std::bit_cast<std::uint32_t>(number) ^ 0x10000u);
    model->parameters().refresh();
    EXPECT_EQ(different(drawn, trained(*model, groups, 1.0, false)), 0u);
  }
}

TEST(OneForward, holds_for_a_trained_model_of_135_million_parameters) {
  const fs::path file = fs::path(R1_SHARED) / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf";
  if (std::string(R1_SHARED).empty() || !fs::exists(file)) GTEST_SKIP() << "needs R1_SHARED";
  const Checkpoint checkpoint = Checkpoint::open(file);
  const Tokenizer tokenizer = Tokenizer::open(file);
  const auto model = Model::load(checkpoint, kBf16);
  RolloutOptions options;
  options.group = 4;
  options.max_tokens = 24;
  options.temperature = 0.9;
  options.top_p = 0.95;
  std::vector<std::vector<int>> prompts;
  for (const char* text : {"The capital of France is", "2 + 2 ="}) {
    prompts.push_back(tokenizer.encode(text));
  }
  const auto groups = roll_out(*model, tokenizer, prompts, options, 0);
  EXPECT_EQ(different(sampled(groups), trained(*model, groups, options.temperature, true)), 0u);
}

// The gradients are those of the documents alone: the shared prompt only adds them up earlier.
TEST(GroupPass, gradients_are_those_of_prompts_and_answers_computed_one_by_one) {
  const TemporaryFolder folder;
  for (const std::string type : {"llama", "qwen2", "deepseek_v2", "deepseek_v3"}) {
    SCOPED_TRACE(type);
    const fs::path file = folder / (type + ".gguf");
    write_small_gguf(file, small_config(type), DType::f32);
    const auto model = Model::load(Checkpoint::open(file), kFloat);
    const auto texts = random_prompts(8, model->config().vocab, 7);
    const std::vector<PromptAnswers> groups = {{texts[3], {texts[1], texts[0], texts[2]}},
                                               {texts[4], {texts[5], texts[7]}}};
    const auto gradients = [&](const auto& forward) {
      model->parameters().clear_gradients();
      Tape tape;
      const Tape::Scope scope(tape);
      forward(tape);
      std::map<std::string, std::vector<float>> all;
      for (const Parameter& parameter : model->parameters().all()) {
        const Gradient gradient = parameter.value.gradient();
        all[parameter.name] = {gradient.data(), gradient.data() + gradient.elements()};
      }
      return all;
    };
    std::vector<float> together, apart;
    const auto shared = gradients([&](Tape& tape) {
      const GroupPass pass(*model, groups, {.recompute = true});
      const Tensor numbers = pass.log_probabilities({.temperature = 0.8});
      together = {numbers.data(), numbers.data() + numbers.elements()};
      for (std::int64_t i = 0; i < numbers.elements(); ++i) {
        numbers.gradient().data()[i] = 0.01f * static_cast<float>(1 + i % 5);
      }
      tape.backward();
    });
    const auto alone = gradients([&](Tape& tape) {
      std::int64_t at = 0;
      for (const PromptAnswers& group : groups) {
        for (const auto& answer : group.answers) {
          const std::vector<PromptAnswers> one = {{group.prompt, {answer}}};
          const GroupPass pass(*model, one);
          const Tensor numbers = pass.log_probabilities({.temperature = 0.8});
          apart.insert(apart.end(), numbers.data(), numbers.data() + numbers.elements());
          for (std::int64_t i = 0; i < numbers.elements(); ++i, ++at) {
            numbers.gradient().data()[i] = 0.01f * static_cast<float>(1 + at % 5);
          }
          tape.backward();
        }
      }
    });
    EXPECT_EQ(different(together, apart), 0u);
    for (const auto& [name, want] : alone) {
      double largest = 1e-30, error = 0;
      for (std::size_t i = 0; i < want.size(); ++i) {
        largest = std::max(largest, std::fabs(static_cast<double>(want[i])));
        const double difference = std::fabs(static_cast<double>(want[i] - shared.at(name)[i]));
        if (!(difference <= error)) error = difference;
      }
      EXPECT_LE(error / largest, 2e-5) << name;
    }
  }
}

TEST(Rollouts, each_answer_of_a_run_has_a_random_stream_of_its_own) {
  std::map<std::uint64_t, int> streams;
  for (const std::int64_t step : {0, 1, 2, 100, 1 << 20}) {
    for (std::int64_t prompt = 0; prompt < 40; ++prompt) {
      for (std::int64_t answer = 0; answer < 16; ++answer) {
        ++streams[rollout_stream(step, prompt, answer)];
      }
    }
  }
  EXPECT_EQ(streams.size(), 5u * 40 * 16);
  EXPECT_THROW(rollout_stream(0, 0, 1 << 16), Error);
  EXPECT_THROW(rollout_stream(1 << 24, 0, 0), Error);
}

TEST(Rollouts, answers_are_those_of_their_prompt_step_and_number_alone) {
  const TemporaryFolder folder;
  write_small_gguf(folder / "llama.gguf", small_config("llama"), DType::bf16);
  const auto model = Model::load(Checkpoint::open(folder / "llama.gguf"), kBf16);
  RolloutOptions options;
  options.group = 4;
  options.max_tokens = 30;
  const auto prompts = random_prompts(6, 48, 2);
  const auto roll = [&](const std::vector<std::vector<int>>& some, std::int64_t step,
                        std::int64_t first) {
    return roll_out(*model, byte_tokenizer(), some, options, step, first);
  };
  const auto all = roll(prompts, 7, 0);
  const auto alone = roll({prompts[4]}, 7, 4);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(all[4].answers[i].ids, alone[0].answers[i].ids);
    EXPECT_EQ(all[4].answers[i].log_probabilities, alone[0].answers[i].log_probabilities);
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_NE(all[4].answers[i].ids, all[4].answers[j].ids) << "a group must not be one answer";
    }
  }
  EXPECT_NE(roll(prompts, 8, 0)[4].answers[0].ids, all[4].answers[0].ids);
  EXPECT_NE(roll({prompts[4]}, 7, 5)[0].answers[0].ids, all[4].answers[0].ids);
}

// What earlier weights left in caches must not be found.
TEST(Rollouts, come_from_the_weights_as_they_are) {
  const TemporaryFolder folder;
  write_small_gguf(folder / "llama.gguf", small_config("llama"), DType::bf16);
  const auto model = Model::load(Checkpoint::open(folder / "llama.gguf"), kBf16);
  RolloutOptions options;
  options.max_tokens = 20;
  const auto prompts = random_prompts(4, 48, 2);
  roll_out(*model, byte_tokenizer(), prompts, options, 0);
  for (const Parameter& parameter : model->parameters().all()) {
    Tensor value = parameter.value;
    for (std::int64_t i = 0; i < value.elements(); ++i) value.data()[i] *= 0.9f;
  }
  model->parameters().refresh();
  const auto groups = roll_out(*model, byte_tokenizer(), prompts, options, 1);
  EXPECT_EQ(different(sampled(groups), trained(*model, groups, 1.0, false)), 0u);
}

}  // namespace
}  // namespace r1
