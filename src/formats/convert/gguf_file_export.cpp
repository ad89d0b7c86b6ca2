#include "formats/convert/gguf_file_export.h"

#include <algorithm>
#include <map>
#include <utility>

#include "formats/convert/tokenizer_export.h"
#include "formats/gguf.h"

namespace r1 {
namespace {

MixContext context_of(const GgufMetadata& metadata, const std::vector<ExportTensor>& tensors) {
  const std::string* architecture = metadata.text("general.architecture");
  const auto size = [&](const char* key) {
    const std::string prefix = architecture == nullptr ? "" : *architecture;
    return static_cast<int>(
        std::clamp<std::int64_t>(metadata.integer(prefix + "." + key).value_or(0), 0, 1'000'000));
  };
  MixContext context;
  context.layers = size("block_count");
  context.experts = size("expert_count");
  context.tied = std::none_of(tensors.begin(), tensors.end(),
                              [](const auto& tensor) { return tensor.name == "output.weight"; });
  context.shared_heads_of_70b =
      context.layers == 80 && size("attention.head_count") != size("attention.head_count_kv");
  return context;
}

/// One note for all tensors that fell back alike.
class Fallbacks {
 public:
  void add(const ExportTensor& tensor, const ChosenType& chosen) {
    if (!chosen.instead_of) return;
    const std::string what = "rows of " + std::to_string(tensor.source.columns) +
                             " don't divide into blocks of " +
                             std::string(name(*chosen.instead_of)) + ", stored as " +
                             std::string(name(chosen.type)) + " instead: ";
    auto& [first, count] = found_[what];
    if (count++ == 0) first = tensor.name;
  }
  void tell(const Note& note) const {
    for (const auto& [what, names] : found_) {
      const auto& [first, count] = names;
      note(what + first + (count > 1 ? " and " + std::to_string(count - 1) + " more" : ""));
    }
  }

 private:
  std::map<std::string, std::pair<std::string, int>> found_;
};

std::uint32_t file_type_of(const std::vector<ExportTensor>& tensors) {
  std::map<DType, std::int64_t> numbers;
  for (const ExportTensor& tensor : tensors) {
    numbers[tensor.type] += tensor.source.rows * tensor.source.columns;
  }
  const auto most =
      std::max_element(numbers.begin(), numbers.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  const auto format = parse_target_format(most == numbers.end() ? "f32" : name(most->first));
  return format ? format->file_type : 0;
}

}  // namespace

DType type_in_gguf(const ExportTensor& tensor) {
  if (!is_matrix_to_quantize(tensor.name, tensor.shape.size())) return DType::f32;
  return gguf_type_number(tensor.source.own_type) ? tensor.source.own_type : DType::f32;
}

void write_gguf(const std::filesystem::path& path, GgufMetadata metadata,
                std::vector<ExportTensor> tensors, const std::optional<TargetFormat>& format,
                const Note& note) {
  if (format) {
    const MixContext context = context_of(metadata, tensors);
    Fallbacks fallbacks;
    for (ExportTensor& tensor : tensors) {
      if (!is_matrix_to_quantize(tensor.name, tensor.shape.size())) continue;
      const ChosenType chosen = choose_type(*format, context, tensor.name, tensor.source.columns);
      fallbacks.add(tensor, chosen);
      tensor.type = chosen.type;
    }
    fallbacks.tell(note);
  }
  metadata.set("general.file_type", format ? format->file_type : file_type_of(tensors));
  metadata.set("general.quantization_version", std::uint32_t{2});
  GgufWriter writer(path);
  writer.metadata() = std::move(metadata);
  for (const ExportTensor& tensor : tensors) writer.declare(tensor.name, tensor.type, tensor.shape);
  export_tensors(tensors, "writing " + path.filename().string(),
                 [&](std::span<const std::byte> bytes) { writer.write(bytes); });
  writer.finish();
}

void note_tokens_left_out(std::int64_t count, const Note& note) {
  if (count == 0) return;
  note(std::to_string(count) +
       " tokens of the tokenizer have no row in the model and are left out");
}

TokenizerData read_tokenizer_of(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return read_tokenizer_folder(path);
  return read_tokenizer_metadata(Gguf::open(path).metadata(), path.string());
}

void add_tokenizer_or_bytes(const nlohmann::ordered_json& config,
                            const std::optional<TokenizerData>& tokenizer, GgufMetadata& metadata,
                            const Note& note) {
  const auto vocabulary = config.at("vocab_size").get<std::int64_t>();
  if (tokenizer) {
    note_tokens_left_out(add_gguf_tokenizer(*tokenizer, vocabulary, metadata), note);
    return;
  }
  note("there is no tokenizer: a token for each byte is written (--tokenizer takes another)");
  TokenizerData bytes = byte_tokenizer(vocabulary);
  const auto id_in = [&](const char* key) -> std::optional<TokenId> {
    const auto id = config.find(key);
    if (id == config.end() || !id->is_number_integer()) return std::nullopt;
    const auto value = id->get<std::int64_t>();
    if (value < 0 || value >= vocabulary) return std::nullopt;
    return static_cast<TokenId>(value);
  };
  bytes.bos = id_in("bos_token_id");
  bytes.eos = id_in("eos_token_id");
  add_gguf_tokenizer(bytes, vocabulary, metadata);
}

}  // namespace r1
