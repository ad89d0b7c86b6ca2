#include <algorithm>
#include <cassert>
#include <vector>

#include "base/threads.h"
#include "kernels/isa.h"
#include "kernels/matrix.h"
#include "kernels/packing.h"
#include "kernels/panel.h"
#include "kernels/running_sums.h"
#include "kernels/workspace.h"

namespace r1 {
namespace {

using panel::kFloatChunk;
using panel::kLanes;
using panel::kPanelRows;

constexpr std::int64_t kTokenTile = 512;     // tokens whose running sums stay in the L2 cache
constexpr std::int64_t kFloatColumns = 256;  // columns dequantized at a time in the float form
constexpr std::int64_t kScaleBlock = 128;    // fp8: rows and columns that share a factor

enum class Form : std::uint8_t { int8, bf16, floats };

Form form_of(const Matrix& matrix, Precision precision) {
  if (precision == Precision::f32) return Form::floats;
  if (panel::int8_format(matrix.dtype).group != 0) return Form::int8;
  return rounds_to_bf16(matrix, precision) ? Form::bf16 : Form::floats;
}

bool is_plain_float(DType type) {
  return type == DType::f32 || type == DType::f16 || type == DType::bf16;
}

std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// One task's activations in the form its weights want.
struct Activations {
  const float* x = nullptr;
  Form form = Form::floats;
  std::int64_t tokens = 0;
  panel::Int8Activations* int8 = nullptr;  // chunk c of token t is at c * tokens + t
  Bf16Rows bf16;
};

class Product {
 public:
  Product(std::span<const MatmulTask> tasks, Precision precision)
      : tasks_(tasks), functions_(panel::active_functions()) {
    round_activations(precision);
    divide();
  }

  void compute() {
    threads().parallel_for(static_cast<std::int64_t>(items_.size()), [&](std::int64_t i, int) {
      const Item& item = items_[static_cast<std::size_t>(i)];
      const MatmulTask& task = tasks_[item.task];
      for (std::int64_t row = item.first + dot(item), rows = 0; row < item.last; row += rows) {
        rows = std::min(kPanelRows, item.last - row);
        // The last rows of a packed matrix lie otherwise: they make a panel of their own.
        if (task.weights.packed && rows > kLanes) rows = rows / kLanes * kLanes;
        multiply(task, activations_[item.task], row, rows, item.token,
                 std::min(kTokenTile, task.tokens - item.token));
      }
    });
  }

 private:
  /// Rows [first, last) of a task's weights and kTokenTile tokens: what a thread takes at a time.
  struct Item {
    std::size_t task;
    std::int64_t first, last, token;
  };

  void round_activations(Precision precision);
  void divide();
  std::int64_t dot(const Item& item) const;
  void multiply(const MatmulTask& task, const Activations& x, std::int64_t row, std::int64_t rows,
                std::int64_t token, std::int64_t tokens) const;
  void multiply_int8(const MatmulTask& task, const Activations& x, panel::Source source,
                     std::int64_t token, std::int64_t tokens, float* sums) const;
  void unpack_bf16(const Matrix& w, panel::Source source, std::int64_t row, std::int64_t column,
                   panel::Bf16Panel& unpacked) const;
  void multiply_bf16(const MatmulTask& task, const Activations& x, const panel::Source& source,
                     std::int64_t row, std::int64_t token, std::int64_t tokens) const;
  void multiply_floats(const MatmulTask& task, panel::Source source, std::int64_t token,
                       std::int64_t tokens, float* sums) const;
  void multiply_dequantized(const MatmulTask& task, std::int64_t row, std::int64_t rows,
                            std::int64_t token, std::int64_t tokens, float* sums) const;

