#include "base/files.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1 {
namespace {

const std::filesystem::path kFolder = std::filesystem::temp_directory_path() / "r1_files_test";

TEST(Files, a_writer_without_commit_leaves_the_old_file_and_nothing_else) {
  std::filesystem::remove_all(kFolder);
  std::filesystem::create_directories(kFolder);
  write_file(kFolder / "a", "old");
  {
    FileWriter writer(kFolder / "a");
    writer.write("new");
  }
  EXPECT_EQ(read_file(kFolder / "a"), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(kFolder), {}), 1);
}

TEST(Files, writes_of_any_size_arrive_whole) {
  std::filesystem::create_directories(kFolder);
  const std::string text(3 * (1 << 20) + 17, 'x');
  FileWriter writer(kFolder / "b");
  writer.write(text);
  writer.write("end");
  EXPECT_EQ(writer.position(), static_cast<std::int64_t>(text.size()) + 3);
  writer.commit();
  EXPECT_EQ(read_file(kFolder / "b"), text + "end");
  EXPECT_EQ(MappedFile(kFolder / "b").bytes().size(), text.size() + 3);
}

TEST(Files, a_missing_file_a_folder_and_an_oversized_file_are_errors) {
  std::filesystem::create_directories(kFolder);
  write_file(kFolder / "c", "12345");
  EXPECT_THROW(read_file(kFolder / "absent"), Error);
  EXPECT_THROW(read_file(kFolder), Error);
  EXPECT_THROW(read_file(kFolder / "c", 4), Error);
  EXPECT_THROW(MappedFile{kFolder / "absent"}, Error);
}

}  // namespace
}  // namespace r1
