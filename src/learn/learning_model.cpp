#include "learn/learning_model.h"

#include <array>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/threads.h"
#include "formats/config.h"
#include "formats/convert/folder_export.h"
#include "formats/convert/random_model.h"
#include "formats/convert/tokenizer_export.h"
#include "formats/gguf.h"
#include "formats/json.h"
#include "formats/model_shapes.h"
#include "formats/tokenizer_data.h"
#include "learn/architecture.h"
#include "learn/fingerprint.h"
#include "learn/model_input.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

bool has_tokenizer(const fs::path& path) {
  if (fs::is_directory(path)) return fs::exists(path / "tokenizer.json");
  if (!fs::is_regular_file(path) || path.extension() == ".safetensors") return false;
  return Gguf::open(path).metadata().find("tokenizer.ggml.model") != nullptr;
}

TensorView view_of(const Tensor& numbers) {
  return {DType::f32, numbers.shape(), std::as_bytes(numbers.numbers())};
}

/// Tensors that a checkpoint has twice, and the model once.
std::string original_of(const std::string& name) {
  if (name.ends_with(".embed_tokens.weight") || name == "lm_head.weight") {
    return "model.embed_tokens.weight";
  }
  return name.ends_with(".shared_head.head.weight") ? "lm_head.weight" : name;
}

/// What `source` holds, with views of what the model learned in the place of what it began from.
/// `source` keeps only what is still read from it.
Checkpoint learned_view(const Checkpoint& source, const Model& model) {
  const Parameters& parameters = model.parameters();
  const std::vector<Tensor> biases = model.router_biases();
  std::map<std::string, TensorView, std::less<>> tensors;
  bool reads_source = false;
  for (const auto& [name, view] : source.tensors()) {
    const std::string weight = name.substr(0, name.rfind("_scale_inv"));
    if (weight != name && parameters.find(weight) != nullptr) continue;
    const Tensor* learned = parameters.find(name);
    if (learned == nullptr) learned = parameters.find(original_of(name));
    if (learned == nullptr && original_of(name) == "lm_head.weight") {
      learned = parameters.find("model.embed_tokens.weight");
    }
    tensors[name] = learned == nullptr ? view : view_of(*learned);
    reads_source = reads_source || learned == nullptr;
  }
  for (std::size_t layer = 0; layer < biases.size(); ++layer) {
    if (!biases[layer].defined()) continue;
    tensors["model.layers." + std::to_string(layer) + ".mlp.gate.e_score_correction_bias"] =
        view_of(biases[layer]);
  }
  return Checkpoint::of(
      source.path(), source.config(), source.generation_config(), std::move(tensors),
      reads_source ? source.owners() : std::vector<std::shared_ptr<const void>>());
}

LoadOptions load_options(const LearningModelOptions& options) {
  LoadOptions load;
  load.learn = Learn::weights;
  load.learned_type = DType::bf16;
  load.fp8 = options.dtype == "fp8";
  if (options.dtype == "f32") {
    load.precision = Precision::f32;
    load.cache_type = load.learned_type = DType::f32;
  }
  return load;
}

}  // namespace

LearningModel LearningModel::open(const LearningModelOptions& options) {
  // What a step's tensors gave back serves the next step.
  keep_tensor_memory(physical_memory());
  LearningModel result;
  result.options_ = options;
  LoadOptions load = load_options(options);
  const bool adapts = options.lora.has_value() || !options.adapter.empty();
  const Checkpoint source = options.start.empty()
                                ? initial_model(options.config, options.deviation, options.seed)
                                : in_hugging_face_order(Checkpoint::open(options.start), !adapts);
  if (adapts) {
    load.learn = Learn::adapter;
    result.adapter_ = std::make_shared<const LoraAdapter>(
        options.adapter.empty() ? LoraAdapter::create(source, *options.lora, options.seed)
                                : LoraAdapter::open(options.adapter));
    load.adapter = result.adapter_;
  }
  result.model_ = Model::load(source, load);
  result.snapshot_ = learned_view(source, *result.model_);
  result.tokenizer_source_ = options.tokenizer.empty() ? options.start : options.tokenizer;
  if (has_tokenizer(result.tokenizer_source_)) {
    if (options.start.empty()) {
      result.take_tokenizer(result.tokenizer_source_);
    } else {
      result.tokenizer_ = Tokenizer::open(result.tokenizer_source_);
    }
  }
  return result;
}

