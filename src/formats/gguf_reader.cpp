#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "base/error.h"
#include "formats/gguf.h"
#include "formats/gguf_types.h"

namespace r1 {
namespace {

constexpr std::int64_t kDefaultAlignment = 32;
constexpr std::uint32_t kMostDimensions = 4;
constexpr int kDeepestArray = 8;
constexpr std::int64_t kMostParts = 10000;

/// Reads little-endian numbers and strings from the front of a span; never past its end.
class Cursor {
 public:
  Cursor(std::span<const std::byte> bytes, const std::string& where)
      : bytes_(bytes), where_(where) {}

  std::size_t position() const { return position_; }
  std::size_t left() const { return bytes_.size() - position_; }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(where_, what, "the file is damaged or incomplete, fetch it again");
  }

  template <typename Number>
  Number number(const char* what) {
    need(sizeof(Number), what);
    Number value;
    std::memcpy(&value, bytes_.data() + position_, sizeof(Number));
    position_ += sizeof(Number);
    return value;
  }

  std::string text(const char* what) {
    const auto size = number<std::uint64_t>(what);
    need(size, what);
    std::string value(reinterpret_cast<const char*>(bytes_.data()) + position_, size);
    position_ += size;
    return value;
  }

  /// `count` numbers at once.
  template <typename Number>
  std::vector<Number> numbers(std::uint64_t count, const char* what) {
    if (count > left() / sizeof(Number)) need(std::numeric_limits<std::uint64_t>::max(), what);
    std::vector<Number> values(count);
    if (count > 0) std::memcpy(values.data(), bytes_.data() + position_, count * sizeof(Number));
    position_ += count * sizeof(Number);
    return values;
  }

 private:
  void need(std::uint64_t count, const char* what) const {
    if (count > left()) fail("ends within " + std::string(what));
  }

  std::span<const std::byte> bytes_;
  const std::string& where_;
  std::size_t position_ = 0;
};

template <typename Element>
std::vector<Element> read_elements(Cursor& cursor, std::uint64_t count, int depth);

GgufArray read_array(Cursor& cursor, int depth) {
  if (depth > kDeepestArray) cursor.fail("nests metadata arrays too deeply");
  const auto type = cursor.number<std::uint32_t>("an array's type");
  const auto count = cursor.number<std::uint64_t>("an array's length");
  GgufArray array;
  const auto read_if = [&]<std::size_t kIndex>() {
    if (type != kIndex) return false;
    using Elements = std::variant_alternative_t<kIndex, decltype(array.elements)>;
    array.elements.emplace<kIndex>(
        read_elements<typename Elements::value_type>(cursor, count, depth));
    return true;
  };
  const bool known = [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    return (read_if.template operator()<kIndex>() || ...);
  }(std::make_index_sequence<kGgufTypes>());
  if (!known) cursor.fail("has a metadata array of unknown type " + std::to_string(type));
  return array;
}

template <typename Element>
std::vector<Element> read_elements(Cursor& cursor, std::uint64_t count, int depth) {
  if constexpr (std::is_same_v<Element, std::string> || std::is_same_v<Element, GgufArray>) {
    // The least an element takes: a length of 8 bytes, an array's type and length 12.
    constexpr std::uint64_t kLeast = std::is_same_v<Element, std::string> ? 8 : 12;
    if (count > cursor.left() / kLeast) cursor.fail("ends within an array");
    std::vector<Element> elements;
    elements.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      if constexpr (std::is_same_v<Element, std::string>) {
        elements.push_back(cursor.text("an array's text"));
      } else {
        elements.push_back(read_array(cursor, depth + 1));
      }
    }
    return elements;
  } else if constexpr (std::is_same_v<Element, GgufBool>) {
    std::vector<GgufBool> elements;
    for (const auto byte : cursor.numbers<std::uint8_t>(count, "an array")) {
      elements.push_back(byte == 0 ? GgufBool::no : GgufBool::yes);
    }
    return elements;
  } else {
    return cursor.numbers<Element>(count, "an array");
  }
}

GgufValue read_value(Cursor& cursor, std::uint32_t type) {
  GgufValue value;
  const auto read_if = [&]<std::size_t kIndex>() {
    if (type != kIndex) return false;
    using Held = std::variant_alternative_t<kIndex, GgufValue>;
    if constexpr (std::is_same_v<Held, std::string>) {
      value.emplace<kIndex>(cursor.text("a metadata text"));
    } else if constexpr (std::is_same_v<Held, GgufArray>) {
      value.emplace<kIndex>(read_array(cursor, 1));
    } else if constexpr (std::is_same_v<Held, GgufBool>) {
      const auto byte = cursor.number<std::uint8_t>("a metadata value");
      value.emplace<kIndex>(byte == 0 ? GgufBool::no : GgufBool::yes);
    } else {
      value.emplace<kIndex>(cursor.number<Held>("a metadata value"));
    }
    return true;
  };
  const bool known = [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    return (read_if.template operator()<kIndex>() || ...);
  }(std::make_index_sequence<kGgufTypes>());
  if (!known) cursor.fail("has a metadata value of unknown type " + std::to_string(type));
  return value;
}

