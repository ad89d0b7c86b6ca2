// A tensor as a file declares it, before anybody asks what it is for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/dtype.h"

namespace r1 {

/// The product of the dimensions, or nothing when one is negative or the product (or that of any
/// subset) exceeds 2^62.
inline std::optional<std::int64_t> element_count(std::span<const std::int64_t> shape) {
  constexpr std::int64_t kMost = std::int64_t{1} << 62;
  std::int64_t product = 1;
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0) return std::nullopt;
    if (size == 0) {
      empty = true;
    } else if (product > kMost / size) {
      return std::nullopt;
    } else {
      product *= size;
    }
  }
  return empty ? 0 : product;
}

/// Every length was checked against the file: `bytes` is exactly what shape and type need.
struct StoredTensor {
  std::string name;
  std::string type;  // the file's own type name in lower case: "q4_k", "iq2_xxs", "f8_e5m2"
  std::optional<DType> dtype;       // nothing for types that this program can't compute with
  std::vector<std::int64_t> shape;  // outermost dimension first
  std::span<const std::byte> bytes;
  std::int64_t elements() const { return element_count(shape).value_or(0); }
};

}  // namespace r1
