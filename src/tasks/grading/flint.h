// FLINT's and Arb's numbers and polynomials as values.
#pragma once

#include <acb.h>
#include <arb.h>
#include <flint/flint.h>
#include <flint/fmpq.h>
#include <flint/fmpz.h>
#include <flint/fmpz_factor.h>
#include <flint/fmpz_mpoly.h>
#include <flint/fmpz_mpoly_factor.h>
#include <flint/fmpz_vec.h>
#include <flint/ulong_extras.h>

#include <string>

namespace r1::grading {

/// An integer of any size.
class Integer {
 public:
  Integer() { fmpz_init(value_); }
  Integer(slong value) { fmpz_init_set_si(value_, value); }  // NOLINT(google-explicit-constructor)
  Integer(const Integer& other) { fmpz_init_set(value_, other.value_); }
  Integer& operator=(const Integer& other) {
    if (this != &other) fmpz_set(value_, other.value_);
    return *this;
  }
  ~Integer() { fmpz_clear(value_); }
  fmpz* get() { return value_; }
  const fmpz* get() const { return value_; }
  bool operator<(const Integer& other) const { return fmpz_cmp(value_, other.value_) < 0; }
  bool operator==(const Integer& other) const { return fmpz_equal(value_, other.value_) != 0; }

 private:
  fmpz_t value_;
};

/// A rational number.
class Rational {
 public:
  Rational() { fmpq_init(value_); }
  explicit Rational(slong numerator, ulong denominator = 1) {
    fmpq_init(value_);
    fmpq_set_si(value_, numerator, denominator);
  }
  Rational(const Integer& numerator, const Integer& denominator) {
    fmpq_init(value_);
    fmpq_set_fmpz_frac(value_, numerator.get(), denominator.get());
  }
  /// "-17", "22/7"; the denominator must not be zero.
  explicit Rational(const std::string& text) {
    fmpq_init(value_);
    const std::size_t slash = text.find('/');
    fmpz_set_str(fmpq_numref(value_), text.substr(0, slash).c_str(), 10);
    if (slash != std::string::npos) {
      fmpz_set_str(fmpq_denref(value_), text.substr(slash + 1).c_str(), 10);
    }
    fmpq_canonicalise(value_);
  }
  Rational(const Rational& other) {
    fmpq_init(value_);
    fmpq_set(value_, other.value_);
  }
  Rational& operator=(const Rational& other) {
    if (this != &other) fmpq_set(value_, other.value_);
    return *this;
  }
  ~Rational() { fmpq_clear(value_); }
  fmpq* get() { return value_; }
  const fmpq* get() const { return value_; }
  const fmpz* numerator() const { return fmpq_numref(value_); }
  const fmpz* denominator() const { return fmpq_denref(value_); }
  bool is_zero() const { return fmpq_is_zero(value_) != 0; }
  bool is_integer() const { return fmpz_is_one(fmpq_denref(value_)) != 0; }
  int sign() const { return fmpq_sgn(value_); }
  friend Rational operator+(const Rational& a, const Rational& b) {
    Rational c;
    fmpq_add(c.value_, a.value_, b.value_);
    return c;
  }
  friend Rational operator-(const Rational& a, const Rational& b) {
    Rational c;
    fmpq_sub(c.value_, a.value_, b.value_);
    return c;
  }
  friend Rational operator*(const Rational& a, const Rational& b) {
    Rational c;
    fmpq_mul(c.value_, a.value_, b.value_);
    return c;
  }
  /// b must not be zero.
  friend Rational operator/(const Rational& a, const Rational& b) {
    Rational c;
    fmpq_div(c.value_, a.value_, b.value_);
    return c;
  }
  bool operator==(const Rational& other) const { return fmpq_equal(value_, other.value_) != 0; }

 private:
  fmpq_t value_;
};

/// A complex ball: a number known to lie in it.
class Ball {
 public:
  Ball() { acb_init(value_); }
  explicit Ball(slong value) {
    acb_init(value_);
    acb_set_si(value_, value);
  }
  Ball(const Rational& value, slong precision) {
    acb_init(value_);
    acb_set_fmpq(value_, value.get(), precision);
  }
  Ball(const Ball& other) {
    acb_init(value_);
    acb_set(value_, other.value_);
  }
  Ball& operator=(const Ball& other) {
    if (this != &other) acb_set(value_, other.value_);
    return *this;
  }
  ~Ball() { acb_clear(value_); }
  acb_struct* get() { return value_; }
  const acb_struct* get() const { return value_; }
  arb_struct* real() { return acb_realref(value_); }
  const arb_struct* real() const { return acb_realref(value_); }
  const arb_struct* imaginary() const { return acb_imagref(value_); }
  bool is_finite() const { return acb_is_finite(value_) != 0; }
  bool may_be_zero() const { return acb_contains_zero(value_) != 0; }
  /// A ball that says nothing.
  static Ball unknown() {
    Ball ball;
    acb_indeterminate(ball.value_);
    return ball;
  }

 private:
  acb_t value_;
};

/// The generators that polynomials may have.
class PolynomialRing {
 public:
  explicit PolynomialRing(slong generators) { fmpz_mpoly_ctx_init(context_, generators, ORD_LEX); }
  PolynomialRing(const PolynomialRing&) = delete;
  PolynomialRing& operator=(const PolynomialRing&) = delete;
  ~PolynomialRing() { fmpz_mpoly_ctx_clear(context_); }
  const fmpz_mpoly_ctx_struct* get() const { return context_; }

 private:
  fmpz_mpoly_ctx_t context_;
};

/// A polynomial with integer coefficients; the ring must outlive it.
class Polynomial {
 public:
  explicit Polynomial(const PolynomialRing& ring) : ring_(&ring) {
    fmpz_mpoly_init(value_, ring.get());
  }
  Polynomial(const PolynomialRing& ring, const Integer& constant) : Polynomial(ring) {
    fmpz_mpoly_set_fmpz(value_, constant.get(), ring.get());
  }
  Polynomial(const Polynomial& other) : Polynomial(*other.ring_) {
    fmpz_mpoly_set(value_, other.value_, ring_->get());
  }
  Polynomial& operator=(const Polynomial& other) {
    if (this != &other) fmpz_mpoly_set(value_, other.value_, ring_->get());
    return *this;
  }
  ~Polynomial() { fmpz_mpoly_clear(value_, ring_->get()); }
  fmpz_mpoly_struct* get() { return value_; }
  const fmpz_mpoly_struct* get() const { return value_; }
  const fmpz_mpoly_ctx_struct* context() const { return ring_->get(); }
  const PolynomialRing& ring() const { return *ring_; }
  slong terms() const { return fmpz_mpoly_length(value_, context()); }
  bool is_zero() const { return fmpz_mpoly_is_zero(value_, context()) != 0; }
  bool is_one() const { return fmpz_mpoly_is_one(value_, context()) != 0; }
  bool is_constant() const { return fmpz_mpoly_is_fmpz(value_, context()) != 0; }
  slong degree(slong generator) const { return fmpz_mpoly_degree_si(value_, generator, context()); }

 private:
  const PolynomialRing* ring_;
  fmpz_mpoly_t value_;
};

}  // namespace r1::grading
