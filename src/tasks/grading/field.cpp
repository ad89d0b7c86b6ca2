#include "tasks/grading/field.h"

#include <algorithm>
#include <utility>

namespace r1::grading {
namespace {

constexpr slong kMostGenerators = 40;
constexpr int kMostRestarts = 12;
constexpr slong kMostTerms = 4000;
constexpr slong kMostBits = 400000;  // of a coefficient
constexpr slong kHighestDegree = 100000;
constexpr slong kMostTermsToCancel = 150;
constexpr slong kHighestDegreeToCancel = 40;
constexpr slong kMostBitsToCancel = 5000;

}  // namespace

Field::Field(Logarithm base_of_log) : base_of_log_(base_of_log) {
  start_again();
}

void Field::start_again() {
  indices_.clear();
  generators_.clear();
  ring_ = std::make_unique<PolynomialRing>(kMostGenerators);
}

template <typename Answer>
auto Field::with_restarts(const Answer& answer) {
  for (int restarts = 0; restarts < kMostRestarts; ++restarts) {
    start_again();
    depth_ = 0;
    try {
      return answer();
    } catch (const Restart&) {
    }
  }
  throw Undecided{};
}

bool Field::proves_zero(const Expr& expr) {
  return with_restarts([&] { return is_zero(compute(expr)); });
}

bool Field::proves_proportional(const Expr& a, const Expr& b) {
  return with_restarts([&] {
    const Fraction first = compute(a), second = compute(b);
    if (first.numerator.is_zero() || second.numerator.is_zero()) return false;
    const Polynomial one(*ring_, 1);
    const Fraction ratio =
        reduced(multiply({first.numerator, one}, inverse({second.numerator, one})));
    return is_constant(ratio);
  });
}

int Field::sign_of_constant(const Expr& expr) {
  return with_restarts([&] {
    const Fraction value = compute(expr);
    return is_constant(value) && is_real(value) ? sign_of(value) : 0;
  });
}

bool Field::is_zero(const Fraction& value) {
  if (value.numerator.is_zero()) return true;
  if (value.numerator.is_constant()) return false;
  std::vector<Polynomial> monomials;
  const std::vector<Polynomial> coefficients =
      coefficients_of_transcendentals(value.numerator, monomials);
  const bool all_zero =
      std::all_of(coefficients.begin(), coefficients.end(),
                  [&](const Polynomial& coefficient) { return is_algebraic_zero(coefficient); });
  return all_zero || is_zero_sum_of_logarithms(value.numerator);
}

Polynomial Field::product(const Polynomial& a, const Polynomial& b) {
  const double terms = static_cast<double>(a.terms()) * static_cast<double>(b.terms());
  if (terms > 400000) throw Undecided{};
  const slong bits =
      std::abs(fmpz_mpoly_max_bits(a.get())) + std::abs(fmpz_mpoly_max_bits(b.get()));
  if (bits > kMostBits) throw Undecided{};
  spend_work(50 + terms * (1 + static_cast<double>(bits) / 500));
  for (std::size_t i = 0; i < generators_.size(); ++i) {
    const auto index = static_cast<slong>(i);
    if (a.degree(index) + b.degree(index) > kHighestDegree) throw Undecided{};
  }
  Polynomial result(*ring_);
  fmpz_mpoly_mul(result.get(), a.get(), b.get(), ring_->get());
  if (result.terms() > kMostTerms) throw Undecided{};
  return result;
}

Polynomial Field::sum(const Polynomial& a, const Polynomial& b, bool subtract) {
  spend_work(20 + static_cast<double>(a.terms() + b.terms()));
  Polynomial result(*ring_);
  if (subtract) {
    fmpz_mpoly_sub(result.get(), a.get(), b.get(), ring_->get());
  } else {
    fmpz_mpoly_add(result.get(), a.get(), b.get(), ring_->get());
  }
  return result;
}

Fraction Field::number(const Rational& value) const {
  Fraction fraction{Polynomial(*ring_), Polynomial(*ring_)};
  fmpz_mpoly_set_fmpz(fraction.numerator.get(), value.numerator(), ring_->get());
  fmpz_mpoly_set_fmpz(fraction.denominator.get(), value.denominator(), ring_->get());
  return fraction;
}

Fraction Field::add(const Fraction& a, const Fraction& b) {
  if (a.denominator.is_one() && b.denominator.is_one()) {
    return {sum(a.numerator, b.numerator, false), a.denominator};
  }
  if (fmpz_mpoly_equal(a.denominator.get(), b.denominator.get(), ring_->get()) != 0) {
    return reduced({sum(a.numerator, b.numerator, false), a.denominator});
  }
  return reduced(
      {sum(product(a.numerator, b.denominator), product(b.numerator, a.denominator), false),
       product(a.denominator, b.denominator)});
}

Fraction Field::subtract(const Fraction& a, const Fraction& b) {
  Fraction minus = b;
  fmpz_mpoly_neg(minus.numerator.get(), b.numerator.get(), ring_->get());
  return add(a, minus);
}

Fraction Field::multiply(const Fraction& a, const Fraction& b) {
  return reduced({product(a.numerator, b.numerator), product(a.denominator, b.denominator)});
}

Fraction Field::inverse(const Fraction& a) {
  if (a.numerator.is_zero()) throw NoValue{};
  if (!a.numerator.is_constant() && is_zero({a.numerator, Polynomial(*ring_, 1)})) throw NoValue{};
  return reduced({a.denominator, a.numerator});
}

std::optional<Rational> Field::rational(const Fraction& value) const {
  if (!value.numerator.is_constant() || !value.denominator.is_constant()) return std::nullopt;
  Integer above, below;
  fmpz_mpoly_get_fmpz(above.get(), value.numerator.get(), ring_->get());
  fmpz_mpoly_get_fmpz(below.get(), value.denominator.get(), ring_->get());
  return Rational(above, below);
}

std::vector<slong> Field::generators_of(const Fraction& value) const {
  std::vector<slong> found;
  for (std::size_t i = 0; i < generators_.size(); ++i) {
    const auto index = static_cast<slong>(i);
    if (value.numerator.degree(index) > 0 || value.denominator.degree(index) > 0) {
      found.push_back(index);
    }
  }
  return found;
}

bool Field::is_constant(const Fraction& value) const {
  const std::vector<slong> found = generators_of(value);
  return std::all_of(found.begin(), found.end(), [&](slong index) {
    return generators_[static_cast<std::size_t>(index)].constant;
  });
}

bool Field::is_algebraic(const Fraction& value) const {
  const std::vector<slong> found = generators_of(value);
  return std::all_of(found.begin(), found.end(), [&](slong index) {
    return generators_[static_cast<std::size_t>(index)].algebraic;
  });
}

std::string Field::key_of(const Fraction& value) const {
  const auto text = [&](const Polynomial& polynomial) {
    char* made = fmpz_mpoly_get_str_pretty(polynomial.get(), nullptr, ring_->get());
    std::string copy(made);
    flint_free(made);
    return copy;
  };
  return "[" + text(value.numerator) + "/" + text(value.denominator) + "]";
}

slong Field::generator(Generator made) {
  const auto found = indices_.find(made.key);
  if (found != indices_.end()) return found->second;
  if (static_cast<slong>(generators_.size()) >= kMostGenerators) throw Undecided{};
  const auto index = static_cast<slong>(generators_.size());
  indices_[made.key] = index;
  if (made.algebraic && made.made_of.empty()) made.made_of = {index};
  if (made.algebraic) made.made_of.insert(index);
  generators_.push_back(std::move(made));
  return index;
}

Fraction Field::monomial(slong generator, ulong exponent) const {
  if (exponent > static_cast<ulong>(kHighestDegree)) throw Undecided{};
  Fraction value = number(Rational(1));
  fmpz_mpoly_gen(value.numerator.get(), generator, ring_->get());
  fmpz_mpoly_pow_ui(value.numerator.get(), value.numerator.get(), exponent, ring_->get());
  return value;
}

/// Without common factors, powers of roots below their index, no square roots in the denominator,
/// which has a positive leading coefficient.
Fraction Field::reduced(Fraction value) {
  reduce_powers(value);
  for (int i = 0; i < 8 && rationalise(value); ++i) reduce_powers(value);
  cancel(value);
  return value;
}

void Field::cancel(Fraction& value) const {
  const fmpz_mpoly_ctx_struct* ring = ring_->get();
  if (value.denominator.is_zero()) throw NoValue{};
  if (value.numerator.is_zero()) {
    value = number(Rational(0));
    return;
  }
  const auto is_small = [&](const Polynomial& polynomial) {
    if (polynomial.terms() > kMostTermsToCancel) return false;
    if (std::abs(fmpz_mpoly_max_bits(polynomial.get())) > kMostBitsToCancel) return false;
    for (std::size_t i = 0; i < generators_.size(); ++i) {
      const slong degree = polynomial.degree(static_cast<slong>(i));
      if (degree > kHighestDegreeToCancel && polynomial.terms() > 1) return false;
    }
    return true;
  };
  Polynomial common(*ring_);
  const bool constants = value.numerator.is_constant() && value.denominator.is_constant();
  if (constants || value.denominator.terms() == 1 ||
      (is_small(value.numerator) && is_small(value.denominator))) {
    if (fmpz_mpoly_gcd(common.get(), value.numerator.get(), value.denominator.get(), ring) != 0 &&
        !common.is_one() && !common.is_zero()) {
      fmpz_mpoly_divides(value.numerator.get(), value.numerator.get(), common.get(), ring);
      fmpz_mpoly_divides(value.denominator.get(), value.denominator.get(), common.get(), ring);
    }
  }
  Integer leading;
  fmpz_mpoly_get_term_coeff_fmpz(leading.get(), value.denominator.get(), 0, ring);
  if (fmpz_sgn(leading.get()) < 0) {
    fmpz_mpoly_neg(value.numerator.get(), value.numerator.get(), ring);
    fmpz_mpoly_neg(value.denominator.get(), value.denominator.get(), ring);
  }
}

/// Replaces g^n by what it stands for, for every generator that is an n-th root.
void Field::reduce_powers(Fraction& value) {
  for (slong index = static_cast<slong>(generators_.size()) - 1; index >= 0; --index) {
    const Generator& root = generators_[static_cast<std::size_t>(index)];
    if (!root.argument ||
        (root.type != Type::root && root.type != Type::unity && root.type != Type::absolute)) {
      continue;
    }
    // A unity root's argument is -1 and belongs to half its order, an absolute value's is a square.
    const auto n = static_cast<slong>(root.type == Type::unity      ? root.denominator / 2
                                      : root.type == Type::absolute ? 2
                                                                    : root.denominator);
    if (n < 1) continue;
    const Fraction below = *root.argument;
    const auto replace = [&](const Polynomial& polynomial) -> Fraction {
      const Polynomial one(*ring_, 1);
      if (polynomial.degree(index) < n) return {polynomial, one};
      fmpz_mpoly_univar_t parts;
      fmpz_mpoly_univar_init(parts, ring_->get());
      fmpz_mpoly_to_univar(parts, polynomial.get(), index, ring_->get());
      std::vector<std::pair<slong, Polynomial>> powers;
      for (slong i = 0; i < fmpz_mpoly_univar_length(parts, ring_->get()); ++i) {
        Polynomial coefficient(*ring_);
        fmpz_mpoly_univar_get_term_coeff(coefficient.get(), parts, i, ring_->get());
        powers.emplace_back(fmpz_mpoly_univar_get_term_exp_si(parts, i, ring_->get()),
                            std::move(coefficient));
      }
      fmpz_mpoly_univar_clear(parts, ring_->get());
      const slong most = powers.front().first / n;
      std::vector<Polynomial> above{one}, under{one};
      for (slong i = 0; i < most; ++i) {
        above.push_back(product(above.back(), below.numerator));
        under.push_back(product(under.back(), below.denominator));
      }
      Polynomial total(*ring_);
      for (const auto& [exponent, coefficient] : powers) {
        const auto times = static_cast<std::size_t>(exponent / n);
        Polynomial term = product(coefficient, above[times]);
        term = product(term, under[static_cast<std::size_t>(most) - times]);
        term = product(term, monomial(index, static_cast<ulong>(exponent % n)).numerator);
        total = sum(total, term, false);
      }
      return {total, under.back()};
    };
    if (value.numerator.degree(index) >= n || value.denominator.degree(index) >= n) {
      const Fraction above = replace(value.numerator), under = replace(value.denominator);
      value = {product(above.numerator, under.denominator),
               product(above.denominator, under.numerator)};
    }
  }
}

/// Multiplies with the conjugate of the denominator's first square root; false without any.
bool Field::rationalise(Fraction& value) {
  for (std::size_t i = 0; i < generators_.size(); ++i) {
    const auto index = static_cast<slong>(i);
    const Generator& root = generators_[i];
    const bool square = root.algebraic && ((root.type == Type::root && root.denominator == 2) ||
                                           (root.type == Type::unity && root.denominator == 4));
    if (!square || value.denominator.degree(index) != 1 || value.denominator.terms() > 12) continue;
    // a + b g becomes a - b g by g -> -g.
    Polynomial conjugate(*ring_);
    std::vector<fmpz_mpoly_struct*> images;
    std::vector<Polynomial> storage;
    storage.reserve(kMostGenerators);
    for (slong j = 0; j < kMostGenerators; ++j) {
      storage.emplace_back(*ring_);
      fmpz_mpoly_gen(storage.back().get(), j, ring_->get());
      if (j == index) fmpz_mpoly_neg(storage.back().get(), storage.back().get(), ring_->get());
      images.push_back(storage.back().get());
    }
    fmpz_mpoly_compose_fmpz_mpoly(conjugate.get(), value.denominator.get(), images.data(),
                                  ring_->get(), ring_->get());
    value = {product(value.numerator, conjugate), product(value.denominator, conjugate)};
    reduce_powers(value);
    if (value.denominator.is_zero()) throw NoValue{};
    return true;
  }
  return false;
}

Fraction Field::integer_power(const Fraction& base, const Integer& exponent) {
  if (fmpz_sgn(exponent.get()) < 0) {
    Integer positive;
    fmpz_neg(positive.get(), exponent.get());
    return inverse(integer_power(base, positive));
  }
  if (!fmpz_fits_si(exponent.get()) || fmpz_get_si(exponent.get()) > kMostBits) throw Undecided{};
  slong times = fmpz_get_si(exponent.get());
  if (times > 2000 && (base.numerator.terms() > 1 || base.denominator.terms() > 1)) {
    throw Undecided{};
  }
  Fraction result = number(Rational(1));
  Fraction square = base;
  while (times > 0) {
    if ((times & 1) != 0) result = multiply(result, square);
    times >>= 1;
    if (times > 0) square = multiply(square, square);
  }
  return result;
}

}  // namespace r1::grading
