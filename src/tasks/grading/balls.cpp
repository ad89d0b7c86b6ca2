#include "tasks/grading/balls.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "tasks/grading/work.h"

namespace r1::grading {
namespace {

constexpr slong kLargestMagnitude = slong{1} << 40;  // bits of an exponent
constexpr slong kMostTermsOfSum = 300;

class Evaluation {
 public:
  Evaluation(Assignment& variables, bool decimal_log, slong precision, bool& left_reals)
      : variables_(variables),
        decimal_log_(decimal_log),
        precision_(precision),
        left_reals_(left_reals) {}

  Ball value(const Expr& expr) {
    spend_work(static_cast<double>(precision_) / 4);
    Ball result = unchecked(expr);
    // Towers of powers would need more memory for their exponents than there is.
    if (result.is_finite()) {
      mag_t size;
      mag_init(size);
      acb_get_mag(size, result.get());
      const bool huge = fmpz_cmpabs(MAG_EXPREF(size), Integer(kLargestMagnitude).get()) > 0 &&
                        mag_is_zero(size) == 0;
      mag_clear(size);
      if (huge) return Ball::unknown();
    }
    return result;
  }

 private:
  Ball unchecked(const Expr& expr) {
    switch (expr->kind) {
      case Kind::number:
        return Ball(Rational(expr->text), precision_);
      case Kind::constant:
        return constant_value(expr->text);
      case Kind::symbol:
        return Ball(variables_.value(expr->text), precision_);
      case Kind::sum: {
        Ball total(0);
        for (const Expr& child : expr->children) {
          acb_add(total.get(), total.get(), value(child).get(), precision_);
        }
        return total;
      }
      case Kind::product: {
        Ball total(1);
        for (const Expr& child : expr->children) {
          acb_mul(total.get(), total.get(), value(child).get(), precision_);
        }
        return total;
      }
      case Kind::power:
        return power_value(expr);
      case Kind::call:
        return call_value(expr);
      default:
        return Ball::unknown();
    }
  }

  Ball constant_value(std::string_view name) const {
    Ball result = Ball::unknown();
    if (name == "pi" || name == "degree") acb_const_pi(result.get(), precision_);
    if (name == "degree") acb_div_ui(result.get(), result.get(), 180, precision_);
    if (name == "e") {
      acb_one(result.get());
      acb_exp(result.get(), result.get(), precision_);
    }
    if (name == "i") acb_onei(result.get());
    return result;
  }

  Ball power_value(const Expr& expr) {
    const Ball base = value(expr->children[0]);
    const Expr& exponent = expr->children[1];
    if (exponent->kind == Kind::number) return rational_power(base, Rational(exponent->text));
    if (const auto quotient = as_quotient(exponent)) return rational_power(base, *quotient);
    Ball result;
    if (is_constant(expr->children[0], "e")) {
      acb_exp(result.get(), value(exponent).get(), precision_);
    } else {
      note_if_not_positive(base);
      acb_pow(result.get(), base.get(), value(exponent).get(), precision_);
    }
    return result;
  }

  /// 1/3, -2/3 as they are parsed.
  static std::optional<Rational> as_quotient(const Expr& expr) {
    if (expr->kind != Kind::product) return std::nullopt;
    Rational total(1);
    for (const Expr& child : expr->children) {
      const bool inverted =
          child->kind == Kind::power && child->children[0]->kind == Kind::number &&
          child->children[1]->kind == Kind::number && child->children[1]->text == "-1";
      const Expr& part = inverted ? child->children[0] : child;
      if (part->kind != Kind::number) return std::nullopt;
      const Rational factor(part->text);
      if (inverted && factor.is_zero()) return std::nullopt;
      total = inverted ? total / factor : total * factor;
    }
    return total;
  }

  void note_if_not_positive(const Ball& ball) {
    if (arb_is_zero(ball.imaginary()) == 0 || arb_is_positive(ball.real()) == 0) left_reals_ = true;
  }

