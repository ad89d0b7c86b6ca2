#include "tasks/grading/comparison.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tasks/grading/either_sign.h"
#include "tasks/grading/equality.h"
#include "tasks/grading/flint.h"
#include "tasks/grading/labels.h"
#include "tasks/grading/matrices.h"
#include "tasks/grading/notation.h"
#include "tasks/grading/phrases.h"
#include "tasks/grading/regions.h"
#include "tasks/grading/times_of_day.h"
#include "tasks/grading/tokens.h"
#include "tasks/grading/units.h"

namespace r1::grading {
namespace {

constexpr std::size_t kMostItems = 200;
constexpr double kMostComparisons = 3000;

/// Compares, and counts what it compares so that there is an end.
class Comparison {
 public:
  bool same(const Expr& gold, const Expr& answer) {
    if (--comparisons_ < 0) return false;
    if (to_text(gold) == to_text(answer)) return true;
    if (excludes_both_signs(gold) || excludes_both_signs(answer)) {
      return same(exclusions(gold), exclusions(answer));
    }
    if (is_relation(gold) || is_relation(answer)) return same_relations(gold, answer);
    return same_values(gold, answer);
  }

 private:
  static bool is_relation(const Expr& expr) { return expr->kind == Kind::relation; }
  static bool is_kind(const Expr& a, const Expr& b, Kind kind) {
    return a->kind == kind && b->kind == kind;
  }

  static bool excludes_both_signs(const Expr& expr) {
    return is_relation(expr) && expr->text == std::string(1, sign::not_equal) &&
           contains(expr, is_either_sign) && with_each_sign(expr).size() > 1;
  }

  /// "x is neither 2 nor -2" of "x isn't plus or minus 2".
  static Expr exclusions(const Expr& expr) {
    return excludes_both_signs(expr) ? make(Kind::list, "and", with_each_sign(expr)) : expr;
  }

  bool same_relations(const Expr& gold, const Expr& answer) {
    if (const Expr rounded = rounding_in(gold); rounded && is_scalar(answer)) {
      if (same(rounded, answer)) return true;
    }
    if (const Expr value = value_of_identity(gold); value && !is_relation(answer)) {
      return same(value, answer);
    }
    if (const Expr value = value_of_identity(answer); value && !is_relation(gold)) {
      return same(gold, value);
    }
    const auto of_gold = split_label(gold), of_answer = split_label(answer);
    if (of_gold && of_answer) {
      const Expr value = with_argument_of(of_gold->label, of_answer->label, of_answer->value);
      if (value && labels_agree(of_gold->label, of_answer->label) && same(of_gold->value, value)) {
        return true;
      }
    } else if (of_gold && !is_equation(answer)) {
      if (same(as_kind_of(answer, of_gold->value), answer)) return true;
    } else if (of_answer && !is_equation(gold)) {
      if (same(gold, as_kind_of(gold, of_answer->value))) return true;
    }
    if (const auto each = one_value_of_several(gold, answer)) {
      return same(*each, answer);
    }
    if (const auto each = one_value_of_several(answer, gold)) {
      return same(gold, *each);
    }
    if (names_total(answer) && is_scalar(gold) && !has_symbols(gold)) {
      return same(gold, answer->children.back());
    }
    if (is_relation(gold) && is_relation(answer)) {
      if (same_statements(gold, answer)) return true;
      const auto left = with_each_sign(gold), right = with_each_sign(answer);
      if (left.size() > 1 || right.size() > 1) return covers(left, right) && covers(right, left);
    }
    if (is_certainly_region(gold) || is_certainly_region(answer)) {
      const auto a = region_of(gold), b = region_of(answer);
      return a && b && are_same(*a, *b);
    }
    return false;
  }

