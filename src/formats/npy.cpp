#include "formats/npy.h"

#include <cassert>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/files.h"
#include "formats/stored_tensor.h"

namespace r1 {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

/// What stands behind 'key': in the header, which is the text of a Python dictionary.
std::string_view value_of(std::string_view header, std::string_view key, const std::string& where) {
  const std::size_t at = header.find("'" + std::string(key) + "':");
  if (at == std::string_view::npos)
    throw Error(where, "has an .npy header without its " + std::string(key));
  std::string_view value = header.substr(at + key.size() + 3);
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  return value;
}

std::vector<std::int64_t> parse_shape(std::string_view text, const std::string& where) {
  std::vector<std::int64_t> shape;
  const std::size_t end = text.find(')');
  if (!text.starts_with('(') || end == std::string_view::npos) throw Error(where, "has no shape");
  text = text.substr(1, end - 1);
  while (!text.empty()) {
    std::int64_t size = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc()) throw Error(where, "has an impossible shape");
    shape.push_back(size);
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    text.remove_prefix(std::min(text.find_first_not_of(", "), text.size()));
  }
  return shape;
}

}  // namespace

NpyArray read_npy(const std::filesystem::path& path) {
  const std::string where = path.string();
  const MappedFile file(path);
  const std::string_view bytes(reinterpret_cast<const char*>(file.bytes().data()),
                               file.bytes().size());
  if (!bytes.starts_with(kMagic) || bytes.size() < 12) throw Error(where, "is no .npy file");
  // Version 1 gives the header's length in two bytes, later ones in four.
  const bool wide = bytes[6] != 1;
  std::uint32_t length = 0;
  std::memcpy(&length, bytes.data() + 8, wide ? 4 : 2);
  const std::size_t begin = wide ? 12 : 10;
  if (length > bytes.size() - begin) throw Error(where, "ends within its header");
  const std::string_view header = bytes.substr(begin, length);
  if (!value_of(header, "descr", where).starts_with("'<f4'") ||
      !value_of(header, "fortran_order", where).starts_with("False")) {
    throw Error(where, "does not hold float32 numbers in C order");
  }
  NpyArray array{parse_shape(value_of(header, "shape", where), where), {}};
  const auto elements = element_count(array.shape);
  const std::string_view data = bytes.substr(begin + length);
  if (!elements || data.size() % sizeof(float) != 0 ||
      *elements != static_cast<std::int64_t>(data.size() / sizeof(float))) {
    throw Error(where, "holds another count of numbers than its shape");
  }
  array.numbers.resize(data.size() / sizeof(float));
  if (!data.empty()) std::memcpy(array.numbers.data(), data.data(), data.size());
  return array;
}

NpyWriter::NpyWriter(const std::filesystem::path& path, std::span<const std::int64_t> shape)
    : file_(path), missing_(element_count(shape).value_or(0)) {
  std::string sizes;
  for (const std::int64_t size : shape) sizes += std::to_string(size) + ", ";
  if (shape.size() > 1) sizes.resize(sizes.size() - 2);
  if (shape.size() == 1) sizes.resize(sizes.size() - 1);  // a tuple of one keeps its comma
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + sizes + "), }";
  constexpr std::size_t kBefore = 10;  // magic, version and length
  header.resize((kBefore + header.size() + 1 + 63) / 64 * 64 - kBefore - 1, ' ');
  header += '\n';
  file_.write(kMagic);
  file_.write(std::string_view("\x01\x00", 2));
  const auto length = static_cast<std::uint16_t>(header.size());
  file_.write(std::as_bytes(std::span(&length, 1)));
  file_.write(std::string_view(header));
}

void NpyWriter::write(std::span<const float> numbers) {
  missing_ -= static_cast<std::int64_t>(numbers.size());
  assert(missing_ >= 0);
  file_.write(std::as_bytes(numbers));
}

void NpyWriter::finish() {
  assert(missing_ == 0);
  file_.commit();
}

void write_npy(const std::filesystem::path& path, std::span<const std::int64_t> shape,
               std::span<const float> numbers) {
  NpyWriter writer(path, shape);
  writer.write(numbers);
  writer.finish();
}

}  // namespace r1
