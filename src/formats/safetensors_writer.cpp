#include <cassert>
#include <cctype>
#include <utility>

#include "base/characters.h"
#include "base/error.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "formats/safetensors_types.h"

namespace r1 {

std::string_view safetensors_type_name(DType type) {
  for (const SafetensorsType& known : kSafetensorsTypes) {
    if (lower_case(known.name) == name(type)) return known.name;
  }
  return {};
}

SafetensorsWriter::SafetensorsWriter(std::filesystem::path path) : path_(std::move(path)) {}

void SafetensorsWriter::set_metadata(const std::string& key, const std::string& value) {
  assert(file_ == nullptr);
  metadata_[key] = value;
}

void SafetensorsWriter::declare(const std::string& name, DType type,
                                const std::vector<std::int64_t>& shape) {
  assert(file_ == nullptr);
  const auto elements = element_count(shape);
  if (!elements || safetensors_type_name(type).empty()) {
    throw Error(path_.string(),
                "tensor " + name + " can't be stored as " + std::string(r1::name(type)));
  }
  tensors_.push_back({name, type, shape, bytes_of(type, *elements)});
  declared_bytes_ += tensors_.back().bytes;
}

void SafetensorsWriter::write_header() {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata_.empty()) header["__metadata__"] = metadata_;
  std::int64_t offset = 0;
  for (const Declared& tensor : tensors_) {
    const std::int64_t bytes = tensor.bytes;
    header[tensor.name] = {{"dtype", safetensors_type_name(tensor.type)},
                           {"shape", tensor.shape},
                           {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  std::string text = json_text(header);
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the tensors begin aligned
  const std::uint64_t length = text.size();
  file_ = std::make_unique<FileWriter>(path_);
  file_->write(std::as_bytes(std::span(&length, 1)));
  file_->write(std::string_view(text));
}

void SafetensorsWriter::write(std::span<const std::byte> bytes) {
  if (file_ == nullptr) write_header();
  written_ += static_cast<std::int64_t>(bytes.size());
  assert(written_ <= declared_bytes_);
  file_->write(bytes);
}

void SafetensorsWriter::finish() {
  write({});
  assert(written_ == declared_bytes_);
  file_->commit();
}

}  // namespace r1
