// The table of this set: AVX-512's, but for the products that tiles do.
#include "kernels/cpu/amx/functions.h"

namespace r1::panel {

const Functions& amx_functions() {
  static const Functions kFunctions = [] {
    Functions functions = avx512_functions();
    functions.unpack_int8 = amx::unpack_int8;
    functions.multiply_int8 = amx::multiply_int8;
    functions.multiply_bf16 = amx::multiply_bf16;
    functions.dot_bf16 = amx::dot_bf16;
    return functions;
  }();
  return kFunctions;
}

}  // namespace r1::panel
