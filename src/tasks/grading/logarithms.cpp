// The part of Field that knows logarithms and absolute values.
#include <utility>

#include "tasks/grading/field.h"
#include "tasks/grading/integers.h"

namespace r1::grading {

Fraction Field::logarithm_atom(const Fraction& value) {
  Generator made;
  made.key = "ln " + key_of(value);
  made.type = Type::logarithm;
  made.constant = is_constant(value);
  made.argument = std::make_shared<const Fraction>(value);
  return monomial(generator(std::move(made)), 1);
}

Fraction Field::rational_logarithm(const Rational& value) {
  if (value.is_zero()) throw NoValue{};
  if (value.sign() < 0) {
    return add(multiply(imaginary_unit(), pi()), rational_logarithm(Rational(0) - value));
  }
  Fraction total = number(Rational(0));
  for (const bool below : {false, true}) {
    const fmpz* part = below ? value.denominator() : value.numerator();
    if (fmpz_is_one(part)) continue;
    for (const PrimePower& factor : factors_of(part)) {
      const Fraction atom = logarithm_atom(number(Rational(factor.prime, Integer(1))));
      const Fraction times = number(Rational(factor.exponent, Integer(1)));
      const Fraction term = multiply(times, atom);
      total = below ? subtract(total, term) : add(total, term);
    }
  }
  return total;
}

/// Principal value for constants; variables are positive.
Fraction Field::logarithm(const Fraction& value) {
  if (const auto constant = rational(value)) return rational_logarithm(*constant);
  const bool algebraic = is_algebraic(value);
  if (algebraic) {
    if (is_zero(value)) throw NoValue{};
    if (!is_real(value)) {
      const auto polar = polar_form(value);
      if (!polar) return logarithm_atom(value);
      const Fraction angle =
          multiply(multiply(imaginary_unit(), pi()), number(polar->turns * Rational(2)));
      return add(rational_logarithm(polar->modulus), angle);
    }
    const int sign = sign_of(value);
    if (sign == 0) throw Undecided{};
    if (sign < 0) {
      return add(multiply(imaginary_unit(), pi()), logarithm(subtract(number(Rational(0)), value)));
    }
  }
  const auto of_polynomial = [&](const Polynomial& polynomial) -> Fraction {
    if (polynomial.is_constant()) {
      Integer constant;
      fmpz_mpoly_get_fmpz(constant.get(), polynomial.get(), ring_->get());
      return rational_logarithm(Rational(constant, Integer(1)));
    }
    Fraction total = number(Rational(0));
    // The factors that are powers of generators; of the rest, the content.
    Polynomial rest = polynomial;
    Integer content;
    _fmpz_vec_content(content.get(), polynomial.get()->coeffs, polynomial.get()->length);
    fmpz_mpoly_scalar_divexact_fmpz(rest.get(), rest.get(), content.get(), ring_->get());
    if (rest.terms() == 1) {
      Integer leading;
      fmpz_mpoly_get_term_coeff_fmpz(leading.get(), rest.get(), 0, ring_->get());
      if (fmpz_sgn(leading.get()) < 0) fmpz_neg(content.get(), content.get());
      for (const slong index : generators_of({rest, Polynomial(*ring_, 1)})) {
        const Fraction times = number(Rational(rest.degree(index)));
        total = add(total, multiply(times, generator_logarithm(index)));
      }
    } else {
      total = polynomial_logarithm(rest);
    }
    return add(total, rational_logarithm(Rational(content, Integer(1))));
  };
  // Numerator and denominator of an algebraic number may both be negative or complex.
  if (algebraic && (value.numerator.terms() > 1 || !value.denominator.is_constant())) {
    return logarithm_atom(value);
  }
  return subtract(of_polynomial(value.numerator), of_polynomial(value.denominator));
}

/// ln((x - 1)(x + 1)) is a sum where variables alone are in it, so that the factors can be taken to
/// be positive: of x - 1 and 1 - x the one that makes the whole so.
Fraction Field::polynomial_logarithm(const Polynomial& polynomial) {
  const Fraction whole{polynomial, Polynomial(*ring_, 1)};
  for (const slong index : generators_of(whole)) {
    if (generators_[static_cast<std::size_t>(index)].type != Type::free) {
      return logarithm_atom(whole);
    }
  }
  auto factors = factorised(polynomial);
  if (!factors) return logarithm_atom(whole);
  bool negative = fmpz_sgn(factors->content.get()) < 0;
  Fraction total = number(Rational(0));
  for (auto& [part, multiplicity] : factors->parts) {
    Integer constant;
    const std::vector<ulong> none(static_cast<std::size_t>(fmpz_mpoly_ctx_nvars(ring_->get())), 0);
    fmpz_mpoly_get_coeff_fmpz_ui(constant.get(), part.get(), none.data(), ring_->get());
    if (negative && multiplicity % 2 != 0 && fmpz_sgn(constant.get()) < 0) {
      fmpz_mpoly_neg(part.get(), part.get(), ring_->get());
      negative = false;
    }
    const Fraction atom = logarithm_atom({part, Polynomial(*ring_, 1)});
    total = add(total, multiply(number(Rational(multiplicity)), atom));
  }
  return negative ? logarithm_atom(whole) : total;
}

Fraction Field::generator_logarithm(slong index) {
  const Generator made = generators_[static_cast<std::size_t>(index)];
  const Fraction divided = number(Rational(1, made.denominator));
  if (made.type == Type::exponential) return multiply(divided, *made.argument);
  if (made.type == Type::root) return multiply(divided, logarithm(*made.argument));
  return logarithm_atom(monomial(index, 1));
}

/// Of a constant its modulus.
Fraction Field::absolute(const Fraction& value) {
  if (const auto constant = rational(value)) {
    return number(constant->sign() < 0 ? Rational(0) - *constant : *constant);
  }
  if (is_constant(value)) {
    if (is_real(value)) {
      const int sign = sign_of(value);
      if (sign == 0 && !is_zero(value)) throw Undecided{};
      return sign < 0 ? subtract(number(Rational(0)), value) : value;
    }
    if (!is_algebraic(value)) throw Undecided{};
    return power(multiply(value, conjugate(value)), Rational(1, 2));
  }
  // sqrt(x^2) of each factor
  const Fraction square = multiply(value, value);
  return power(square, Rational(1, 2));
}

Fraction Field::absolute_factor(const Polynomial& factor) {
  Fraction base{factor, Polynomial(*ring_, 1)};
  const std::vector<slong> used = generators_of(base);
  if (is_constant(base)) return absolute(base);
  if (factor.terms() == 1 && used.size() == 1) {
    const Type type = generators_[static_cast<std::size_t>(used[0])].type;
    if (type == Type::exponential || type == Type::root || type == Type::absolute) return base;
  }
  Generator made;
  made.key = "abs " + key_of(base);
  made.type = Type::absolute;
  made.argument = std::make_shared<const Fraction>(multiply(base, base));
  return monomial(generator(std::move(made)), 1);
}

}  // namespace r1::grading
