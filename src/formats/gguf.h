// GGUF model files, versions 2 and 3, little-endian, whole or split.
// Format: docs/gguf.md of the ggml project.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "formats/gguf_metadata.h"
#include "formats/stored_tensor.h"

namespace r1 {

/// A GGUF file, mapped and checked: every count, offset and product of sizes fits the file, names
/// are unique and tensors don't overlap. Copies share the maps.
class Gguf {
 public:
  /// Opens the file; of a split model its first part, and the others with it. Throws Error.
  static Gguf open(const std::filesystem::path& path);
  /// Reads one file already in memory, which must outlive the result. `where` names it in errors.
  static Gguf parse(std::span<const std::byte> bytes, const std::string& where);

  const GgufMetadata& metadata() const { return metadata_; }
  /// In the file's order; of a split model those of all parts.
  const std::vector<StoredTensor>& tensors() const { return tensors_; }
  const StoredTensor* find(std::string_view name) const;
  /// What keeps the tensors' bytes alive.
  const std::vector<MappedFile>& files() const { return files_; }

 private:
  friend class GgufReader;
  GgufMetadata metadata_;
  std::vector<StoredTensor> tensors_;
  std::map<std::string, std::size_t, std::less<>> places_;
  std::vector<MappedFile> files_;
};

/// GGUF's number of a type, or nothing if GGUF has no such type (f8_e4m3, u8).
std::optional<std::uint32_t> gguf_type_number(DType type);

/// Writes a GGUF file of version 3 in one pass: declare everything, then give the tensors' bytes in
/// the order they were declared. The file appears when `finish` returns, or not at all.
class GgufWriter {
 public:
  explicit GgufWriter(std::filesystem::path path);
  GgufMetadata& metadata() { return metadata_; }
  /// shape: outermost dimension first, up to 4. The innermost must be a multiple of the block.
  void declare(const std::string& name, DType type, const std::vector<std::int64_t>& shape);
  /// Bytes of the tensors, in order; a tensor may come in pieces. Padding is put between tensors.
  void write(std::span<const std::byte> bytes);
  /// Throws Error if bytes are missing.
  void finish();

 private:
  struct Declared {
    std::string name;
    std::uint32_t type;
    std::vector<std::int64_t> shape;
    std::int64_t bytes;
  };
  void write_header();
  void close_tensor();

  std::filesystem::path path_;
  GgufMetadata metadata_;
  std::vector<Declared> tensors_;
  std::unique_ptr<FileWriter> file_;  // opened by the first write
  std::size_t current_ = 0;
  std::int64_t written_ = 0;  // of the current tensor
};

}  // namespace r1
