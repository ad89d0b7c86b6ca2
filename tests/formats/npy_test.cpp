#include "formats/npy.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "base/files.h"

namespace r1 {
namespace {

const std::filesystem::path kFile = std::filesystem::temp_directory_path() / "r1_npy_test.npy";

TEST(Npy, arrays_of_any_rank_come_back_as_they_were_written) {
  const std::vector<std::vector<std::int64_t>> shapes = {{}, {3}, {2, 3}, {0, 4}, {1, 2, 2}};
  for (const auto& shape : shapes) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    std::vector<float> numbers;
    for (std::int64_t i = 0; i < count; ++i) numbers.push_back(0.1f * static_cast<float>(i) - 1.0f);
    write_npy(kFile, shape, numbers);
    EXPECT_EQ(std::filesystem::file_size(kFile) % 4, 0u);
    const NpyArray read = read_npy(kFile);
    EXPECT_EQ(read.shape, shape);
    EXPECT_EQ(read.numbers, numbers);
  }
  std::filesystem::remove(kFile);
}

TEST(Npy, files_cut_off_anywhere_or_of_other_types_are_refused) {
  write_npy(kFile, std::vector<std::int64_t>{2, 2}, std::vector<float>{1, 2, 3, 4});
  const std::string whole = read_file(kFile);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write_file(kFile, whole.substr(0, size));
    EXPECT_THROW(read_npy(kFile), Error) << size;
  }
  for (const auto& [from, to] : {std::pair("<f4", "<f8"), std::pair("False", "True "),
                                 std::pair("(2, 2)", "(2,-2)"), std::pair("(2, 2)", "(3, 2)")}) {
    std::string other = whole;
    other.replace(other.find(from), std::string(from).size(), to);
    write_file(kFile, other);
    EXPECT_THROW(read_npy(kFile), Error) << to;
  }
  std::filesystem::remove(kFile);
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
