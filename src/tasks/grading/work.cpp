#include "tasks/grading/work.h"

namespace r1::grading {
namespace {

thread_local double remaining = 0;

}  // namespace

WorkLimit::WorkLimit(double units) : before_(remaining) {
  remaining = units;
}

WorkLimit::~WorkLimit() {
  remaining = before_;
}

void spend_work(double units) {
  remaining -= units;
  if (remaining < 0) throw Undecided{};
}

}  // namespace r1::grading
