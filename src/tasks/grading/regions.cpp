#include "tasks/grading/regions.h"

#include <algorithm>
#include <utility>

#include "tasks/grading/balls.h"
#include "tasks/grading/equality.h"

namespace r1::grading {
namespace {

constexpr std::size_t kMostIntervals = 40;

Expr infinity() {
  return constant("infinity");
}

Interval point(const Expr& value) {
  return {value, value, true, true};
}

/// Whether both ends of all intervals are constants, so that they can be ordered.
bool has_constant_ends(const Region& region) {
  return std::all_of(region.intervals.begin(), region.intervals.end(), [](const Interval& each) {
    return !has_symbols(each.low) && !has_symbols(each.high);
  });
}

/// Whether some interval has its ends the wrong way round: whatever it means, it isn't nothing.
bool has_reversed(const Region& region) {
  return std::any_of(region.intervals.begin(), region.intervals.end(),
                     [](const Interval& each) { return compare_reals(each.low, each.high) > 0; });
}

/// -1, 0 or 1; ends that can't be told apart are taken for equal only if they are proven to be.
std::optional<int> order(const Expr& a, const Expr& b) {
  const int sign = compare_reals(a, b);
  if (sign != 0) return sign;
  if (are_equal(a, b)) return 0;
  return std::nullopt;
}

/// Sorted, without empty intervals, those that touch joined. Nothing if the order can't be told.
std::optional<std::vector<Interval>> joined(const std::vector<Interval>& intervals) {
  if (intervals.size() > kMostIntervals) return std::nullopt;
  std::vector<Interval> kept;
  for (const Interval& each : intervals) {
    const auto ends = order(each.low, each.high);
    if (!ends) return std::nullopt;
    if (*ends < 0 || (*ends == 0 && each.low_closed && each.high_closed)) kept.push_back(each);
  }
  std::vector<Interval> result;
  while (!kept.empty()) {
    std::size_t first = 0;
    for (std::size_t i = 1; i < kept.size(); ++i) {
      const auto before = order(kept[i].low, kept[first].low);
      if (!before) return std::nullopt;
      if (*before < 0 || (*before == 0 && kept[i].low_closed && !kept[first].low_closed)) {
        first = i;
      }
    }
    const Interval next = kept[first];
    kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(first));
    if (!result.empty()) {
      Interval& last = result.back();
      const auto gap = order(last.high, next.low);
      if (!gap) return std::nullopt;
      if (*gap > 0 || (*gap == 0 && (last.high_closed || next.low_closed))) {
        const auto further = order(last.high, next.high);
        if (!further) return std::nullopt;
        if (*further < 0) {
          last.high = next.high;
          last.high_closed = next.high_closed;
        } else if (*further == 0) {
          last.high_closed = last.high_closed || next.high_closed;
        }
        continue;
      }
    }
    result.push_back(next);
  }
  return result;
}

std::optional<std::vector<Interval>> intersection(const std::vector<Interval>& a,
                                                  const std::vector<Interval>& b) {
  std::vector<Interval> result;
  if (a.size() * b.size() > kMostIntervals * kMostIntervals) return std::nullopt;
  for (const Interval& x : a) {
    for (const Interval& y : b) {
      const auto low = order(x.low, y.low), high = order(x.high, y.high);
      if (!low || !high) return std::nullopt;
      Interval both = x;
      if (*low < 0) both.low = y.low;
      both.low_closed = *low < 0   ? y.low_closed
                        : *low > 0 ? x.low_closed
                                   : x.low_closed && y.low_closed;
      if (*high > 0) both.high = y.high;
      both.high_closed = *high > 0   ? y.high_closed
                         : *high < 0 ? x.high_closed
                                     : x.high_closed && y.high_closed;
      result.push_back(both);
    }
  }
  return joined(result);
}

std::vector<Interval> complement(const std::vector<Interval>& sorted) {
  std::vector<Interval> result;
  Interval next{negative(infinity()), infinity(), false, false};
  for (const Interval& each : sorted) {
    if (infinity_sign(each.low) >= 0) {
      next.high = each.low;
      next.high_closed = !each.low_closed;
      result.push_back(next);
    }
    next = {each.high, infinity(), !each.high_closed, false};
  }
  if (infinity_sign(next.low) <= 0) result.push_back(next);
  return result;
}

/// All x with low < |x| < high.
std::vector<Interval> mirrored(const Interval& of_modulus) {
  std::vector<Interval> result{of_modulus};
  result.push_back({negative(of_modulus.high), negative(of_modulus.low), of_modulus.high_closed,
                    of_modulus.low_closed});
  return result;
}

bool is_less(char sign) {
  return sign == sign::less || sign == sign::less_equal;
}

bool is_greater(char sign) {
  return sign == sign::greater || sign == sign::greater_equal;
}

bool is_closed(char sign) {
  return sign == sign::less_equal || sign == sign::greater_equal;
}

/// The only variable in an expression; empty if there are none or several.
std::string only_variable(const Expr& expr) {
  std::string name;
  const bool several = contains(expr, [&](const Node& node) {
    if (node.kind != Kind::symbol) return false;
    if (name.empty()) name = node.text;
    return name != node.text;
  });
  return several ? "" : name;
}

Expr with_value(const Expr& expr, const std::string& variable, const char* value) {
  return transform(expr, [&](const Expr& node) {
    return node->kind == Kind::symbol && node->text == variable ? number(value) : Expr();
  });
}

/// a x + b compared with 0: x compared with -b/a.
std::optional<Region> linear_inequality(const Expr& difference, char sign) {
  const std::string variable = only_variable(difference);
  if (variable.empty()) return std::nullopt;
  const Expr at_0 = with_value(difference, variable, "0");
  const Expr slope = sum({with_value(difference, variable, "1"), negative(at_0)});
  const Expr line = sum({product({slope, symbol(variable)}), at_0});
  if (!are_equal(difference, line)) return std::nullopt;
  const int direction = sign_of_ratio(slope, number("1"));
  if (direction == 0) return std::nullopt;
  const Expr end = negative(quotient(at_0, slope));
  const bool below = is_less(sign) == (direction > 0);
  Interval half{negative(infinity()), end, false, is_closed(sign)};
  if (!below) half = {end, infinity(), is_closed(sign), false};
  return Region{{half}, variable};
}

/// |f| compared with an end, f being linear.
std::optional<Region> modulus_inequality(const Expr& inside, const Expr& end, char sign) {
  const auto above = linear_inequality(sum({inside, negative(end)}), sign);
  const auto below = linear_inequality(sum({negative(inside), negative(end)}), sign);
  if (!above || !below) return std::nullopt;
  if (is_less(sign)) {
    auto both = intersection(above->intervals, below->intervals);
    if (!both) return std::nullopt;
    return Region{std::move(*both), above->variable};
  }
  Region joined_both = *above;
  joined_both.intervals.push_back(below->intervals[0]);
  return joined_both;
}

/// low < f < high between constants, f being linear.
std::optional<Region> linear_between(const std::vector<Expr>& sides, const std::string& signs) {
  if (has_symbols(sides[0]) || has_symbols(sides[2])) return std::nullopt;
  const auto first = linear_inequality(sum({sides[0], negative(sides[1])}), signs[0]);
  const auto second = linear_inequality(sum({sides[1], negative(sides[2])}), signs[1]);
  if (!first || !second) return std::nullopt;
  auto both = intersection(first->intervals, second->intervals);
  if (!both) return std::nullopt;
  return Region{std::move(*both), first->variable};
}

/// low < middle < high, where the ends are written on both sides or on one.
std::optional<Region> inequality(const Expr& relation) {
  const std::string& signs = relation->text;
  const auto& sides = relation->children;
  const bool ascending = std::all_of(signs.begin(), signs.end(), is_less);
  const bool descending = std::all_of(signs.begin(), signs.end(), is_greater);
  if ((!ascending && !descending) || signs.size() > 2) return std::nullopt;
  for (const Expr& side : sides) {
    if (!is_scalar(side)) return std::nullopt;
  }
  if (signs.size() == 1) {
    const Expr& left = sides[0];
    const Expr& right = sides[1];
    const bool variable_left = has_symbols(left) && !has_symbols(right);
    const Expr& middle = variable_left ? left : right;
    const Expr& end = variable_left ? right : left;
    const bool simple = middle->kind == Kind::symbol || middle->text.starts_with("apply ") ||
                        (is_call(middle, "abs") && middle->children[0]->kind == Kind::symbol);
    if (simple && !has_symbols(end)) {
      const bool is_upper = variable_left == ascending;
      Interval half{negative(infinity()), end, false, is_closed(signs[0])};
      if (!is_upper) half = {end, infinity(), is_closed(signs[0]), false};
      if (!is_call(middle, "abs")) return Region{{half}, to_text(middle)};
      if (is_upper) half.low = negative(end), half.low_closed = half.high_closed;
      return Region{is_upper ? std::vector{half} : mirrored(half), to_text(middle->children[0])};
    }
    if (is_call(middle, "abs") && !has_symbols(end)) {
      const bool turned = !variable_left;
      const char opposite = is_closed(signs[0])
                                ? (ascending ? sign::greater_equal : sign::less_equal)
                                : (ascending ? sign::greater : sign::less);
      return modulus_inequality(middle->children[0], end, turned ? opposite : signs[0]);
    }
    return linear_inequality(sum({left, negative(right)}), signs[0]);
  }
  const Expr& middle = sides[1];
  if (!has_symbols(middle)) return std::nullopt;
  Interval between{sides[0], sides[2], is_closed(signs[0]), is_closed(signs[1])};
  if (descending) between = {sides[2], sides[0], is_closed(signs[1]), is_closed(signs[0])};
  if (middle->kind == Kind::sum || middle->kind == Kind::product) {
    if (auto solved = linear_between(sides, signs)) return solved;
  }
  if (is_call(middle, "abs")) return Region{mirrored(between), to_text(middle->children[0])};
  return Region{{between}, to_text(middle)};
}

/// e > 1 with e as the variable that it is there.
Expr with_variable_e(const Expr& relation) {
  const auto is_e = [](const Expr& side) { return grading::is_constant(side, "e"); };
  const auto& sides = relation->children;
  const std::size_t middle = sides.size() == 3 ? 1 : is_e(sides[0]) ? 0 : 1;
  if (has_symbols(relation) || !is_e(sides[middle])) return relation;
  std::vector<Expr> changed = sides;
  changed[middle] = symbol("e");
  return make(Kind::relation, relation->text, std::move(changed));
}

std::optional<Region> of_relation(const Expr& relation) {
  const std::string& signs = relation->text;
  if (signs == std::string(1, sign::element)) {
    auto region = region_of(relation->children[1]);
    if (region) region->variable = to_text(relation->children[0]);
    return region;
  }
  const bool names_variable = relation->children[0]->kind == Kind::symbol;
  if (names_variable && is_scalar(relation->children[1])) {
    const Region at{{point(relation->children[1])}, to_text(relation->children[0])};
    if (signs == std::string(1, sign::equal)) return at;
    if (signs == std::string(1, sign::not_equal)) {
      return Region{complement(at.intervals), at.variable};
    }
  }
  return inequality(with_variable_e(relation));
}

/// Inequalities with "or" between them are joined, with "and" they hold together.
std::optional<Region> of_list(const Expr& list) {
  std::vector<Region> parts;
  bool excludes = false;
  for (const Expr& item : list->children) {
    auto part = item->kind == Kind::relation ? of_relation(item) : region_of(item);
    if (!part) return std::nullopt;
    excludes = excludes || (item->kind == Kind::relation &&
                            item->text.find(sign::not_equal) != std::string::npos);
    parts.push_back(std::move(*part));
  }
  Region total = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].variable != total.variable) return std::nullopt;
    if (list->text == "and" || excludes) {
      auto both = intersection(total.intervals, parts[i].intervals);
      // "x < 1 and x > 3" lists two solutions.
      if (both && (excludes || !both->empty())) {
        total.intervals = std::move(*both);
        continue;
      }
    }
    total.intervals.insert(total.intervals.end(), parts[i].intervals.begin(),
                           parts[i].intervals.end());
  }
  return total;
}