  /// The value with its function's argument called as in the gold answer: f(t) = t + 1 is
  /// f(x) = x + 1. Nothing where that name is taken.
  static Expr with_argument_of(const Expr& gold_label, const Expr& label, const Expr& value) {
    const auto argument_of = [](const Expr& expr) {
      const bool applies = expr->kind == Kind::call && expr->text.starts_with("apply ") &&
                           expr->children.size() == 1 && expr->children[0]->kind == Kind::symbol;
      return applies ? expr->children[0]->text : std::string();
    };
    const std::string wanted = argument_of(gold_label), name = argument_of(label);
    if (wanted.empty() || name.empty() || wanted == name) return value;
    const bool taken = contains(
        value, [&](const Node& node) { return node.kind == Kind::symbol && node.text == wanted; });
    if (taken) return nullptr;
    return transform(value, [&](const Expr& node) {
      return node->kind == Kind::symbol && node->text == name ? symbol(wanted) : Expr();
    });
  }

  /// The 4.12 of "sqrt(17), about 4.12".
  static Expr rounding_in(const Expr& expr) {
    const bool rounds = is_relation(expr) && expr->text.ends_with(sign::approximate) &&
                        is_scalar(expr->children.back()) && !has_symbols(expr->children.back());
    return rounds ? expr->children.back() : nullptr;
  }

  /// The last side of what holds for all values of its variables: x^2 - 1 = (x - 1)(x + 1).
  static Expr value_of_identity(const Expr& expr) {
    if (!is_relation(expr) || expr->text.find_first_not_of(sign::equal) != std::string::npos) {
      return nullptr;
    }
    const auto& sides = expr->children;
    const bool holds = std::all_of(sides.begin(), sides.end(), [&](const Expr& side) {
      return is_scalar(side) && has_symbols(side) && are_equal(sides.back(), side);
    });
    return holds ? sides.back() : nullptr;
  }

  /// x = 2 says that the solutions are {2}.
  static Expr as_kind_of(const Expr& other, const Expr& value) {
    return is_set(other) && is_scalar(value) ? make(Kind::set, "", {value}) : value;
  }

  static bool is_equation(const Expr& expr) {
    return is_relation(expr) && expr->text.find(sign::equal) != std::string::npos;
  }

  /// x = y = 1 as (1, 1) or x = 1, y = 1, whichever the other one is like.
  static std::optional<Expr> one_value_of_several(const Expr& expr, const Expr& other) {
    if (!is_relation(expr) || expr->children.size() < 3) return std::nullopt;
    if (expr->text.find_first_not_of(sign::equal) != std::string::npos) return std::nullopt;
    const Expr& value = expr->children.back();
    std::vector<Expr> values, relations;
    for (std::size_t i = 0; i + 1 < expr->children.size(); ++i) {
      if (expr->children[i]->kind != Kind::symbol) return std::nullopt;
      values.push_back(value);
      relations.push_back(make(Kind::relation, "=", {expr->children[i], value}));
    }
    if (other->kind == Kind::tuple) return make(Kind::tuple, "()", std::move(values));
    if (other->kind == Kind::list) return make(Kind::list, ",", std::move(relations));
    return std::nullopt;
  }

  /// m + n = 110, where the answer is 110: a sum of names that has a value.
  static bool names_total(const Expr& expr) {
    if (!is_relation(expr) || expr->text.find_first_not_of(sign::equal) != std::string::npos) {
      return false;
    }
    const Expr& label = expr->children.front();
    return label->kind == Kind::sum && !has_symbols(expr->children.back()) &&
           std::all_of(label->children.begin(), label->children.end(), [](const Expr& term) {
             return term->kind == Kind::symbol ||
                    (term->kind == Kind::product &&
                     std::all_of(term->children.begin(), term->children.end(),
                                 [](const Expr& name) { return name->kind == Kind::symbol; }));
           });
  }

