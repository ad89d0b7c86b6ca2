#include "formats/npy.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

/// Quicker than write_file, which waits for the disk.
void overwrite(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

TEST(Npy, arrays_of_any_rank_come_back_as_they_were_written) {
  const TemporaryFolder folder;
  const auto file = folder / "a.npy";
  const std::vector<std::vector<std::int64_t>> shapes = {{}, {3}, {2, 3}, {0, 4}, {1, 2, 2}};
  for (const auto& shape : shapes) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    std::vector<float> numbers;
    for (std::int64_t i = 0; i < count; ++i) numbers.push_back(0.1f * static_cast<float>(i) - 1.0f);
    write_npy(file, shape, numbers);
    EXPECT_EQ(std::filesystem::file_size(file) % 4, 0u);
    const NpyArray read = read_npy(file);
    EXPECT_EQ(read.shape, shape);
    EXPECT_EQ(read.numbers, numbers);
  }
}

TEST(Npy, files_cut_off_anywhere_or_of_other_types_are_refused) {
  const TemporaryFolder folder;
  const auto file = folder / "a.npy";
  write_npy(file, std::vector<std::int64_t>{2, 2}, std::vector<float>{1, 2, 3, 4});
  const std::string whole = read_file(file);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    overwrite(file, whole.substr(0, size));
    EXPECT_THROW(read_npy(file), Error) << size;
  }
  for (const auto& [from, to] : {std::pair("<f4", "<f8"), std::pair("False", "True "),
                                 std::pair("(2, 2)", "(2,-2)"), std::pair("(2, 2)", "(3, 2)")}) {
    std::string other = whole;
    other.replace(other.find(from), std::string(from).size(), to);
    overwrite(file, other);
    EXPECT_THROW(read_npy(file), Error) << to;
  }
}

TEST(Npy, a_file_of_numpy_itself_is_read) {
  const std::filesystem::path golden =
      std::filesystem::path(R1_SHARED) / "goldens/quants/source.npy";
  if (!std::filesystem::exists(golden)) GTEST_SKIP() << "needs the folder of goldens (R1_SHARED)";
  const NpyArray array = read_npy(golden);
  EXPECT_EQ(array.shape, (std::vector<std::int64_t>{8, 512}));
}

}  // namespace
}  // namespace r1
