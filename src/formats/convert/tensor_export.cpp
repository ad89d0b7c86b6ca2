#include "formats/convert/tensor_export.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/progress.h"
#include "base/threads.h"
#include "kernels/reference/quantization.h"

namespace r1 {
namespace {

constexpr std::int64_t kBatchNumbers = std::int64_t{1} << 23;  // written at once
constexpr std::int64_t kTaskNumbers = std::int64_t{1} << 16;   // computed by one thread at once

void require_finite(const std::vector<float>& numbers, const std::string& name) {
  float sum = 0.0f;  // NaN as soon as one number isn't finite
  for (const float number : numbers) sum += number * 0.0f;
  if (sum != 0.0f) {
    throw Error(name, "holds infinite numbers or NaN, which can't be quantized",
                "the model is damaged");
  }
}

/// The bytes of rows [first, first + count) in the wanted type.
void encode_rows(const ExportTensor& tensor, std::int64_t first, std::int64_t count,
                 std::byte* out) {
  const WeightSource& source = tensor.source;
  if (source.stored == tensor.type) return source.copy(first, count, out);
  std::vector<float> numbers(static_cast<std::size_t>(count * source.columns));
  source.read(first, count, numbers.data());
  if (is_quantized(tensor.type)) require_finite(numbers, tensor.name);
  quantize(tensor.type, numbers.data(), count * source.columns, out);
}

}  // namespace

void export_tensors(std::vector<ExportTensor>& tensors, const std::string& what,
                    const std::function<void(std::span<const std::byte>)>& write) {
  std::int64_t total = 0;
  for (const ExportTensor& tensor : tensors) total += tensor.source.rows * tensor.source.columns;
  Progress progress(what, total);
  std::vector<std::byte> batch;
  for (ExportTensor& tensor : tensors) {
    const std::int64_t rows = tensor.source.rows, columns = tensor.source.columns;
    const std::int64_t row_bytes = bytes_of(tensor.type, columns);
    const std::int64_t at_once =
        std::max<std::int64_t>(kBatchNumbers / std::max<std::int64_t>(columns, 1), 1);
    const std::int64_t task =
        std::max<std::int64_t>(kTaskNumbers / std::max<std::int64_t>(columns, 1), 1);
    for (std::int64_t first = 0; first < rows; first += at_once) {
      const std::int64_t count = std::min(at_once, rows - first);
      batch.resize(static_cast<std::size_t>(count * row_bytes));
      parallel_blocks(count, task, [&](std::int64_t begin, std::int64_t end) {
        encode_rows(tensor, first + begin, end - begin, batch.data() + begin * row_bytes);
      });
      write(batch);
      progress.advance(count * columns);
    }
    tensor.source = {};
  }
}

}  // namespace r1
