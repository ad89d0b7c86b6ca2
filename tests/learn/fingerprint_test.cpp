#include "learn/fingerprint.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/files.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

TEST(Fingerprint, of_a_file_is_that_of_its_bytes_whatever_their_number) {
  const TemporaryFolder folder;
  for (const std::size_t size :
       {0UL, 1UL, (1UL << 20) - 1, 1UL << 20, (1UL << 20) + 1, 3000000UL}) {
    std::string text(size, 'a');
    if (size > 0) text[size / 2] = 'b';
    write_file(folder / "file", text);
    const FileFingerprint file = file_fingerprint(folder / "file");
    EXPECT_EQ(file.bytes, size);
    EXPECT_EQ(file.text, fingerprint(std::as_bytes(std::span(text)))) << size;
  }
  EXPECT_THROW(file_fingerprint(folder / "none"), Error);
  EXPECT_THROW(file_fingerprint(folder.path()), Error);
}

}  // namespace
}  // namespace r1
