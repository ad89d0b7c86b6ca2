#include "tasks/grading/matrices.h"

#include <string>
#include <utility>
#include <vector>

namespace r1::grading {
namespace {

constexpr std::size_t kLargestDeterminant = 5;
constexpr std::size_t kMostCells = 100;
constexpr std::size_t kLargestInverse = 3;
constexpr char kLargestPower = '6';

bool is_matrix(const Expr& expr) {
  return expr->kind == Kind::matrix;
}

std::size_t columns_of(const Expr& matrix) {
  return std::stoul(matrix->text);
}

std::size_t rows_of(const Expr& matrix) {
  return matrix->children.size() / columns_of(matrix);
}

Expr cell(const Expr& matrix, std::size_t row, std::size_t column) {
  return matrix->children[row * columns_of(matrix) + column];
}

Expr added(const Expr& a, const Expr& b) {
  if (rows_of(a) != rows_of(b) || columns_of(a) != columns_of(b)) return nullptr;
  std::vector<Expr> cells;
  for (std::size_t i = 0; i < a->children.size(); ++i) {
    cells.push_back(sum({a->children[i], b->children[i]}));
  }
  return make(Kind::matrix, a->text, std::move(cells));
}

Expr multiplied(const Expr& a, const Expr& b) {
  std::vector<Expr> cells;
  if (!is_matrix(a) || !is_matrix(b)) {
    const Expr& matrix = is_matrix(a) ? a : b;
    const Expr& factor = is_matrix(a) ? b : a;
    for (const Expr& each : matrix->children) cells.push_back(product({factor, each}));
    return make(Kind::matrix, matrix->text, std::move(cells));
  }
  if (columns_of(a) != rows_of(b) || rows_of(a) * columns_of(b) > kMostCells) return nullptr;
  for (std::size_t row = 0; row < rows_of(a); ++row) {
    for (std::size_t column = 0; column < columns_of(b); ++column) {
      std::vector<Expr> terms;
      for (std::size_t k = 0; k < columns_of(a); ++k) {
        terms.push_back(product({cell(a, row, k), cell(b, k, column)}));
      }
      cells.push_back(sum(std::move(terms)));
    }
  }
  return make(Kind::matrix, b->text, std::move(cells));
}

/// What is left of a square matrix without a row and a column.
Expr without(const Expr& matrix, std::size_t row, std::size_t column) {
  const std::size_t n = columns_of(matrix);
  std::vector<Expr> cells;
  for (std::size_t i = 0; i < n * n; ++i) {
    if (i / n != row && i % n != column) cells.push_back(matrix->children[i]);
  }
  return make(Kind::matrix, std::to_string(n - 1), std::move(cells));
}

/// By the first row.
Expr determinant(const Expr& matrix) {
  const std::size_t n = columns_of(matrix);
  if (n == 1) return matrix->children[0];
  std::vector<Expr> terms;
  for (std::size_t left_out = 0; left_out < n; ++left_out) {
    const Expr minor = determinant(without(matrix, 0, left_out));
    const Expr term = product({cell(matrix, 0, left_out), minor});
    terms.push_back(left_out % 2 == 0 ? term : negative(term));
  }
  return sum(std::move(terms));
}

/// By cofactors.
Expr inverted(const Expr& matrix) {
  const std::size_t n = columns_of(matrix);
  const Expr below = determinant(matrix);
  std::vector<Expr> cells;
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t column = 0; column < n; ++column) {
      Expr minor = n == 1 ? number("1") : determinant(without(matrix, column, row));
      if ((row + column) % 2 != 0) minor = negative(std::move(minor));
      cells.push_back(quotient(std::move(minor), below));
    }
  }
  return make(Kind::matrix, matrix->text, std::move(cells));
}

Expr transposed(const Expr& matrix) {
  std::vector<Expr> cells;
  for (std::size_t column = 0; column < columns_of(matrix); ++column) {
    for (std::size_t row = 0; row < rows_of(matrix); ++row) {
      cells.push_back(cell(matrix, row, column));
    }
  }
  return make(Kind::matrix, std::to_string(rows_of(matrix)), std::move(cells));
}

/// A whole power of a square matrix; (1, 2)^T, the column with these entries.
Expr power_of(const Expr& base, const Expr& exponent) {
  const bool transposes = exponent->kind == Kind::symbol && exponent->text == "T";
  if (base->kind == Kind::tuple)
    return transposes ? make(Kind::matrix, "1", base->children) : nullptr;
  if (!is_matrix(base)) return nullptr;
  if (transposes) return transposed(base);
  if (exponent->kind != Kind::number || rows_of(base) != columns_of(base) ||
      rows_of(base) > kLargestInverse) {
    return nullptr;
  }
  if (exponent->text == "-1") return inverted(base);
  if (exponent->text.size() != 1 || exponent->text[0] < '2' || exponent->text[0] > kLargestPower) {
    return nullptr;
  }
  Expr total = base;
  for (char times = '1'; times < exponent->text[0]; ++times) total = multiplied(total, base);
  return total;
}

Expr work_out(const Expr& expr) {
  if (expr->kind == Kind::power) return power_of(expr->children[0], expr->children[1]);
  if (expr->kind == Kind::call && expr->text == "abs" && is_matrix(expr->children[0])) {
    const Expr& matrix = expr->children[0];
    const bool square = rows_of(matrix) == columns_of(matrix);
    return square && rows_of(matrix) <= kLargestDeterminant ? determinant(matrix) : nullptr;
  }
  if (expr->kind != Kind::sum && expr->kind != Kind::product) return nullptr;
  bool any = false;
  for (const Expr& child : expr->children) any = any || is_matrix(child);
  if (!any) return nullptr;
  Expr total = expr->children[0];
  for (std::size_t i = 1; i < expr->children.size(); ++i) {
    const Expr& next = expr->children[i];
    if (expr->kind == Kind::product) {
      total =
          is_matrix(total) || is_matrix(next) ? multiplied(total, next) : product({total, next});
    } else {
      total = is_matrix(total) && is_matrix(next) ? added(total, next) : nullptr;
    }
    if (!total) return nullptr;
  }
  return total;
}

}  // namespace

Expr work_out_matrices(const Expr& expr) {
  return transform(expr, work_out);
}

}  // namespace r1::grading
