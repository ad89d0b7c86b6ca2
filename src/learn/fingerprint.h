// What tells contents apart: XXH3's 128 bits, as hexadecimal text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace r1 {

/// Of a sequence of parts; where each ends matters.
class Fingerprint {
 public:
  Fingerprint();
  ~Fingerprint();
  void add(std::span<const std::byte> part);
  void add(std::string_view part) { add(std::as_bytes(std::span(part))); }
  std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct FileFingerprint {
  std::uint64_t bytes = 0;
  std::string text;
};
/// Of a file, read piece by piece: a map of it would count as this process's memory. Throws Error.
FileFingerprint file_fingerprint(const std::filesystem::path& path);

/// Of bytes that are there all at once.
std::string fingerprint(std::span<const std::byte> bytes);

}  // namespace r1
