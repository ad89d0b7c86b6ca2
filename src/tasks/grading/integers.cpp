#include "tasks/grading/integers.h"

namespace r1::grading {
namespace {

constexpr ulong kTrialPrimes = 6000;

}  // namespace

std::vector<PrimePower> factors_of(const fmpz* value) {
  fmpz_factor_t found;
  fmpz_factor_init(found);
  if (fmpz_bits(value) <= 64) {
    fmpz_factor(found, value);
  } else {
    fmpz_factor_trial_range(found, value, 0, kTrialPrimes);
  }
  std::vector<PrimePower> powers;
  Integer rest(1), power;
  for (slong i = 0; i < found->num; ++i) {
    PrimePower next;
    fmpz_set(next.prime.get(), found->p + i);
    fmpz_set_ui(next.exponent.get(), found->exp[i]);
    fmpz_pow_ui(power.get(), found->p + i, found->exp[i]);
    fmpz_mul(rest.get(), rest.get(), power.get());
    powers.push_back(next);
  }
  fmpz_factor_clear(found);
  fmpz_divexact(rest.get(), value, rest.get());
  if (!fmpz_is_one(rest.get())) powers.push_back({rest, Integer(1)});
  return powers;
}

}  // namespace r1::grading
