#include "ops/kept.h"

#include "base/threads.h"
#include "kernels/elementwise.h"

namespace r1 {
namespace {

constexpr std::int64_t kGrain = 16384;  // elements that are worth a thread's while

}  // namespace

RoundedRows::RoundedRows(const Tensor& x)
    : memory_(Tensor::empty({(bf16_rows_size(x.rows(), x.width()) + 1) / 2})),
      rows_(round_rows(x.data(), x.width(), x.rows(), x.width(),
                       reinterpret_cast<std::uint16_t*>(memory_.data()))) {}

Kept::Kept(const Tensor& x, bool rounded) : shape_(x.shape()), rounded_(rounded), numbers_(x) {
  if (!rounded) return;
  numbers_ = Tensor::empty({(x.elements() + 1) / 2});
  auto* to = reinterpret_cast<std::uint16_t*>(numbers_.data());
  parallel_blocks(x.elements(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    to_bf16(x.data() + begin, end - begin, to + begin);
  });
}

Tensor Kept::tensor() const {
  if (!rounded_) return numbers_;
  Tensor x = Tensor::empty(shape_);
  parallel_blocks(x.elements(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    from_bf16(bf16() + begin, end - begin, x.data() + begin);
  });
  return x;
}

}  // namespace r1
