// Sudoku of 4 rows and 4 columns.
#include <algorithm>
#include <array>
#include <bit>

#include "tasks/answers.h"
#include "tasks/grading/extraction.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"

namespace r1::tasks {
namespace {

constexpr std::array<Sizes, kHardest> kBlanks = {{{1, 5}, {4, 7}, {8, 8}, {10, 10}}};

using Grid = std::array<int, 16>;  // rows one after the other, 0 is blank

/// Bit n: the digit n stands in the row, column or block.
unsigned in_row(const Grid& grid, int cell) {
  unsigned digits = 0;
  for (int i = 0; i < 4; ++i) digits |= 1u << grid[static_cast<std::size_t>(cell / 4 * 4 + i)];
  return digits & ~1u;
}

unsigned in_column(const Grid& grid, int cell) {
  unsigned digits = 0;
  for (int i = 0; i < 4; ++i) digits |= 1u << grid[static_cast<std::size_t>(i * 4 + cell % 4)];
  return digits & ~1u;
}

unsigned in_block(const Grid& grid, int cell) {
  const int corner = cell / 8 * 8 + cell % 4 / 2 * 2;
  unsigned digits = 0;
  for (const int step : {0, 1, 4, 5}) digits |= 1u << grid[static_cast<std::size_t>(corner + step)];
  return digits & ~1u;
}

/// How many ways there are to fill the blanks, up to 2.
int count_solutions(Grid& grid, int cell) {
  while (cell < 16 && grid[static_cast<std::size_t>(cell)] != 0) ++cell;
  if (cell == 16) return 1;
  const unsigned taken = in_row(grid, cell) | in_column(grid, cell) | in_block(grid, cell);
  int count = 0;
  for (int digit = 1; digit <= 4 && count < 2; ++digit) {
    if ((taken >> static_cast<unsigned>(digit) & 1u) != 0) continue;
    grid[static_cast<std::size_t>(cell)] = digit;
    count += count_solutions(grid, cell + 1);
    grid[static_cast<std::size_t>(cell)] = 0;
  }
  return count;
}

void add_full_grids(Grid& grid, int cell, std::vector<Grid>& grids) {
  if (cell == 16) {
    grids.push_back(grid);
    return;
  }
  const unsigned taken = in_row(grid, cell) | in_column(grid, cell) | in_block(grid, cell);
  for (int digit = 1; digit <= 4; ++digit) {
    if ((taken >> static_cast<unsigned>(digit) & 1u) != 0) continue;
    grid[static_cast<std::size_t>(cell)] = digit;
    add_full_grids(grid, cell + 1, grids);
  }
  grid[static_cast<std::size_t>(cell)] = 0;
}

/// All 288.
const std::vector<Grid>& full_grids() {
  static const std::vector<Grid> grids = [] {
    std::vector<Grid> all;
    Grid grid{};
    add_full_grids(grid, 0, all);
    return all;
  }();
  return grids;
}

std::string rows_text(const Grid& grid, std::string_view separator) {
  std::string text;
  for (std::size_t cell = 0; cell < 16; ++cell) {
    if (cell > 0) text += cell % 4 == 0 ? separator : " ";
    text += grid[cell] == 0 ? "_" : std::to_string(grid[cell]);
  }
  return text;
}

/// The digits at some cells as they stand, 0 for a blank: " 0403".
std::string digits_at(const Grid& grid, const std::array<int, 4>& cells) {
  std::string text = " ";
  for (const int cell : cells) text += std::to_string(grid[static_cast<std::size_t>(cell)]);
  return text;
}

/// The rows with 0 for a blank: "3102/2400/0013/0320".
std::string compact_rows(const Grid& grid) {
  std::string text;
  for (std::size_t cell = 0; cell < 16; ++cell) {
    if (cell > 0 && cell % 4 == 0) text += "/";
    text += std::to_string(grid[cell]);
  }
  return text;
}

/// Looks from a blank cell at its row, its column and its block, and says which digits they hold.
/// Puts the one that is left into `digit`, or 0 where there are more.
std::string seen_from(const Grid& grid, int cell, int& digit) {
  const int row = cell / 4 * 4, column = cell % 4, corner = cell / 8 * 8 + cell % 4 / 2 * 2;
  const unsigned taken = in_row(grid, cell) | in_column(grid, cell) | in_block(grid, cell);
  std::string text = "row" + digits_at(grid, {row, row + 1, row + 2, row + 3}) + ", column" +
                     digits_at(grid, {column, column + 4, column + 8, column + 12}) + ", block" +
                     digits_at(grid, {corner, corner + 1, corner + 4, corner + 5});
  text += ", has";
  digit = 0;
  for (int i = 1; i <= 4; ++i) {
    const bool has = (taken >> static_cast<unsigned>(i) & 1u) != 0;
    if (has) text += " " + std::to_string(i);
    if (!has) digit = i;
  }
  if (std::popcount(taken) < 3) digit = 0;
  return text;
}

/// Goes through the blank cells in order, again and again, and fills those for which one digit is
/// left; false where there is none. After each the rows are written anew, so that the next look is
/// at the lines just above.
bool solve(Grid grid, std::string& chain) {
  chain = "I write 0 for a blank, and fill cells for which only one digit is left.\n" +
          compact_rows(grid) + "\n";
  for (bool filled = true; filled;) {
    filled = false;
    for (int cell = 0; cell < 16; ++cell) {
      int& place = grid[static_cast<std::size_t>(cell)];
      if (place != 0) continue;
      int digit = 0;
      chain += "Row " + std::to_string(cell / 4 + 1) + " column " + std::to_string(cell % 4 + 1) +
               ": " + seen_from(grid, cell, digit);
      if (digit == 0) {
        chain += ", not yet.\n";
        continue;
      }
      place = digit;
      filled = true;
      chain += ", so " + std::to_string(digit) + ".\n" + compact_rows(grid) + "\n";
    }
  }
  chain += "No blank is left. Check: each row has 1 2 3 4.";
  return std::count(grid.begin(), grid.end(), 0) == 0;
}

Instance generate(Random& random, int difficulty) {
  const int blanks = size_of(random, kBlanks[static_cast<std::size_t>(difficulty - 1)]);
  for (;;) {
    const Grid& full = one_of(random, full_grids());
    std::vector<std::size_t> cells(16);
    for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = i;
    shuffle(random, cells);
    Grid grid = full;
    for (int i = 0; i < blanks; ++i) grid[cells[static_cast<std::size_t>(i)]] = 0;
    Instance instance;
    Grid trial = grid;
    if (count_solutions(trial, 0) != 1 || !solve(grid, instance.chain)) continue;
    instance.answer = rows_text(full, " / ");
    instance.content = rows_text(grid, "/");
    instance.question = phrase(
        random,
        {"Solve this sudoku of 4 rows: every row, column and 2x2 block has the digits 1 to 4.\n{0}",
         "Fill the blanks so that each row, each column and each 2x2 block holds 1, 2, 3 and "
         "4.\n{0}",
         "Complete this 4x4 sudoku. Rows, columns and 2x2 blocks must have each digit from 1 to 4 "
         "once.\n{0}",
         "Solve this 4x4 sudoku.\n{0}", "Solve this sudoku:\n{0}"},
        {rows_text(grid, "\n")});
    instance.follow_up =
        phrase(random, {"And this one?\n{0}", "Now this one:\n{0}", "What about this one?\n{0}"},
               {rows_text(grid, "\n")});
    return instance;
  }
}

/// The 16 digits in order, however rows are separated; nothing where other numbers are there too.
std::string digits_in(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
    if (c == '.' || c == '-' || c == '_' || c == '?') return {};
  }
  return digits.size() == 16 ? digits : std::string();
}

bool accepts(const std::string& answer, std::string_view response) {
  const std::string right = digits_in(answer);
  return !right.empty() && digits_in(final_answer(response)) == right;
}

}  // namespace

Task small_sudoku() {
  Task task;
  task.name = "small-sudoku";
  task.about = "a sudoku of 4 rows with 8 blanks";
  task.generate = generate;
  task.accepts = accepts;
  return task;
}

}  // namespace r1::tasks
