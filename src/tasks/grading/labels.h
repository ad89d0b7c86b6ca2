// What names an answer without being part of it: "x =", "f(x) =", "x in", "(x, y) =".
#pragma once

#include <optional>
#include <vector>

#include "tasks/grading/expression.h"

namespace r1::grading {

struct Labelled {
  Expr label, value;
};

/// Label and value of a relation whose left side only names what is on the right; of a chain
/// a = b = c the first and the last. Nothing for other relations and other expressions.
std::optional<Labelled> split_label(const Expr& expr);

/// Of several items: whether each has a label and they name different things (x and y, but not
/// x_1 and x_2).
bool has_different_labels(const std::vector<Expr>& items);
/// Removes the labels where they say nothing of their own: the first of "n = 2, 3, 4", or the same
/// variable in all items.
void drop_common_label(std::vector<Expr>& items);

}  // namespace r1::grading
