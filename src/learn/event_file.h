// TensorBoard's event file: records of scalars by step.
// Format: tensorflow/core/lib/io/record_writer.h and core/util/event.proto.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace r1 {

/// CRC-32C (Castagnoli) of bytes, as RFC 3720 gives it.
std::uint32_t crc32c(std::string_view bytes);

/// Appends records; each is whole in the file when a call returns, unless the disk is full.
class EventFile {
 public:
  /// Creates `path`. Throws Error.
  explicit EventFile(const std::filesystem::path& path);
  /// Scalar `tag` at a step; `seconds` since 1970.
  void scalar(std::string_view tag, std::int64_t step, float value, double seconds);
  /// What was given so far can be read by others.
  void flush();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void write(std::string_view event);
  std::unique_ptr<std::FILE, Close> file_;
  std::string where_;
};

}  // namespace r1
