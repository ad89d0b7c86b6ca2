// The part of Field that knows powers, exponentials and logarithms.

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "tasks/grading/field.h"
#include "tasks/grading/integers.h"

namespace r1::grading {
namespace {

constexpr ulong kHighestRoot = 720;
constexpr slong kMostBitsOfPower = 200000;
constexpr slong kMostTermsToFactor = 60;
constexpr slong kHighestDegreeToFactor = 12;
constexpr slong kMostBitsToFactor = 400;
constexpr double kMostExpandedTerms = 3000;

ulong least_common_multiple(ulong a, ulong b) {
  const ulong multiple = a / n_gcd(a, b) * b;
  if (multiple > kHighestRoot) throw Undecided{};
  return multiple;
}

/// The denominator of an exponent that becomes a root's index.
ulong root_index(const Rational& exponent) {
  if (!fmpz_abs_fits_ui(exponent.denominator())) throw Undecided{};
  const ulong index = fmpz_get_ui(exponent.denominator());
  if (index > kHighestRoot) throw Undecided{};
  return index;
}

bool is_even(const fmpz* value) {
  return fmpz_is_even(value) != 0;
}

}  // namespace

/// exp(2 pi i turns).
Fraction Field::unity_power(const Rational& turns) {
  ulong& order = denominators_["unity"];
  if (order == 0) order = 4;
  const ulong needed = least_common_multiple(order, root_index(turns));
  if (needed != order) {
    order = needed;
    if (indices_.contains("unity")) throw Restart{};
  }
  Generator made;
  made.key = "unity";
  made.type = Type::unity;
  made.constant = made.algebraic = true;
  made.denominator = order;
  made.argument = std::make_shared<const Fraction>(number(Rational(-1)));
  const slong index = generator(std::move(made));
  Integer exponent, whole;
  fmpz_mul_ui(exponent.get(), turns.numerator(), order);
  fmpz_divexact(exponent.get(), exponent.get(), turns.denominator());
  fmpz_set_ui(whole.get(), order);
  fmpz_mod(exponent.get(), exponent.get(), whole.get());
  return reduced(monomial(index, fmpz_get_ui(exponent.get())));
}

Fraction Field::imaginary_unit() {
  return unity_power(Rational(1, 4));
}

/// base^exponent where base, of the name `key`, has a generator of its own: its root of the index
/// that all exponents met so far need.
Fraction Field::root_power(const std::string& key, const Fraction& base, const Rational& exponent) {
  if (exponent.is_integer()) {
    Integer whole;
    fmpz_set(whole.get(), exponent.numerator());
    return integer_power(base, whole);
  }
  const std::string name = "root " + key;
  ulong& index = denominators_[name];
  const ulong needed = least_common_multiple(std::max<ulong>(index, 1), root_index(exponent));
  if (needed != index) {
    index = needed;
    if (indices_.contains(name)) throw Restart{};
  }
  Generator made;
  made.key = name;
  made.type = Type::root;
  made.denominator = index;
  made.constant = is_constant(base);
  made.algebraic = is_algebraic(base);
  made.argument = std::make_shared<const Fraction>(base);
  if (made.algebraic) bound_root(made);
  const slong root = generator(std::move(made));
  Integer power;
  fmpz_mul_ui(power.get(), exponent.numerator(), index);
  fmpz_divexact(power.get(), power.get(), exponent.denominator());
  return integer_power(monomial(root, 1), power);
}

/// Principal value, but the real root where an odd root of a negative number is taken.
Fraction Field::power(const Fraction& base, const Rational& exponent) {
  if (base.numerator.is_zero()) {
    if (exponent.sign() <= 0) throw NoValue{};
    return base;
  }
  if (const auto value = rational(base)) return rational_power(*value, exponent);
  if (exponent.is_integer()) {
    Integer times;
    fmpz_set(times.get(), exponent.numerator());
    const double terms =
        static_cast<double>(std::max(base.numerator.terms(), base.denominator.terms()));
    if (terms <= 1 || !fmpz_fits_si(times.get())) return integer_power(base, times);
    // (a + b)^n of many terms stays a power.
    double expanded = 1;
    const double n = std::abs(static_cast<double>(fmpz_get_si(times.get())));
    for (double i = 1; i < terms && expanded < 1e9; ++i) expanded *= (n + i) / i;
    if (expanded <= kMostExpandedTerms) return integer_power(base, times);
    throw Undecided{};
  }
  if (is_algebraic(base)) return algebraic_power(base, exponent);
  const Fraction above = polynomial_power(base.numerator, exponent);
  const Fraction below = polynomial_power(base.denominator, exponent);
  return multiply(above, inverse(below));
}

Fraction Field::rational_power(const Rational& base, const Rational& exponent) {
  if (base.is_zero()) {
    if (exponent.sign() <= 0) throw NoValue{};
    return number(base);
  }
  if (base == Rational(1)) return number(base);
  if (exponent.is_integer()) {
    const slong bits =
        static_cast<slong>(std::max(fmpz_bits(base.numerator()), fmpz_bits(base.denominator())));
    const bool small = fmpz_fits_si(exponent.numerator()) != 0 &&
                       std::abs(fmpz_get_si(exponent.numerator())) <= kMostBitsOfPower / bits;
    if (small || base == Rational(-1)) {
      Rational result;
      if (base == Rational(-1)) return number(Rational(is_even(exponent.numerator()) ? 1 : -1));
      fmpq_pow_si(result.get(), base.get(), fmpz_get_si(exponent.numerator()));
      return number(result);
    }
  }
  if (base.sign() < 0) {
    const Fraction positive = rational_power(Rational(0) - base, exponent);
    if (!is_even(exponent.denominator())) {
      return is_even(exponent.numerator()) ? positive : subtract(number(Rational(0)), positive);
    }
    return multiply(unity_power(exponent * Rational(1, 2)), positive);
  }
  Fraction result = number(Rational(1));
  for (const bool below : {false, true}) {
    const fmpz* part = below ? base.denominator() : base.numerator();
    if (fmpz_is_one(part)) continue;
    for (const PrimePower& factor : factors_of(part)) {
      Rational times = exponent * Rational(factor.exponent, Integer(1));
      if (below) times = Rational(0) - times;
      const std::string key = key_of(number(Rational(factor.prime, Integer(1))));
      // The whole part of the exponent is a number, unless that is too large to write out.
      Integer whole;
      fmpz_fdiv_q(whole.get(), times.numerator(), times.denominator());
      const slong bits = static_cast<slong>(fmpz_bits(factor.prime.get()));
      if (!fmpz_fits_si(whole.get()) ||
          std::abs(fmpz_get_si(whole.get())) > kMostBitsOfPower / bits) {
        char* text = fmpq_get_str(nullptr, 10, times.get());
        const std::string name = "huge " + key + "^" + text;
        flint_free(text);
        result = multiply(result, free_generator(name));
        continue;
      }
      Rational known;
      fmpq_set_fmpz(known.get(), factor.prime.get());
      fmpq_pow_si(known.get(), known.get(), fmpz_get_si(whole.get()));
      result = multiply(result, number(known));
      const Rational rest = times - Rational(whole, Integer(1));
      if (!rest.is_zero()) {
        result =
            multiply(result, root_power(key, number(Rational(factor.prime, Integer(1))), rest));
      }
    }
  }
  return result;
}

/// Of a rational number times a root of unity: the angle from -1/2 to 1/2 turns.
std::optional<Field::Polar> Field::polar_form(const Fraction& value) const {
  const std::vector<slong> used = generators_of(value);
  if (used.size() != 1 || value.numerator.terms() != 1 || !value.denominator.is_constant()) {
    return std::nullopt;
  }
  const Generator& unity = generators_[static_cast<std::size_t>(used[0])];
  if (unity.type != Type::unity) return std::nullopt;
  Integer above, below;
  fmpz_mpoly_get_term_coeff_fmpz(above.get(), value.numerator.get(), 0, ring_->get());
  fmpz_mpoly_get_fmpz(below.get(), value.denominator.get(), ring_->get());
  const auto order = static_cast<slong>(unity.denominator);
  slong angle = value.numerator.degree(used[0]);
  if (fmpz_sgn(above.get()) < 0) angle += order / 2;
  if (angle > order / 2) angle -= order;
  Rational modulus(above, below);
  fmpq_abs(modulus.get(), modulus.get());
  return Polar{modulus, Rational(angle, static_cast<ulong>(order))};
}

/// Of a number made of roots. Its rational content is taken out of the root.
Fraction Field::algebraic_power(const Fraction& base, const Rational& exponent) {
  if (is_zero(base)) {
    if (exponent.sign() <= 0) throw NoValue{};
    return number(Rational(0));
  }
  if (is_real(base)) {
    const int sign = sign_of(base);
    if (sign == 0) throw Undecided{};
    if (sign < 0) {
      const Fraction positive = algebraic_power(subtract(number(Rational(0)), base), exponent);
      if (!is_even(exponent.denominator())) {
        return is_even(exponent.numerator()) ? positive : subtract(number(Rational(0)), positive);
      }
      return multiply(unity_power(exponent * Rational(1, 2)), positive);
    }
  } else {
    // A root of unity alone has its angle divided, from -pi to pi.
    if (const auto polar = polar_form(base)) {
      return multiply(rational_power(polar->modulus, exponent),
                      unity_power(exponent * polar->turns));
    }
  }
  Integer above, below;
  Polynomial primitive = base.numerator, under = base.denominator;
  _fmpz_vec_content(above.get(), base.numerator.get()->coeffs, base.numerator.get()->length);
  _fmpz_vec_content(below.get(), base.denominator.get()->coeffs, base.denominator.get()->length);
  fmpz_mpoly_scalar_divexact_fmpz(primitive.get(), primitive.get(), above.get(), ring_->get());
  fmpz_mpoly_scalar_divexact_fmpz(under.get(), under.get(), below.get(), ring_->get());
  const Fraction rest{primitive, under};
  const Fraction known = rational_power(Rational(above, below), exponent);
  return multiply(known, root_power(key_of(rest), rest, exponent));
}

Fraction Field::polynomial_power(const Polynomial& base, const Rational& exponent) {
  if (base.is_constant()) {
    return power({base, Polynomial(*ring_, 1)}, exponent);
  }
  const auto factored = factorised(base);
  if (!factored) return factor_power(base, 1, exponent);
  Fraction result = rational_power(Rational(factored->content, Integer(1)), exponent);
  for (const auto& [part, multiplicity] : factored->parts) {
    result = multiply(result, factor_power(part, multiplicity, exponent));
  }
  return result;
}

/// Irreducible factors with their multiplicities; nothing where that would take long.
std::optional<Field::Factors> Field::factorised(const Polynomial& polynomial) const {
  const auto degree = [&] {
    slong most = 0;
    for (std::size_t i = 0; i < generators_.size(); ++i) {
      most = std::max(most, polynomial.degree(static_cast<slong>(i)));
    }
    return most;
  };
  const bool small =
      polynomial.terms() == 1 ||
      (polynomial.terms() <= kMostTermsToFactor && degree() <= kHighestDegreeToFactor &&
       std::abs(fmpz_mpoly_max_bits(polynomial.get())) <= kMostBitsToFactor);
  if (!small) return std::nullopt;
  fmpz_mpoly_factor_t found;
  fmpz_mpoly_factor_init(found, ring_->get());
  Factors factors;
  const bool done = fmpz_mpoly_factor(found, polynomial.get(), ring_->get()) != 0;
  if (done) {
    fmpz_mpoly_factor_get_constant_fmpz(factors.content.get(), found, ring_->get());
    for (slong i = 0; i < fmpz_mpoly_factor_length(found, ring_->get()); ++i) {
      Polynomial part(*ring_);
      fmpz_mpoly_factor_get_base(part.get(), found, i, ring_->get());
      factors.parts.emplace_back(part, fmpz_mpoly_factor_get_exp_si(found, i, ring_->get()));
    }
  }
  fmpz_mpoly_factor_clear(found, ring_->get());
  if (!done) return std::nullopt;
  return factors;
}

/// (factor^multiplicity)^exponent of an irreducible factor.
Fraction Field::factor_power(const Polynomial& factor, slong multiplicity,
                             const Rational& exponent) {
  const Rational times = exponent * Rational(multiplicity);
  const Fraction base{factor, Polynomial(*ring_, 1)};
  if (is_algebraic(base)) return algebraic_power(base, times);
  if (times.is_integer()) {
    Integer whole;
    fmpz_set(whole.get(), times.numerator());
    const bool keeps_sign =
        is_even(whole.get()) || multiplicity % 2 != 0 || !is_even(exponent.denominator());
    return integer_power(keeps_sign ? base : absolute_factor(factor), whole);
  }
  if (factor.terms() == 1 && fmpz_mpoly_is_gen(factor.get(), -1, ring_->get()) != 0) {
    for (const slong index : generators_of(base)) return generator_power(index, times);
  }
  return root_power(key_of(base), base, times);
}

Fraction Field::generator_power(slong index, const Rational& exponent) {
  const Generator made = generators_[static_cast<std::size_t>(index)];
  const Rational divided = exponent * Rational(1, made.denominator);
  const Fraction base = monomial(index, 1);
  if (made.type == Type::exponential) return exponential_of(*made.argument, divided);
  if (made.type == Type::root && !made.algebraic) {
    return root_power(made.key.substr(5), *made.argument, divided);
  }
  return root_power(key_of(base), base, exponent);
}

Fraction Field::pi() {
  Generator made;
  made.key = "pi";
  made.type = Type::pi;
  made.constant = true;
  return monomial(generator(std::move(made)), 1);
}

/// e^exponent: each term of the exponent gives a factor.
Fraction Field::exponential(const Fraction& exponent) {
  if (exponent.numerator.is_zero()) return number(Rational(1));
  Fraction result = number(Rational(1));
  const auto content_of = [&](const Polynomial& polynomial) {
    Integer content;
    _fmpz_vec_content(content.get(), polynomial.get()->coeffs, polynomial.get()->length);
    return content;
  };
  if (!exponent.denominator.is_constant()) {
    Integer leading;
    fmpz_mpoly_get_term_coeff_fmpz(leading.get(), exponent.numerator.get(), 0, ring_->get());
    Integer content = content_of(exponent.numerator);
    if (fmpz_sgn(leading.get()) < 0) fmpz_neg(content.get(), content.get());
    const Rational times(content, content_of(exponent.denominator));
    return exponential_of(multiply(exponent, inverse(number(times))), times);
  }
  Integer below;
  fmpz_mpoly_get_fmpz(below.get(), exponent.denominator.get(), ring_->get());
  for (slong i = 0; i < exponent.numerator.terms(); ++i) {
    Integer coefficient;
    fmpz_mpoly_get_term_coeff_fmpz(coefficient.get(), exponent.numerator.get(), i, ring_->get());
    Fraction unit = number(Rational(1));
    fmpz_mpoly_get_term_monomial(unit.numerator.get(), exponent.numerator.get(), i, ring_->get());
    result = multiply(result, exponential_of(unit, Rational(coefficient, below)));
  }
  return result;
}

/// e^(times unit).
Fraction Field::exponential_of(const Fraction& unit, const Rational& times) {
  const std::vector<slong> used = generators_of(unit);
  if (unit.denominator.is_one() && unit.numerator.terms() == 1) {
    if (used.size() == 1 && unit.numerator.degree(used[0]) == 1) {
      const Generator only = generators_[static_cast<std::size_t>(used[0])];
      if (only.type == Type::logarithm) return power(*only.argument, times);
    }
    // e^(i pi x) and, with a larger order of unity, e^(unity^(order/4) pi x).
    if (used.size() == 2) {
      const slong first = used[0], second = used[1];
      const auto type = [&](slong index) {
        return generators_[static_cast<std::size_t>(index)].type;
      };
      const slong unity = type(first) == Type::unity ? first : second;
      const slong other = unity == first ? second : first;
      if (type(unity) == Type::unity && type(other) == Type::pi &&
          unit.numerator.degree(other) == 1 &&
          static_cast<ulong>(unit.numerator.degree(unity)) * 4 ==
              generators_[static_cast<std::size_t>(unity)].denominator) {
        return unity_power(times * Rational(1, 2));
      }
    }
  }
  const std::string name = "exp " + key_of(unit);
  ulong& index = denominators_[name];
  const ulong needed = least_common_multiple(std::max<ulong>(index, 1), root_index(times));
  if (needed != index) {
    index = needed;
    if (indices_.contains(name)) throw Restart{};
  }
  Generator made;
  made.key = name;
  made.type = Type::exponential;
  made.constant = is_constant(unit);
  made.denominator = index;
  made.argument = std::make_shared<const Fraction>(unit);
  const slong root = generator(std::move(made));
  Integer exponent;
  fmpz_mul_ui(exponent.get(), times.numerator(), index);
  fmpz_divexact(exponent.get(), exponent.get(), times.denominator());
  return integer_power(monomial(root, 1), exponent);
}

}  // namespace r1::grading