struct Placed {
  StoredTensor tensor;
  std::uint64_t offset = 0, size = 0;
};

/// A tensor's declaration; its bytes follow when it is known where the data begins.
Placed read_declaration(Cursor& cursor) {
  Placed placed;
  StoredTensor& tensor = placed.tensor;
  tensor.name = cursor.text("a tensor's name");
  const auto dimensions = cursor.number<std::uint32_t>("a tensor's shape");
  if (dimensions > kMostDimensions) {
    cursor.fail("tensor " + tensor.name + " has " + std::to_string(dimensions) + " dimensions");
  }
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    const auto size = cursor.number<std::uint64_t>("a tensor's shape");
    // What exceeds the signed range turns negative here and is refused as an impossible size.
    tensor.shape.insert(tensor.shape.begin(), static_cast<std::int64_t>(size));
  }
  const auto number = cursor.number<std::uint32_t>("a tensor's type");
  placed.offset = cursor.number<std::uint64_t>("a tensor's offset");
  const GgufTensorType* type = gguf_tensor_type(number);
  if (type == nullptr) {
    cursor.fail("tensor " + tensor.name + " has the unknown type " + std::to_string(number));
  }
  const auto elements = element_count(tensor.shape);
  if (!elements || *elements > std::numeric_limits<std::int64_t>::max() / type->block_bytes) {
    cursor.fail("tensor " + tensor.name + " has an impossible size");
  }
  const std::int64_t row = tensor.shape.empty() ? 1 : tensor.shape.back();
  if (row % type->block != 0) {
    cursor.fail("tensor " + tensor.name + " has rows of " + std::to_string(row) +
                " elements, which the blocks of " + std::string(type->name) + " don't divide");
  }
  tensor.type = type->name;
  tensor.dtype = parse_dtype(type->name);
  placed.size = static_cast<std::uint64_t>(*elements / type->block * type->block_bytes);
  return placed;
}

std::int64_t alignment_of(const GgufMetadata& metadata, const Cursor& cursor) {
  if (metadata.find("general.alignment") == nullptr) return kDefaultAlignment;
  const auto alignment = metadata.integer("general.alignment");
  if (!alignment || *alignment < 8 || *alignment > (1 << 20) || *alignment % 8 != 0) {
    cursor.fail("general.alignment is no multiple of 8 of at most a megabyte");
  }
  return *alignment;
}

void refuse_overlaps(const std::vector<Placed>& tensors, const Cursor& cursor) {
  std::vector<const Placed*> sorted;
  for (const Placed& placed : tensors) {
    if (placed.size > 0) sorted.push_back(&placed);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const Placed* a, const Placed* b) { return a->offset < b->offset; });
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i - 1]->offset + sorted[i - 1]->size > sorted[i]->offset) {
      cursor.fail("tensors " + sorted[i - 1]->tensor.name + " and " + sorted[i]->tensor.name +
                  " overlap");
    }
  }
}

std::string five_digits(std::int64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

/// "-00001-of-00003.gguf".
std::string ending_of_part(std::int64_t part, std::int64_t count) {
  return "-" + five_digits(part) + "-of-" + five_digits(count) + ".gguf";
}

}  // namespace

class GgufReader {
 public:
  GgufReader(std::span<const std::byte> bytes, const std::string& where)
      : bytes_(bytes), cursor_(bytes, where), where_(where) {}

  Gguf read() {
    const auto [tensors, values] = read_header();
    Gguf gguf;
    for (std::uint64_t i = 0; i < values; ++i) {
      std::string key = cursor_.text("a metadata key");
      if (gguf.metadata_.find(key) != nullptr)
        cursor_.fail("has the metadata key " + key + " twice");
      const auto type = cursor_.number<std::uint32_t>("a metadata type");
      gguf.metadata_.set(std::move(key), read_value(cursor_, type));
    }
    const std::int64_t alignment = alignment_of(gguf.metadata_, cursor_);
    std::vector<Placed> placed;
    placed.reserve(tensors);
    for (std::uint64_t i = 0; i < tensors; ++i) placed.push_back(read_declaration(cursor_));
    place(placed, static_cast<std::uint64_t>(alignment));
    refuse_overlaps(placed, cursor_);
    for (Placed& each : placed) add(gguf, std::move(each.tensor));
    return gguf;
  }

  /// Adds the tensors of the other parts of a split model.
  static void join(Gguf& whole, Gguf part, const std::filesystem::path& path) {
    for (StoredTensor& tensor : part.tensors_) {
      if (whole.find(tensor.name) != nullptr) {
        throw Error(path.string(), "repeats the tensor " + tensor.name + " of an earlier part");
      }
      whole.places_.emplace(tensor.name, whole.tensors_.size());
      whole.tensors_.push_back(std::move(tensor));
    }
    whole.files_.insert(whole.files_.end(), part.files_.begin(), part.files_.end());
  }

