#include "formats/model_file.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/threads.h"
#include "formats/gguf.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "kernels/reference/quantization.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;

template <typename Number>
Json json_of_number(Number number) {
  if constexpr (std::is_same_v<Number, float>) return shortest_double(number);
  if constexpr (std::is_same_v<Number, GgufBool>) return number == GgufBool::yes;
  return number;
}

Json json_of_array(const GgufArray& array) {
  return std::visit(
      [](const auto& elements) {
        using Element = typename std::decay_t<decltype(elements)>::value_type;
        Json json = Json::array();
        for (const Element& element : elements) {
          if constexpr (std::is_same_v<Element, GgufArray>) {
            json.push_back(json_of_array(element));
          } else if constexpr (std::is_same_v<Element, std::string>) {
            json.push_back(element);
          } else {
            json.push_back(json_of_number(element));
          }
        }
        return json;
      },
      array.elements);
}

ModelFile open_gguf(const std::filesystem::path& path) {
  Gguf gguf = Gguf::open(path);
  ModelFile file{"GGUF", Json::object(), gguf.tensors(), {}};
  // Appended at once: keys are known to be unique, and looking for each would be slow.
  auto& object = file.metadata.get_ref<Json::object_t&>();
  for (const auto& [key, value] : gguf.metadata().entries()) {
    object.emplace_back(key, json_of_gguf(value));
  }
  file.owners.push_back(std::make_shared<const std::vector<MappedFile>>(gguf.files()));
  return file;
}

ModelFile open_safetensors(const std::filesystem::path& path) {
  const Safetensors weights = Safetensors::open(path);
  ModelFile file{"safetensors", Json::object(), {}, weights.owners()};
  for (const auto& [name, tensor] : weights.tensors()) file.tensors.push_back(tensor);
  const auto config = path / "config.json";
  if (std::filesystem::is_directory(path) && std::filesystem::exists(config)) {
    file.metadata = read_ordered_json(config);
    if (!file.metadata.is_object()) throw Error(config.string(), "is no JSON object");
  } else {
    auto& object = file.metadata.get_ref<Json::object_t&>();
    for (const auto& [key, value] : weights.metadata()) object.emplace_back(key, value);
  }
  return file;
}

}  // namespace

Json json_of_gguf(const GgufValue& value) {
  return std::visit(
      [](const auto& held) -> Json {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, GgufArray>) return json_of_array(held);
        if constexpr (std::is_same_v<Held, std::string>) return held;
        if constexpr (!std::is_same_v<Held, GgufArray> && !std::is_same_v<Held, std::string>) {
          return json_of_number(held);
        }
      },
      value);
}

ModelFile ModelFile::open(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) throw Error(path.string(), "no such file or folder");
  const bool safetensors =
      std::filesystem::is_directory(path) || path.extension() == ".safetensors";
  return safetensors ? open_safetensors(path) : open_gguf(path);
}

std::vector<float> as_floats(const StoredTensor& tensor) {
  if (!tensor.dtype)
    throw Error(tensor.name, "has the type " + tensor.type + ", which can't be read");
  const DType type = *tensor.dtype;
  const std::int64_t elements = tensor.elements();
  std::vector<float> numbers(static_cast<std::size_t>(elements));
  const std::int64_t grain = std::int64_t{1} << 16;  // a multiple of every block
  parallel_blocks(elements, grain, [&](std::int64_t begin, std::int64_t end) {
    dequantize(type, tensor.bytes.data() + bytes_of(type, begin), end - begin,
               numbers.data() + begin);
  });
  return numbers;
}

const StoredTensor& ModelFile::at(const std::string& name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const StoredTensor& tensor) { return tensor.name == name; });
  if (found == tensors.end()) {
    throw Error("--tensor", "the model has no tensor " + name, "r1 info lists their names");
  }
  return *found;
}

}  // namespace r1
