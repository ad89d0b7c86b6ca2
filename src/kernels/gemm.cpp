#include "kernels/gemm.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "base/threads.h"
#include "kernels/isa.h"
#include "kernels/operands.h"
#include "kernels/running_sums.h"
#include "kernels/workspace.h"

namespace r1 {
namespace {

using panel::kLanes;
using panel::kPanelRows;

constexpr std::int64_t kLargestTile = 512;  // rows of y that a thread takes at a time
constexpr std::int64_t kSmallestTile = 96;

std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// Columns [column, column + 64) of rows [row, row + rows) of a task's y: what a thread takes.
struct Item {
  std::size_t task;
  std::int64_t row, rows, column;
};

/// Rows of a whose numbers stay in the second-level cache while they meet all columns of b.
std::int64_t rows_in_cache(std::int64_t k) {
  constexpr std::int64_t kNumbers = std::int64_t{1} << 19;
  return std::clamp(kNumbers / std::max<std::int64_t>(k, 1) / kSmallestTile * kSmallestTile,
                    kSmallestTile, kLargestTile);
}

/// Tiles enough for all threads to end together; each makes its panels anew, so that a thread alone
/// takes the largest.
std::vector<Item> divide(std::span<const GemmTask> tasks) {
  const std::int64_t fewest = threads().sharing() == 1 ? 1 : 8 * threads().sharing();
  std::int64_t tile = kLargestTile;
  for (; tile > kSmallestTile; tile /= 2) {
    std::int64_t count = 0;
    for (const GemmTask& task : tasks) count += divide_up(task.m, tile) * divide_up(task.n, 64);
    if (count >= fewest) break;
  }
  std::vector<Item> items;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const std::int64_t rows = std::min(tile, rows_in_cache(tasks[i].k));
    for (std::int64_t row = 0; row < tasks[i].m; row += rows) {
      for (std::int64_t column = 0; column < tasks[i].n; column += kPanelRows) {
        items.push_back({i, row, std::min(rows, tasks[i].m - row), column});
      }
    }
  }
  return items;
}

/// A task's operands as its products want them.
template <typename Form>
struct Operands {
  const typename Form::Number* a = nullptr;  // chunk of k after chunk: [chunk][m][kChunk]
  Bf16Rows b;                                // bf16 where b doesn't lie transposed
};

/// Memory that grows with the number of arrays that products need at once.
class Workspaces {
 public:
  template <typename T>
  T* get(std::int64_t count) {
    if (used_ == all_.size()) all_.emplace_back();
    return all_[used_++].get<T>(count);
  }
  void reuse() { used_ = 0; }

 private:
  std::vector<Workspace> all_;
  std::size_t used_ = 0;
};

/// The float matrices that the tasks name as they lie, each rounded once: the gradient by a layer's
/// output is an operand of two products.
class RoundedMatrices {
 public:
  explicit RoundedMatrices(Workspaces& workspaces) : workspaces_(workspaces) {}

  Bf16Rows of(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t columns) {
    for (const Known& known : known_) {
      if (known.x == x && known.stride == stride && known.rows == rows &&
          known.columns == columns) {
        return known.rounded;
      }
    }
    auto* out = workspaces_.get<std::uint16_t>(bf16_rows_size(rows, columns));
    known_.push_back({x, stride, rows, columns, round_rows(x, stride, rows, columns, out)});
    return known_.back().rounded;
  }