  static Gguf open_one(const std::filesystem::path& path) {
    const MappedFile file(path);
    const std::string where = path.string();
    Gguf gguf = GgufReader(file.bytes(), where).read();
    gguf.files_.push_back(file);
    return gguf;
  }

 private:
  std::pair<std::uint64_t, std::uint64_t> read_header() {
    if (bytes_.size() < 4 || std::memcmp(bytes_.data(), "GGUF", 4) != 0) {
      throw Error(where_, "is no GGUF file");
    }
    cursor_.number<std::uint32_t>("the header");
    const auto version = cursor_.number<std::uint32_t>("the header");
    if ((version & 0xffffu) == 0) throw Error(where_, "is a big-endian GGUF file", "convert it");
    if (version != 2 && version != 3) {
      throw Error(where_, "is GGUF version " + std::to_string(version) + ", known are 2 and 3");
    }
    const auto tensors = cursor_.number<std::uint64_t>("the header");
    const auto values = cursor_.number<std::uint64_t>("the header");
    // A tensor's declaration takes at least 24 bytes, a value 13.
    if (tensors > cursor_.left() / 24 || values > cursor_.left() / 13) {
      cursor_.fail("declares more tensors or metadata than it can hold");
    }
    return {tensors, values};
  }

  /// Finds the tensors' bytes behind the header.
  void place(std::vector<Placed>& tensors, std::uint64_t alignment) {
    const std::uint64_t end_of_header = cursor_.position();
    const std::uint64_t begin = (end_of_header + alignment - 1) / alignment * alignment;
    const std::uint64_t room = begin < bytes_.size() ? bytes_.size() - begin : 0;
    for (Placed& placed : tensors) {
      if (placed.offset % alignment != 0) {
        cursor_.fail("tensor " + placed.tensor.name + " is not aligned");
      }
      if (placed.size > room || placed.offset > room - placed.size) {
        cursor_.fail("tensor " + placed.tensor.name + " lies beyond the file's end");
      }
      if (placed.size > 0) {
        placed.tensor.bytes = bytes_.subspan(begin + placed.offset, placed.size);
      }
    }
  }

  void add(Gguf& gguf, StoredTensor tensor) {
    if (!gguf.places_.emplace(tensor.name, gguf.tensors_.size()).second) {
      cursor_.fail("has the tensor " + tensor.name + " twice");
    }
    gguf.tensors_.push_back(std::move(tensor));
  }

  std::span<const std::byte> bytes_;
  Cursor cursor_;
  const std::string& where_;
};

Gguf Gguf::parse(std::span<const std::byte> bytes, const std::string& where) {
  return GgufReader(bytes, where).read();
}

Gguf Gguf::open(const std::filesystem::path& path) {
  Gguf whole = GgufReader::open_one(path);
  const std::int64_t parts = whole.metadata_.integer("split.count").value_or(1);
  if (parts <= 1) return whole;
  if (parts > kMostParts) {
    throw Error(path.string(), "says it has " + std::to_string(parts) + " parts");
  }
  const std::string name = path.filename().string(), first = ending_of_part(1, parts);
  if (whole.metadata_.integer("split.no").value_or(0) != 0 || !name.ends_with(first)) {
    throw Error(path.string(), "is not the first part of a split model",
                "give the file whose name ends in " + first);
  }
  const std::string stem = name.substr(0, name.size() - first.size());
  for (std::int64_t part = 2; part <= parts; ++part) {
    const std::filesystem::path next = path.parent_path() / (stem + ending_of_part(part, parts));
    Gguf opened = GgufReader::open_one(next);
    if (opened.metadata_.integer("split.no") != part - 1 ||
        opened.metadata_.integer("split.count") != parts) {
      throw Error(next.string(), "is not part " + std::to_string(part) + " of this model");
    }
    GgufReader::join(whole, std::move(opened), next);
  }
  const auto declared = whole.metadata_.integer("split.tensors.count");
  if (declared && *declared != static_cast<std::int64_t>(whole.tensors_.size())) {
    throw Error(path.string(), "the parts hold " + std::to_string(whole.tensors_.size()) +
                                   " tensors, not the " + std::to_string(*declared) + " declared");
  }
  return whole;
}

const StoredTensor* Gguf::find(std::string_view name) const {
  const auto place = places_.find(name);
  return place == places_.end() ? nullptr : &tensors_[place->second];
}

std::optional<std::uint32_t> gguf_type_number(DType type) {
  for (const GgufTensorType& known : kGgufTensorTypes) {
    if (known.name == name(type)) return known.number;
  }
  return std::nullopt;
}

}  // namespace r1
