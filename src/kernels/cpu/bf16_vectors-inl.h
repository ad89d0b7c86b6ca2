// Vectors of floats from and to bf16 in memory; included within a Highway target's namespace.
// bf16 are the upper halves of floats.
#if defined(R1_BF16_VECTORS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef R1_BF16_VECTORS_INL
#undef R1_BF16_VECTORS_INL
#else
#define R1_BF16_VECTORS_INL
#endif

#include <cstdint>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace r1::HWY_NAMESPACE {
namespace bf16_vectors {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;

HWY_INLINE hn::Vec<Floats> load(const std::uint16_t* from, std::int64_t lanes) {
  const hn::Rebind<std::uint16_t, Floats> d16;
  const hn::RebindToUnsigned<Floats> d32;
  const auto n = static_cast<std::size_t>(lanes);
  const auto bits =
      n == hn::Lanes(d16) ? hn::LoadU(d16, from) : hn::MaskedLoad(hn::FirstN(d16, n), d16, from);
  return hn::BitCast(Floats(), hn::ShiftLeft<16>(hn::PromoteTo(d32, bits)));
}

/// The nearest bf16, the even one of two, as a float; finite numbers only.
HWY_INLINE hn::Vec<Floats> rounded(hn::Vec<Floats> value) {
  const hn::RebindToUnsigned<Floats> d32;
  const auto bits = hn::BitCast(d32, value);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d32, 1));
  const auto sum = hn::Add(hn::Add(bits, hn::Set(d32, 0x7fff)), odd);
  return hn::BitCast(Floats(), hn::And(sum, hn::Set(d32, 0xffff0000u)));
}

HWY_INLINE void store(hn::Vec<Floats> value, std::uint16_t* to, std::int64_t lanes) {
  const hn::Rebind<std::uint16_t, Floats> d16;
  const hn::RebindToUnsigned<Floats> d32;
  const auto upper = hn::ShiftRight<16>(hn::BitCast(d32, rounded(value)));
  const auto narrow = hn::DemoteTo(d16, hn::BitCast(hn::RebindToSigned<decltype(d32)>(), upper));
  const auto n = static_cast<std::size_t>(lanes);
  if (n == hn::Lanes(d16)) return hn::StoreU(narrow, d16, to);
  hn::BlendedStore(narrow, hn::FirstN(d16, n), d16, to);
}

}  // namespace bf16_vectors
}  // namespace r1::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
