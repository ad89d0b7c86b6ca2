#include "kernels/optimizer.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/optimizer.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

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
using bf16_vectors::store;

/// What a kept moment is when it is read again.
HWY_INLINE hn::Vec<Floats> kept(hn::Vec<Floats> value, const float*) {
  return value;
}
HWY_INLINE hn::Vec<Floats> kept(hn::Vec<Floats> value, const std::uint16_t*) {
  return bf16_vectors::rounded(value);
}

template <typename Number>
HWY_INLINE void adamw_with(const AdamWStep& step, const float* gradient, std::int64_t count,
                           float* weight, Number* first, Number* second) {
  const Floats d;
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    const auto g = hn::Mul(hn::Set(d, step.scale), load(gradient + i, lanes));
    const auto m = kept(hn::MulAdd(hn::Set(d, step.beta1), load(first + i, lanes),
                                   hn::Mul(hn::Set(d, 1.0f - step.beta1), g)),
                        first);
    const auto v = kept(hn::MulAdd(hn::Set(d, step.beta2), load(second + i, lanes),
                                   hn::Mul(hn::Set(d, 1.0f - step.beta2), hn::Mul(g, g))),
                        second);
    const auto scale = hn::MulAdd(hn::Sqrt(v), hn::Set(d, step.root), hn::Set(d, step.eps));
    const auto old = hn::Mul(hn::Set(d, step.keep), load(weight + i, lanes));
    store(hn::NegMulAdd(hn::Set(d, step.rate), hn::Div(m, scale), old), weight + i, lanes);
    store(m, first + i, lanes);
    store(v, second + i, lanes);
  });
}

template <typename Number>
HWY_INLINE void nesterov_with(float decay, float scale, const float* gradient, std::int64_t count,
                              Number* moment, float* direction) {
  const Floats d;
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    const auto g = hn::Mul(hn::Set(d, scale), load(gradient + i, lanes));
    const auto m = kept(hn::MulAdd(hn::Set(d, decay), load(moment + i, lanes), g), moment);
    store(m, moment + i, lanes);
    store(hn::MulAdd(hn::Set(d, decay), m, g), direction + i, lanes);
  });
}

void adamw_f32(const AdamWStep& step, const float* gradient, std::int64_t count, float* weight,
               float* first, float* second) {
  adamw_with(step, gradient, count, weight, first, second);
}
void adamw_bf16(const AdamWStep& step, const float* gradient, std::int64_t count, float* weight,
                std::uint16_t* first, std::uint16_t* second) {
  adamw_with(step, gradient, count, weight, first, second);
}
void nesterov_f32(float decay, float scale, const float* gradient, std::int64_t count,
                  float* moment, float* direction) {
  nesterov_with(decay, scale, gradient, count, moment, direction);
}
void nesterov_bf16(float decay, float scale, const float* gradient, std::int64_t count,
                   std::uint16_t* moment, float* direction) {
  nesterov_with(decay, scale, gradient, count, moment, direction);
}

void combine(float a, const float* x, float b, std::int64_t count, float* y) {
  const Floats d;
  for_vectors(count, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    const auto old = hn::Mul(hn::Set(d, b), load(y + i, lanes));
    store(hn::MulAdd(hn::Set(d, a), load(x + i, lanes), old), y + i, lanes);
  });
}

double sum_of_squares(const float* x, std::int64_t count) {
  const Floats d;
  constexpr std::int64_t kRun = 1024;
  double total = 0.0;
  for (std::int64_t begin = 0; begin < count; begin += kRun) {
    auto sum = hn::Zero(d);
    for_vectors(count - begin < kRun ? count - begin : kRun,
                [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
                  const auto value = load(x + begin + i, lanes);
                  sum = hn::MulAdd(value, value, sum);
                });
    total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)));
  }
  return total;
}

}  // namespace
}  // namespace r1::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace r1 {

HWY_EXPORT(adamw_f32);
HWY_EXPORT(adamw_bf16);
HWY_EXPORT(nesterov_f32);
HWY_EXPORT(nesterov_bf16);
HWY_EXPORT(combine);
HWY_EXPORT(sum_of_squares);

void adamw(const AdamWStep& step, const float* gradient, std::int64_t count, float* weight,
           float* first, float* second) {
  HWY_DYNAMIC_DISPATCH(adamw_f32)(step, gradient, count, weight, first, second);
}
void adamw(const AdamWStep& step, const float* gradient, std::int64_t count, float* weight,
           std::uint16_t* first, std::uint16_t* second) {
  HWY_DYNAMIC_DISPATCH(adamw_bf16)(step, gradient, count, weight, first, second);
}
void nesterov(float decay, float scale, const float* gradient, std::int64_t count, float* moment,
              float* direction) {
  HWY_DYNAMIC_DISPATCH(nesterov_f32)(decay, scale, gradient, count, moment, direction);
}
void nesterov(float decay, float scale, const float* gradient, std::int64_t count,
              std::uint16_t* moment, float* direction) {
  HWY_DYNAMIC_DISPATCH(nesterov_bf16)(decay, scale, gradient, count, moment, direction);
}
void combine(float a, const float* x, float b, std::int64_t count, float* y) {
  HWY_DYNAMIC_DISPATCH(combine)(a, x, b, count, y);
}
double sum_of_squares(const float* x, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(sum_of_squares)(x, count);
}

}  // namespace r1
#endif
