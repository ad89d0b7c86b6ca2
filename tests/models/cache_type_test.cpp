#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "models/model.h"
#include "models/tiny_model.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

TEST(CacheType, rows_that_blocks_do_not_divide_are_refused_at_load) {
  const TemporaryFolder folder;
  write_tiny_llama(folder / "fits", 50);
  EXPECT_NO_THROW(Model::load(Checkpoint::open(folder / "fits"), {.cache_type = DType::q8_0}));
  write_tiny_llama(folder / "odd", 50, 12);  // rows of 48 numbers
  const Checkpoint odd = Checkpoint::open(folder / "odd");
  EXPECT_NO_THROW(Model::load(odd, {.cache_type = DType::bf16}));
  try {
    Model::load(odd, {.cache_type = DType::q8_0});
    FAIL() << "loaded";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("48 numbers a position"), std::string::npos);
  }
}

}  // namespace
}  // namespace r1
