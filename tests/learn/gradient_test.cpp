#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/threads.h"
#include "formats/convert/convert.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "kernels/isa.h"
#include "learn/language_loss.h"
#include "learn/load_options.h"
#include "ops/tape.h"
#include "restored_settings.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

const fs::path kModels = fs::path(R1_SHARED) / "goldens" / "models";

#define NEEDS_GOLDENS() \
  if (std::string(R1_SHARED).empty() || !fs::exists(kModels)) GTEST_SKIP() << "needs R1_SHARED"

using Documents = std::vector<std::vector<int>>;

/// The folders with gradients: a name each.
std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& entry : fs::directory_iterator(kModels)) {
    if (fs::exists(entry.path() / "grads.safetensors")) all.push_back(entry.path().filename());
  }
  std::sort(all.begin(), all.end());
  return all;
}

struct Step {
  float loss = 0;
  std::map<std::string, std::vector<float>> gradients;
};

/// One forward and backward; all parameters' gradients, zeros where none arrived.
Step step(const Model& model, const Documents& documents, bool recompute = false,
          RouterWatch* routers = nullptr) {
  model.parameters().clear_gradients();
  Tape tape;
  Step result;
  {
    const Tape::Scope scope(tape);
    PackedPass pass(model, documents, {.recompute = recompute, .routers = routers});
    Tensor loss = next_token_loss(pass);
    if (model.config().prediction_layers > 0) loss = joint_loss(loss, prediction_loss(pass), 0.3f);
    tape.backward(loss);
    result.loss = loss.data()[0];
  }
  for (const Parameter& parameter : model.parameters().all()) {
    const Gradient gradient = parameter.value.gradient();
    result.gradients[parameter.name] = {gradient.data(), gradient.data() + gradient.elements()};
  }
  return result;
}

std::vector<float> floats_of(const StoredTensor& tensor) {
  std::vector<float> numbers(tensor.bytes.size() / 4);
  std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
  return numbers;
}

/// Largest difference over the tensor's largest; NaN if any is.
double error_of(const std::vector<float>& got, const std::vector<float>& want) {
  double largest = 1e-30, difference = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    largest = std::max(largest, std::fabs(static_cast<double>(want[i])));
    const double mine = std::fabs(static_cast<double>(got[i]) - static_cast<double>(want[i]));
    if (!(mine <= difference)) difference = mine;
  }
  return difference / largest;
}

void expect_gradients(const Step& got, const fs::path& file, double bound) {
  const Safetensors want = Safetensors::open(file);
  EXPECT_EQ(got.gradients.size(), want.tensors().size());
  for (const auto& [name, tensor] : want.tensors()) {
    const auto found = got.gradients.find(name);
    ASSERT_NE(found, got.gradients.end()) << name;
    const std::vector<float> numbers = floats_of(tensor);
    ASSERT_EQ(found->second.size(), numbers.size()) << name;
    EXPECT_LE(error_of(found->second, numbers), bound) << name;
  }
}

// The reference's own float32 gradients lie within 2.8e-6 of its float64 ones; 1e-4 leaves room for
// another order of float sums and none for a wrong term.
TEST(Gradients, of_all_parameters_and_architectures_are_those_of_transformers) {
  NEEDS_GOLDENS();
  const RestoredSettings restored;
  ASSERT_GE(names().size(), 8u);
  for (const Isa isa : available_isas()) {
    set_isa(isa);
    for (const std::string& name : names()) {
      SCOPED_TRACE(name + " " + std::string(r1::name(isa)));
      const auto model = Model::load(Checkpoint::open(kModels / name), kFloat);
      const auto golden = read_json(kModels / name / "golden.json").at("train");
      const Step got = step(*model, golden.at("ids").get<Documents>());
      EXPECT_NEAR(got.loss, golden.at("loss").get<double>(), 1e-5);
      expect_gradients(got, kModels / name / "grads.safetensors", 1e-4);
      double squares = 0;
      for (const auto& [parameter, gradient] : got.gradients) {
        for (const float g : gradient) squares += static_cast<double>(g) * static_cast<double>(g);
      }
      EXPECT_NEAR(std::sqrt(squares) / golden.at("grad_norm").get<double>(), 1.0, 1e-5);
    }
  }
}

void expect_equal_bits(const Step& a, const Step& b) {
  EXPECT_EQ(a.loss, b.loss);
  for (const auto& [name, gradient] : a.gradients) {
    const auto& other = b.gradients.at(name);
    EXPECT_EQ(std::memcmp(gradient.data(), other.data(), gradient.size() * 4), 0) << name;
  }
}