  /// The real root where an odd root of a negative number is taken.
  Ball rational_power(const Ball& base, const Rational& exponent) {
    Ball result;
    if (exponent.is_integer()) {
      if (!fmpz_fits_si(exponent.numerator())) {
        acb_pow_fmpz(result.get(), base.get(), exponent.numerator(), precision_);
        return fmpz_bits(exponent.numerator()) > 64 ? Ball::unknown() : result;
      }
      acb_pow_si(result.get(), base.get(), fmpz_get_si(exponent.numerator()), precision_);
      return result;
    }
    const bool odd_root = fmpz_is_odd(exponent.denominator()) != 0;
    const bool negative = arb_is_zero(base.imaginary()) != 0 && arb_is_negative(base.real()) != 0;
    Ball positive = base;
    if (odd_root && negative) {
      acb_neg(positive.get(), positive.get());
    } else if (arb_is_zero(base.imaginary()) == 0 || arb_is_nonnegative(base.real()) == 0) {
      left_reals_ = true;
    }
    acb_pow(result.get(), positive.get(), Ball(exponent, precision_).get(), precision_);
    if (odd_root && negative && fmpz_is_odd(exponent.numerator()) != 0) {
      acb_neg(result.get(), result.get());
    }
    return result;
  }

  Ball call_value(const Expr& expr) {
    const std::string& name = expr->text;
    if (name == "sum" || name == "prod") return iterated(expr);
    if (name == "based") return Ball::unknown();
    std::vector<Ball> arguments;
    for (const Expr& child : expr->children) arguments.push_back(value(child));
    if (arguments.size() == 2) return function_of_two(name, arguments, expr);
    if (arguments.size() == 1) return function_of_one(name, arguments[0]);
    return Ball::unknown();
  }

  Ball function_of_two(const std::string& name, const std::vector<Ball>& arguments,
                       const Expr& expr) {
    Ball result = Ball::unknown();
    if (name == "root" && expr->children[1]->kind == Kind::number &&
        !Rational(expr->children[1]->text).is_zero()) {
      return rational_power(arguments[0], Rational(1) / Rational(expr->children[1]->text));
    }
    if (name == "log") {
      Ball below;
      note_if_not_positive(arguments[0]);
      acb_log(result.get(), arguments[0].get(), precision_);
      acb_log(below.get(), arguments[1].get(), precision_);
      acb_div(result.get(), result.get(), below.get(), precision_);
    }
    if (name == "binomial") {
      // Gamma functions of n + 1, k + 1, n - k + 1
      Ball n1 = arguments[0], k1 = arguments[1], difference;
      acb_sub(difference.get(), arguments[0].get(), arguments[1].get(), precision_);
      for (Ball* each : {&n1, &k1, &difference}) {
        acb_add_ui(each->get(), each->get(), 1, precision_);
        acb_rgamma(each->get(), each->get(), precision_);
      }
      acb_mul(result.get(), k1.get(), difference.get(), precision_);
      acb_div(result.get(), result.get(), n1.get(), precision_);
    }
    return result;
  }

  Ball function_of_one(const std::string& name, const Ball& x) {
    using Function = void (*)(acb_t, const acb_t, slong);
    static const std::map<std::string_view, Function> kFunctions = {
        {"sin", acb_sin},     {"cos", acb_cos},   {"tan", acb_tan},     {"cot", acb_cot},
        {"sec", acb_sec},     {"csc", acb_csc},   {"arcsin", acb_asin}, {"arccos", acb_acos},
        {"arctan", acb_atan}, {"sinh", acb_sinh}, {"cosh", acb_cosh},   {"tanh", acb_tanh},
        {"coth", acb_coth},   {"sech", acb_sech}, {"csch", acb_csch},   {"ln", acb_log},
        {"log", acb_log}};
    Ball result = Ball::unknown();
    const auto found = kFunctions.find(name);
    if (found != kFunctions.end()) {
      if (found->second == acb_log) note_if_not_positive(x);
      found->second(result.get(), x.get(), precision_);
      if (name == "log" && decimal_log_) {
        Ball ten(10);
        acb_log(ten.get(), ten.get(), precision_);
        acb_div(result.get(), result.get(), ten.get(), precision_);
      }
    } else if (name == "abs") {
      acb_zero(result.get());
      acb_abs(result.real(), x.get(), precision_);
    } else if (name == "factorial" && x.is_finite() && is_moderate(x)) {
      acb_add_ui(result.get(), x.get(), 1, precision_);
      acb_gamma(result.get(), result.get(), precision_);
    }
    return result;
  }

