// Sums by which the hub names its files.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace r1::hub {

/// Whether an ETag is a sum: 64 hexadecimal digits, SHA-256 of a large file, or 40, git's SHA-1 of
/// a small one.
bool is_checksum(std::string_view etag);

/// Adds bytes up to the sum that the hub would call a file.
class Checksum {
 public:
  /// `etag` decides the kind of sum, `size` is the file's.
  Checksum(std::string_view etag, std::int64_t size);
  ~Checksum();
  Checksum(Checksum&& other) noexcept;
  Checksum& operator=(Checksum&& other) noexcept;
  void add(std::string_view bytes);
  /// The sum in hexadecimal digits, once.
  std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace r1::hub
