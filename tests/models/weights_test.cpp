#include "models/weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "formats/convert/random_model.h"
#include "models/model.h"
#include "models/small_models.h"

namespace r1 {
namespace {

// A policy's snapshot, for one, is read again after a model was made of it.
TEST(Weights, packing_leaves_a_checkpoint_in_memory_as_it_was) {
  for (const Learn learn : {Learn::nothing, Learn::weights}) {
    const Checkpoint checkpoint = initial_model(small_config("llama"), 0.02f, 1);
    std::map<std::string, std::vector<std::byte>> before;
    for (const auto& [name, view] : checkpoint.tensors()) {
      before[name].assign(view.bytes.begin(), view.bytes.end());
    }
    Model::load(checkpoint, {.learn = learn});
    for (const auto& [name, view] : checkpoint.tensors()) {
      EXPECT_TRUE(std::equal(view.bytes.begin(), view.bytes.end(), before[name].begin(),
                             before[name].end()))
          << name;
    }
  }
}

}  // namespace
}  // namespace r1