/// \mathbb{R}^+, \mathbb{R}_{\ge 0} and the like.
std::optional<Region> half_line(std::string_view name) {
  const Expr zero = number("0");
  if (name == "reals^+" || name == "reals_>0")
    return Region{{{zero, infinity(), false, false}}, ""};
  if (name == "reals_ge0") return Region{{{zero, infinity(), true, false}}, ""};
  if (name != "reals^-" && name != "reals_<0") return std::nullopt;
  return Region{{{negative(infinity()), zero, false, false}}, ""};
}

std::optional<Region> of_operation(const Expr& expr) {
  auto left = region_of(expr->children[0]);
  auto right = region_of(expr->children[1]);
  if (!left || !right) return std::nullopt;
  if (expr->text == "cup") {
    left->intervals.insert(left->intervals.end(), right->intervals.begin(), right->intervals.end());
    return left;
  }
  auto a = joined(left->intervals), b = joined(right->intervals);
  if (!a || !b) return std::nullopt;
  auto both = intersection(*a, expr->text == "cap" ? *b : complement(*b));
  if (!both) return std::nullopt;
  return Region{*both, left->variable};
}

}  // namespace

std::optional<Region> region_of(const Expr& expr) {
  switch (expr->kind) {
    case Kind::tuple:
      if (expr->children.size() != 2) return std::nullopt;
      if (!is_scalar(expr->children[0]) || !is_scalar(expr->children[1])) return std::nullopt;
      return Region{
          {{expr->children[0], expr->children[1], expr->text[0] == '[', expr->text[1] == ']'}}, ""};
    case Kind::set: {
      Region points;
      for (const Expr& element : expr->children) {
        if (!is_scalar(element)) return std::nullopt;
        points.intervals.push_back(point(element));
      }
      return points;
    }
    case Kind::relation:
      return of_relation(expr);
    case Kind::list:
      return of_list(expr);
    case Kind::builder: {
      auto region = region_of(expr->children[1]);
      if (region && expr->children[0]->kind != Kind::symbol &&
          expr->children[0]->kind != Kind::relation) {
        return std::nullopt;
      }
      return region;
    }
    case Kind::call:
      if (expr->text == "cup" || expr->text == "cap" || expr->text == "setminus") {
        return of_operation(expr);
      }
      if (expr->text == "reals") {
        return Region{{{negative(infinity()), infinity(), false, false}}, ""};
      }
      return half_line(expr->text);
    default:
      return std::nullopt;
  }
}

