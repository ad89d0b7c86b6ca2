#include "kernels/elementwise_gradient.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/elementwise_gradient.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include "kernels/cpu/bf16_vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace r1::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;

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

using bf16_vectors::load;

/// exp(x), 0 below -87, where a float's exp nears its smallest normal number.
HWY_INLINE hn::Vec<Floats> exp_or_zero(hn::Vec<Floats> x) {
  const Floats d;
  const auto e = hn::Exp(d, hn::Max(x, hn::Set(d, -100.0f)));
  return hn::IfThenElseZero(hn::Gt(x, hn::Set(d, -87.0f)), e);
}

float rms_norm_row_gradient(const float* x, const float* weight, const float* dy, float eps,
                            std::int64_t width, bool accumulate, float* dx) {
  const Floats d;
  auto squares = hn::Zero(d), products = hn::Zero(d);
  for_vectors(width, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    const auto v = load(x + i, lanes);
    squares = hn::MulAdd(v, v, squares);
    products = hn::MulAdd(hn::Mul(load(weight + i, lanes), load(dy + i, lanes)), v, products);
  });
  const auto count = static_cast<float>(width);
  const float factor = 1.0f / std::sqrt(hn::GetLane(hn::SumOfLanes(d, squares)) / count + eps);
  const float along = hn::GetLane(hn::SumOfLanes(d, products)) / count * factor * factor;
  // dx = factor (weight dy - x factor^2 mean(weight dy x))
  for_vectors(width, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    const auto straight = hn::Mul(load(weight + i, lanes), load(dy + i, lanes));
    const auto whole = hn::NegMulAdd(hn::Set(d, along), load(x + i, lanes), straight);
    const auto before = accumulate ? load(dx + i, lanes) : hn::Zero(d);
    store(hn::MulAdd(hn::Set(d, factor), whole, before), dx + i, lanes);
  });
  return factor;
}

template <typename Number>
HWY_INLINE void silu_mul_gradient_of(const Number* gate, const Number* up, const float* dy,
                                     std::int64_t count, bool accumulate, float* dgate,
                                     float* dup) {
  const Floats d;
  const auto one = hn::Set(d, 1.0f);
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    const auto g = load(gate + i, lanes);
    const auto e = hn::Exp(d, hn::Neg(hn::Max(g, hn::Set(d, -80.0f))));
    const auto sigmoid = hn::Div(one, hn::Add(one, e));
    const auto silu = hn::Mul(g, sigmoid), given = load(dy + i, lanes);
    const auto slope = hn::MulAdd(silu, hn::Sub(one, sigmoid), sigmoid);
    const auto by_gate = hn::Mul(hn::Mul(given, load(up + i, lanes)), slope);
    const auto gate_before = accumulate ? load(dgate + i, lanes) : hn::Zero(d);
    const auto up_before = accumulate ? load(dup + i, lanes) : hn::Zero(d);
    store(hn::Add(by_gate, gate_before), dgate + i, lanes);
    store(hn::MulAdd(given, silu, up_before), dup + i, lanes);
  });
}

void silu_mul_gradient_f32(const float* gate, const float* up, const float* dy, std::int64_t count,
                           bool accumulate, float* dgate, float* dup) {
  silu_mul_gradient_of(gate, up, dy, count, accumulate, dgate, dup);
}
void silu_mul_gradient_bf16(const std::uint16_t* gate, const std::uint16_t* up, const float* dy,
                            std::int64_t count, bool accumulate, float* dgate, float* dup) {
  silu_mul_gradient_of(gate, up, dy, count, accumulate, dgate, dup);
}

void add_product(const float* a, const float* b, float factor, std::int64_t count, float* out) {
  const auto f = hn::Set(Floats(), factor);
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    const auto product = hn::Mul(load(a + i, lanes), load(b + i, lanes));
    store(hn::MulAdd(f, product, load(out + i, lanes)), out + i, lanes);
  });
}

float dot(const float* a, const float* b, std::int64_t count) {
  const Floats d;
  auto sum = hn::Zero(d);
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    sum = hn::MulAdd(load(a + i, lanes), load(b + i, lanes), sum);
  });
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

void scaled_softmax(float* x, float log_total, float factor, std::int64_t count) {
  const Floats d;
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    const auto e = exp_or_zero(hn::Sub(load(x + i, lanes), hn::Set(d, log_total)));
    store(hn::Mul(hn::Set(d, factor), e), x + i, lanes);
  });
}

void attention_weights_gradient(const float* scores, const float* dp,
                                const AttentionQueries& queries, std::int64_t first,
                                std::int64_t last, std::int64_t count, float* p, float* ds) {
  const Floats d;
  const auto scale = hn::Set(d, queries.scale);
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    if (i + lanes <= first || i >= last) {
      store(hn::Zero(d), p + i, lanes);
      store(hn::Zero(d), ds + i, lanes);
      return;
    }
    const auto upto = [&](std::int64_t end) HWY_ATTR {
      const std::int64_t left = end - i;
      return hn::FirstN(d, static_cast<std::size_t>(left > 0 ? left : 0));
    };
    const auto inside = hn::AndNot(upto(first), upto(last));
    const auto score = hn::Mul(scale, load(scores + i, lanes));
    const auto e = exp_or_zero(hn::Sub(score, load(queries.log_total + i, lanes)));
    const auto weight = hn::IfThenElseZero(inside, e);
    const auto distance = hn::Sub(load(dp + i, lanes), load(queries.mean_dp + i, lanes));
    const auto slope = hn::IfThenElseZero(inside, hn::Mul(hn::Mul(scale, weight), distance));
    store(weight, p + i, lanes);
    store(slope, ds + i, lanes);
  });
}

}  // namespace
}  // namespace r1::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace r1 {

HWY_EXPORT(rms_norm_row_gradient);
HWY_EXPORT(silu_mul_gradient_f32);
HWY_EXPORT(silu_mul_gradient_bf16);
HWY_EXPORT(add_product);
HWY_EXPORT(dot);
HWY_EXPORT(scaled_softmax);
HWY_EXPORT(attention_weights_gradient);

float rms_norm_row_gradient(const float* x, const float* weight, const float* dy, float eps,
                            std::int64_t width, bool accumulate, float* dx) {
  return HWY_DYNAMIC_DISPATCH(rms_norm_row_gradient)(x, weight, dy, eps, width, accumulate, dx);
}
void silu_mul_gradient(const float* gate, const float* up, const float* dy, std::int64_t count,
                       bool accumulate, float* dgate, float* dup) {
  HWY_DYNAMIC_DISPATCH(silu_mul_gradient_f32)(gate, up, dy, count, accumulate, dgate, dup);
}
void silu_mul_gradient(const std::uint16_t* gate, const std::uint16_t* up, const float* dy,
                       std::int64_t count, bool accumulate, float* dgate, float* dup) {
  HWY_DYNAMIC_DISPATCH(silu_mul_gradient_bf16)(gate, up, dy, count, accumulate, dgate, dup);
}
void add_product(const float* a, const float* b, float factor, std::int64_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(add_product)(a, b, factor, count, out);
}
float dot(const float* a, const float* b, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(dot)(a, b, count);
}
void scaled_softmax(float* x, float log_total, float factor, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(scaled_softmax)(x, log_total, factor, count);
}
void attention_weights_gradient(const float* scores, const float* dp,
                                const AttentionQueries& queries, std::int64_t first,
                                std::int64_t last, std::int64_t count, float* p, float* ds) {
  HWY_DYNAMIC_DISPATCH(attention_weights_gradient)
  (scores, dp, queries, first, last, count, p, ds);
}

}  // namespace r1
#endif
