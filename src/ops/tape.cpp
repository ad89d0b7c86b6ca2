#include "ops/tape.h"

#include <cassert>

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
Tape* Tape::recording() {
  return current;
}

void Tape::backward(const Tensor& loss) {
  assert(loss.elements() == 1);
  loss.gradient()[0] = 1.0f;
  for (; !steps_.empty(); steps_.pop_back()) steps_.back()();
}

}  // namespace r1
