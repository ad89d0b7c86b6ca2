// The part of Field that decides about numbers: balls, signs, and whether an algebraic number is 0.
//
// An algebraic number U/L with algebraic integers U and L, of degree at most D, whose conjugates
// are bounded by |U| <= u and |L| <= l, is 0 or at least 1 / (u^(D-1) l) in absolute value, since
// the norm of U is an integer. A ball smaller than that around 0 proves it to be 0. (Burnikel,
// Fleischer, Mehlhorn, Schirra: A strong and easily computable separation bound for arithmetic
// expressions involving radicals, Algorithmica 2000.)
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "tasks/grading/field.h"

namespace r1::grading {
namespace {

constexpr double kMostBitsOfProof = 30000;
constexpr slong kMostTimesOfLogarithm = 60;

double bits_of(const fmpz* value) {
  return static_cast<double>(fmpz_bits(value));
}

}  // namespace

Ball Field::generator_ball(slong index, slong precision) {
  if (++depth_ > 60) throw Undecided{};
  const Generator made = generators_[static_cast<std::size_t>(index)];
  Ball result = Ball::unknown();
  switch (made.type) {
    case Type::pi:
      acb_const_pi(result.get(), precision);
      break;
    case Type::unity:
      acb_unit_root(result.get(), made.denominator, precision);
      break;
    case Type::root:
      result = ball(*made.argument, precision);
      acb_root_ui(result.get(), result.get(), made.denominator, precision);
      break;
    case Type::absolute:
      result = ball(*made.argument, precision);
      acb_sqrt(result.get(), result.get(), precision);
      break;
    case Type::exponential:
      result = ball(*made.argument, precision);
      acb_div_ui(result.get(), result.get(), made.denominator, precision);
      acb_exp(result.get(), result.get(), precision);
      break;
    case Type::logarithm:
      result = ball(*made.argument, precision);
      acb_log(result.get(), result.get(), precision);
      break;
    case Type::free:
      break;
  }
  --depth_;
  return result;
}

Ball Field::polynomial_ball(const Polynomial& polynomial, slong precision) {
  std::map<slong, Ball> values;
  for (const slong index : generators_of({polynomial, Polynomial(*ring_, 1)})) {
    values.emplace(index, generator_ball(index, precision));
  }
  spend_work(50 + static_cast<double>(polynomial.terms()) * static_cast<double>(precision) / 20);
  Ball total(0);
  std::vector<ulong> exponents(static_cast<std::size_t>(fmpz_mpoly_ctx_nvars(ring_->get())));
  for (slong i = 0; i < polynomial.terms(); ++i) {
    Integer coefficient;
    fmpz_mpoly_get_term_coeff_fmpz(coefficient.get(), polynomial.get(), i, ring_->get());
    fmpz_mpoly_get_term_exp_ui(exponents.data(), polynomial.get(), i, ring_->get());
    Ball term;
    acb_set_fmpz(term.get(), coefficient.get());
    for (const auto& [index, value] : values) {
      Ball factor;
      acb_pow_ui(factor.get(), value.get(), exponents[static_cast<std::size_t>(index)], precision);
      acb_mul(term.get(), term.get(), factor.get(), precision);
    }
    acb_add(total.get(), total.get(), term.get(), precision);
  }
  return total;
}

Ball Field::ball(const Fraction& value, slong precision) {
  Ball result = polynomial_ball(value.numerator, precision);
  const Ball below = polynomial_ball(value.denominator, precision);
  acb_div(result.get(), result.get(), below.get(), precision);
  return result;
}

Field::Bounds Field::bounds_of(const Polynomial& polynomial) const {
  Integer total;
  Integer coefficient;
  for (slong i = 0; i < polynomial.terms(); ++i) {
    fmpz_mpoly_get_term_coeff_fmpz(coefficient.get(), polynomial.get(), i, ring_->get());
    fmpz_abs(coefficient.get(), coefficient.get());
    fmpz_add(total.get(), total.get(), coefficient.get());
  }
  Bounds bounds{bits_of(total.get()), 0, {}};
  for (const slong index : generators_of({polynomial, Polynomial(*ring_, 1)})) {
    const Generator& made = generators_[static_cast<std::size_t>(index)];
    const auto degree = static_cast<double>(polynomial.degree(index));
    bounds.upper_bits += degree * std::max(made.upper_bits, made.lower_bits);
    bounds.lower_bits += degree * made.lower_bits;
    bounds.made_of.insert(made.made_of.begin(), made.made_of.end());
  }
  return bounds;
}

double Field::degree_of(const std::set<slong>& generators) const {
  double degree = 1;
  for (const slong index : generators) {
    const Generator& made = generators_[static_cast<std::size_t>(index)];
    degree *= static_cast<double>(made.type == Type::unity      ? n_euler_phi(made.denominator)
                                  : made.type == Type::absolute ? 2
                                                                : made.denominator);
  }
  return degree;
}

/// The root of a fraction U/L is (U L^(n-1))^(1/n) / L.
void Field::bound_root(Generator& root) const {
  const Bounds above = bounds_of(root.argument->numerator);
  const Bounds below = bounds_of(root.argument->denominator);
  const double upper = above.upper_bits + below.lower_bits;
  const double lower = above.lower_bits + below.upper_bits;
  const auto n = static_cast<double>(root.denominator);
  // The denominator 1 is no bound to be counted.
  root.lower_bits = root.argument->denominator.is_one() ? above.lower_bits : lower;
  root.upper_bits = (upper + (n - 1) * root.lower_bits) / n;
  root.made_of = above.made_of;
  root.made_of.insert(below.made_of.begin(), below.made_of.end());
}

bool Field::is_algebraic_zero(const Polynomial& polynomial) {
  if (polynomial.is_zero()) return true;
  if (polynomial.is_constant()) return false;
  const Ball first = polynomial_ball(polynomial, 128);
  if (first.is_finite() && !first.may_be_zero()) return false;
  const Bounds bounds = bounds_of(polynomial);
  const double bits = (degree_of(bounds.made_of) - 1) * bounds.upper_bits + bounds.lower_bits + 1;
  if (bits > kMostBitsOfProof) return false;
  const auto needed = static_cast<slong>(bits);
  for (slong precision = needed + static_cast<slong>(bounds.upper_bits) + 64;
       static_cast<double>(precision) <= 3 * kMostBitsOfProof; precision *= 2) {
    const Ball value = polynomial_ball(polynomial, precision);
    if (!value.is_finite()) continue;
    if (!value.may_be_zero()) return false;
    mag_t size;
    mag_init(size);
    acb_get_mag(size, value.get());
    const bool proven = mag_cmp_2exp_si(size, -needed) < 0;
    mag_clear(size);
    if (proven) return true;
  }
  return false;
}

/// The coefficients, made of algebraic numbers, of each product of other generators.
std::vector<Polynomial> Field::coefficients_of_transcendentals(
    const Polynomial& polynomial, std::vector<Polynomial>& monomials) const {
  const auto count = static_cast<std::size_t>(fmpz_mpoly_ctx_nvars(ring_->get()));
  std::map<std::vector<ulong>, std::size_t> found;
  std::vector<Polynomial> coefficients;
  std::vector<ulong> exponents(count);
  for (slong i = 0; i < polynomial.terms(); ++i) {
    Integer coefficient;
    fmpz_mpoly_get_term_coeff_fmpz(coefficient.get(), polynomial.get(), i, ring_->get());
    fmpz_mpoly_get_term_exp_ui(exponents.data(), polynomial.get(), i, ring_->get());
    std::vector<ulong> others(count, 0);
    for (std::size_t g = 0; g < generators_.size(); ++g) {
      if (!generators_[g].algebraic) std::swap(others[g], exponents[g]);
    }
    const auto [place, is_new] = found.emplace(others, coefficients.size());
    if (is_new) {
      coefficients.emplace_back(*ring_);
      monomials.emplace_back(*ring_, 1);
      fmpz_mpoly_set_coeff_si_ui(monomials.back().get(), 0, std::vector<ulong>(count, 0).data(),
                                 ring_->get());
      fmpz_mpoly_set_coeff_si_ui(monomials.back().get(), 1, others.data(), ring_->get());
    }
    Polynomial term(*ring_);
    fmpz_mpoly_set_coeff_fmpz_ui(term.get(), coefficient.get(), exponents.data(), ring_->get());
    Polynomial& total = coefficients[place->second];
    fmpz_mpoly_add(total.get(), total.get(), term.get(), ring_->get());
  }
  return coefficients;
}

/// Whether the polynomial is a times (n_1 ln b_1 + n_2 ln b_2 + ...) with integers n, algebraic
/// numbers b (pi is -i ln -1), and that sum is 0: its exponential is 1 and it is small.
bool Field::is_zero_sum_of_logarithms(const Polynomial& polynomial) {
  std::vector<Polynomial> monomials;
  const std::vector<Polynomial> coefficients =
      coefficients_of_transcendentals(polynomial, monomials);
  if (coefficients.size() < 2 || coefficients.size() > 12) return false;
  struct Term {
    Fraction base;
    Polynomial coefficient;
  };
  std::vector<Term> terms;
  for (std::size_t i = 0; i < coefficients.size(); ++i) {
    const Polynomial one(*ring_, 1);
    const std::vector<slong> used = generators_of({monomials[i], one});
    if (used.size() != 1 || monomials[i].degree(used[0]) != 1) return false;
    const Generator made = generators_[static_cast<std::size_t>(used[0])];
    if (made.type == Type::pi) {
      const Fraction times =
          multiply({coefficients[i], one}, multiply(number(Rational(-1)), imaginary_unit()));
      if (!times.denominator.is_one()) return false;
      terms.push_back({number(Rational(-1)), times.numerator});
    } else if (made.type == Type::logarithm && is_algebraic(*made.argument)) {
      terms.push_back({*made.argument, coefficients[i]});
    } else {
      return false;
    }
  }
  // All coefficients are integers times one product of generators.
  std::vector<Integer> times;
  Polynomial shape(*ring_);
  Integer common;
  for (const Term& term : terms) {
    if (term.coefficient.terms() != 1) return false;
    Polynomial product(*ring_);
    fmpz_mpoly_get_term_monomial(product.get(), term.coefficient.get(), 0, ring_->get());
    if (times.empty()) shape = product;
    if (fmpz_mpoly_equal(shape.get(), product.get(), ring_->get()) == 0) return false;
    times.emplace_back();
    fmpz_mpoly_get_term_coeff_fmpz(times.back().get(), term.coefficient.get(), 0, ring_->get());
    fmpz_gcd(common.get(), common.get(), times.back().get());
  }
  Fraction exponential = number(Rational(1));
  Ball total(0);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    fmpz_divexact(times[i].get(), times[i].get(), common.get());
    if (fmpz_cmpabs(times[i].get(), Integer(kMostTimesOfLogarithm).get()) > 0) return false;
    exponential = multiply(exponential, integer_power(terms[i].base, times[i]));
    Ball logarithm = ball(terms[i].base, 256);
    acb_log(logarithm.get(), logarithm.get(), 256);
    acb_mul_fmpz(logarithm.get(), logarithm.get(), times[i].get(), 256);
    acb_add(total.get(), total.get(), logarithm.get(), 256);
  }
  mag_t size;
  mag_init(size);
  acb_get_mag(size, total.get());
  const bool small = total.is_finite() && mag_cmp_2exp_si(size, 0) < 0;
  mag_clear(size);
  return small && is_zero(subtract(exponential, number(Rational(1))));
}

