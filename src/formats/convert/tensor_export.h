// Streams tensors into a file, computing their stored form on all threads as it goes.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "formats/convert/weight_source.h"

namespace r1 {

/// A tensor to write. Its source has as many numbers as the shape.
struct ExportTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  WeightSource source;
  DType type = DType::f32;  // to store it in
};

/// Gives the bytes of each tensor in order to `write`, in pieces of some megabytes; sources are
/// dropped once written. Rows stored in the wanted type are copied, others read and rounded. A
/// progress bar named `what` is drawn at a terminal. Throws Error if numbers that are to be
/// quantized aren't finite.
void export_tensors(std::vector<ExportTensor>& tensors, const std::string& what,
                    const std::function<void(std::span<const std::byte>)>& write);

}  // namespace r1
