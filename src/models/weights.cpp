#include "models/weights.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/float_types.h"
#include "base/mapped_pages.h"
#include "base/threads.h"
#include "kernels/packing.h"
#include "kernels/reference/quantization.h"
#include "ops/fp8.h"

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

/// Writes what stands in a parameter as the rows of a weight, rounded to its type. `to` has place
/// for the rows, which are packed if `packed`.
void make_weight(const Learned& source, const Matrix& rows, bool packed, std::byte* to) {
  const float* from = source.parameter.data() + source.first_row * source.parameter.width();
  const auto number = [&](std::int64_t row, std::int64_t col) {
    return source.transposed ? from[col * rows.rows + row] : from[row * rows.cols + col];
  };
  parallel_blocks(rows.rows, 64, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> line(static_cast<std::size_t>(rows.cols));
    std::vector<std::byte> block(static_cast<std::size_t>((end - begin) * rows.row_bytes));
    for (std::int64_t row = begin; row < end; ++row) {
      for (std::int64_t col = 0; col < rows.cols; ++col) {
        line[static_cast<std::size_t>(col)] = number(row, col);
      }
      quantize(rows.dtype, line.data(), rows.cols, block.data() + (row - begin) * rows.row_bytes);
    }
    Matrix part = rows.slice(begin, end - begin);
    part.data = block.data();
    if (packed && can_pack(part)) {
      pack(part, to + begin * rows.row_bytes);
    } else {
      std::memcpy(to + begin * rows.row_bytes, block.data(), block.size());
    }
  });
}

Matrix matrix_of(const std::byte* data, DType type, std::int64_t rows, std::int64_t cols) {
  return {.data = data,
          .dtype = type,
          .rows = rows,
          .cols = cols,
          .row_bytes = bytes_of(type, cols),
          .block_scales = nullptr,
          .packed = false};
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
  layer.weight = matrix_of(view.bytes.data(), view.dtype, rows, cols);
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
  release_mapped({from.data, static_cast<std::size_t>(bytes)});
  layer.weight.data = memory.get();
  layer.weight.packed = true;
  layer.owner = memory;
}

/// A parameter of the tensor's name, made at the first call.
Tensor WeightLoader::parameter(const std::string& tensor, Tensor::Shape shape) const {
  if (const Tensor* known = parameters_->find(tensor); known != nullptr) return *known;
  Tensor numbers = Tensor::empty(std::move(shape));
  const Linear source = plain(tensor, numbers.rows(), numbers.width());
  parallel_blocks(numbers.rows(), 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      dequantize_row(source.weight, row, numbers.data() + row * numbers.width());
    }
  });
  release_mapped({source.weight.data, static_cast<std::size_t>(source.bytes())});
  parameters_->add(tensor, numbers);
  return numbers;
}

/// A layer [out, in] that multiplies what stands in a parameter, rounded to `type`.
Linear WeightLoader::learned(const Learned& source, std::int64_t out, std::int64_t in, bool packed,
                             DType type) const {
  Linear layer;
  layer.precision = options_.precision;
  layer.learned = source;
  if (type == DType::f32 && !source.transposed) {
    const float* numbers = source.parameter.data() + source.first_row * source.parameter.width();
    layer.weight = matrix_of(reinterpret_cast<const std::byte*>(numbers), type, out, in);
    return layer;
  }
  const std::shared_ptr<std::byte> memory = large_memory(bytes_of(type, out * in));
  const Matrix rows = matrix_of(memory.get(), type, out, in);
  layer.owner = memory;
  layer.weight = rows;
  layer.weight.packed = packed && options_.pack && can_pack(rows);
  parameters_->derive([memory, rows, source, packed = layer.weight.packed] {
    make_weight(source, rows, packed, memory.get());
  });
  return layer;
}

/// The same rounded to FP8 in blocks of the whole parameter, as floats.
Linear WeightLoader::learned_fp8(const Learned& source, std::int64_t out, std::int64_t in) const {
  Tensor& rounded = fp8_[source.parameter.data()];
  if (!rounded.defined()) {
    rounded = Tensor::empty(source.parameter.shape());
    parameters_->derive([from = source.parameter, to = rounded]() mutable {
      fp8_by_blocks({from.data(), from.rows(), from.width(), from.width()}, to.data());
    });
  }
  Linear layer =
      learned({rounded, source.first_row, source.transposed}, out, in, false, DType::f32);
  layer.learned = source;
  layer.fp8 = true;
  return layer;
}

Linear WeightLoader::table(const std::string& name, std::int64_t out, std::int64_t in) const {
  if (options_.learn != Learn::weights) return plain(name + ".weight", out, in);
  return learned({parameter(name + ".weight", {out, in})}, out, in, false, options_.learned_type);
}

Linear WeightLoader::linear(const std::string& name, std::int64_t out, std::int64_t in,
                            bool bias) const {
  Linear layer;
  if (options_.learn == Learn::weights) {
    const Learned source = {parameter(name + ".weight", {out, in})};
    layer =
        options_.fp8 && is_projection(name)
            ? learned_fp8(source, out, in)
            : learned(source, out, in, options_.precision != Precision::f32, options_.learned_type);
  } else {
    layer = plain(name + ".weight", out, in);
    pack_rows(layer);
  }
  if (bias && has(name + ".bias")) layer.bias = vector(name + ".bias", out);
  adapt(name, layer);
  return layer;
}

/// Rows of a parameter, or (transposed) those as columns: [rows, cols], made again when it changed.
Tensor WeightLoader::copy_of_part(const Learned& source, std::int64_t rows,
                                  std::int64_t cols) const {
  Tensor copy = Tensor::empty({rows, cols});
  parameters_->derive([copy, source, rows, cols]() mutable {
    auto* to = reinterpret_cast<std::byte*>(copy.data());
    make_weight(source, matrix_of(to, DType::f32, rows, cols), false, to);
  });
  return copy;
}

