#include "ops/tape.h"

#include <algorithm>
#include <cassert>

#include "kernels/elementwise.h"

namespace r1 {
namespace {

thread_local Tape* current = nullptr;

}  // namespace

Tape::Scope::Scope(Tape& tape) : before_(current) {
  current = &tape;
}
Tape::Scope::~Scope() {
  current = before_;
}
Tape::Pause::Pause() : before_(current) {
  current = nullptr;
}
Tape::Pause::~Pause() {
  current = before_;
}
Tape* Tape::recording() {
  return current;
}

void Tape::backward(const Tensor& loss, float seed) {
  assert(loss.elements() == 1);
  loss.gradient().data()[0] += seed;
  backward();
}

void Tape::backward() {
  const Pause pause;
  for (; !steps_.empty(); steps_.pop_back()) steps_.back()();
}

Tensor recomputed(const std::function<Tensor(const Tensor&)>& block, const Tensor& x) {
  if (Tape::recording() == nullptr) return block(x);
  Tensor y;
  {
    const Tape::Pause pause;
    y = block(x);
  }
  on_backward(y, [block, x](const float* dy) {
    // A tensor of its own, as x may already have a gradient from elsewhere.
    const Tensor again = Tensor::of(x.shape(), x.numbers());
    Tape tape;
    Tensor output;
    {
      const Tape::Scope scope(tape);
      output = block(again);
    }
    std::copy_n(dy, output.elements(), output.gradient().target().data);
    tape.backward();
    if (!again.gradient().arrived()) return;
    float* dx = x.gradient().data();
    add(dx, again.gradient().data(), x.elements(), dx);
  });
  return y;
}

}  // namespace r1