LearningModel LearningModel::resume(LearningModelOptions options, const fs::path& folder) {
  if (options.tokenizer.empty()) options.tokenizer = options.start;
  const bool adapts = options.lora.has_value() || !options.adapter.empty();
  if (adapts) {
    options.adapter = folder;
  } else {
    options.start = folder;
  }
  return open(options);
}

const Tokenizer& LearningModel::tokenizer() const {
  if (!tokenizer_) {
    throw Error(tokenizer_source_.string(), "has no tokenizer",
                "name a folder or GGUF file that has one: [model] tokenizer");
  }
  return *tokenizer_;
}

ChatTemplate LearningModel::chat_template() const {
  if (!options_.chat_template.empty()) return ChatTemplate::read(options_.chat_template);
  if (tokenizer().chat_template().empty()) {
    throw Error(tokenizer_source_.string(), "has no chat template",
                "give a file with one: [model] chat_template");
  }
  return ChatTemplate::of(tokenizer());
}

bool LearningModel::has_chat_template() const {
  return !options_.chat_template.empty() || (tokenizer_ && !tokenizer_->chat_template().empty());
}

void LearningModel::take_tokenizer(const fs::path& source) {
  Tokenizer taken = Tokenizer::open(source);
  if (taken.vocab_size() > model_->config().vocab) {
    throw Error(source.string(), "has " + std::to_string(taken.vocab_size()) +
                                     " tokens, more than the model's vocab_size");
  }
  nlohmann::ordered_json config = snapshot_.config();
  if (taken.bos()) config["bos_token_id"] = *taken.bos();
  if (taken.eos()) config["eos_token_id"] = *taken.eos();
  snapshot_ = Checkpoint::of(snapshot_.path(), std::move(config), snapshot_.generation_config(),
                             snapshot_.tensors(), snapshot_.owners());
  tokenizer_ = std::move(taken);
  tokenizer_source_ = source;
}

std::string LearningModel::text_identity() const {
  const Tokenizer& words = tokenizer();
  const TokenizerData& data = words.data();
  Fingerprint identity;
  for (const Token& token : data.tokens) {
    identity.add(token.bytes);
    identity.add(std::as_bytes(std::span(&token.kind, 1)));
  }
  for (const SplitPattern* pattern : data.pre_tokenizer.patterns()) identity.add(pattern->regex);
  for (const auto* ids : {&data.prefix, &data.suffix, &data.end_of_generation}) {
    identity.add(std::as_bytes(std::span(*ids)));
  }
  const std::array<int, 5> settings = {data.eos.value_or(-1), data.ignore_merges, data.compose,
                                       data.add_space_prefix, static_cast<int>(data.algorithm)};
  identity.add(std::as_bytes(std::span(settings)));
  identity.add(std::as_bytes(std::span(data.merges)));
  identity.add(std::as_bytes(std::span(data.scores)));
  identity.add(words.chat_template());
  if (!options_.chat_template.empty()) identity.add(read_file(options_.chat_template));
  return identity.text();
}

Checkpoint LearningModel::snapshot() const {
  return snapshot_;
}

