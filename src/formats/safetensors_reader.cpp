#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "base/characters.h"
#include "base/error.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "formats/safetensors_types.h"

namespace r1 {
namespace {

constexpr std::uint64_t kLongestHeader = 100'000'000;  // the format's own limit

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw Error(where, what, "the file is damaged or incomplete, fetch it again");
}

[[noreturn]] void fail(const std::string& where, const std::string& tensor,
                       const std::string& what) {
  fail(where, "tensor " + tensor + " " + what);
}

/// A JSON number that is an integer in [0, 2^63), or nothing.
std::optional<std::int64_t> natural(const nlohmann::json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  const auto number = value.get<std::uint64_t>();
  if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return {};
  return static_cast<std::int64_t>(number);
}

std::optional<std::vector<std::int64_t>> naturals(const nlohmann::json& entry, const char* key) {
  const auto found = entry.find(key);
  if (found == entry.end() || !found->is_array()) return std::nullopt;
  std::vector<std::int64_t> numbers;
  for (const nlohmann::json& element : *found) {
    const auto number = natural(element);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

struct Range {
  std::int64_t begin = 0, end = 0;
};

/// One entry of the header: the tensor without its bytes, and where they are.
std::pair<StoredTensor, Range> read_entry(const std::string& name, const nlohmann::json& entry,
                                          const std::string& where) {
  if (!entry.is_object()) fail(where, name, "is no JSON object");
  const auto type_name = entry.find("dtype");
  if (type_name == entry.end() || !type_name->is_string()) fail(where, name, "has no dtype");
  const SafetensorsType* type = safetensors_type(type_name->get_ref<const std::string&>());
  if (type == nullptr) fail(where, name, "has the unknown type " + type_name->get<std::string>());
  auto shape = naturals(entry, "shape");
  const auto offsets = naturals(entry, "data_offsets");
  if (!shape || shape->size() > 16) fail(where, name, "has no valid shape");
  if (!offsets || offsets->size() != 2 || (*offsets)[0] > (*offsets)[1]) {
    fail(where, name, "has no valid data_offsets");
  }
  const auto elements = element_count(*shape);
  if (!elements || *elements > std::numeric_limits<std::int64_t>::max() / 64) {
    fail(where, name, "has an impossible size");
  }
  const std::int64_t bits = *elements * type->bits;
  const Range range{(*offsets)[0], (*offsets)[1]};
  if (bits % 8 != 0 || range.end - range.begin != bits / 8) {
    fail(where, name,
         "takes " + std::to_string(range.end - range.begin) + " bytes, its shape needs " +
             std::to_string(bits / 8));
  }
  StoredTensor tensor;
  tensor.name = name;
  tensor.type = lower_case(type->name);
  tensor.dtype = parse_dtype(tensor.type);
  tensor.shape = std::move(*shape);
  return {std::move(tensor), range};
}

std::size_t element_bytes(const StoredTensor& tensor) {
  return tensor.dtype ? static_cast<std::size_t>(info(*tensor.dtype).block_bytes) : 1;
}

bool is_aligned(std::span<const std::byte> bytes, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(bytes.data()) % alignment == 0;
}

}  // namespace

class SafetensorsReader {
 public:
  static Safetensors parse(std::span<const std::byte> bytes, const std::string& where) {
    std::uint64_t length = 0;
    if (bytes.size() < sizeof(length)) fail(where, "is too short for a safetensors file");
    std::memcpy(&length, bytes.data(), sizeof(length));
    if (length > kLongestHeader || length > bytes.size() - sizeof(length)) {
      throw Error(where, "is no safetensors file, or it is cut off within its header");
    }
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + sizeof(length),
                                length);
    const nlohmann::json header = parse_json(text, where);
    if (!header.is_object()) fail(where, "has a header that is no JSON object");
    const auto data = bytes.subspan(sizeof(length) + length);
    Safetensors result;
    std::vector<std::pair<Range, std::string>> ranges;
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        read_metadata(result, entry, where);
        continue;
      }
      auto [tensor, range] = read_entry(name, entry, where);
      if (range.end > static_cast<std::int64_t>(data.size())) {
        fail(where, name, "lies beyond the file's end");
      }
      tensor.bytes = data.subspan(static_cast<std::size_t>(range.begin),
                                  static_cast<std::size_t>(range.end - range.begin));
      if (range.begin < range.end) ranges.emplace_back(range, name);
      align(result, tensor);
      result.tensors_.emplace(name, std::move(tensor));
    }
    refuse_overlaps(std::move(ranges), where);
    return result;
  }

  static Safetensors open_one(const std::filesystem::path& path) {
    const auto file = std::make_shared<const MappedFile>(path);
    Safetensors result = parse(file->bytes(), path.string());
    result.owners_.push_back(file);
    return result;
  }

  /// The folder's weight_map says which file holds which tensor.
  static Safetensors open_index(const std::filesystem::path& index) {
    const nlohmann::json document = read_json(index);
    const std::string where = index.string();
    const auto map = document.is_object() ? document.find("weight_map") : document.end();
    if (!document.is_object() || map == document.end() || !map->is_object()) {
      throw Error(where, "has no weight_map");
    }
    std::map<std::string, Safetensors> shards;
    Safetensors result;
    for (const auto& [name, file] : map->items()) {
      if (!file.is_string()) throw Error(where, "names no file for tensor " + name);
      const auto& shard_name = file.get_ref<const std::string&>();
      if (shard_name.empty() || shard_name.find('/') != std::string::npos || shard_name == "..") {
        throw Error(where, "names " + shard_name + ", which is no file of this folder");
      }
      auto shard = shards.find(shard_name);
      if (shard == shards.end()) {
        shard = shards.emplace(shard_name, open_one(index.parent_path() / shard_name)).first;
      }
      const auto tensor = shard->second.tensors_.find(name);
      if (tensor == shard->second.tensors_.end()) {
        throw Error(where, std::string("places tensor ").append(name) + " in " + shard_name +
                               ", which lacks it");
      }
      result.tensors_.insert(*tensor);
    }
    for (const auto& [name, shard] : shards) {
      result.owners_.insert(result.owners_.end(), shard.owners_.begin(), shard.owners_.end());
      result.metadata_.insert(shard.metadata_.begin(), shard.metadata_.end());
    }
    return result;
  }

 private:
  static void read_metadata(Safetensors& result, const nlohmann::json& entry,
                            const std::string& where) {
    if (!entry.is_object()) fail(where, "has metadata that is no JSON object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) fail(where, "has a metadata value that is no text");
      result.metadata_.emplace(key, value.get<std::string>());
    }
  }

  static void align(Safetensors& result, StoredTensor& tensor) {
    if (tensor.bytes.empty() || is_aligned(tensor.bytes, element_bytes(tensor))) return;
    const auto copy =
        std::make_shared<std::vector<std::byte>>(tensor.bytes.begin(), tensor.bytes.end());
    tensor.bytes = *copy;
    result.owners_.push_back(copy);
  }

  static void refuse_overlaps(std::vector<std::pair<Range, std::string>> ranges,
                              const std::string& where) {
    std::sort(ranges.begin(), ranges.end(),
              [](const auto& a, const auto& b) { return a.first.begin < b.first.begin; });
    for (std::size_t i = 1; i < ranges.size(); ++i) {
      if (ranges[i - 1].first.end > ranges[i].first.begin) {
        fail(where, "tensors " + ranges[i - 1].second + " and " + ranges[i].second + " overlap");
      }
    }
  }
};

Safetensors Safetensors::parse(std::span<const std::byte> bytes, const std::string& where) {
  return SafetensorsReader::parse(bytes, where);
}

Safetensors Safetensors::open(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return SafetensorsReader::open_one(path);
  const auto index = path / "model.safetensors.index.json";
  if (std::filesystem::exists(index)) return SafetensorsReader::open_index(index);
  for (const char* name : {"model.safetensors", "adapter_model.safetensors"}) {
    if (std::filesystem::exists(path / name)) return SafetensorsReader::open_one(path / name);
  }
  throw Error(path.string(), "has neither model.safetensors nor model.safetensors.index.json",
              "only weights in safetensors files can be read");
}

const StoredTensor* Safetensors::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

}  // namespace r1
