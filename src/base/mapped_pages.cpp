#include "base/mapped_pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

namespace r1 {
namespace {

struct Maps {
  std::mutex mutex;
  std::map<const std::byte*, std::size_t, std::less<>> sizes;
};

Maps& maps() {
  static Maps all;
  return all;
}

}  // namespace

void note_mapped(std::span<const std::byte> bytes) {
  const std::lock_guard lock(maps().mutex);
  maps().sizes[bytes.data()] = bytes.size();
}

void forget_mapped(std::span<const std::byte> bytes) {
  const std::lock_guard lock(maps().mutex);
  maps().sizes.erase(bytes.data());
}

void release_mapped(std::span<const std::byte> bytes) {
  const std::lock_guard lock(maps().mutex);
  auto map = maps().sizes.upper_bound(bytes.data());
  if (map == maps().sizes.begin()) return;
  --map;
  const auto offset = static_cast<std::size_t>(bytes.data() - map->first);
  if (offset >= map->second || bytes.size() > map->second - offset) return;
  // Only whole pages: what else stands on the first and the last one may still be read.
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<std::uintptr_t>(bytes.data());
  const std::uintptr_t first = (address + page - 1) / page * page;
  const std::uintptr_t end = (address + bytes.size()) / page * page;
  if (first >= end) return;
  void* memory = const_cast<std::byte*>(bytes.data() + (first - address));
  ::madvise(memory, end - first, MADV_DONTNEED);
}

}  // namespace r1