  bool labels_agree(const Expr& a, const Expr& b) {
    if (to_text(a) == to_text(b)) return true;
    // Words may name a variable.
    if (a->kind == Kind::text && b->kind == Kind::text) return name_alike(a->text, b->text);
    if (a->kind == Kind::text || b->kind == Kind::text) return true;
    // f(x) = ... and y = ... name a function's value, as x(t) = ... and x = ... do.
    const auto names_value = [](const Expr& label) {
      return (label->kind == Kind::symbol && label->text == "y") ||
             label->text.starts_with("apply ");
    };
    if (names_value(a) && names_value(b)) return true;
    if (a->text == "apply " + b->text || b->text == "apply " + a->text) return true;
    if (a->kind == Kind::constant || b->kind == Kind::constant) return false;
    // A side that is a number labels nothing: 2 + 2 = 4.
    if (!has_symbols(a) && !has_symbols(b) && is_scalar(a) && is_scalar(b)) return true;
    return is_scalar(a) && is_scalar(b) && are_equal(a, b);
  }

  struct Statement {
    Expr left, right;
    char sign;
  };

  /// a < b < c as a < b and b < c, all signs turned to "less" or without direction.
  static std::vector<Statement> statements(const Expr& relation) {
    std::vector<Statement> result;
    for (std::size_t i = 0; i < relation->text.size(); ++i) {
      Statement next{relation->children[i], relation->children[i + 1], relation->text[i]};
      if (next.sign == sign::greater || next.sign == sign::greater_equal) {
        next.sign = next.sign == sign::greater ? sign::less : sign::less_equal;
        std::swap(next.left, next.right);
      }
      result.push_back(std::move(next));
    }
    return result;
  }

  bool same_statements(const Expr& gold, const Expr& answer) {
    std::vector<Statement> left = statements(gold), right = statements(answer);
    if (left.size() != right.size()) return false;
    return matches(left, right,
                   [&](const Statement& a, const Statement& b) { return same_statement(a, b); });
  }

  bool same_statement(const Statement& a, const Statement& b) {
    if (a.sign != b.sign) return false;
    if (a.sign == sign::element) return same(a.left, b.left) && same(a.right, b.right);
    if (!is_scalar(a.left) || !is_scalar(a.right) || !is_scalar(b.left) || !is_scalar(b.right)) {
      return same(a.left, b.left) && same(a.right, b.right);
    }
    const bool directed = a.sign == sign::less || a.sign == sign::less_equal;
    const Expr first = sum({a.left, negative(a.right)}), second = sum({b.left, negative(b.right)});
    // Statements about numbers alone are all alike as statements; they are compared side by side.
    if (!has_symbols(first) || !has_symbols(second)) {
      return (are_equal(a.left, b.left) && are_equal(a.right, b.right)) ||
             (!directed && are_equal(a.left, b.right) && are_equal(a.right, b.left));
    }
    return directed ? sign_of_ratio(first, second) > 0 : are_proportional(first, second);
  }

  /// Whether each of `left` has a partner of its own in `right`.
  template <typename Item, typename Same>
  static bool matches(std::vector<Item>& left, std::vector<Item>& right, const Same& same) {
    if (left.size() != right.size() || left.size() > kMostItems) return false;
    for (const Item& each : left) {
      const auto partner = std::find_if(right.begin(), right.end(),
                                        [&](const Item& other) { return same(each, other); });
      if (partner == right.end()) return false;
      right.erase(partner);
    }
    return true;
  }

