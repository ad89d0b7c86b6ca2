#include "base/memory.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <limits>
#include <string>

namespace r1 {
namespace {

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

/// The number in a file of the kernel, or `otherwise` ("max", no such file).
std::int64_t number_in(const std::string& path, std::int64_t otherwise) {
  std::ifstream file(path);
  std::int64_t number = 0;
  return file >> number ? number : otherwise;
}

/// The line "0::/some/group" of /proc/self/cgroup, without its beginning.
std::string control_group() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return "/";
}

struct Limit {
  std::int64_t most = kUnlimited, left = kUnlimited;
};

/// The tightest limit of the process's control group and the groups around it.
Limit group_limit() {
  Limit limit;
  std::string group = control_group();
  for (;;) {
    const std::string folder = "/sys/fs/cgroup" + (group == "/" ? "" : group);
    const std::int64_t most = number_in(folder + "/memory.max", kUnlimited);
    limit.most = std::min(limit.most, most);
    if (most != kUnlimited) {
      limit.left = std::min(limit.left, most - number_in(folder + "/memory.current", 0));
    }
    if (group.empty() || group == "/") return limit;
    group = group.substr(0, group.rfind('/'));
  }
}

/// A line of /proc/meminfo in bytes.
std::int64_t meminfo(const std::string& name) {
  std::ifstream file("/proc/meminfo");
  for (std::string word; file >> word;) {
    std::int64_t kilobytes = 0;
    if (word == name + ":" && file >> kilobytes) return kilobytes * 1024;
  }
  return kUnlimited;
}

}  // namespace

std::int64_t physical_memory() {
  return std::min(meminfo("MemTotal"), group_limit().most);
}

std::int64_t available_memory() {
  const std::int64_t left = std::max<std::int64_t>(group_limit().left, 0);
  return std::min({physical_memory(), meminfo("MemAvailable"), left});
}

std::string readable_bytes(std::int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"KB", "MB", "GB", "TB", "PB"};
  auto amount = static_cast<double>(bytes) / 1e3;
  std::size_t unit = 0;
  while (amount >= 999.5 && unit + 1 < kUnits.size()) {
    amount /= 1e3;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), amount < 10.0 ? "%.1f %s" : "%.0f %s", amount,
                kUnits[unit]);
  return text.data();
}

}  // namespace r1