TEST(Gradients, have_the_same_bits_with_any_number_of_threads_and_recomputed) {
  NEEDS_GOLDENS();
  const RestoredSettings restored;
  for (const std::string& name : names()) {
    for (const LoadOptions& options : {kFloat, kBf16, kFp8}) {
      SCOPED_TRACE(name);
      const auto model = Model::load(Checkpoint::open(kModels / name), options);
      const auto golden = read_json(kModels / name / "golden.json");
      Documents documents = golden.at("train").at("ids").get<Documents>();
      documents.push_back(golden.at("prompts").back().at("ids").get<std::vector<int>>());
      set_threads(1);
      RouterWatch watch, again;
      watch.balance_weight = again.balance_weight = 0.1f;
      const Step want = step(*model, documents, false, &watch);
      set_threads(2);
      expect_equal_bits(step(*model, documents, true, &again), want);
      EXPECT_EQ(watch.load, again.load);
      EXPECT_EQ(watch.balance_loss, again.balance_loss);
      set_threads(3);
      again = {};
      again.balance_weight = 0.1f;
      expect_equal_bits(step(*model, documents, false, &again), want);
    }
  }
}

// bf16 rounds weights and activations by up to 2^-9 each; a gradient is a product of some tens of
// rounded factors in a row (three layers), whose errors add as random ones do.
TEST(Gradients, in_bf16_are_near_those_in_float) {
  NEEDS_GOLDENS();
  if (!has_bf16_dot()) GTEST_SKIP() << "this processor has no bf16 dot products";
  for (const std::string name : {"llama", "llama-tied", "qwen2"}) {
    const auto golden = read_json(kModels / name / "golden.json").at("train");
    const Documents documents = golden.at("ids").get<Documents>();
    const auto exact = Model::load(Checkpoint::open(kModels / name), kFloat);
    const auto rounded = Model::load(Checkpoint::open(kModels / name), kBf16);
    const Step want = step(*exact, documents), got = step(*rounded, documents);
    EXPECT_NEAR(got.loss, want.loss, 0.02) << name;
    for (const auto& [parameter, gradient] : want.gradients) {
      double product = 0, a = 0, b = 0;
      const auto& mine = got.gradients.at(parameter);
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        product += static_cast<double>(gradient[i]) * static_cast<double>(mine[i]);
        a += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
        b += static_cast<double>(mine[i]) * static_cast<double>(mine[i]);
      }
      EXPECT_GT(product / std::sqrt(a * b), 0.995) << name << ' ' << parameter;
    }
  }
}

TEST(Gradients, of_a_low_rank_adapter_are_those_of_peft) {
  NEEDS_GOLDENS();
  const TemporaryFolder folder;
  write_file(folder / "adapter_config.json", R"({"peft_type":"LORA","r":4,"lora_alpha":8})");
  fs::copy_file(kModels / "llama" / "lora_init.safetensors", folder / "adapter_model.safetensors");
  LoadOptions options = kFloat;
  options.learn = Learn::adapter;
  options.adapter = std::make_shared<const LoraAdapter>(LoraAdapter::open(folder.path()));
  const auto model = Model::load(Checkpoint::open(kModels / "llama"), options);
  const auto golden = read_json(kModels / "llama" / "golden.json").at("train");
  const Step got = step(*model, golden.at("ids").get<Documents>());
  EXPECT_NEAR(got.loss, read_json(kModels / "llama" / "lora.json").at("loss").get<double>(), 1e-5);
  expect_gradients(got, kModels / "llama" / "lora_grads.safetensors", 1e-4);
}

std::vector<float> logits_of(const Model& model, const std::vector<int>& ids) {
  OwnedCache cache(model.cache_shape(), static_cast<std::int64_t>(ids.size()));
  Pass pass;
  pass.add(ids, 0, cache);
  const Tensor logits = model.logits(model.hidden(pass));
  return {logits.data(), logits.data() + logits.elements()};
}

/// What the trainer computes with a tape, several documents packed: logits of the last one.
std::vector<float> recorded_logits_of(const Model& model, const Documents& documents,
                                      bool recompute) {
  Tape tape;
  const Tape::Scope scope(tape);
  const PackedPass pass(model, documents, {.recompute = recompute});
  const Tensor logits = model.logits(pass.hidden());
  const auto last = static_cast<std::int64_t>(documents.back().size());
  const float* end = logits.data() + logits.elements();
  return {end - last * logits.width(), end};
}

