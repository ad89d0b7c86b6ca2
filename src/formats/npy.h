// NumPy's .npy files of float32 numbers, the form in which tensors are compared with other
// programs. Format: numpy.lib.format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/files.h"

namespace r1 {

struct NpyArray {
  std::vector<std::int64_t> shape;
  std::vector<float> numbers;  // row-major
};

/// Reads float32 in C order. Throws Error for anything else.
NpyArray read_npy(const std::filesystem::path& path);

/// Writes float32 in C order as the numbers come: as many as the product of the shape. The file
/// appears when `finish` returns, or not at all.
class NpyWriter {
 public:
  NpyWriter(const std::filesystem::path& path, std::span<const std::int64_t> shape);
  void write(std::span<const float> numbers);
  void finish();

 private:
  FileWriter file_;
  std::int64_t missing_;  // numbers still to come
};

/// The same at once; the product of the shape is the count of numbers.
void write_npy(const std::filesystem::path& path, std::span<const std::int64_t> shape,
               std::span<const float> numbers);

}  // namespace r1
