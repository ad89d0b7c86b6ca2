// The part of Field that turns expressions into fractions.
#include <algorithm>
#include <string_view>
#include <utility>

#include "tasks/grading/field.h"

namespace r1::grading {
namespace {

constexpr slong kLargestFactorial = 10000;
constexpr slong kShiftStart = 23;  // unlike the numbers people write
constexpr slong kMostShift = 40;   // (n + 40)! is n! times 40 factors
constexpr slong kMostTermsOfSum = 300;
constexpr int kDeepest = 400;

slong small_integer(const Rational& value, slong most) {
  if (!value.is_integer() || fmpz_cmpabs(value.numerator(), Integer(most).get()) > 0) {
    throw Undecided{};
  }
  return fmpz_get_si(value.numerator());
}

/// The digits of `text` in base `base`.
Integer in_base(const std::string& text, slong base) {
  if (base < 2 || base > 36) throw NoValue{};
  Integer value;
  for (const char c : text) {
    const int digit = c >= 'a' ? c - 'a' + 10 : c >= 'A' ? c - 'A' + 10 : c - '0';
    if (digit >= base) throw NoValue{};
    fmpz_mul_si(value.get(), value.get(), base);
    fmpz_add_si(value.get(), value.get(), digit);
  }
  return value;
}

}  // namespace

Fraction Field::free_generator(const std::string& key) {
  Generator made;
  made.key = "free " + key;
  made.type = Type::free;
  return monomial(generator(std::move(made)), 1);
}

Fraction Field::compute(const Expr& expr) {
  if (++depth_ > kDeepest) throw Undecided{};
  spend_work(10);
  const auto& children = expr->children;
  Fraction result = number(Rational(0));
  switch (expr->kind) {
    case Kind::number:
      result = number(Rational(expr->text));
      break;
    case Kind::constant:
      if (expr->text == "pi")
        result = pi();
      else if (expr->text == "e")
        result = exponential(number(Rational(1)));
      else if (expr->text == "i")
        result = imaginary_unit();
      else if (expr->text == "degree")
        result = multiply(pi(), number(Rational(1, 180)));
      else
        throw NoValue{};
      break;
    case Kind::symbol:
      result = free_generator(expr->text);
      break;
    case Kind::sum:
      for (const Expr& child : children) result = add(result, compute(child));
      break;
    case Kind::product:
      result = number(Rational(1));
      for (const Expr& child : children) result = multiply(result, compute(child));
      break;
    case Kind::power:
      result = power_value(expr);
      break;
    case Kind::call:
      result = call_value(expr);
      break;
    default:
      throw Undecided{};
  }
  --depth_;
  return result;
}

Fraction Field::power_value(const Expr& expr) {
  const Expr& base = expr->children[0];
  const Fraction exponent = compute(expr->children[1]);
  if (grading::is_constant(base, "e")) return exponential(exponent);
  return general_power(compute(base), exponent);
}

Fraction Field::general_power(const Fraction& base, const Fraction& exponent) {
  if (const auto times = rational(exponent)) {
    if (*times == Rational(-1)) return inverse(base);
    return power(base, *times);
  }
  if (base.numerator.is_zero()) throw NoValue{};
  return exponential(multiply(exponent, logarithm(base)));
}

Fraction Field::call_value(const Expr& expr) {
  const std::string& name = expr->text;
  if (name == "sum" || name == "prod") return iterated(expr);
  if (name == "based") {
    const Rational base(expr->children[1]->text);
    return number(Rational(in_base(expr->children[0]->text, small_integer(base, 36)), Integer(1)));
  }
  std::vector<Fraction> arguments;
  for (const Expr& child : expr->children) arguments.push_back(compute(child));
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (arguments.size() == 2 && name == "root") {
    const auto index = rational(arguments[1]);
    if (!index || index->is_zero()) return general_power(arguments[0], inverse(arguments[1]));
    return power(arguments[0], Rational(1) / *index);
  }
  if (arguments.size() == 2 && name == "log") {
    return multiply(logarithm(arguments[0]), inverse(logarithm(arguments[1])));
  }
  if (arguments.size() == 2 && name == "binomial") return binomial(arguments[0], arguments[1]);
  if (arguments.size() == 2 && name == "mod") {
    const auto value = rational(arguments[0]), modulus = rational(arguments[1]);
    if (value && modulus && modulus->sign() > 0) {
      const Fraction times = rounded(number(*value / *modulus), false);
      return subtract(arguments[0], multiply(arguments[1], times));
    }
  }
  if (is_one_of({"gcd", "lcm", "max", "min"})) return integer_function(name, arguments);
  if (arguments.size() == 1) {
    const Fraction& x = arguments[0];
    if (is_one_of({"sin", "cos", "tan", "cot", "sec", "csc"})) return trigonometric(name, x);
    if (is_one_of({"arcsin", "arccos", "arctan", "arccot"})) return inverse_trigonometric(name, x);
    if (is_one_of({"sinh", "cosh", "tanh", "coth", "sech", "csch"})) return hyperbolic(name, x);
    if (name == "cis") return exponential(multiply(imaginary_unit(), x));
    if (name == "ln") return logarithm(x);
    if (name == "log") {
      Fraction natural = logarithm(x);
      if (base_of_log_ == Logarithm::natural) return natural;
      return multiply(natural, inverse(rational_logarithm(Rational(10))));
    }
    if (name == "abs") return absolute(x);
    if (name == "factorial") return factorial(x);
    if (name == "floor" || name == "ceil") return rounded(x, name == "ceil");
    if (name == "overline" && is_constant(x)) return conjugate(x);
    if (name == "double factorial") {
      const auto n = rational(x);
      if (!n) return free_generator(name + key_of(x));
      const slong last = small_integer(*n, kLargestFactorial);
      if (last < 0) throw NoValue{};
      Integer result(1);
      for (slong i = last; i > 1; i -= 2) fmpz_mul_si(result.get(), result.get(), i);
      return number(Rational(result, Integer(1)));
    }
  }
  std::string key = name;
  for (const Fraction& argument : arguments) key += key_of(argument);
  return free_generator(key);
}

/// Through E = e^(ix): sin x = (E - 1/E) / 2i, cos x = (E + 1/E) / 2.
Fraction Field::trigonometric(const std::string& name, const Fraction& argument) {
  const Fraction i = imaginary_unit();
  const Fraction e = exponential(multiply(i, argument));
  const Fraction e_inverse = inverse(e);
  const Fraction half = number(Rational(1, 2));
  const auto cosine = [&] { return multiply(half, add(e, e_inverse)); };
  const auto sine = [&] { return multiply(multiply(half, inverse(i)), subtract(e, e_inverse)); };
  if (name == "sin") return sine();
  if (name == "cos") return cosine();
  if (name == "tan") return multiply(sine(), inverse(cosine()));
  if (name == "cot") return multiply(cosine(), inverse(sine()));
  return inverse(name == "sec" ? cosine() : sine());
}

Fraction Field::inverse_trigonometric(const std::string& name, const Fraction& x) {
  const Fraction i = imaginary_unit();
  const Fraction one = number(Rational(1));
  const Fraction quarter_turn = multiply(pi(), number(Rational(1, 2)));
  if (name == "arctan" || name == "arccot") {
    const Fraction ix = multiply(i, x);
    const Fraction difference = subtract(logarithm(subtract(one, ix)), logarithm(add(one, ix)));
    const Fraction angle = multiply(multiply(i, number(Rational(1, 2))), difference);
    return name == "arctan" ? angle : subtract(quarter_turn, angle);
  }
  const Fraction cosine = power(subtract(one, multiply(x, x)), Rational(1, 2));
  const Fraction angle =
      multiply(subtract(number(Rational(0)), i), logarithm(add(multiply(i, x), cosine)));
  return name == "arcsin" ? angle : subtract(quarter_turn, angle);
}

Fraction Field::hyperbolic(const std::string& name, const Fraction& argument) {
  const Fraction e = exponential(argument);
  const Fraction e_inverse = inverse(e);
  const Fraction half = number(Rational(1, 2));
  Fraction cosine = multiply(half, add(e, e_inverse));
  Fraction sine = multiply(half, subtract(e, e_inverse));
  if (name == "sinh") return sine;
  if (name == "cosh") return cosine;
  if (name == "tanh") return multiply(sine, inverse(cosine));
  if (name == "coth") return multiply(cosine, inverse(sine));
  return inverse(name == "sech" ? cosine : sine);
}

/// (n + c)! with an integer c is n! (n + 1) ... (n + c).
Fraction Field::factorial(const Fraction& n) {
  if (const auto value = rational(n)) {
    if (value->is_integer()) {
      if (value->sign() < 0) throw NoValue{};
      if (fmpz_cmp_si(value->numerator(), kLargestFactorial) <= 0) {
        Integer result;
        fmpz_fac_ui(result.get(), fmpz_get_ui(value->numerator()));
        return number(Rational(result, Integer(1)));
      }
    }
    if (!value->is_integer() || fmpz_bits(value->numerator()) > 60) {
      return free_generator("factorial" + key_of(n));
    }
    // Named by one factorial in forty, so that neighbours can be compared.
    slong named = fmpz_get_si(value->numerator());
    Fraction result = number(Rational(1));
    for (; named % kMostShift != kShiftStart; --named) {
      result = multiply(result, number(Rational(named)));
    }
    return multiply(result, free_generator("factorial" + std::to_string(named)));
  }
  if (!n.denominator.is_constant()) return free_generator("factorial" + key_of(n));
  Integer constant, below, shift;
  const std::vector<ulong> none(static_cast<std::size_t>(fmpz_mpoly_ctx_nvars(ring_->get())), 0);
  fmpz_mpoly_get_coeff_fmpz_ui(constant.get(), n.numerator.get(), none.data(), ring_->get());
  fmpz_mpoly_get_fmpz(below.get(), n.denominator.get(), ring_->get());
  fmpz_fdiv_q(shift.get(), constant.get(), below.get());
  if (fmpz_cmpabs(shift.get(), Integer(kMostShift).get()) > 0) {
    return free_generator("factorial" + key_of(n));
  }
  const slong c = fmpz_get_si(shift.get());
  const Fraction start = subtract(n, number(Rational(c)));
  Fraction result = free_generator("factorial" + key_of(start));
  for (slong k = 1; k <= c; ++k) result = multiply(result, add(start, number(Rational(k))));
  for (slong k = 0; k > c; --k) {
    result = multiply(result, inverse(add(start, number(Rational(k)))));
  }
  return result;
}

Fraction Field::binomial(const Fraction& n, const Fraction& k) {
  const auto below = rational(k);
  const auto above = rational(n);
  if (above && below && above->is_integer() && below->is_integer() && above->sign() >= 0) {
    const slong top = small_integer(*above, 1000000), bottom = small_integer(*below, 1000000);
    if (bottom < 0 || bottom > top) return number(Rational(0));
    if (std::min(bottom, top - bottom) > kLargestFactorial) throw Undecided{};
    Integer result;
    fmpz_bin_uiui(result.get(), static_cast<ulong>(top), static_cast<ulong>(bottom));
    return number(Rational(result, Integer(1)));
  }
  if (below && below->is_integer() && fmpz_cmpabs(below->numerator(), Integer(20).get()) <= 0) {
    Fraction result = number(Rational(1));
    for (slong j = 0; j < fmpz_get_si(below->numerator()); ++j) {
      result = multiply(result, subtract(n, number(Rational(j))));
      result = multiply(result, number(Rational(1, static_cast<ulong>(j + 1))));
    }
    return below->sign() < 0 ? number(Rational(0)) : result;
  }
  return multiply(factorial(n), inverse(multiply(factorial(k), factorial(subtract(n, k)))));
}

Fraction Field::rounded(const Fraction& value, bool up) {
  if (!is_constant(value)) return free_generator((up ? "ceil" : "floor") + key_of(value));
  Integer whole;
  if (const auto constant = rational(value)) {
    if (up)
      fmpz_cdiv_q(whole.get(), constant->numerator(), constant->denominator());
    else
      fmpz_fdiv_q(whole.get(), constant->numerator(), constant->denominator());
    return number(Rational(whole, Integer(1)));
  }
  if (!is_real(value)) throw Undecided{};
  const Ball real = ball(value, 1000);
  if (!real.is_finite()) throw Undecided{};
  Ball rounded_ball;
  if (up)
    arb_ceil(rounded_ball.real(), real.real(), 1000);
  else
    arb_floor(rounded_ball.real(), real.real(), 1000);
  if (arb_get_unique_fmpz(whole.get(), rounded_ball.real()) == 0) {
    // The value may be an integer that the ball can't tell from its neighbours.
    arb_get_unique_fmpz(whole.get(), real.real());
    Fraction nearest = number(Rational(whole, Integer(1)));
    if (!is_zero(subtract(value, nearest))) throw Undecided{};
    return nearest;
  }
  return number(Rational(whole, Integer(1)));
}

Fraction Field::integer_function(const std::string& name, const std::vector<Fraction>& arguments) {
  std::optional<Rational> result;
  for (const Fraction& argument : arguments) {
    const auto next = rational(argument);
    if (!next) {
      std::string key = name;
      for (const Fraction& each : arguments) key += key_of(each);
      return free_generator(key);
    }
    if (!result) {
      result = next;
    } else if (name == "max" || name == "min") {
      const bool larger = fmpq_cmp(next->get(), result->get()) > 0;
      if (larger == (name == "max")) result = next;
    } else {
      if (!next->is_integer() || !result->is_integer()) throw NoValue{};
      Integer both;
      if (name == "gcd")
        fmpz_gcd(both.get(), next->numerator(), result->numerator());
      else
        fmpz_lcm(both.get(), next->numerator(), result->numerator());
      result = Rational(both, Integer(1));
    }
  }
  if (!result) throw NoValue{};
  return number(*result);
}

/// Sums and products over a range that is written out in numbers.
Fraction Field::iterated(const Expr& expr) {
  const Expr &index = expr->children[0], &first = expr->children[1];
  const Expr &last = expr->children[2], &body = expr->children[3];
  const auto replaced = [&](const Expr& by) {
    return transform(body, [&](const Expr& node) {
      return node->kind == index->kind && node->text == index->text ? by : Expr();
    });
  };
  const bool is_sum = expr->text == "sum";
  const auto from = rational(compute(first));
  const auto to = grading::is_constant(last, "infinity") ? std::nullopt : rational(compute(last));
  if (from && to && from->is_integer() && to->is_integer()) {
    const Rational length = *to - *from + Rational(1);
    if (length.sign() <= 0) return number(Rational(is_sum ? 0 : 1));
    if (fmpz_cmp_si(length.numerator(), kMostTermsOfSum) <= 0) {
      Fraction result = number(Rational(is_sum ? 0 : 1));
      Rational k = *from;
      for (slong i = fmpz_get_si(length.numerator()); i > 0; --i, k = k + Rational(1)) {
        char* text = fmpq_get_str(nullptr, 10, k.get());
        const Fraction term = compute(replaced(grading::number(text)));
        flint_free(text);
        result = is_sum ? add(result, term) : multiply(result, term);
      }
      return result;
    }
  }
  const std::string bounds = to_text(last);
  return free_generator(expr->text + key_of(compute(first)) + bounds +
                        to_text(replaced(symbol("index"))));
}

}  // namespace r1::grading