  bool same_values(const Expr& gold, const Expr& answer) {
    if (gold->kind == Kind::quantity || answer->kind == Kind::quantity) {
      return same_quantities(with_unit_beside(gold, answer), with_unit_beside(answer, gold));
    }
    if (is_certainly_region(gold) || is_certainly_region(answer)) {
      const auto a = region_of(gold), b = region_of(answer);
      if (a && b) return are_same(*a, *b);
    }
    const bool has_signs = contains(gold, is_either_sign) || contains(answer, is_either_sign);
    if (is_collection(gold) || is_collection(answer) || has_signs) {
      return same_collections(gold, answer);
    }
    if (is_kind(gold, answer, Kind::tuple)) return same_tuples(gold, answer);
    if (const Expr sum = in_unit_vectors(gold, answer)) return same_scalars(sum, answer);
    if (const Expr sum = in_unit_vectors(answer, gold)) return same_scalars(gold, sum);
    if (gold->kind == Kind::matrix || answer->kind == Kind::matrix) {
      return same_matrices(gold, answer);
    }
    if (gold->kind == Kind::ratio || answer->kind == Kind::ratio) return same_ratios(gold, answer);
    if (gold->kind == Kind::text || answer->kind == Kind::text) {
      const auto words = [](const Expr& expr) { return normalised_words(expr->text); };
      return gold->children.empty() && answer->children.empty() && words(gold) == words(answer);
    }
    if (is_call(gold, "mod") && is_call(answer, "mod") &&
        !same(gold->children[1], answer->children[1])) {
      return false;
    }
    if (is_joined(gold) && is_joined(answer) && gold->text == answer->text) {
      const auto& left = gold->children;
      const auto& right = answer->children;
      return (same(left[0], right[0]) && same(left[1], right[1])) ||
             (same(left[0], right[1]) && same(left[1], right[0]));
    }
    if (gold->kind == Kind::call && answer->kind == Kind::call && gold->text == answer->text &&
        gold->children.size() == answer->children.size() && !is_scalar(gold)) {
      return same_in_order(gold->children, answer->children);
    }
    return same_scalars(gold, answer);
  }

  static bool is_joined(const Expr& expr) { return is_call(expr, "cup") || is_call(expr, "cap"); }

  /// 2400 g beside 2.4 kg has a unit and no variable, 5 m^2 beside 5 cm^2 too.
  static Expr with_unit_beside(const Expr& expr, const Expr& other) {
    if (expr->kind != Kind::product || other->kind != Kind::quantity) return expr;
    const Expr& last = expr->children.back();
    const bool raised = last->kind == Kind::power && last->children[1]->kind == Kind::number;
    const Expr& unit = raised ? last->children[0] : last;
    const std::string name = unit->text + (raised ? "^" + last->children[1]->text : "");
    const Expr value = product({expr->children.begin(), expr->children.end() - 1});
    const bool is_amount = unit->kind == Kind::symbol && is_unit(unit->text) &&
                           !has_symbols(value) && measure_of(name) && measure_of(other->text);
    return is_amount ? make(Kind::quantity, name, {value}) : expr;
  }

  /// 90 degrees may be written without the sign.
  bool same_scalars(const Expr& gold, const Expr& answer) {
    if (are_equal(gold, answer)) return true;
    const auto of_gold = without_degree(gold), of_answer = without_degree(answer);
    if (of_gold && !of_answer) return are_equal(of_gold, answer);
    if (of_answer && !of_gold) return are_equal(gold, of_answer);
    return false;
  }

  static Expr without_degree(const Expr& expr) {
    if (expr->kind != Kind::product) return nullptr;
    std::vector<Expr> rest;
    for (const Expr& factor : expr->children) {
      if (!is_constant(factor, "degree")) rest.push_back(factor);
    }
    if (rest.empty() || rest.size() == expr->children.size()) return nullptr;
    return product(std::move(rest));
  }

