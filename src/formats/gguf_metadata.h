// GGUF's metadata: named values of thirteen types, arrays among them, in the file's order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace r1 {

struct GgufArray;

/// The alternatives stand in the order of GGUF's type numbers, so that index() is that number.
/// Booleans are stored as a byte so that arrays of them are plain.
enum class GgufBool : std::uint8_t { no, yes };
using GgufValue = std::variant<std::uint8_t, std::int8_t, std::uint16_t, std::int16_t,
                               std::uint32_t, std::int32_t, float, GgufBool, std::string, GgufArray,
                               std::uint64_t, std::int64_t, double>;

/// Elements of one type; index() of `elements` is its number, as above.
struct GgufArray {
  std::variant<std::vector<std::uint8_t>, std::vector<std::int8_t>, std::vector<std::uint16_t>,
               std::vector<std::int16_t>, std::vector<std::uint32_t>, std::vector<std::int32_t>,
               std::vector<float>, std::vector<GgufBool>, std::vector<std::string>,
               std::vector<GgufArray>, std::vector<std::uint64_t>, std::vector<std::int64_t>,
               std::vector<double>>
      elements;
};

inline constexpr std::size_t kGgufArrayType = 9;
inline constexpr std::size_t kGgufTypes = std::variant_size_v<GgufValue>;

/// Keys are unique. The typed look-ups answer nothing when the key is missing, and also when its
/// value has another type.
class GgufMetadata {
 public:
  using Entry = std::pair<std::string, GgufValue>;

  /// Replaces the value if the key is there already.
  void set(std::string key, GgufValue value);
  void erase(std::string_view key);
  const GgufValue* find(std::string_view key) const;
  const std::vector<Entry>& entries() const { return entries_; }

  /// Integers of any width.
  std::optional<std::int64_t> integer(std::string_view key) const;
  /// Integers and floats.
  std::optional<double> number(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  const std::string* text(std::string_view key) const;
  const std::vector<std::string>* strings(std::string_view key) const;
  /// The elements of an array of integers of any width.
  std::optional<std::vector<std::int64_t>> integers(std::string_view key) const;
  const std::vector<float>* floats(std::string_view key) const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> places_;
};

/// The shortest decimal number that reads back as this float: 1e-6f as 1e-6.
double shortest_double(float value);

}  // namespace r1
