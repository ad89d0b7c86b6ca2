#include "models/weights.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/float_types.h"
#include "base/threads.h"
#include "kernels/packing.h"
#include "kernels/reference/quantization.h"

namespace r1 {
namespace {

/// Memory in large pages where the system has them, given back with the last copy.
std::shared_ptr<std::byte> large_memory(std::int64_t bytes) {
  const auto size = static_cast<std::size_t>(bytes);
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  ::madvise(memory, size, MADV_HUGEPAGE);
  return {static_cast<std::byte*>(memory), [size](std::byte* p) { ::munmap(p, size); }};
}

/// Tells the system that these bytes of a map won't be read again soon, so that a model's file and
/// its packed copy don't both count as memory in use.
void release_pages(const std::byte* begin, std::int64_t bytes) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto first = (reinterpret_cast<std::uintptr_t>(begin) + page - 1) / page * page;
  const auto last =
      (reinterpret_cast<std::uintptr_t>(begin) + static_cast<std::uintptr_t>(bytes)) / page * page;
  if (first < last) ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::int64_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

}  // namespace

WeightLoader::WeightLoader(Checkpoint checkpoint, const LoadOptions& options)
    : checkpoint_(std::move(checkpoint)),
      keep_(std::make_shared<const Checkpoint>(checkpoint_)),
      options_(options) {}

Linear WeightLoader::plain(const std::string& tensor, std::int64_t rows, std::int64_t cols) const {
  const TensorView& view = checkpoint_.at(tensor);
  const std::string where = checkpoint_.path().string();
  if (view.elements() != rows * cols || view.shape.empty() || view.shape.back() != cols) {
    throw Error(where, tensor + " has the shape " + shape_text(view.shape) + ", not " +
                           shape_text({rows, cols}) + " as the configuration says");
  }
  const bool known = view.dtype == DType::f32 || view.dtype == DType::f16 ||
                     view.dtype == DType::bf16 || view.dtype == DType::f8_e4m3 ||
                     is_quantized(view.dtype);
  if (!known || cols % info(view.dtype).block != 0) {
    throw Error(where, tensor + " is of type " + std::string(name(view.dtype)) +
                           ", which can't be multiplied with");
  }
  Linear layer;
  layer.weight = {.data = view.bytes.data(),
                  .dtype = view.dtype,
                  .rows = rows,
                  .cols = cols,
                  .row_bytes = bytes_of(view.dtype, cols),
                  .block_scales = nullptr,
                  .packed = false};
  layer.owner = keep_;
  layer.precision = options_.precision;
  if (const TensorView* scales = checkpoint_.find(tensor + "_scale_inv"); scales != nullptr) {
    const std::int64_t blocks = (rows + 127) / 128 * ((cols + 127) / 128);
    if (scales->dtype != DType::f32 || scales->elements() != blocks) {
      throw Error(where, tensor + "_scale_inv has the shape " + shape_text(scales->shape) +
                             ", not one float a block of 128 x 128");
    }
    layer.weight.block_scales = reinterpret_cast<const float*>(scales->bytes.data());
  }
  return layer;
}

void WeightLoader::pack_rows(Linear& layer) const {
  if (!options_.pack || options_.precision == Precision::f32 || !can_pack(layer.weight)) return;
  const Matrix from = layer.weight;
  const std::int64_t bytes = from.rows * from.row_bytes;
  const std::shared_ptr<std::byte> memory = large_memory(bytes);
  constexpr std::int64_t kRows = 64;
  parallel_blocks(from.rows, kRows, [&](std::int64_t begin, std::int64_t end) {
    const Matrix part = from.slice(begin, end - begin);
    std::byte* to = memory.get() + begin * from.row_bytes;
    if (can_pack(part)) {
      pack(part, to);
    } else {
      std::memcpy(to, part.data, static_cast<std::size_t>(part.rows * part.row_bytes));
    }
  });
  release_pages(from.data, bytes);
  layer.weight.data = memory.get();
  layer.weight.packed = true;
  layer.owner = memory;
}

Linear WeightLoader::table(const std::string& name, std::int64_t out, std::int64_t in) const {
  return plain(name + ".weight", out, in);
}

Linear WeightLoader::linear(const std::string& name, std::int64_t out, std::int64_t in,
                            bool bias) const {
  Linear layer = plain(name + ".weight", out, in);
  pack_rows(layer);
  if (bias && has(name + ".bias")) layer.bias = vector(name + ".bias", out);
  adapt(name, layer);
  return layer;
}

void WeightLoader::adapt(const std::string& name, Linear& layer) const {
  // Experts are computed in groups that know no adapters.
  if (!options_.adapter || name.find(".experts.") != std::string::npos) return;
  const LowRank* found = options_.adapter->find(name, layer.out(), layer.in());
  if (found == nullptr) return;
  LowRank change = *found;
  const bool turns = name.ends_with(".q_proj") || name.ends_with(".k_proj");
  if (turns && checkpoint_.interleaved_rope()) {
    const auto head_dims = checkpoint_.config().at("head_dim").get<std::int64_t>();
    change.b = with_neighbouring_pairs(change.b, head_dims);
  }
  layer.adapters.push_back(std::move(change));
  adapted_.insert(name);
}

void WeightLoader::require_whole_adapter() const {
  if (!options_.adapter) return;
  for (const auto& [name, change] : options_.adapter->layers()) {
    if (adapted_.count(name) == 0) {
      throw Error(options_.adapter->folder().string(),
                  "changes " + name + ", which this model lacks or can't have changed",
                  "take the model that the adapter was trained for");
    }
  }
}

std::vector<Linear> WeightLoader::slices(const std::string& tensor, std::int64_t count,
                                         std::int64_t out, std::int64_t in) const {
  Linear all = plain(tensor, count * out, in);
  if (out % 16 == 0) pack_rows(all);
  std::vector<Linear> layers(static_cast<std::size_t>(count), all);
  for (std::int64_t i = 0; i < count; ++i) {
    layers[static_cast<std::size_t>(i)].weight = all.weight.slice(i * out, out);
  }
  return layers;
}

Tensor WeightLoader::vector(const std::string& name, std::int64_t count) const {
  const TensorView& view = checkpoint_.at(name);
  if (view.elements() != count || is_quantized(view.dtype)) {
    throw Error(checkpoint_.path().string(), name + " has the shape " + shape_text(view.shape) +
                                                 ", not [" + std::to_string(count) + "]");
  }
  Tensor numbers = Tensor::empty({count});
  dequantize(view.dtype, view.bytes.data(), count, numbers.data());
  return numbers;
}

Tensor WeightLoader::floats(const std::string& name, std::int64_t out, std::int64_t in) const {
  const Linear layer = plain(name + ".weight", out, in);
  Tensor numbers = Tensor::empty({out, in});
  for (std::int64_t row = 0; row < out; ++row) {
    dequantize_row(layer.weight, row, numbers.data() + row * in);
  }
  return numbers;
}

Linear WeightLoader::made(const Tensor& numbers, DType like) const {
  const bool as_float =
      options_.precision == Precision::f32 || like == DType::f32 || like == DType::f16;
  const DType type = as_float ? DType::f32 : DType::bf16;
  const std::int64_t bytes = bytes_of(type, numbers.elements());
  const std::shared_ptr<std::byte> memory(
      static_cast<std::byte*>(
          std::aligned_alloc(64, static_cast<std::size_t>((bytes + 63) / 64 * 64))),
      std::free);
  if (memory == nullptr) throw std::bad_alloc();
  quantize(type, numbers.data(), numbers.elements(), memory.get());
  Linear layer;
  layer.weight = {.data = memory.get(),
                  .dtype = type,
                  .rows = numbers.dim(0),
                  .cols = numbers.dim(1),
                  .row_bytes = bytes_of(type, numbers.dim(1)),
                  .block_scales = nullptr,
                  .packed = false};
  layer.owner = memory;
  layer.precision = options_.precision;
  return layer;
}

FeedForward WeightLoader::feed_forward(const std::string& name, std::int64_t width,
                                       std::int64_t inner) const {
  return {linear(name + ".gate_proj", inner, width), linear(name + ".up_proj", inner, width),
          linear(name + ".down_proj", width, inner)};
}

}  // namespace r1