  bool same_quantities(const Expr& gold, const Expr& answer) {
    const auto unit_of = [](const Expr& expr) {
      return expr->kind == Kind::quantity ? canonical_unit(expr->text) : std::string();
    };
    const auto value_of = [&](const Expr& expr) {
      if (expr->kind != Kind::quantity) return expr;
      Expr value = expr->children[0];
      if (unit_of(expr) == "degree") return product({value, constant("degree")});
      return value;
    };
    const std::string first = unit_of(gold), second = unit_of(answer);
    const Expr a = value_of(gold), b = value_of(answer);
    if (first == "percent" || second == "percent") return same_percentages(gold, answer);
    // A degree sign may be missing, but isn't where the other side speaks of radians.
    const bool radians = first == "rad" || second == "rad";
    if (radians && (without_degree(a) || without_degree(b))) return are_equal(a, b);
    if (const auto modulus = modulus_of(gold); modulus && first == second) {
      return same(call("mod", {a, *modulus}), call("mod", {b, *modulus}));
    }
    if ((is_half_of_day(first) && (second.empty() || is_half_of_day(second))) ||
        (is_half_of_day(second) && first.empty())) {
      if (const auto times = are_same_times(a, first, b, second)) return *times;
    }
    if (first.empty() || second.empty() || first == second) return same(a, b);
    if (const auto gold_measure = measure_of(gold->text), other = measure_of(answer->text);
        gold_measure && other) {
      return gold_measure->dimensions == other->dimensions &&
             same(product({a, gold_measure->size}), product({b, other->size}));
    }
    // "lollipop candies" may be called "candies".
    const auto ends_with = [](const std::string& words, const std::string& end) {
      return words.size() > end.size() && words.ends_with(" " + end);
    };
    const bool measures = is_unit(first) || is_unit(second) ||
                          first.find('^') != std::string::npos ||
                          second.find('^') != std::string::npos;
    return !measures && (ends_with(first, second) || ends_with(second, first)) && same(a, b);
  }

  /// The number in "2 (mod 5)".
  static std::optional<Expr> modulus_of(const Expr& expr) {
    constexpr std::string_view kMod = "mod ";
    if (expr->kind != Kind::quantity || !expr->text.starts_with(kMod)) return std::nullopt;
    const std::string modulus = expr->text.substr(kMod.size());
    if (modulus.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    return number(modulus);
  }

  bool same_percentages(const Expr& gold, const Expr& answer) {
    const auto is_percent = [](const Expr& expr) {
      return expr->kind == Kind::quantity && canonical_unit(expr->text) == "percent";
    };
    const auto value = [&](const Expr& expr) {
      return expr->kind == Kind::quantity ? expr->children[0] : expr;
    };
    const Expr a = value(gold), b = value(answer);
    if (is_percent(gold) && is_percent(answer)) return same(a, b);
    const Expr hundredth = number("1/100");
    if (is_percent(gold)) return same(a, b) || same(product({a, hundredth}), b);
    return same(a, b) || same(a, product({b, hundredth}));
  }

  static bool is_collection(const Expr& expr) {
    return expr->kind == Kind::list || expr->kind == Kind::set;
  }

  bool same_in_order(const std::vector<Expr>& a, const std::vector<Expr>& b) {
    if (a.size() != b.size() || a.size() > kMostItems) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!same(a[i], b[i])) return false;
    }
    return true;
  }

  bool same_tuples(const Expr& gold, const Expr& answer) {
    if (gold->children.size() == 2 && gold->text != answer->text) return false;
    return same_in_order(gold->children, answer->children);
  }

  bool same_matrices(const Expr& gold, const Expr& answer) {
    if (is_kind(gold, answer, Kind::matrix)) {
      return gold->text == answer->text && same_in_order(gold->children, answer->children);
    }
    // A column or row against a tuple, all rows against a tuple of tuples.
    const Expr& matrix = gold->kind == Kind::matrix ? gold : answer;
    const Expr& other = gold->kind == Kind::matrix ? answer : gold;
    if (const auto cells = cells_of_rows(other, matrix->text)) {
      return same_in_order(matrix->children, *cells);
    }
    const bool vector =
        matrix->text == "1" || matrix->text == std::to_string(matrix->children.size());
    return vector && other->kind == Kind::tuple && same_in_order(gold->children, answer->children);
  }

