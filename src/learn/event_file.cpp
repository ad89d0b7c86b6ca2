#include "learn/event_file.h"

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace r1 {
namespace {

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    table[byte] = crc;
  }
  return table;
}();

/// A checksum of data that itself holds checksums: turned and offset.
std::uint32_t masked_crc(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xa282ead8u;
}

template <typename Number>
std::string little_endian(Number number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

// Protocol buffers: a field is its number and wire type, then the value.
constexpr int kVarint = 0, kDouble = 1, kBytes = 2, kFloat = 5;

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

std::string field(int number, int type, const std::string& value) {
  std::string bytes = varint(static_cast<std::uint64_t>(number << 3 | type));
  if (type == kBytes) bytes += varint(value.size());
  return bytes + value;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffu;
  for (const char byte : bytes) {
    crc = kCrcTable[(crc ^ static_cast<unsigned char>(byte)) & 0xffu] ^ (crc >> 8);
  }
  return ~crc;
}

EventFile::EventFile(const std::filesystem::path& path)
    : file_(std::fopen(path.c_str(), "wbe")), where_(path.string()) {
  if (!file_) throw Error(where_, std::string("can't write: ") + std::strerror(errno));
  // Event: wall_time = 1, step = 2, file_version = 3, summary = 5.
  write(field(1, kDouble, little_endian(0.0)) + field(3, kBytes, "brain.Event:2"));
}

void EventFile::scalar(std::string_view tag, std::int64_t step, float value, double seconds) {
  // Summary: value = 1; Value: tag = 1, simple_value = 2.
  const std::string number =
      field(1, kBytes, std::string(tag)) + field(2, kFloat, little_endian(value));
  write(field(1, kDouble, little_endian(seconds)) +
        field(2, kVarint, varint(static_cast<std::uint64_t>(step))) +
        field(5, kBytes, field(1, kBytes, number)));
}

void EventFile::write(std::string_view event) {
  const std::string length = little_endian(static_cast<std::uint64_t>(event.size()));
  std::string record = length + little_endian(masked_crc(length));
  record += event;
  record += little_endian(masked_crc(event));
  if (std::fwrite(record.data(), 1, record.size(), file_.get()) != record.size()) {
    throw Error(where_, std::string("can't write: ") + std::strerror(errno));
  }
}

void EventFile::flush() {
  if (std::fflush(file_.get()) != 0) {
    throw Error(where_, std::string("can't write: ") + std::strerror(errno));
  }
}

}  // namespace r1
