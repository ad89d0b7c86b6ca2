#include "plan/schedule.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "plan/event_order.h"

namespace r1::plan {

std::string_view name(Schedule schedule) {
  switch (schedule) {
    case Schedule::one_f_one_b:
      return "1f1b";
    case Schedule::interleaved:
      return "interleaved";
    case Schedule::zb1p:
      return "zb1p";
    case Schedule::dualpipe:
      return "dualpipe";
  }
  return "";
}

Schedule parse_schedule(std::string_view text) {
  for (const Schedule schedule :
       {Schedule::one_f_one_b, Schedule::interleaved, Schedule::zb1p, Schedule::dualpipe}) {
    if (name(schedule) == text) return schedule;
  }
  throw Error("schedule", "'" + std::string(text) + "' is not known",
              "known are 1f1b, interleaved, zb1p and dualpipe");
}

void check(const Pipeline& p) {
  const auto fail = [&](const std::string& what) {
    throw Error("schedule " + std::string(name(p.schedule)), what);
  };
  if (p.stages < 1 || p.stages > 4096) fail("stages must be from 1 to 4096");
  if (p.micro_batches < 1 || p.micro_batches > 100'000'000) {
    fail("micro-batches must be from 1 to 100 million");
  }
  if (p.virtual_stages < 1 || p.virtual_stages > 4096) {
    fail("virtual stages must be from 1 to 4096");
  }
  if (p.schedule == Schedule::interleaved && p.micro_batches % p.stages != 0) {
    fail("the number of micro-batches must be a multiple of the stages");
  }
  if (p.schedule != Schedule::interleaved && p.virtual_stages != 1) {
    fail("only the interleaved schedule has virtual stages");
  }
  if (p.schedule == Schedule::dualpipe &&
      (p.stages % 2 != 0 || p.micro_batches % 2 != 0 || p.micro_batches < 2 * p.stages)) {
    fail(
        "it needs an even number of stages, and an even number of micro-batches, at least two a "
        "stage");
  }
}

double bubble_formula(const Pipeline& p) {
  const auto stages = static_cast<double>(p.stages);
  const ChunkTimes& t = p.times;
  switch (p.schedule) {
    case Schedule::one_f_one_b:
    case Schedule::interleaved:  // times are those of one of the device's chunks
      return (stages - 1) * (t.forward + t.backward);
    case Schedule::zb1p:
      return (stages - 1) * (t.forward + t.backward - 2 * t.weight);
    case Schedule::dualpipe:
      return (stages / 2 - 1) * (t.overlapped + t.backward - 3 * t.weight);
  }
  return 0;
}

double span_formula(const Pipeline& p) {
  const auto micro_batches = static_cast<double>(p.micro_batches);
  const auto stages = static_cast<double>(p.stages);
  const double one = p.times.forward + p.times.backward;
  // In DualPipe's middle devices all but as many pairs as there are stages are overlapped.
  const double work = p.schedule == Schedule::dualpipe
                          ? stages * one + (micro_batches - stages) * p.times.overlapped
                          : micro_batches * one * static_cast<double>(p.virtual_stages);
  return work + bubble_formula(p);
}

namespace {

double duration(const ChunkTimes& times, Work work) {
  switch (work) {
    case Work::forward:
      return times.forward;
    case Work::backward:
      return times.backward;
    case Work::input_gradient:
      return times.backward - times.weight;
    case Work::weight_gradient:
      return times.weight;
    case Work::overlapped:
      return times.overlapped;
  }
  return 0;
}

/// When the forward and the backward of each micro-batch end in each chunk; negative: not yet.
class Ends {
 public:
  explicit Ends(const Pipeline& p)
      : chunks_(p.stages * p.virtual_stages), micro_batches_(p.micro_batches) {
    const auto size = static_cast<std::size_t>(2 * chunks_ * micro_batches_);
    forward_.assign(size, -1.0);
    backward_.assign(size, -1.0);
  }
  /// When what this forward needs is there; negative: not yet.
  double forward_ready(const Event::Part& part) const {
    return part.chunk == 0 ? 0.0 : forward_[at(part, -1)];
  }
  double backward_ready(const Event::Part& part) const {
    const double own = forward_[at(part, 0)];
    if (part.chunk == chunks_ - 1 || own < 0) return own;
    const double next = backward_[at(part, 1)];
    return next < 0 ? next : std::max(own, next);
  }
  double weight_ready(const Event::Part& part) const { return backward_[at(part, 0)]; }
  void forward_done(const Event::Part& part, double time) { forward_[at(part, 0)] = time; }
  void backward_done(const Event::Part& part, double time) { backward_[at(part, 0)] = time; }