  std::span<const MatmulTask> tasks_;
  const panel::Functions& functions_;
  std::vector<Activations> activations_;
  std::vector<Item> items_;
};

void Product::round_activations(Precision precision) {
  static thread_local std::vector<Workspace> workspaces;
  if (workspaces.size() < tasks_.size()) workspaces.resize(tasks_.size());
  activations_.resize(tasks_.size());
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const MatmulTask& task = tasks_[i];
    Activations& mine = activations_[i];
    mine = {.x = task.x,
            .form = form_of(task.weights, precision),
            .tokens = task.tokens,
            .int8 = nullptr,
            .bf16 = {}};
    if (mine.form == Form::floats) continue;
    // One token is multiplied straight from chunks that follow each other.
    if (mine.form == Form::bf16 && task.rounded.numbers != nullptr && task.tokens > 1) {
      mine.bf16 = task.rounded;
      continue;
    }
    const auto same = std::find_if(
        activations_.begin(), activations_.begin() + static_cast<std::ptrdiff_t>(i),
        [&](const Activations& other) {
          return other.x == mine.x && other.form == mine.form && other.tokens == mine.tokens;
        });
    if (same != activations_.begin() + static_cast<std::ptrdiff_t>(i)) {
      mine = *same;
      continue;
    }
    const std::int64_t columns = task.weights.cols;
    if (mine.form == Form::bf16) {
      auto* out = workspaces[i].get<std::uint16_t>(bf16_rows_size(task.tokens, columns));
      mine.bf16 = round_rows(task.x, task.x_stride, task.tokens, columns, out);
      continue;
    }
    constexpr std::int64_t kWidth = panel::kInt8Chunk;
    const std::int64_t chunks = divide_up(columns, kWidth);
    mine.int8 = workspaces[i].get<panel::Int8Activations>(chunks * task.tokens);
    parallel_blocks(chunks * task.tokens, 64, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t at = begin; at < end; ++at) {
        const std::int64_t chunk = at / task.tokens, token = at % task.tokens;
        functions_.round_to_int8(task.x + token * task.x_stride + chunk * kWidth,
                                 std::min(kWidth, columns - chunk * kWidth), mine.int8[at]);
      }
    });
  }
}

/// Large pieces first, so that a thread reads memory in long runs, and ever smaller ones, so that
/// all threads end together: a piece is half a thread's share of what is left. Prompts take panels
/// of 64 rows, whose activations come from the cache anyway. A thread alone takes large ones only.
void Product::divide() {
  const int sharing = threads().sharing();
  std::int64_t left = 0;
  bool one_token = true;
  for (const MatmulTask& task : tasks_) {
    if (task.tokens == 0) continue;
    left += task.weights.rows * divide_up(task.tokens, kTokenTile);
    one_token = one_token && task.tokens == 1;
  }
  const std::int64_t least =
      one_token || (sharing > 1 && left < kPanelRows * sharing * 8) ? kLanes : kPanelRows;
  const std::int64_t most = one_token ? std::max(left, least) : 4 * kPanelRows;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const std::int64_t rows = tasks_[i].weights.rows;
    for (std::int64_t token = 0; token < tasks_[i].tokens; token += kTokenTile) {
      for (std::int64_t row = 0, step = 0; row < rows; row += step) {
        const std::int64_t share = left / (sharing * 2) / least * least;
        step = std::min(std::clamp(share, least, most), rows - row);
        items_.push_back({i, row, row + step, token});
        left -= step;
      }
    }
  }
}

/// The way of one token straight through packed rows, if there is one. Returns how many rows it
/// took: all but the last fewer than 16.
std::int64_t Product::dot(const Item& item) const {
  const MatmulTask& task = tasks_[item.task];
  const Matrix& w = task.weights;
  const Activations& x = activations_[item.task];
  const std::int64_t rows = (item.last - item.first) / kLanes * kLanes;
  if (task.tokens != 1 || !w.packed || rows == 0) return 0;
  const panel::Source source = {.data = w.data + item.first * w.row_bytes,
                                .row_bytes = w.row_bytes,
                                .rows = rows,
                                .column = 0,
                                .columns = w.cols,
                                .packed = true,
                                .next = nullptr};
  if (x.form == Form::int8 && functions_.dot_int8 != nullptr) {
    functions_.dot_int8(w.dtype, source, x.int8, task.y + item.first);
  } else if (x.form == Form::bf16 && functions_.dot_bf16 != nullptr) {
    functions_.dot_bf16(source, x.bf16.numbers, task.y + item.first);
  } else if (x.form == Form::floats && is_plain_float(w.dtype) &&
             functions_.dot_floats != nullptr) {
    functions_.dot_floats(w.dtype, source, task.x, task.y + item.first);
  } else {
    return 0;
  }
  return rows;
}

void Product::multiply(const MatmulTask& task, const Activations& x, std::int64_t row,
                       std::int64_t rows, std::int64_t token, std::int64_t tokens) const {
  const Matrix& w = task.weights;
  const panel::Source source = {.data = w.data + row * w.row_bytes,
                                .row_bytes = w.row_bytes,
                                .rows = rows,
                                .column = 0,
                                .columns = 0,
                                .packed = w.packed && rows >= kLanes,
                                .next = nullptr};
  if (x.form == Form::bf16) return multiply_bf16(task, x, source, row, token, tokens);
  static thread_local Workspace workspace;
  float* sums = workspace.get<float>(tokens * kPanelRows);
  std::fill_n(sums, tokens * kPanelRows, 0.0f);
  if (x.form == Form::int8) {
    multiply_int8(task, x, source, token, tokens, sums);
  } else if (is_plain_float(w.dtype)) {
    multiply_floats(task, source, token, tokens, sums);
  } else {
    multiply_dequantized(task, row, rows, token, tokens, sums);
  }
  give_sums(sums, tokens, rows, false, task.y + token * task.y_stride + row, task.y_stride);
}

