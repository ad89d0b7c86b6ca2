#include "formats/convert/weight_source.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "formats/stored_tensor.h"
#include "kernels/reference/quantization.h"

namespace r1 {
namespace {

constexpr std::int64_t kScaleBlock = 128;  // of DeepSeek's fp8 weights, in both dimensions

/// One scale for each 128x128 block of an fp8 matrix.
WeightSource scaled(WeightSource source, const TensorView& scales, const std::string& name) {
  const std::int64_t down = (source.rows + kScaleBlock - 1) / kScaleBlock;
  const std::int64_t across = (source.columns + kScaleBlock - 1) / kScaleBlock;
  if (scales.shape != std::vector<std::int64_t>{down, across}) {
    throw Error(name, "has scales that don't fit blocks of 128 x 128");
  }
  auto numbers = std::make_shared<std::vector<float>>(static_cast<std::size_t>(down * across));
  dequantize(scales.dtype, scales.bytes.data(), down * across, numbers->data());
  auto read = [plain = std::move(source.read), numbers, across, columns = source.columns](
                  std::int64_t first, std::int64_t count, float* out) {
    plain(first, count, out);
    for (std::int64_t row = 0; row < count; ++row) {
      const float* scale = numbers->data() + (first + row) / kScaleBlock * across;
      for (std::int64_t i = 0; i < columns; ++i) out[row * columns + i] *= scale[i / kScaleBlock];
    }
  };
  return {source.rows, source.columns, DType::bf16, std::move(read), std::nullopt, {}};
}

}  // namespace

WeightSource source_of(DType type, const std::vector<std::int64_t>& shape,
                       std::span<const std::byte> bytes) {
  const std::int64_t columns = shape.empty() ? 1 : shape.back();
  const std::int64_t rows = columns == 0 ? 0 : element_count(shape).value_or(0) / columns;
  const std::int64_t row_bytes = bytes_of(type, columns);
  auto read = [=](std::int64_t first, std::int64_t count, float* out) {
    dequantize(type, bytes.data() + first * row_bytes, count * columns, out);
  };
  auto copy = [=](std::int64_t first, std::int64_t count, std::byte* out) {
    std::memcpy(out, bytes.data() + first * row_bytes, static_cast<std::size_t>(count * row_bytes));
  };
  return {rows, columns, type, std::move(read), type, std::move(copy)};
}

WeightSource source_of(const Checkpoint& model, const std::string& name) {
  const TensorView& view = model.at(name);
  WeightSource source = source_of(view.dtype, view.shape, view.bytes);
  if (view.dtype != DType::f8_e4m3) return source;
  return scaled(std::move(source), model.at(name + "_scale_inv"), name);
}

WeightSource gathered(std::vector<WeightSource> sources, std::int64_t rows,
                      const std::function<SourceRow(std::int64_t)>& find) {
  assert(!sources.empty());
  WeightSource result{rows, sources[0].columns, sources[0].own_type, {}, sources[0].stored, {}};
  for (const WeightSource& source : sources) {
    assert(source.columns == result.columns);
    if (source.stored != result.stored) result.stored.reset();
  }
  const auto shared = std::make_shared<const std::vector<WeightSource>>(std::move(sources));
  result.read = [=, columns = result.columns](std::int64_t first, std::int64_t count, float* out) {
    for (std::int64_t row = 0; row < count; ++row) {
      const SourceRow place = find(first + row);
      (*shared)[place.source].read(place.row, 1, out + row * columns);
    }
  };
  if (!result.stored) return result;
  const std::int64_t row_bytes = bytes_of(*result.stored, result.columns);
  result.copy = [=](std::int64_t first, std::int64_t count, std::byte* out) {
    for (std::int64_t row = 0; row < count; ++row) {
      const SourceRow place = find(first + row);
      (*shared)[place.source].copy(place.row, 1, out + row * row_bytes);
    }
  };
  return result;
}

WeightSource transposed_blocks(WeightSource source, std::int64_t block_rows) {
  struct Decoded {
    std::once_flag once;
    std::vector<float> numbers;
  };
  const auto decoded = std::make_shared<Decoded>();
  const std::int64_t columns = source.columns, blocks = source.rows / block_rows;
  // Transposing tears a quantized type's blocks apart.
  const DType own_type = is_quantized(source.own_type) ? DType::f32 : source.own_type;
  auto read = [=, all = std::move(source)](std::int64_t first, std::int64_t count, float* out) {
    std::call_once(decoded->once, [&] {
      decoded->numbers.resize(static_cast<std::size_t>(all.rows * columns));
      all.read(0, all.rows, decoded->numbers.data());
    });
    for (std::int64_t row = 0; row < count; ++row) {
      const std::int64_t block = (first + row) / columns, column = (first + row) % columns;
      const float* from = decoded->numbers.data() + block * block_rows * columns + column;
      for (std::int64_t i = 0; i < block_rows; ++i) out[row * block_rows + i] = from[i * columns];
    }
  };
  return {blocks * columns, block_rows, own_type, std::move(read), std::nullopt, {}};
}

WeightSource source_of_numbers(std::vector<float> numbers) {
  const auto columns = static_cast<std::int64_t>(numbers.size());
  auto read = [numbers = std::move(numbers)](std::int64_t, std::int64_t count, float* out) {
    if (count > 0) std::copy(numbers.begin(), numbers.end(), out);
  };
  return {1, columns, DType::f32, std::move(read), std::nullopt, {}};
}

}  // namespace r1
