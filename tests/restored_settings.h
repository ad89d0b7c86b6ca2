// The instruction set and the threads that a test changes are as before when it ends.
#pragma once

#include "base/threads.h"
#include "kernels/isa.h"

namespace r1 {

struct RestoredSettings {
  RestoredSettings() = default;
  RestoredSettings(const RestoredSettings&) = delete;
  RestoredSettings& operator=(const RestoredSettings&) = delete;
  ~RestoredSettings() {
    set_isa(available_isas().back());
    set_threads(2);
  }
};

}  // namespace r1