 private:
  struct Known {
    const float* x;
    std::int64_t stride, rows, columns;
    Bf16Rows rounded;
  };
  Workspaces& workspaces_;
  std::vector<Known> known_;
};

/// Rows become columns: [rows][columns] to chunks of rows, [chunk][columns][128].
void turn_rows(const Bf16Rows& from, std::int64_t rows, std::int64_t columns, std::uint16_t* out) {
  constexpr std::int64_t kChunk = panel::kBf16Chunk;
  const panel::Functions& functions = panel::active_functions();
  const std::int64_t blocks = divide_up(columns, kPanelRows), chunks = divide_up(rows, kChunk);
  threads().parallel_for(chunks * blocks, [&](std::int64_t i, int) {
    const std::int64_t row = i / blocks * kChunk, column = i % blocks * kPanelRows;
    const std::uint16_t* numbers =
        from.numbers + column / kChunk * from.chunk_stride + row * kChunk + column % kChunk;
    functions.transpose_bf16(reinterpret_cast<const std::byte*>(numbers), kChunk * 2,
                             std::min(kChunk, rows - row), std::min(kPanelRows, columns - column),
                             out + row * columns + column * kChunk);
  });
}

std::vector<Operands<panel::Bf16Form>> lay_out(std::span<const GemmTask> tasks,
                                               Workspaces& workspaces, panel::Bf16Form /*form*/) {
  RoundedMatrices rounded(workspaces);
  std::vector<Operands<panel::Bf16Form>> operands;
  for (const GemmTask& task : tasks) {
    Operands<panel::Bf16Form> mine;
    if (task.a_transposed) {
      auto* out = workspaces.get<std::uint16_t>(bf16_rows_size(task.m, task.k));
      turn_rows(rounded.of(task.a, task.a_stride, task.k, task.m), task.k, task.m, out);
      mine.a = out;
    } else {
      mine.a = rounded.of(task.a, task.a_stride, task.m, task.k).numbers;
    }
    if (!task.b_transposed) {
      mine.b = task.b_rounded.numbers != nullptr
                   ? task.b_rounded
                   : rounded.of(task.b, task.b_stride, task.k, task.n);
    }
    operands.push_back(mine);
  }
  return operands;
}

std::vector<Operands<panel::FloatForm>> lay_out(std::span<const GemmTask> tasks,
                                                Workspaces& workspaces, panel::FloatForm /*form*/) {
  using Form = panel::FloatForm;
  const panel::Functions& functions = panel::active_functions();
  constexpr std::int64_t kRows = 64;
  std::vector<Operands<Form>> operands;
  for (const GemmTask& task : tasks) {
    const std::int64_t blocks = divide_up(task.m, kRows), chunks = divide_up(task.k, Form::kChunk);
    float* out = workspaces.get<float>(chunks * task.m * Form::kChunk);
    threads().parallel_for(chunks * blocks, [&](std::int64_t i, int) {
      const std::int64_t chunk = i / blocks, row = i % blocks * kRows, k = chunk * Form::kChunk;
      const std::int64_t rows = std::min(kRows, task.m - row);
      const std::int64_t depth = std::min(Form::kChunk, task.k - k);
      float* to = out + (chunk * task.m + row) * Form::kChunk;
      if (task.a_transposed) {
        panel::round_columns<Form>(functions, task.a + k * task.a_stride + row, task.a_stride,
                                   depth, rows, to);
        return;
      }
      for (std::int64_t r = 0; r < rows; ++r) {
        Form::round(functions, task.a + (row + r) * task.a_stride + k, depth,
                    to + r * Form::kChunk);
      }
    });
    operands.push_back({out, {}});
  }
  return operands;
}

/// Chunk k of 64 columns of b as a panel.
template <typename Form>
void fill_panel(const GemmTask& task, const Bf16Rows& rounded, std::int64_t k, std::int64_t column,
                std::int64_t lanes, typename Form::Panel& panel) {
  const panel::Functions& functions = panel::active_functions();
  const std::int64_t depth = std::min(Form::kChunk, task.k - k);
  if (task.b_transposed) {
    Form::rows_to_panel(functions, task.b + column * task.b_stride + k, task.b_stride, lanes, depth,
                        panel);
  } else if constexpr (std::is_same_v<Form, panel::Bf16Form>) {
    Form::interleave(functions,
                     rounded.numbers + column / Form::kChunk * rounded.chunk_stride +
                         k * Form::kChunk + column % Form::kChunk,
                     Form::kChunk, lanes, depth, panel);
  } else {
    Form::columns_to_panel(functions, task.b + k * task.b_stride + column, task.b_stride, lanes,
                           depth, panel);
  }
}

template <typename Form>
void multiply(const GemmTask& task, const Item& item, const Operands<Form>& operands) {
  static thread_local Workspace panels;
  alignas(64) float sums[kRowsAtATime * kPanelRows];
  const panel::Functions& functions = panel::active_functions();
  const std::int64_t chunks = divide_up(task.k, Form::kChunk);
  auto* b = panels.get<typename Form::Panel>(std::min(chunks, kPanelsHeld));
  const std::int64_t lanes = std::min(kPanelRows, task.n - item.column);
  const int vectors = static_cast<int>(divide_up(lanes, kLanes));
  // Once for k = 0 too, whose sums are zero.
  for (std::int64_t first = 0; first == 0 || first < chunks; first += kPanelsHeld) {
    const std::int64_t held = std::min(kPanelsHeld, chunks - first);
    for (std::int64_t i = 0; i < held; ++i) {
      fill_panel<Form>(task, operands.b, (first + i) * Form::kChunk, item.column, lanes, b[i]);
    }
    for (std::int64_t done = 0; done < item.rows; done += kRowsAtATime) {
      const std::int64_t row = item.row + done, rows = std::min(kRowsAtATime, item.rows - done);
      float* y = task.y + row * task.y_stride + item.column;
      will_write(y, rows, lanes, task.y_stride);
      std::fill_n(sums, rows * kPanelRows, 0.0f);
      const std::int64_t k = first * Form::kChunk;
      Form::multiply(functions, b, vectors, std::min(held * Form::kChunk, task.k - k),
                     operands.a + k * task.m + row * Form::kChunk, task.m * Form::kChunk, rows,
                     sums);
      give_sums(sums, rows, lanes, task.accumulate || first > 0, y, task.y_stride);
    }
  }
}

template <typename Form>
void compute(std::span<const GemmTask> tasks) {
  static thread_local Workspaces workspaces;
  workspaces.reuse();
  const std::vector<Operands<Form>> operands = lay_out(tasks, workspaces, Form{});
  const std::vector<Item> items = divide(tasks);
  threads().parallel_for(static_cast<std::int64_t>(items.size()), [&](std::int64_t i, int) {
    const Item& item = items[static_cast<std::size_t>(i)];
    multiply<Form>(tasks[item.task], item, operands[item.task]);
  });
}

}  // namespace

void gemm(std::span<const GemmTask> tasks, GemmNumbers numbers) {
  if (numbers == GemmNumbers::bf16 && has_bf16_dot()) {
    compute<panel::Bf16Form>(tasks);
  } else {
    compute<panel::FloatForm>(tasks);
  }
}

}  // namespace r1