/// The next chunk of these rows, or the first of the rows below.
const std::byte* what_comes_next(const panel::Source& source, DType type, std::int64_t after,
                                 std::int64_t columns) {
  if (after >= columns) return source.data + source.rows * source.row_bytes;
  return source.data + bytes_of(type, after) * (source.packed ? kLanes : 1);
}

void Product::multiply_int8(const MatmulTask& task, const Activations& x, panel::Source source,
                            std::int64_t token, std::int64_t tokens, float* sums) const {
  static thread_local Workspace workspace;
  auto& unpacked = *workspace.get<panel::Int8Panel>(1);
  const DType type = task.weights.dtype;
  const panel::Int8Format format = panel::int8_format(type);
  const int vectors = static_cast<int>(divide_up(source.rows, kLanes));
  const std::int64_t columns = task.weights.cols;
  for (std::int64_t column = 0; column < columns; column += panel::kInt8Chunk) {
    source.column = column;
    source.columns = std::min(panel::kInt8Chunk, columns - column);
    const std::int64_t after = column + source.columns;
    source.next = what_comes_next(source, type, after, columns);
    functions_.unpack_int8(type, source, unpacked);
    functions_.multiply_int8(unpacked, format, vectors, source.columns,
                             x.int8 + column / panel::kInt8Chunk * x.tokens + token, tokens, sums);
  }
}

void Product::unpack_bf16(const Matrix& w, panel::Source source, std::int64_t row,
                          std::int64_t column, panel::Bf16Panel& unpacked) const {
  source.column = column;
  source.columns = std::min(panel::kBf16Chunk, w.cols - column);
  source.next = what_comes_next(source, w.dtype, column + source.columns, w.cols);
  functions_.unpack_bf16(w.dtype, source, unpacked);
  if (w.block_scales == nullptr) return;
  const float* scales = w.block_scales + column / kScaleBlock;
  for (std::int64_t r = 0; r < source.rows; ++r) {
    unpacked.scale[r / kLanes][r % kLanes] =
        scales[(row + r) / kScaleBlock * divide_up(w.cols, kScaleBlock)];
  }
}

void Product::multiply_bf16(const MatmulTask& task, const Activations& x,
                            const panel::Source& source, std::int64_t row, std::int64_t token,
                            std::int64_t tokens) const {
  static thread_local Workspace workspace;
  alignas(64) float sums[kRowsAtATime * kPanelRows];
  const Matrix& w = task.weights;
  const int vectors = static_cast<int>(divide_up(source.rows, kLanes));
  const std::int64_t chunks = divide_up(w.cols, panel::kBf16Chunk);
  auto* panels = workspace.get<panel::Bf16Panel>(std::min(chunks, kPanelsHeld));
  for (std::int64_t first = 0; first < chunks; first += kPanelsHeld) {
    const std::int64_t held = std::min(kPanelsHeld, chunks - first);
    for (std::int64_t i = 0; i < held; ++i) {
      unpack_bf16(w, source, row, (first + i) * panel::kBf16Chunk, panels[i]);
    }
    for (std::int64_t done = 0; done < tokens; done += kRowsAtATime) {
      const std::int64_t count = std::min(kRowsAtATime, tokens - done);
      float* y = task.y + (token + done) * task.y_stride + row;
      will_write(y, count, source.rows, task.y_stride);
      std::fill_n(sums, count * kPanelRows, 0.0f);
      if (first > 0) take_sums(y, count, source.rows, task.y_stride, sums);
      functions_.multiply_bf16(
          panels, w.block_scales != nullptr, vectors,
          std::min(held * panel::kBf16Chunk, w.cols - first * panel::kBf16Chunk),
          x.bf16.numbers + first * x.bf16.chunk_stride + (token + done) * panel::kBf16Chunk,
          x.bf16.chunk_stride, count, sums);
      give_sums(sums, count, source.rows, false, y, task.y_stride);
    }
  }
}