void WeightLoader::adapt(const std::string& name, Linear& layer) const {
  adapt_part(name, layer.out(), layer.in(), 0, false, layer);
}

void WeightLoader::adapt_part(const std::string& name, std::int64_t out, std::int64_t in,
                              std::int64_t first, bool transposed, Linear& layer) const {
  if (!options_.adapter) return;
  const LowRank* found = options_.adapter->find(name, out, in);
  if (found == nullptr) return;
  LowRank change = *found;
  const bool turns = name.ends_with(".q_proj") || name.ends_with(".k_proj");
  if (turns && checkpoint_.interleaved_rope()) {
    const auto head_dims = checkpoint_.config().at("head_dim").get<std::int64_t>();
    change.b = with_neighbouring_pairs(change.b, head_dims);
  }
  if (adapted_.insert(name).second && options_.learn == Learn::adapter) {
    parameters_->add("base_model.model." + name + ".lora_A.weight", change.a);
    parameters_->add("base_model.model." + name + ".lora_B.weight", change.b);
  }
  const std::int64_t rank = change.a.dim(0);
  if (transposed) {  // (B A)^T = A^T B^T
    change.learned_a = {change.b, first, true};
    change.learned_b = {change.a, 0, true};
    change.a = copy_of_part(change.learned_a, rank, layer.in());
    change.b = copy_of_part(change.learned_b, layer.out(), rank);
  } else if (layer.out() < out) {
    change.learned_a = {change.a};
    change.learned_b = {change.b, first};
    change.b = copy_of_part(change.learned_b, layer.out(), rank);
  }
  layer.adapters.push_back(std::move(change));
}

void WeightLoader::require_whole_adapter() const {
  if (!options_.adapter) return;
  for (const auto& [name, change] : options_.adapter->layers()) {
    if (adapted_.count(name) > 0) continue;
    const std::string where = options_.adapter->folder().string();
    // How PEFT names what it changes where a library keeps all experts in one tensor.
    if (name.ends_with(".mlp.experts") || name.ends_with(".mlp.experts.base_layer")) {
      throw Error(where, "changes " + name + ", all routed experts as one tensor",
                  "merge the adapter into the model with PEFT, or train one that names experts one "
                  "by one");
    }
    throw Error(where, "changes " + name + ", which this model lacks or can't have changed",
                "take the model that the adapter was trained for");
  }
}

std::vector<Linear> WeightLoader::slices(const std::string& tensor, std::int64_t count,
                                         std::int64_t out, std::int64_t in) const {
  if (options_.learn == Learn::weights) {
    const Tensor all = parameter(tensor, {count, out, in});
    std::vector<Linear> layers;
    for (std::int64_t i = 0; i < count; ++i) {
      layers.push_back(learned({all, i * out}, out, in, out % 16 == 0, options_.learned_type));
    }
    return layers;
  }
  Linear all = plain(tensor, count * out, in);
  if (out % 16 == 0) pack_rows(all);
  std::vector<Linear> layers(static_cast<std::size_t>(count), all);
  for (std::int64_t i = 0; i < count; ++i) {
    layers[static_cast<std::size_t>(i)].weight = all.weight.slice(i * out, out);
  }
  return layers;
}

Tensor WeightLoader::vector(const std::string& name, std::int64_t count) const {
  if (options_.learn != Learn::weights) return constants(name, count);
  if (const Tensor* known = parameters_->find(name); known != nullptr) return *known;
  Tensor numbers = constants(name, count);
  parameters_->add(name, numbers);
  return numbers;
}

Linear WeightLoader::copy_of(const Linear& same, const std::string& name) const {
  const bool shared = same.learned.parameter.defined() || !has(name + ".weight");
  return shared ? same : linear(name, same.out(), same.in());
}

Tensor WeightLoader::constants(const std::string& name, std::int64_t count) const {
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
  if (options_.learn == Learn::weights) return parameter(name + ".weight", {out, in});
  const Linear layer = plain(name + ".weight", out, in);
  Tensor numbers = Tensor::empty({out, in});
  for (std::int64_t row = 0; row < out; ++row) {
    dequantize_row(layer.weight, row, numbers.data() + row * in);
  }
  return numbers;
}

Linear WeightLoader::part(const Tensor& floats, std::int64_t first, std::int64_t count,
                          bool transposed, DType like) const {
  const std::int64_t width = floats.width();
  const std::int64_t out = transposed ? width : count, in = transposed ? count : width;
  const Learned source = {floats, first, transposed};
  if (options_.learn == Learn::weights) {
    return options_.fp8 ? learned_fp8(source, out, in)
                        : learned(source, out, in, false, options_.learned_type);
  }
  const bool as_float =
      options_.precision == Precision::f32 || like == DType::f32 || like == DType::f16;
  const DType type = as_float ? DType::f32 : DType::bf16;
  const std::shared_ptr<std::byte> memory = large_memory(bytes_of(type, out * in));
  Linear layer;
  layer.weight = matrix_of(memory.get(), type, out, in);
  layer.owner = memory;
  layer.precision = options_.precision;
  make_weight(source, layer.weight, false, memory.get());
  return layer;
}

FeedForward WeightLoader::feed_forward(const std::string& name, std::int64_t width,
                                       std::int64_t inner) const {
  return {linear(name + ".gate_proj", inner, width), linear(name + ".up_proj", inner, width),
          linear(name + ".down_proj", width, inner)};
}

}  // namespace r1
