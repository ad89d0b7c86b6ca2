#include "load_model.h"

#include <set>

#include "base/error.h"
#include "base/memory.h"
#include "command.h"
#include "models/memory_need.h"

namespace r1::app {
namespace {

/// Packed copies of weights can't be dropped by the system; beyond this share of the memory the
/// weights stay in the map.
constexpr double kMostPacked = 0.7;

std::optional<Tokenizer> find_tokenizer(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path) && !std::filesystem::exists(path / "tokenizer.json")) {
    return std::nullopt;
  }
  return Tokenizer::open(path);
}

/// Weights of one float type learn in that type; others are a frozen base, beside which an adapter
/// learns if there is one.
void learn_as_stored(const Checkpoint& checkpoint, LoadOptions& load) {
  if (load.adapter) {
    load.learn = Learn::adapter;
    return;
  }
  std::set<DType> types;
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    if (tensor.shape.size() >= 2) types.insert(tensor.dtype);
  }
  const bool floats = types == std::set{DType::f32}, halves = types == std::set{DType::bf16};
  if (!floats && !halves) return;
  load.learn = Learn::weights;
  load.learned_type = load.precision == Precision::f32 ? DType::f32 : *types.begin();
}

}  // namespace

void add_model_options(CLI::App& command, ModelOptions& options) {
  add_model_option(command, options.model);
  command.add_option("--dtype", options.dtype, "f32 computes in float32 throughout")
      ->check(CLI::IsMember({"native", "f32"}));
  command.add_option("--cache-type", options.cache_type, "numbers of the KV cache")
      ->check(CLI::IsMember({"bf16", "f32", "q8_0"}));
  command.add_option("-c,--context", options.context, "tokens of context (default: the model's)")
      ->check(CLI::Range(1, 1 << 24));
  command.add_option("--lora", options.lora, "folder of a LoRA adapter in PEFT's form")
      ->check(CLI::ExistingDirectory);
  command.add_flag("--fast-prefill", options.fast_prefill,
                   "DeepSeek: faster prompts, whose bits differ from those of decoding");
}

LoadOptions load_options(const ModelOptions& options) {
  LoadOptions load;
  if (options.dtype == "f32") load = {.precision = Precision::f32, .cache_type = DType::f32};
  if (const auto type = parse_dtype(options.cache_type)) load.cache_type = *type;
  if (!options.lora.empty()) {
    load.adapter = std::make_shared<const LoraAdapter>(LoraAdapter::open(options.lora));
  }
  load.fast_prefill = options.fast_prefill;
  return load;
}

LoadedModel load_model(const ModelOptions& options, std::int64_t sequences, EngineOptions engine) {
  LoadedModel loaded;
  loaded.checkpoint = Checkpoint::open(options.model);
  LoadOptions load = load_options(options);
  if (options.learns) learn_as_stored(loaded.checkpoint, load);
  const std::int64_t context = options.context > 0 ? options.context : 4096;
  MemoryNeed need = memory_need(loaded.checkpoint, context, load.cache_type);
  need.cache *= sequences;
  load.pack =
      static_cast<double>(need.weights) < kMostPacked * static_cast<double>(physical_memory());
  // Weights in the map may be larger than memory; the rest must fit.
  if (!load.pack) need.weights = 0;
  require_memory(need, options.model);
  std::shared_ptr<const Model> model = Model::load(loaded.checkpoint, load);
  engine.context_length = options.context;
  loaded.engine = std::make_unique<Engine>(std::move(model), find_tokenizer(options.model), engine);
  return loaded;
}

}  // namespace r1::app