bool is_certainly_region(const Expr& expr) {
  switch (expr->kind) {
    case Kind::tuple:
      return expr->children.size() == 2 &&
             (expr->text == "[)" || expr->text == "(]" || infinity_sign(expr->children[0]) != 0 ||
              infinity_sign(expr->children[1]) != 0);
    case Kind::relation:
      return std::any_of(expr->text.begin(), expr->text.end(),
                         [](char s) { return is_less(s) || is_greater(s); }) ||
             expr->text == std::string(1, sign::not_equal);
    case Kind::list:
      return std::all_of(expr->children.begin(), expr->children.end(),
                         [](const Expr& item) { return item->kind == Kind::relation; }) &&
             std::any_of(expr->children.begin(), expr->children.end(), is_certainly_region);
    case Kind::builder:
      return true;
    case Kind::call:
      return expr->text == "cup" || expr->text == "cap" || expr->text == "setminus" ||
             expr->text.starts_with("reals");
    default:
      return false;
  }
}

bool are_same(const Region& a, const Region& b) {
  if (!a.variable.empty() && !b.variable.empty() && a.variable != b.variable) return false;
  std::vector<Interval> left = a.intervals, right = b.intervals;
  if (has_constant_ends(a) && has_constant_ends(b) && !has_reversed(a) && !has_reversed(b)) {
    auto sorted_left = joined(left), sorted_right = joined(right);
    if (!sorted_left || !sorted_right) return false;
    left = *sorted_left;
    right = *sorted_right;
  }
  if (left.size() != right.size() || left.size() > kMostIntervals) return false;
  for (const Interval& each : left) {
    const auto match = std::find_if(right.begin(), right.end(), [&](const Interval& other) {
      return each.low_closed == other.low_closed && each.high_closed == other.high_closed &&
             are_equal(each.low, other.low) && are_equal(each.high, other.high);
    });
    if (match == right.end()) return false;
    right.erase(match);
  }
  return true;
}

}  // namespace r1::grading