/// Changes matrices by so little that they round to the same bf16 numbers.
void nudge_matrices(const Parameters& parameters) {
  for (const Parameter& parameter : parameters.all()) {
    Tensor value = parameter.value;
    if (value.shape().size() < 2) continue;
    for (std::int64_t i = 0; i < value.elements(); ++i) value.data()[i] *= 1.0f + 0x1p-11f;
  }
  parameters.refresh();
}

// A model that learns in bf16 multiplies what its matrices would be in a bf16 file.
TEST(OneForward, logits_have_the_same_bits_in_training_and_in_generation) {
  NEEDS_GOLDENS();
  const RestoredSettings restored;
  const TemporaryFolder folder;
  for (const Isa isa : available_isas()) {
    set_isa(isa);
    for (const std::string& name : names()) {
      const auto golden = read_json(kModels / name / "golden.json");
      const auto ids = golden["prompts"][1]["ids"].get<std::vector<int>>();
      Documents documents = golden.at("train").at("ids").get<Documents>();
      documents.push_back(ids);
      for (const DType type : {DType::f32, DType::bf16}) {
        SCOPED_TRACE(name + " " + std::string(r1::name(isa)) + " " + std::string(r1::name(type)));
        const fs::path file = folder / (name + std::string(r1::name(type)) + "/");
        if (!fs::exists(file)) {
          convert({.source = kModels / name,
                   .target = file,
                   .format = std::string(r1::name(type)),
                   .tokenizer = {},
                   .note = {}});
        }
        const Checkpoint checkpoint = Checkpoint::open(file);
        const bool floats = type == DType::f32;
        const LoadOptions stored = {.precision = floats ? Precision::f32 : Precision::native,
                                    .cache_type = type};
        LoadOptions learning = stored;
        learning.learn = Learn::weights;
        learning.learned_type = type;
        const auto generating = Model::load(checkpoint, stored);
        const auto training = Model::load(checkpoint, learning);
        if (!floats) nudge_matrices(training->parameters());
        const auto want = logits_of(*generating, ids);
        for (const bool recompute : {false, true}) {
          const auto got = recorded_logits_of(*training, documents, recompute);
          ASSERT_EQ(got.size(), want.size());
          EXPECT_EQ(std::memcmp(got.data(), want.data(), want.size() * 4), 0);
        }
        if (isa != Isa::reference) {
          set_threads(1);
          EXPECT_EQ(std::memcmp(logits_of(*training, ids).data(), want.data(), want.size() * 4), 0);
          set_threads(2);
        }
      }
    }
  }
}

TEST(OneForward, logits_in_fp8_have_the_same_bits_in_training_and_in_generation) {
  NEEDS_GOLDENS();
  const RestoredSettings restored;
  for (const std::string name : {"llama", "deepseek_v3-mtp"}) {
    const auto golden = read_json(kModels / name / "golden.json");
    Documents documents = golden.at("train").at("ids").get<Documents>();
    documents.push_back(golden["prompts"][1]["ids"].get<std::vector<int>>());
    const auto model = Model::load(Checkpoint::open(kModels / name), kFp8);
    const auto rounded = Model::load(Checkpoint::open(kModels / name), kBf16);
    const auto want = logits_of(*model, documents.back());
    EXPECT_NE(want, logits_of(*rounded, documents.back()));
    set_threads(1);
    for (const bool recompute : {false, true}) {
      EXPECT_EQ(recorded_logits_of(*model, documents, recompute), want);
    }
    set_threads(2);
  }
}

TEST(Packing, the_loss_is_that_of_the_documents_alone) {
  NEEDS_GOLDENS();
  const auto golden = read_json(kModels / "qwen2" / "golden.json").at("packed");
  const auto ids = golden.at("ids").get<std::vector<int>>();
  const auto positions = golden.at("position_ids").get<std::vector<int>>();
  Documents documents;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (positions[i] == 0) documents.emplace_back();
    documents.back().push_back(ids[i]);
  }
  ASSERT_EQ(documents.size(), 3u);
  const auto model = Model::load(Checkpoint::open(kModels / "qwen2"), kFloat);
  PackedPass pass(*model, documents);
  EXPECT_NEAR(next_token_loss(pass).data()[0], golden.at("loss").get<double>(), 1e-5);
  const Tensor all = pass.log_probabilities();
  std::int64_t at = 0;
  for (const auto& document : golden.at("logprobs")) {
    for (const auto& want : document) EXPECT_NEAR(all.data()[at++], want.get<double>(), 1e-4);
  }
  EXPECT_EQ(at, all.elements());
}

}  // namespace
}  // namespace r1
