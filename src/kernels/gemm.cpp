#include "kernels/gemm.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/isa.h"
#include "kernels/operands.h"
#include "kernels/workspace.h"

namespace r1 {
namespace {

using panel::kLanes;
using panel::kPanelRows;

constexpr std::int64_t kLargestTile = 512;  // rows of y whose running sums stay in the L2 cache
constexpr std::int64_t kSmallestTile = 96;

std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// Columns [column, column + 64) of rows [row, row + rows) of a task's y: what a thread takes.
struct Item {
  std::size_t task;
  std::int64_t row, rows, column;
};

std::vector<Item> divide(std::span<const GemmTask> tasks) {
  std::int64_t tile = kLargestTile;
  for (; tile > kSmallestTile; tile /= 2) {
    std::int64_t count = 0;
    for (const GemmTask& task : tasks) count += divide_up(task.m, tile) * divide_up(task.n, 64);
    if (count >= 8 * threads().size()) break;
  }
  std::vector<Item> items;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    for (std::int64_t column = 0; column < tasks[i].n; column += kPanelRows) {
      for (std::int64_t row = 0; row < tasks[i].m; row += tile) {
        items.push_back({i, row, std::min(tile, tasks[i].m - row), column});
      }
    }
  }
  return items;
}

/// a, laid out chunk of k after chunk: [chunk][m][kChunk].
template <typename Form>
void lay_out(const GemmTask& task, typename Form::Number* out) {
  const panel::Functions& functions = panel::active_functions();
  constexpr std::int64_t kRows = 64;
  const std::int64_t blocks = divide_up(task.m, kRows), chunks = divide_up(task.k, Form::kChunk);
  threads().parallel_for(chunks * blocks, [&](std::int64_t i, int) {
    const std::int64_t chunk = i / blocks, row = i % blocks * kRows, k = chunk * Form::kChunk;
    const std::int64_t rows = std::min(kRows, task.m - row);
    const std::int64_t depth = std::min(Form::kChunk, task.k - k);
    typename Form::Number* to = out + (chunk * task.m + row) * Form::kChunk;
    if (task.a_transposed) {
      panel::round_columns<Form>(functions, task.a + k * task.a_stride + row, task.a_stride, depth,
                                 rows, to);
      return;
    }
    for (std::int64_t r = 0; r < rows; ++r) {
      Form::round(functions, task.a + (row + r) * task.a_stride + k, depth, to + r * Form::kChunk);
    }
  });
}

/// b, where its rows lie as they are: rounded once, as every tile of a's rows reads it again. Rows
/// are padded to whole chunks, with zeros.
struct RoundedB {
  std::uint16_t* numbers = nullptr;
  std::int64_t stride = 0;

  static constexpr std::int64_t kChunk = panel::Bf16Form::kChunk;
  static std::int64_t padded(std::int64_t count) { return divide_up(count, kChunk) * kChunk; }

  void round(const GemmTask& task, Workspace& workspace) {
    stride = padded(task.n);
    numbers = workspace.get<std::uint16_t>(padded(task.k) * stride);
    parallel_blocks(padded(task.k), 16, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t k = begin; k < end; ++k) {
        if (k >= task.k) {
          std::fill_n(numbers + k * stride, stride, std::uint16_t{0});
          continue;
        }
        for (std::int64_t n = 0; n < task.n; n += kChunk) {
          panel::Bf16Form::round(panel::active_functions(), task.b + k * task.b_stride + n,
                                 std::min(kChunk, task.n - n), numbers + k * stride + n);
        }
      }
    });
  }
};

/// Chunk k of 64 columns of b as a panel.
template <typename Form>
void fill_panel(const GemmTask& task, const RoundedB& rounded, std::int64_t k, std::int64_t column,
                std::int64_t lanes, typename Form::Panel& panel) {
  const panel::Functions& functions = panel::active_functions();
  const std::int64_t depth = std::min(Form::kChunk, task.k - k);
  if (task.b_transposed) {
    Form::rows_to_panel(functions, task.b + column * task.b_stride + k, task.b_stride, lanes, depth,
                        panel);
  } else if constexpr (std::is_same_v<Form, panel::Bf16Form>) {
    Form::interleave(functions, rounded.numbers + k * rounded.stride + column, rounded.stride,
                     lanes, depth, panel);
  } else {
    Form::columns_to_panel(functions, task.b + k * task.b_stride + column, task.b_stride, lanes,
                           depth, panel);
  }
}

template <typename Form>
void multiply(const GemmTask& task, const Item& item, const typename Form::Number* a,
              const RoundedB& rounded) {
  static thread_local Workspace panels, running;
  const panel::Functions& functions = panel::active_functions();
  auto& b = *panels.get<typename Form::Panel>(1);
  float* sums = running.get<float>(item.rows * kPanelRows);
  std::fill_n(sums, item.rows * kPanelRows, 0.0f);
  const std::int64_t lanes = std::min(kPanelRows, task.n - item.column);
  const int vectors = static_cast<int>(divide_up(lanes, kLanes));
  for (std::int64_t k = 0; k < task.k; k += Form::kChunk) {
    const std::int64_t depth = std::min(Form::kChunk, task.k - k);
    fill_panel<Form>(task, rounded, k, item.column, lanes, b);
    Form::multiply(functions, b, vectors, depth, a + k * task.m + item.row * Form::kChunk,
                   item.rows, sums);
  }
  for (std::int64_t r = 0; r < item.rows; ++r) {
    float* to = task.y + (item.row + r) * task.y_stride + item.column;
    if (task.accumulate) {
      add(to, sums + r * kPanelRows, lanes, to);
    } else {
      std::copy_n(sums + r * kPanelRows, lanes, to);
    }
  }
}

template <typename Form>
void compute(std::span<const GemmTask> tasks) {
  static thread_local std::vector<Workspace> workspaces;
  if (workspaces.size() < 2 * tasks.size()) workspaces.resize(2 * tasks.size());
  std::vector<typename Form::Number*> laid_out(tasks.size());
  std::vector<RoundedB> rounded(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    laid_out[i] = workspaces[i].get<typename Form::Number>(divide_up(tasks[i].k, Form::kChunk) *
                                                           tasks[i].m * Form::kChunk);
    lay_out<Form>(tasks[i], laid_out[i]);
    if (std::is_same_v<Form, panel::Bf16Form> && !tasks[i].b_transposed) {
      rounded[i].round(tasks[i], workspaces[tasks.size() + i]);
    }
  }
  const std::vector<Item> items = divide(tasks);
  threads().parallel_for(static_cast<std::int64_t>(items.size()), [&](std::int64_t i, int) {
    const Item& item = items[static_cast<std::size_t>(i)];
    multiply<Form>(tasks[item.task], item, laid_out[item.task], rounded[item.task]);
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
