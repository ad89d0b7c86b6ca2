#include "base/tensor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace r1 {
namespace {

TEST(TensorMemory, kept_and_in_use_are_little_more_than_was_once_in_use) {
  const std::int64_t before = tensor_memory().in_use;
  keep_tensor_memory(std::int64_t{1} << 40);
  release_tensor_memory();
  std::int64_t most = 0;
  // Steps of a trainer whose documents have other lengths each time.
  for (std::int64_t step = 0; step < 60; ++step) {
    std::vector<Tensor> tensors;
    for (std::int64_t i = 0; i < 8; ++i) {
      tensors.push_back(Tensor::empty({10000 + (step * 7919 + i * 104729) % 90000, 1000}));
      most = std::max(most, tensor_memory().in_use - before);
      const TensorMemory now = tensor_memory();
      EXPECT_LE(now.in_use - before + now.kept, most + most / 8 + (768 << 20));
    }
  }
  EXPECT_EQ(tensor_memory().in_use, before);
  EXPECT_GT(tensor_memory().kept, 0);
  release_tensor_memory();
  EXPECT_EQ(tensor_memory().kept, 0);
  keep_tensor_memory(std::int64_t{192} << 20);
}

TEST(TensorMemory, a_tensor_takes_what_one_of_its_size_gave_back) {
  const float* place = Tensor::empty({50, 1000}).data();
  EXPECT_EQ(Tensor::empty({1000, 50}).data(), place);
}

}  // namespace
}  // namespace r1
