#include "kernels/elementwise.h"

#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/elementwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include "kernels/cpu/bf16_vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace r1::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;

/// Calls body(i, lanes) over whole vectors; a last part of a vector has fewer lanes.
template <typename Body>
HWY_INLINE void for_vectors(std::int64_t count, const Body& body) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Floats()));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) body(i, lanes);
  if (i < count) body(i, count - i);
}

HWY_INLINE hn::Vec<Floats> load(const float* from, std::int64_t lanes) {
  const Floats d;
  if (lanes == static_cast<std::int64_t>(hn::Lanes(d))) return hn::LoadU(d, from);
  return hn::MaskedLoad(hn::FirstN(d, static_cast<std::size_t>(lanes)), d, from);
}

HWY_INLINE void store(hn::Vec<Floats> value, float* to, std::int64_t lanes) {
  const Floats d;
  if (lanes == static_cast<std::int64_t>(hn::Lanes(d))) return hn::StoreU(value, d, to);
  hn::BlendedStore(value, hn::FirstN(d, static_cast<std::size_t>(lanes)), d, to);
}

void rms_norm_row(const float* x, const float* weight, float eps, std::int64_t width, float* out) {
  const Floats d;
  auto sum = hn::Zero(d);
  for_vectors(width, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    const auto v = load(x + i, lanes);
    sum = hn::MulAdd(v, v, sum);
  });
  const float mean = hn::GetLane(hn::SumOfLanes(d, sum)) / static_cast<float>(width);
  const auto factor = hn::Set(d, 1.0f / std::sqrt(mean + eps));
  for_vectors(width, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    store(hn::Mul(hn::Mul(load(x + i, lanes), factor), load(weight + i, lanes)), out + i, lanes);
  });
}

void silu_mul(const float* gate, const float* up, std::int64_t count, float* out) {
  const Floats d;
  const auto one = hn::Set(d, 1.0f);
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    const auto g = load(gate + i, lanes);
    // Below -80 exp(-g) nears infinity, and g * sigmoid(g) is 0 in float all the same.
    const auto e = hn::Exp(d, hn::Neg(hn::Max(g, hn::Set(d, -80.0f))));
    store(hn::Mul(hn::Div(g, hn::Add(one, e)), load(up + i, lanes)), out + i, lanes);
  });
}

void add(const float* a, const float* b, std::int64_t count, float* out) {
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    store(hn::Add(load(a + i, lanes), load(b + i, lanes)), out + i, lanes);
  });
}

void add_scaled(const float* x, float factor, std::int64_t count, float* out) {
  const auto f = hn::Set(Floats(), factor);
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    store(hn::MulAdd(f, load(x + i, lanes), load(out + i, lanes)), out + i, lanes);
  });
}

void multiply_by(float* x, float factor, std::int64_t count) {
  const auto f = hn::Set(Floats(), factor);
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes)
                         HWY_ATTR { store(hn::Mul(load(x + i, lanes), f), x + i, lanes); });
}

float online_softmax(float* scores, std::int64_t valid, std::int64_t count, float scale,
                     OnlineSoftmax& state) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto factor = hn::Set(d, scale);
  const auto lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  auto largest = lowest;
  for (std::int64_t i = 0; i < valid; i += lanes) {
    const std::int64_t left = valid - i;
    auto v = hn::Mul(hn::LoadU(d, scores + i), factor);
    if (left < lanes) {
      v = hn::IfThenElse(hn::FirstN(d, static_cast<std::size_t>(left)), v, lowest);
    }
    hn::StoreU(v, d, scores + i);
    largest = hn::Max(largest, v);
  }
  const float block_largest = hn::GetLane(hn::MaxOfLanes(d, largest));
  const float now = block_largest > state.largest ? block_largest : state.largest;
  const auto base = hn::Set(d, now);
  auto sum = hn::Zero(d);
  std::int64_t i = 0;
  for (; i < valid; i += lanes) {
    // exp() of less than -100 is as good as 0; masked scores are -infinity and become exactly 0.
    const auto distance = hn::Sub(hn::LoadU(d, scores + i), base);
    const auto e = hn::Exp(d, hn::Max(distance, hn::Set(d, -100.0f)));
    const auto p = hn::IfThenElseZero(hn::Gt(distance, hn::Set(d, -87.0f)), e);
    hn::StoreU(p, d, scores + i);
    sum = hn::Add(sum, p);
  }
  for (; i < count; i += lanes) hn::StoreU(hn::Zero(d), d, scores + i);
  const float shrink = state.sum == 0.0f ? 0.0f : std::exp(state.largest - now);
  state.sum = state.sum * shrink + hn::GetLane(hn::SumOfLanes(d, sum));
  state.largest = now;
  return shrink;
}

