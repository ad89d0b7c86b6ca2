// Files in and out: read-only maps, and writes that appear whole or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace r1 {

/// A file mapped for reading. Copies share the map; it is unmapped with the last copy.
class MappedFile {
 public:
  MappedFile() = default;
  /// Throws Error if the file can't be opened or mapped. An empty file is an empty span.
  explicit MappedFile(const std::filesystem::path& path);
  std::span<const std::byte> bytes() const;
  const std::filesystem::path& path() const;

 private:
  struct Mapping;
  std::shared_ptr<const Mapping> mapping_;
};

/// The whole of a file, for small text files. Throws Error if unreadable or over `limit` bytes.
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 30);

/// Writes to a temporary name beside `path`; `commit` syncs and renames it into place. Destroyed
/// without commit it leaves nothing behind. Errors (a full disk) throw Error.
class FileWriter {
 public:
  explicit FileWriter(std::filesystem::path path);
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  std::int64_t position() const { return position_; }
  void commit();

 private:
  void flush();
  std::filesystem::path path_, temporary_;
  int descriptor_ = -1;
  std::int64_t position_ = 0;
  std::string buffer_;
};

/// Writes a whole file by FileWriter.
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace r1