  static bool is_moderate(const Ball& x) {
    Ball limit(100000);
    mag_t size;
    mag_init(size);
    acb_get_mag(size, x.get());
    const bool moderate = mag_cmp_2exp_si(size, 17) < 0;
    mag_clear(size);
    return moderate;
  }

  Ball iterated(const Expr& expr) {
    const Expr &index = expr->children[0], &first = expr->children[1], &last = expr->children[2];
    if (first->kind != Kind::number || last->kind != Kind::number) return Ball::unknown();
    const Rational from(first->text), to(last->text);
    if (!from.is_integer() || !to.is_integer()) return Ball::unknown();
    const Rational length = to - from;
    if (fmpz_cmp_si(length.numerator(), kMostTermsOfSum) > 0) return Ball::unknown();
    Ball total(expr->text == "sum" ? 0 : 1);
    Rational k = from;
    for (slong i = fmpz_get_si(length.numerator()); i >= 0; --i, k = k + Rational(1)) {
      char* text = fmpq_get_str(nullptr, 10, k.get());
      const Expr at = number(text);
      flint_free(text);
      const Ball term = value(transform(expr->children[3], [&](const Expr& node) {
        return node->kind == index->kind && node->text == index->text ? at : Expr();
      }));
      (expr->text == "sum" ? acb_add : acb_mul)(total.get(), total.get(), term.get(), precision_);
    }
    return total;
  }

  Assignment& variables_;
  bool decimal_log_;
  slong precision_;
  bool& left_reals_;
};

}  // namespace

Rational Assignment::value(const std::string& variable) {
  const auto found = values_.find(variable);
  if (found != values_.end()) return found->second;
  // Positive and without small relations among each other.
  static constexpr std::pair<slong, ulong> kValues[] = {{17, 11}, {29, 13}, {37, 31}, {53, 17},
                                                        {7, 19},  {61, 23}, {41, 43}, {83, 29},
                                                        {13, 37}, {97, 47}};
  constexpr std::size_t kCount = std::size(kValues);
  const std::size_t place = values_.size() + 3 * static_cast<std::size_t>(sample_);
  const auto& [above, below] = kValues[place % kCount];
  const auto round = static_cast<slong>(place / kCount);
  const Rational made(above + 2 * round, below);
  values_.emplace(variable, made);
  return made;
}

Ball evaluate(const Expr& expr, Assignment& variables, bool decimal_log, slong precision,
              bool& left_reals) {
  return Evaluation(variables, decimal_log, precision, left_reals).value(expr);
}

int compare_reals(const Expr& a, const Expr& b) {
  if (infinity_sign(a) != 0 || infinity_sign(b) != 0) {
    const int difference = infinity_sign(a) - infinity_sign(b);
    return difference < 0 ? -1 : difference > 0 ? 1 : 0;
  }
  Assignment none(0);
  bool left_reals = false;
  for (const slong precision : {64, 512}) {
    if (!is_scalar(a) || !is_scalar(b)) return 0;
    const Ball first = evaluate(a, none, false, precision, left_reals);
    const Ball second = evaluate(b, none, false, precision, left_reals);
    if (arb_lt(first.real(), second.real()) != 0) return -1;
    if (arb_gt(first.real(), second.real()) != 0) return 1;
  }
  return 0;
}

}  // namespace r1::grading