double log_sum_exp(const float* x, std::int64_t count) {
  const Floats d;
  const auto lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  auto largest = lowest;
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    const auto inside = hn::FirstN(d, static_cast<std::size_t>(lanes));
    largest = hn::Max(largest, hn::IfThenElse(inside, load(x + i, lanes), lowest));
  });
  const float top = hn::GetLane(hn::MaxOfLanes(d, largest));
  double total = 0.0;
  constexpr std::int64_t kRun = 1024;  // floats summed before the sum goes on in double
  for (std::int64_t begin = 0; begin < count; begin += kRun) {
    auto sum = hn::Zero(d);
    for_vectors(count - begin < kRun ? count - begin : kRun,
                [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
                  const auto distance = hn::Max(
                      hn::Sub(load(x + begin + i, lanes), hn::Set(d, top)), hn::Set(d, -100.0f));
                  const auto inside = hn::FirstN(d, static_cast<std::size_t>(lanes));
                  sum = hn::Add(sum, hn::IfThenElseZero(inside, hn::Exp(d, distance)));
                });
    total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)));
  }
  return static_cast<double>(top) + std::log(total);
}

void to_bf16(const float* x, std::int64_t count, std::uint16_t* out) {
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes)
                         HWY_ATTR { bf16_vectors::store(load(x + i, lanes), out + i, lanes); });
}

void from_bf16(const std::uint16_t* x, std::int64_t count, float* out) {
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes)
                         HWY_ATTR { store(bf16_vectors::load(x + i, lanes), out + i, lanes); });
}

}  // namespace
}  // namespace r1::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace r1 {

HWY_EXPORT(to_bf16);
HWY_EXPORT(from_bf16);
HWY_EXPORT(rms_norm_row);
HWY_EXPORT(silu_mul);
HWY_EXPORT(add);
HWY_EXPORT(add_scaled);
HWY_EXPORT(multiply_by);
HWY_EXPORT(online_softmax);
HWY_EXPORT(log_sum_exp);

void rms_norm_row(const float* x, const float* weight, float eps, std::int64_t width, float* out) {
  HWY_DYNAMIC_DISPATCH(rms_norm_row)(x, weight, eps, width, out);
}
void silu_mul(const float* gate, const float* up, std::int64_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(silu_mul)(gate, up, count, out);
}
void add(const float* a, const float* b, std::int64_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(add)(a, b, count, out);
}
void add_scaled(const float* x, float factor, std::int64_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(add_scaled)(x, factor, count, out);
}
void multiply_by(float* x, float factor, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(multiply_by)(x, factor, count);
}
float online_softmax(float* scores, std::int64_t valid, std::int64_t count, float scale,
                     OnlineSoftmax& state) {
  return HWY_DYNAMIC_DISPATCH(online_softmax)(scores, valid, count, scale, state);
}
double log_sum_exp(const float* x, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(log_sum_exp)(x, count);
}

void to_bf16(const float* x, std::int64_t count, std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(to_bf16)(x, count, out);
}
void from_bf16(const std::uint16_t* x, std::int64_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(from_bf16)(x, count, out);
}

}  // namespace r1
#endif