/// Of a constant, if all its generators but roots of unity are known to be real.
Fraction Field::conjugate(const Fraction& value) {
  const std::vector<slong> used = generators_of(value);
  const auto conjugate_polynomial = [&](const Polynomial& polynomial) {
    Fraction total = number(Rational(0));
    for (slong i = 0; i < polynomial.terms(); ++i) {
      Polynomial term(*ring_);
      fmpz_mpoly_get_term(term.get(), polynomial.get(), i, ring_->get());
      Fraction image{term, Polynomial(*ring_, 1)};
      for (const slong index : used) {
        const Generator& made = generators_[static_cast<std::size_t>(index)];
        if (made.type != Type::unity) {
          if (!is_real(monomial(index, 1))) throw Undecided{};
          continue;
        }
        image = multiply(image, unity_power(Rational(-2 * term.degree(index), made.denominator)));
      }
      total = add(total, image);
    }
    return total;
  };
  return multiply(conjugate_polynomial(value.numerator),
                  inverse(conjugate_polynomial(value.denominator)));
}

bool Field::is_real(const Fraction& value) {
  bool has_unity = false;
  for (const slong index : generators_of(value)) {
    const Generator made = generators_[static_cast<std::size_t>(index)];
    switch (made.type) {
      case Type::pi:
      case Type::absolute:
        break;
      case Type::unity:
        has_unity = true;
        break;
      case Type::root:
      case Type::logarithm:
        if (!made.constant || !is_real(*made.argument) || sign_of(*made.argument) <= 0) {
          return false;
        }
        break;
      case Type::exponential:
        if (!made.constant || !is_real(*made.argument)) return false;
        break;
      case Type::free:
        return false;
    }
  }
  if (!has_unity) return true;
  const Ball number = ball(value, 128);
  if (!number.is_finite() || arb_contains_zero(number.imaginary()) == 0) return false;
  return is_zero(subtract(value, conjugate(value)));
}

int Field::sign_of(const Fraction& value) {
  if (const auto constant = rational(value)) return constant->sign();
  for (slong precision = 64; precision <= 4096; precision *= 4) {
    const Ball number = ball(value, precision);
    if (!number.is_finite()) continue;
    if (arb_is_positive(number.real()) != 0) return 1;
    if (arb_is_negative(number.real()) != 0) return -1;
    if (precision == 64 && is_zero(value)) return 0;
  }
  return 0;
}

}  // namespace r1::grading