Checkpoint LearningModel::merged() const {
  if (!adapter_) return snapshot_;
  const Checkpoint whole = in_hugging_face_order(snapshot_, true);
  auto tensors = whole.tensors();
  auto owners = whole.owners();
  for (const auto& [layer, change] : adapter_->layers()) {
    TensorView& view = tensors.at(layer + ".weight");
    const WeightSource source = source_of(whole, layer + ".weight");
    const auto sum = std::make_shared<Tensor>(Tensor::empty({source.rows, source.columns}));
    parallel_blocks(source.rows, 64, [&](std::int64_t begin, std::int64_t end) {
      source.read(begin, end - begin, sum->data() + begin * source.columns);
      for (std::int64_t row = begin; row < end; ++row) {
        float* to = sum->data() + row * source.columns;
        for (std::int64_t r = 0; r < change.a.dim(0); ++r) {
          const float b = change.factor * change.b.data()[row * change.a.dim(0) + r];
          const float* a = change.a.data() + r * source.columns;
          for (std::int64_t i = 0; i < source.columns; ++i) to[i] += b * a[i];
        }
      }
    });
    view = view_of(*sum);
    tensors.erase(layer + ".weight_scale_inv");
    owners.push_back(sum);
  }
  return Checkpoint::of(snapshot_.path(), snapshot_.config(), snapshot_.generation_config(),
                        std::move(tensors), std::move(owners));
}

void LearningModel::write(const Checkpoint& checkpoint, const fs::path& folder, DType type) const {
  FolderOptions to;
  to.folder = folder;
  to.type = type;
  if (fs::is_directory(tokenizer_source_)) {
    to.tokenizer_folder = tokenizer_source_;
  } else if (tokenizer_ && tokenizer_->data().algorithm == TokenizerData::Algorithm::byte_pair) {
    to.tokenizer = tokenizer_->data();
  }
  if (!options_.chat_template.empty()) to.chat_template = read_file(options_.chat_template);
  write_folder(checkpoint, to);
}

void LearningModel::save(const fs::path& folder) const {
  if (!adapter_) return write(snapshot_, folder, DType::f32);
  fs::create_directories(folder);
  adapter_->write(folder, options_.start.string());
}

namespace {

nlohmann::ordered_json read_config(const Section& section) {
  if (section.is_table("config")) return read_architecture(section.table("config"));
  if (section.has("shape")) {
    try {
      return model_shape(section.text("shape"));
    } catch (const Error& error) {
      throw section.error("shape", "is not known", "known are " + model_shape_names());
    }
  }
  const fs::path path = section.input("config");
  nlohmann::ordered_json config = read_ordered_json(path);
  normalise_config(config, path.string());
  return config;
}

std::optional<LoraOptions> read_lora(const Section& section) {
  LoraOptions lora;
  lora.rank = section.integer("rank", 8, 1, 4096);
  lora.alpha = section.number("alpha", 2.0 * static_cast<double>(lora.rank), 1e-6, 1e6);
  lora.targets = section.texts("targets");
  return lora;
}

}  // namespace

LearningModelOptions read_model_options(const Recipe& recipe) {
  const Section model = recipe.root().table("model");
  LearningModelOptions options;
  options.start = model_input(model, "start");
  const int ways = (options.start.empty() ? 0 : 1) + (model.has("config") ? 1 : 0) +
                   (model.has("shape") ? 1 : 0);
  if (ways != 1) {
    throw model.error("",
                      "must have one of start (a model), config (a config.json, or its keys as a "
                      "section [model.config]) and shape",
                      "start = \"folder-or-file.gguf\" begins from a trained model");
  }
  if (options.start.empty()) {
    options.config = read_config(model);
    options.deviation =
        static_cast<float>(model.number("init_std", initial_deviation(options.config), 0, 10));
  }
  options.tokenizer = model_input(model, "tokenizer");
  options.chat_template = model.input("chat_template");
  options.dtype = model.choice("dtype", "bf16", {"bf16", "f32", "fp8"});
  options.seed = static_cast<std::uint64_t>(
      recipe.root().table("run").integer("seed", 0, 0, std::int64_t{1} << 62));
  if (recipe.root().has("lora")) {
    if (options.dtype == "fp8") {
      throw model.error("dtype", "is fp8, in which only whole models learn",
                        "take bf16 beside [lora]");
    }
    const Section lora = recipe.root().table("lora");
    options.adapter = lora.input("adapter");
    if (options.adapter.empty()) options.lora = read_lora(lora);
  }
  return options;
}

}  // namespace r1
