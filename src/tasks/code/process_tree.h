// What a process and its descendants use, as /proc tells.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace r1 {

struct TreeUse {
  std::int64_t private_memory = 0;  // resident bytes that are no file's, of all together
  double waited = 0;                // seconds one of them was ready to run and wasn't, the most
};

/// Of those that live now; what /proc doesn't tell counts as nothing.
TreeUse use_of_tree(pid_t root);

}  // namespace r1
