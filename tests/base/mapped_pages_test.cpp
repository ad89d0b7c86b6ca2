#include "base/mapped_pages.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "base/files.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

constexpr std::size_t kBytes = std::size_t{1} << 20;

/// KiB of the file's maps that stand in this process's memory.
int resident_kib(const std::filesystem::path& file) {
  std::ifstream maps("/proc/self/smaps");
  bool is_of_file = false;
  int sum = 0;
  for (std::string word, line; maps >> word && std::getline(maps, line);) {
    if (word.find('-') != std::string::npos) is_of_file = line.ends_with(file.string());
    if (is_of_file && word == "Rss:") sum += std::stoi(line);
  }
  return sum;
}

TEST(MappedPages, a_files_pages_are_given_back_and_can_be_read_again) {
  const TemporaryFolder folder;
  write_file(folder / "map", std::string(kBytes, 'x'));
  const MappedFile file(folder / "map");
  const auto is_x = [](std::byte byte) { return byte == std::byte{'x'}; };
  ASSERT_TRUE(std::all_of(file.bytes().begin(), file.bytes().end(), is_x));
  ASSERT_EQ(resident_kib(folder / "map"), 1024);
  // All but a part of the first page and of the last one, which others may be reading.
  release_mapped(file.bytes().subspan(1, kBytes - 2));
  EXPECT_EQ(resident_kib(folder / "map"), 2 * ::sysconf(_SC_PAGESIZE) / 1024);
  EXPECT_TRUE(std::all_of(file.bytes().begin(), file.bytes().end(), is_x));
}

TEST(MappedPages, memory_that_maps_no_file_keeps_its_bytes) {
  std::vector<std::byte> memory(kBytes, std::byte{'x'});
  release_mapped(memory);
  EXPECT_EQ(std::count(memory.begin(), memory.end(), std::byte{'x'}), kBytes);
  // Nor does what was a map once: the address may belong to something else by now.
  note_mapped(memory);
  forget_mapped(memory);
  release_mapped(memory);
  EXPECT_EQ(std::count(memory.begin(), memory.end(), std::byte{'x'}), kBytes);
  // Bytes that reach beyond a map are no part of it.
  note_mapped(std::span(memory).first(kBytes / 2));
  release_mapped(memory);
  forget_mapped(std::span(memory).first(kBytes / 2));
  EXPECT_EQ(std::count(memory.begin(), memory.end(), std::byte{'x'}), kBytes);
}

}  // namespace
}  // namespace r1
