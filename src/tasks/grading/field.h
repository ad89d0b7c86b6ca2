// Exact values: fractions of polynomials with integer coefficients in generators.
//
// A generator is a variable, a number like pi, or a function's value at a given argument: ln 2,
// sqrt(1 + 8n), e^(ix). Trigonometric functions are written through e^(ix), their inverses through
// ln, roots of numbers through roots of primes, so that most identities hold as fractions. What the
// fractions leave open about algebraic numbers is decided by a root bound (algebraic.cpp).
//
// Variables stand for positive numbers where roots and logarithms are split into factors; even
// roots of even powers keep the absolute value.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tasks/grading/expression.h"
#include "tasks/grading/flint.h"
#include "tasks/grading/work.h"

namespace r1::grading {

/// The expression has no value, as 1/0.
struct NoValue {};

struct Fraction {
  Polynomial numerator, denominator;
};

class Field {
 public:
  enum class Logarithm : std::uint8_t { natural, decimal };
  /// base_of_log: what \log without a base means.
  explicit Field(Logarithm base_of_log);

  // What is asked below throws Undecided where the computation would take too long or no rule
  // covers it, and NoValue for what has no value.

  /// Whether the value is proven to be zero; false says nothing.
  bool proves_zero(const Expr& expr);
  /// Whether one is proven to be the other times a constant, once denominators are cleared.
  bool proves_proportional(const Expr& a, const Expr& b);
  /// 1 or -1 for a real constant that is proven to be one and to have that sign, else 0.
  int sign_of_constant(const Expr& expr);

 private:
  /// A generator's denominator has grown: what was computed so far must be computed again.
  struct Restart {};

  template <typename Answer>
  auto with_restarts(const Answer& answer);
  bool is_zero(const Fraction& value);
  Fraction number(const Rational& value) const;
  Fraction add(const Fraction& a, const Fraction& b);
  Fraction subtract(const Fraction& a, const Fraction& b);
  Fraction multiply(const Fraction& a, const Fraction& b);
  Fraction inverse(const Fraction& a);
  /// The number itself if the fraction is one.
  std::optional<Rational> rational(const Fraction& value) const;
  /// Whether variables or unknown functions are in it.
  bool is_constant(const Fraction& value) const;
  /// The value of a constant.
  Ball ball(const Fraction& value, slong precision);

  enum class Type : std::uint8_t { free, pi, unity, root, exponential, logarithm, absolute };
  struct Generator {
    std::string key;
    Type type;
    bool constant = false;   // has a value that a ball can hold
    bool algebraic = false;  // of a constant: it is an algebraic number
    ulong denominator = 1;   // the generator is the key's thing to the power 1 / denominator
    std::shared_ptr<const Fraction> argument;  // of a function, or what is below the root
    // Of an algebraic number U/L with algebraic integers U and L: bits of bounds on the absolute
    // values of all conjugates of U and of L, and the algebraic generators it is made of.
    double upper_bits = 0, lower_bits = 0;
    std::set<slong> made_of;
  };

  // field.cpp
  Fraction compute(const Expr& expr);
  void start_again();
  Fraction reduced(Fraction value);
  void cancel(Fraction& value) const;
  void reduce_powers(Fraction& value);
  bool rationalise(Fraction& value);
  Polynomial product(const Polynomial& a, const Polynomial& b);
  Polynomial sum(const Polynomial& a, const Polynomial& b, bool subtract);
  Fraction integer_power(const Fraction& base, const Integer& exponent);
  Fraction monomial(slong generator, ulong exponent) const;
  std::vector<slong> generators_of(const Fraction& value) const;
  bool is_algebraic(const Fraction& value) const;
  std::string key_of(const Fraction& value) const;
  slong generator(Generator made);

  // powers.cpp
  Fraction imaginary_unit();
  Fraction unity_power(const Rational& turns);
  Fraction root_power(const std::string& key, const Fraction& base, const Rational& exponent);
  Fraction power(const Fraction& base, const Rational& exponent);
  Fraction rational_power(const Rational& base, const Rational& exponent);
  struct Polar {
    Rational modulus, turns;
  };
  std::optional<Polar> polar_form(const Fraction& value) const;
  Fraction algebraic_power(const Fraction& base, const Rational& exponent);
  Fraction factor_power(const Polynomial& factor, slong multiplicity, const Rational& exponent);
  Fraction generator_power(slong index, const Rational& exponent);
  Fraction polynomial_power(const Polynomial& base, const Rational& exponent);
  struct Factors {
    Integer content;
    std::vector<std::pair<Polynomial, slong>> parts;
  };
  std::optional<Factors> factorised(const Polynomial& polynomial) const;
  Fraction exponential(const Fraction& exponent);
  Fraction exponential_of(const Fraction& unit, const Rational& times);
  Fraction logarithm(const Fraction& value);
  Fraction generator_logarithm(slong index);
  Fraction rational_logarithm(const Rational& value);
  Fraction logarithm_atom(const Fraction& value);
  Fraction polynomial_logarithm(const Polynomial& polynomial);
  Fraction absolute(const Fraction& value);
  Fraction conjugate(const Fraction& value);
  Fraction absolute_factor(const Polynomial& factor);
  Fraction pi();

  // functions.cpp
  Fraction call_value(const Expr& expr);
  Fraction trigonometric(const std::string& name, const Fraction& argument);
  Fraction inverse_trigonometric(const std::string& name, const Fraction& argument);
  Fraction hyperbolic(const std::string& name, const Fraction& argument);
  Fraction power_value(const Expr& expr);
  Fraction general_power(const Fraction& base, const Fraction& exponent);
  Fraction factorial(const Fraction& n);
  Fraction binomial(const Fraction& n, const Fraction& k);
  Fraction rounded(const Fraction& value, bool up);
  Fraction integer_function(const std::string& name, const std::vector<Fraction>& arguments);
  Fraction iterated(const Expr& expr);
  Fraction free_generator(const std::string& key);

  // algebraic.cpp
  Ball generator_ball(slong index, slong precision);
  Ball polynomial_ball(const Polynomial& polynomial, slong precision);
  bool is_algebraic_zero(const Polynomial& polynomial);
  struct Bounds {
    double upper_bits, lower_bits;
    std::set<slong> made_of;
  };
  Bounds bounds_of(const Polynomial& polynomial) const;
  double degree_of(const std::set<slong>& generators) const;
  void bound_root(Generator& root) const;
  bool is_zero_sum_of_logarithms(const Polynomial& polynomial);
  std::vector<Polynomial> coefficients_of_transcendentals(const Polynomial& polynomial,
                                                          std::vector<Polynomial>& monomials) const;
  /// Of a real constant; 0 if it is zero or can't be told.
  int sign_of(const Fraction& value);
  bool is_real(const Fraction& value);

  Logarithm base_of_log_;
  std::unique_ptr<PolynomialRing> ring_;
  std::vector<Generator> generators_;
  std::map<std::string, slong> indices_;
  std::map<std::string, ulong> denominators_;  // kept when starting again
  int depth_ = 0;
};

}  // namespace r1::grading
