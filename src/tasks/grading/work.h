// How much the judge may compute for one pair of answers, whatever is asked of it.
#pragma once

namespace r1::grading {

/// The computation would take too long, or no rule covers it.
struct Undecided {};

/// While it lives, this thread may do so much work and no more.
class WorkLimit {
 public:
  explicit WorkLimit(double units);
  ~WorkLimit();
  WorkLimit(const WorkLimit&) = delete;
  WorkLimit& operator=(const WorkLimit&) = delete;

 private:
  double before_;
};

/// Counts work, in units of about 20 ns. Throws Undecided when the limit is passed, at once from
/// then on.
void spend_work(double units);

}  // namespace r1::grading
