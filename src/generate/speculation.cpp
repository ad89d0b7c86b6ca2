#include <algorithm>

#include "generate/engine.h"

namespace r1 {

std::vector<int> lookup_draft(std::span<const int> ids, std::int64_t most) {
  const auto size = static_cast<std::int64_t>(ids.size());
  for (std::int64_t length = 3; length >= 2; --length) {
    const std::int64_t last = size - length;
    for (std::int64_t at = last - 1; at >= 0; --at) {
      if (!std::equal(ids.begin() + at, ids.begin() + at + length, ids.begin() + last)) continue;
      const std::int64_t begin = at + length, end = std::min(size, begin + most);
      return {ids.begin() + begin, ids.begin() + end};
    }
  }
  return {};
}

}  // namespace r1