  /// (2, 3, 1) as 2i + 3j + k beside what is written so.
  static Expr in_unit_vectors(const Expr& vector, const Expr& other) {
    static constexpr std::size_t kMost = 3;
    const std::size_t size = vector->children.size();
    const bool is_vector = vector->kind == Kind::tuple || vector->kind == Kind::matrix;
    if (!is_vector || size < 2 || size > kMost || !is_scalar(other)) return nullptr;
    const bool has_units = contains(other, [](const Node& node) {
      return node.kind == Kind::symbol && (node.text == "j" || node.text == "k");
    });
    if (!has_units || !std::all_of(vector->children.begin(), vector->children.end(), is_scalar)) {
      return nullptr;
    }
    const Expr units[kMost] = {constant("i"), symbol("j"), symbol("k")};
    std::vector<Expr> terms;
    for (std::size_t i = 0; i < size; ++i) {
      terms.push_back(product({vector->children[i], units[i]}));
    }
    return sum(std::move(terms));
  }

  /// The cells of [[1, 2], [3, 4]] if its rows are as long as `columns` says.
  static std::optional<std::vector<Expr>> cells_of_rows(const Expr& expr,
                                                        const std::string& columns) {
    if (expr->kind != Kind::tuple) return std::nullopt;
    std::vector<Expr> cells;
    for (const Expr& row : expr->children) {
      if (row->kind != Kind::tuple || std::to_string(row->children.size()) != columns) {
        return std::nullopt;
      }
      cells.insert(cells.end(), row->children.begin(), row->children.end());
    }
    return cells;
  }

  bool same_ratios(const Expr& gold, const Expr& answer) {
    const auto is_clock = [](const Expr& ratio) {
      return ratio->kind == Kind::ratio &&
             std::any_of(ratio->children.begin(), ratio->children.end(), [](const Expr& part) {
               return part->kind == Kind::number && part->text.size() == 2 && part->text[0] == '0';
             });
    };
    if (is_clock(gold) || is_clock(answer)) return to_text(gold) == to_text(answer);
    if (is_kind(gold, answer, Kind::ratio)) {
      if (gold->children.size() != answer->children.size()) return false;
      for (std::size_t i = 1; i < gold->children.size(); ++i) {
        if (!same_scalars(product({gold->children[0], answer->children[i]}),
                          product({answer->children[0], gold->children[i]}))) {
          return false;
        }
      }
      return true;
    }
    const auto as_quotient = [](const Expr& expr) {
      return expr->kind == Kind::ratio && expr->children.size() == 2
                 ? quotient(expr->children[0], expr->children[1])
                 : expr;
    };
    return same_scalars(as_quotient(gold), as_quotient(answer));
  }

  /// The items of a collection; of anything else, itself. Each with "plus or minus" stands for
  /// several.
  static std::vector<Expr> items_of(const Expr& expr) {
    std::vector<Expr> items;
    for (const Expr& item : is_collection(expr) ? expr->children : std::vector{expr}) {
      for (const Expr& alternative : alternatives(item)) items.push_back(alternative);
    }
    return items;
  }

  static std::vector<Expr> alternatives(const Expr& expr) {
    if (const auto labelled = split_label(expr);
        labelled && contains(labelled->value, is_either_sign)) {
      return alternatives(labelled->value);
    }
    return with_each_sign(expr);
  }