/// Writes columns [column, column + count) of a row as floats; column is a multiple of 256.
/// `bytes` is the row as it stands in the file.
void dequantize_columns(const Matrix& w, const std::byte* bytes, std::int64_t row,
                        std::int64_t column, std::int64_t count, float* out) {
  panel::active_functions().dequantize(w.dtype, bytes + bytes_of(w.dtype, column), count, out);
  if (w.block_scales == nullptr) return;
  const float* scales =
      w.block_scales + row / kScaleBlock * divide_up(w.cols, kScaleBlock) + column / kScaleBlock;
  for (std::int64_t i = 0; i < count; ++i) out[i] *= scales[i / kScaleBlock];
}

void Product::multiply_floats(const MatmulTask& task, panel::Source source, std::int64_t token,
                              std::int64_t tokens, float* sums) const {
  static thread_local Workspace workspace;
  auto& unpacked = *workspace.get<panel::FloatPanel>(1);
  const DType type = task.weights.dtype;
  const int vectors = static_cast<int>(divide_up(source.rows, kLanes));
  const std::int64_t columns = task.weights.cols;
  for (std::int64_t column = 0; column < columns; column += kFloatChunk) {
    source.column = column;
    source.columns = std::min(kFloatChunk, columns - column);
    source.next = what_comes_next(source, type, column + source.columns, columns);
    functions_.unpack_floats(type, source, unpacked);
    functions_.multiply_float(unpacked, vectors, source.columns,
                              task.x + token * task.x_stride + column, task.x_stride, tokens, sums);
  }
}

/// The way of all types but the plain floats.
void Product::multiply_dequantized(const MatmulTask& task, std::int64_t row, std::int64_t rows,
                                   std::int64_t token, std::int64_t tokens, float* sums) const {
  static thread_local Workspace float_workspace, panel_workspace, copy_workspace;
  float* floats =
      float_workspace.get<float>(kFloatColumns / kFloatChunk * kPanelRows * kFloatChunk);
  auto& unpacked = *panel_workspace.get<panel::FloatPanel>(1);
  const Matrix& w = task.weights;
  const int vectors = static_cast<int>(divide_up(rows, kLanes));
  const std::byte* plain_rows = w.data + row * w.row_bytes;
  if (w.packed) {
    std::byte* copies = copy_workspace.get<std::byte>(rows * w.row_bytes);
    for (std::int64_t r = 0; r < rows; ++r) copy_row(w, row + r, copies + r * w.row_bytes);
    plain_rows = copies;
  }
  for (std::int64_t column = 0; column < w.cols; column += kFloatColumns) {
    const std::int64_t columns = std::min(kFloatColumns, w.cols - column);
    float line[kFloatColumns];
    for (std::int64_t r = 0; r < rows; ++r) {
      dequantize_columns(w, plain_rows + r * w.row_bytes, row + r, column, columns, line);
      for (std::int64_t c = 0; c < columns; c += kFloatChunk) {
        std::copy_n(line + c, std::min(kFloatChunk, columns - c),
                    floats + c * kPanelRows + r * kFloatChunk);
      }
    }
    for (std::int64_t c = 0; c < columns; c += kFloatChunk) {
      functions_.interleave_floats(floats + c * kPanelRows, unpacked);
      functions_.multiply_float(unpacked, vectors, std::min(kFloatChunk, columns - c),
                                task.x + token * task.x_stride + column + c, task.x_stride, tokens,
                                sums);
    }
  }
}

}  // namespace

Matrix Matrix::slice(std::int64_t first, std::int64_t count) const {
  assert(first >= 0 && count >= 0 && first + count <= rows);
  assert(!packed || first % kLanes == 0);
  Matrix part = *this;
  part.data += first * row_bytes;
  part.rows = count;
  if (block_scales != nullptr) {
    assert(first % kScaleBlock == 0);
    part.block_scales += first / kScaleBlock * divide_up(cols, kScaleBlock);
  }
  return part;
}

bool rounds_to_bf16(const Matrix& weights, Precision precision) {
  return precision == Precision::native && has_bf16_dot() &&
         (weights.dtype == DType::bf16 || weights.dtype == DType::f8_e4m3);
}

void matmul(std::span<const MatmulTask> tasks, Precision precision) {
  Product(tasks, precision).compute();
}

void dequantize_row(const Matrix& matrix, std::int64_t row, float* out) {
  std::vector<std::byte> copy;
  const std::byte* bytes = matrix.data + row * matrix.row_bytes;
  if (matrix.packed) {
    copy.resize(static_cast<std::size_t>(matrix.row_bytes));
    copy_row(matrix, row, copy.data());
    bytes = copy.data();
  }
  for (std::int64_t column = 0; column < matrix.cols; column += kFloatColumns) {
    dequantize_columns(matrix, bytes, row, column, std::min(kFloatColumns, matrix.cols - column),
                       out + column);
  }
}

}  // namespace r1
