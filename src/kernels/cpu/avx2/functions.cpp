#include "kernels/panel.h"

namespace r1::panel {
const Functions& avx2_functions() {
  return reference_functions();
}
}  // namespace r1::panel