  bool same_collections(const Expr& gold, const Expr& answer) {
    std::vector<Expr> left = items_of(gold), right = items_of(answer);
    if (left.size() > kMostItems || right.size() > kMostItems) return false;
    // More signs than are tried, and nothing smaller to compare.
    if (left == std::vector{gold} && right == std::vector{answer}) return false;
    const bool has_signs = contains(gold, is_either_sign) || contains(answer, is_either_sign);
    const auto is_single = [](const Expr& expr) {
      return !is_collection(expr) && !contains(expr, is_either_sign);
    };
    // The set of one thing isn't the thing.
    if ((is_set(gold) && is_single(answer)) || (is_set(answer) && is_single(gold))) return false;
    // [1, 2] is an interval, and no list without brackets.
    const auto is_interval = [](const Expr& expr) {
      return expr->kind == Kind::tuple && expr->children.size() == 2 && expr->text != "()";
    };
    if (is_interval(gold) || is_interval(answer)) return false;
    const bool opens_tuple = !has_signs &&
                             (gold->kind == Kind::tuple || answer->kind == Kind::tuple) &&
                             (gold->kind == Kind::list || answer->kind == Kind::list) &&
                             gold->text != "or" && answer->text != "or";
    if (opens_tuple && gold->kind == Kind::tuple) left = gold->children;
    if (opens_tuple && answer->kind == Kind::tuple) right = answer->children;
    const bool names_left = has_different_labels(left), names_right = has_different_labels(right);
    drop_common_label(left);
    drop_common_label(right);
    if (opens_tuple) return same_in_order(values_of(left), values_of(right));
    // x = 1, y = 2 against 1, 2: the order says which is which.
    if (names_left != names_right && !is_set(gold) && !is_set(answer)) {
      if (any_labelled(left) != any_labelled(right)) return same_in_order(left, right);
    }
    const auto compare = [&](const Expr& a, const Expr& b) { return same(a, b); };
    // "17/3 or 5 2/3" says one thing twice.
    if (!has_signs && (repeats(gold, answer) || repeats(answer, gold))) return true;
    if (is_set(gold) || is_set(answer) || has_signs) {
      return covers(left, right) && covers(right, left);
    }
    if (left.size() == 1 && right.size() == 1 && !is_collection(gold) && !is_collection(answer)) {
      return same_values(left[0], right[0]);
    }
    return matches(left, right, compare);
  }

  bool repeats(const Expr& list, const Expr& value) {
    return list->kind == Kind::list && list->text == "or" && is_scalar(value) &&
           std::all_of(list->children.begin(), list->children.end(),
                       [&](const Expr& item) { return is_scalar(item) && same(item, value); });
  }

  static std::vector<Expr> values_of(const std::vector<Expr>& items) {
    std::vector<Expr> values;
    for (const Expr& item : items) {
      const auto labelled = split_label(item);
      values.push_back(labelled ? labelled->value : item);
    }
    return values;
  }

  static bool is_set(const Expr& expr) { return expr->kind == Kind::set; }

  bool covers(const std::vector<Expr>& items, const std::vector<Expr>& others) {
    return std::all_of(items.begin(), items.end(), [&](const Expr& item) {
      return std::any_of(others.begin(), others.end(),
                         [&](const Expr& other) { return same(item, other); });
    });
  }

  static bool any_labelled(const std::vector<Expr>& items) {
    return std::any_of(items.begin(), items.end(),
                       [](const Expr& item) { return split_label(item).has_value(); });
  }

  double comparisons_ = kMostComparisons;
};

/// C(5, 2) is no point, and a column of two no vector, beside what has no points and vectors.
Expr with_choices_beside(const Expr& expr, const Expr& other) {
  const bool has_points = contains(other, [](const Node& node) {
    return node.kind == Kind::tuple || node.kind == Kind::matrix;
  });
  const bool has_choices = contains(
      other, [](const Node& node) { return node.kind == Kind::call && node.text == "binomial"; });
  const bool may_be_vector = expr->kind == Kind::matrix && !has_choices;
  return has_points || may_be_vector ? expr : with_choices(expr);
}

}  // namespace

bool say_the_same(const Expr& gold, const Expr& answer) {
  std::set<std::string> integers_of_gold, integers;
  const auto prepared = [](const Expr& expr, const Expr& other, std::set<std::string>& names) {
    const Expr named = with_named_points(with_choices_beside(expr, other));
    return without_ellipses(without_conditions(work_out_matrices(named), names));
  };
  const Expr left = prepared(gold, answer, integers_of_gold);
  const Expr right = with_constants_of(left, prepared(answer, gold, integers));
  return Comparison().same(left, with_integer_of(left, integers_of_gold, right, integers));
}

}  // namespace r1::grading