 private:
  std::size_t at(const Event::Part& part, std::int64_t chunks_on) const {
    return static_cast<std::size_t>(
        (part.direction * chunks_ + part.chunk + chunks_on) * micro_batches_ + part.micro_batch);
  }
  std::int64_t chunks_, micro_batches_;
  std::vector<double> forward_, backward_;
};

double ready(const Ends& ends, const Event& event) {
  switch (event.work) {
    case Work::forward:
      return ends.forward_ready(event.first);
    case Work::backward:
    case Work::input_gradient:
      return ends.backward_ready(event.first);
    case Work::weight_gradient:
      return ends.weight_ready(event.first);
    case Work::overlapped: {
      const double forward = ends.forward_ready(event.first);
      const double backward = ends.backward_ready(event.second);
      return forward < 0 || backward < 0 ? -1.0 : std::max(forward, backward);
    }
  }
  return -1;
}

void finish(Ends& ends, const Event& event) {
  if (event.work == Work::forward || event.work == Work::overlapped) {
    ends.forward_done(event.first, event.end);
  }
  if (event.work == Work::overlapped) ends.backward_done(event.second, event.end);
  if (event.work == Work::backward || event.work == Work::input_gradient) {
    ends.backward_done(event.first, event.end);
  }
}

/// Activations are held from a forward until the weights' gradient is computed.
std::int64_t most_in_flight(const std::vector<Event>& events) {
  std::int64_t now = 0, most = 0;
  for (const Event& event : events) {
    if (event.work == Work::forward || event.work == Work::overlapped) most = std::max(most, ++now);
    if (event.work == Work::backward || event.work == Work::weight_gradient ||
        event.work == Work::overlapped) {
      --now;
    }
  }
  return most;
}

}  // namespace

Timeline simulate(const Pipeline& pipeline) {
  check(pipeline);
  Timeline timeline;
  timeline.devices = event_order(pipeline);
  Ends ends(pipeline);
  std::vector<std::size_t> next(timeline.devices.size(), 0);
  std::vector<double> free(timeline.devices.size(), 0.0);
  for (bool progress = true; progress;) {
    progress = false;
    for (std::size_t device = 0; device < timeline.devices.size(); ++device) {
      std::vector<Event>& events = timeline.devices[device];
      for (; next[device] < events.size(); ++next[device]) {
        Event& event = events[next[device]];
        const double earliest = ready(ends, event);
        if (earliest < 0) break;
        event.start = std::max(earliest, free[device]);
        event.end = free[device] = event.start + duration(pipeline.times, event.work);
        finish(ends, event);
        progress = true;
      }
    }
  }
  for (std::size_t device = 0; device < timeline.devices.size(); ++device) {
    if (next[device] < timeline.devices[device].size()) {
      throw Error("schedule " + std::string(name(pipeline.schedule)),
                  "its events wait in a circle");
    }
    timeline.span = std::max(timeline.span, free[device]);
    timeline.most_in_flight.push_back(most_in_flight(timeline.devices[device]));
  }
  double busy = 0;
  const std::size_t measured =
      pipeline.schedule == Schedule::dualpipe ? timeline.devices.size() / 2 : 0;
  for (const Event& event : timeline.devices[measured])
    busy += duration(pipeline.times, event.work);
  timeline.bubble = timeline.span - busy;
  return timeline;
}

}  // namespace r1::plan
