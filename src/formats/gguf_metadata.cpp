#include "formats/gguf_metadata.h"

#include <array>
#include <charconv>
#include <limits>
#include <type_traits>

namespace r1 {
namespace {

template <typename T>
constexpr bool kIsInteger = std::is_integral_v<T>;

template <typename T>
std::optional<std::int64_t> as_integer(T value) {
  if constexpr (std::is_same_v<T, std::uint64_t>) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return {};
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace

void GgufMetadata::set(std::string key, GgufValue value) {
  const auto [place, added] = places_.try_emplace(key, entries_.size());
  if (added) {
    entries_.emplace_back(std::move(key), std::move(value));
  } else {
    entries_[place->second].second = std::move(value);
  }
}

void GgufMetadata::erase(std::string_view key) {
  const auto place = places_.find(key);
  if (place == places_.end()) return;
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(place->second));
  places_.clear();
  for (std::size_t i = 0; i < entries_.size(); ++i) places_.emplace(entries_[i].first, i);
}

const GgufValue* GgufMetadata::find(std::string_view key) const {
  const auto place = places_.find(key);
  return place == places_.end() ? nullptr : &entries_[place->second].second;
}

std::optional<std::int64_t> GgufMetadata::integer(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  return std::visit(
      [](const auto& held) -> std::optional<std::int64_t> {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (kIsInteger<Held>) return as_integer(held);
        return std::nullopt;
      },
      *value);
}

std::optional<double> GgufMetadata::number(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  return std::visit(
      [](const auto& held) -> std::optional<double> {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, float>) return shortest_double(held);
        if constexpr (std::is_arithmetic_v<Held>) return static_cast<double>(held);
        return std::nullopt;
      },
      *value);
}

std::optional<bool> GgufMetadata::boolean(std::string_view key) const {
  const GgufValue* value = find(key);
  const auto* held = value == nullptr ? nullptr : std::get_if<GgufBool>(value);
  if (held == nullptr) return std::nullopt;
  return *held == GgufBool::yes;
}

const std::string* GgufMetadata::text(std::string_view key) const {
  const GgufValue* value = find(key);
  return value == nullptr ? nullptr : std::get_if<std::string>(value);
}

const std::vector<std::string>* GgufMetadata::strings(std::string_view key) const {
  const GgufValue* value = find(key);
  const auto* array = value == nullptr ? nullptr : std::get_if<GgufArray>(value);
  return array == nullptr ? nullptr : std::get_if<std::vector<std::string>>(&array->elements);
}

const std::vector<float>* GgufMetadata::floats(std::string_view key) const {
  const GgufValue* value = find(key);
  const auto* array = value == nullptr ? nullptr : std::get_if<GgufArray>(value);
  return array == nullptr ? nullptr : std::get_if<std::vector<float>>(&array->elements);
}

std::optional<std::vector<std::int64_t>> GgufMetadata::integers(std::string_view key) const {
  using Result = std::optional<std::vector<std::int64_t>>;
  const GgufValue* value = find(key);
  const auto* array = value == nullptr ? nullptr : std::get_if<GgufArray>(value);
  if (array == nullptr) return std::nullopt;
  return std::visit(
      [](const auto& elements) -> Result {
        using Element = typename std::decay_t<decltype(elements)>::value_type;
        if constexpr (kIsInteger<Element>) {
          std::vector<std::int64_t> integers;
          integers.reserve(elements.size());
          for (const Element element : elements) {
            const auto integer = as_integer(element);
            if (!integer) return std::nullopt;
            integers.push_back(*integer);
          }
          return integers;
        }
        return std::nullopt;
      },
      array->elements);
}

double shortest_double(float value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double result = value;
  std::from_chars(text.data(), end, result);
  return result;
}

}  // namespace r1
