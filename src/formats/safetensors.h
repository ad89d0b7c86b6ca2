// Safetensors files: a JSON header with each tensor's type, shape and place, then their bytes.
// Format: github.com/huggingface/safetensors, README.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "formats/stored_tensor.h"

namespace r1 {

/// One file, or all files of a folder's index, mapped and checked: the header is well-formed, every
/// shape's bytes are exactly its range, ranges lie in the file and don't overlap. Tensors that a
/// file places at odd addresses are copied, so that bytes are always aligned to the element.
class Safetensors {
 public:
  /// A .safetensors file, or a folder with model.safetensors.index.json or model.safetensors (or,
  /// for adapters, adapter_model.safetensors). Throws Error.
  static Safetensors open(const std::filesystem::path& path);
  /// Reads one file already in memory, which must outlive the result. `where` names it in errors.
  static Safetensors parse(std::span<const std::byte> bytes, const std::string& where);

  /// Sorted by name.
  const std::map<std::string, StoredTensor, std::less<>>& tensors() const { return tensors_; }
  const StoredTensor* find(std::string_view name) const;
  /// The header's "__metadata__".
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// What keeps the tensors' bytes alive.
  const std::vector<std::shared_ptr<const void>>& owners() const { return owners_; }

 private:
  friend class SafetensorsReader;
  std::map<std::string, StoredTensor, std::less<>> tensors_;
  std::map<std::string, std::string> metadata_;
  std::vector<std::shared_ptr<const void>> owners_;
};

/// The name safetensors gives to a type ("F32", "F8_E4M3"), or empty if it has none.
std::string_view safetensors_type_name(DType type);

/// Writes one file in one pass: declare everything, then give the bytes in the order declared. The
/// file appears when `finish` returns, or not at all.
class SafetensorsWriter {
 public:
  explicit SafetensorsWriter(std::filesystem::path path);
  void set_metadata(const std::string& key, const std::string& value);
  void declare(const std::string& name, DType type, const std::vector<std::int64_t>& shape);
  /// A tensor may come in pieces.
  void write(std::span<const std::byte> bytes);
  void finish();

 private:
  struct Declared {
    std::string name;
    DType type;
    std::vector<std::int64_t> shape;
    std::int64_t bytes;
  };
  void write_header();

  std::filesystem::path path_;
  std::map<std::string, std::string> metadata_;
  std::vector<Declared> tensors_;
  std::unique_ptr<FileWriter> file_;  // opened by the first write
  std::int64_t declared_bytes_ = 0, written_ = 0;
};

}  // namespace r1
