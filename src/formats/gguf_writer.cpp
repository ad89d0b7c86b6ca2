#include <array>
#include <cassert>
#include <utility>

#include "base/error.h"
#include "formats/gguf.h"

namespace r1 {
namespace {

constexpr std::int64_t kAlignment = 32;

template <typename Number>
void put(FileWriter& file, Number number) {
  file.write(std::as_bytes(std::span(&number, 1)));
}

void put_text(FileWriter& file, const std::string& text) {
  put<std::uint64_t>(file, text.size());
  file.write(std::string_view(text));
}

void put_array(FileWriter& file, const GgufArray& array) {
  put<std::uint32_t>(file, static_cast<std::uint32_t>(array.elements.index()));
  std::visit(
      [&](const auto& elements) {
        using Element = typename std::decay_t<decltype(elements)>::value_type;
        put<std::uint64_t>(file, elements.size());
        for (const Element& element : elements) {
          if constexpr (std::is_same_v<Element, std::string>) {
            put_text(file, element);
          } else if constexpr (std::is_same_v<Element, GgufArray>) {
            put_array(file, element);
          } else {
            put(file, element);
          }
        }
      },
      array.elements);
}

void put_value(FileWriter& file, const GgufValue& value) {
  put<std::uint32_t>(file, static_cast<std::uint32_t>(value.index()));
  std::visit(
      [&](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::string>) {
          put_text(file, held);
        } else if constexpr (std::is_same_v<Held, GgufArray>) {
          put_array(file, held);
        } else {
          put(file, held);
        }
      },
      value);
}

std::int64_t aligned(std::int64_t size) {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

void pad(FileWriter& file) {
  static constexpr std::array<std::byte, kAlignment> kZeros{};
  const std::int64_t missing = aligned(file.position()) - file.position();
  file.write(std::span(kZeros).first(static_cast<std::size_t>(missing)));
}

}  // namespace

GgufWriter::GgufWriter(std::filesystem::path path) : path_(std::move(path)) {}

void GgufWriter::declare(const std::string& name, DType type,
                         const std::vector<std::int64_t>& shape) {
  assert(file_ == nullptr && shape.size() <= 4);
  const auto number = gguf_type_number(type);
  const auto elements = element_count(shape);
  const std::int64_t row = shape.empty() ? 1 : shape.back();
  if (!number || !elements || row % info(type).block != 0) {
    throw Error(path_.string(),
                "tensor " + name + " can't be stored as " + std::string(r1::name(type)));
  }
  tensors_.push_back({name, *number, shape, bytes_of(type, *elements)});
}

void GgufWriter::write_header() {
  file_ = std::make_unique<FileWriter>(path_);
  metadata_.erase("general.alignment");
  file_->write(std::string_view("GGUF"));
  put<std::uint32_t>(*file_, 3);
  put<std::uint64_t>(*file_, tensors_.size());
  put<std::uint64_t>(*file_, metadata_.entries().size());
  for (const auto& [key, value] : metadata_.entries()) {
    put_text(*file_, key);
    put_value(*file_, value);
  }
  std::int64_t offset = 0;
  for (const Declared& tensor : tensors_) {
    put_text(*file_, tensor.name);
    put<std::uint32_t>(*file_, static_cast<std::uint32_t>(tensor.shape.size()));
    for (auto size = tensor.shape.rbegin(); size != tensor.shape.rend(); ++size) {
      put<std::uint64_t>(*file_, static_cast<std::uint64_t>(*size));
    }
    put<std::uint32_t>(*file_, tensor.type);
    put<std::uint64_t>(*file_, static_cast<std::uint64_t>(offset));
    offset += aligned(tensor.bytes);
  }
  pad(*file_);
}

void GgufWriter::close_tensor() {
  while (current_ < tensors_.size() && written_ == tensors_[current_].bytes) {
    pad(*file_);
    written_ = 0;
    ++current_;
  }
}

void GgufWriter::write(std::span<const std::byte> bytes) {
  if (file_ == nullptr) {
    write_header();
    close_tensor();
  }
  while (!bytes.empty()) {
    assert(current_ < tensors_.size());
    const auto room = static_cast<std::size_t>(tensors_[current_].bytes - written_);
    const std::size_t part = std::min(room, bytes.size());
    file_->write(bytes.first(part));
    written_ += static_cast<std::int64_t>(part);
    bytes = bytes.subspan(part);
    close_tensor();
  }
}

void GgufWriter::finish() {
  write({});
  assert(current_ == tensors_.size());
  file_->commit();
}

}  // namespace r1
