#include "plan/event_order.h"

#include <algorithm>
#include <array>
#include <deque>

namespace r1::plan {
namespace {

using Events = std::vector<Event>;

Event event(Work work, Event::Part first, Event::Part second = {}) {
  return {work, first, second, 0, 0};
}

/// Forwards until the pipe is full, then one forward and one backward in turn.
Events one_f_one_b(std::int64_t stages, std::int64_t micro_batches, std::int64_t device) {
  Events events;
  const std::int64_t ahead = std::min(stages - device - 1, micro_batches);
  for (std::int64_t i = 0; i < ahead; ++i) events.push_back(event(Work::forward, {device, i}));
  for (std::int64_t i = 0; i < micro_batches; ++i) {
    if (i + ahead < micro_batches) events.push_back(event(Work::forward, {device, i + ahead}));
    events.push_back(event(Work::backward, {device, i}));
  }
  return events;
}

/// As 1F1B, but weights' gradients lag by the device's number, so that the last of them fill the
/// time in which the device would wait for backwards. It holds no more activations than 1F1B.
Events zero_bubble(std::int64_t stages, std::int64_t micro_batches, std::int64_t device) {
  Events events;
  const std::int64_t ahead = std::min(stages - device - 1, micro_batches);
  for (std::int64_t i = 0; i < ahead; ++i) events.push_back(event(Work::forward, {device, i}));
  std::int64_t weights = 0;
  for (std::int64_t i = 0; i < micro_batches; ++i) {
    if (i + ahead < micro_batches) events.push_back(event(Work::forward, {device, i + ahead}));
    events.push_back(event(Work::input_gradient, {device, i}));
    if (i >= device) events.push_back(event(Work::weight_gradient, {device, weights++}));
  }
  while (weights < micro_batches) {
    events.push_back(event(Work::weight_gradient, {device, weights++}));
  }
  return events;
}

/// A device's chunks take turns, as many micro-batches each as there are stages.
Events interleaved(const Pipeline& p, std::int64_t device) {
  const std::int64_t total = p.micro_batches * p.virtual_stages;
  const auto part = [&](std::int64_t i, bool backward) {
    const std::int64_t turn = i / p.stages % p.virtual_stages;
    const std::int64_t chunk = backward ? p.virtual_stages - 1 - turn : turn;
    const std::int64_t round = i / (p.stages * p.virtual_stages);
    return Event::Part{chunk * p.stages + device, round * p.stages + i % p.stages};
  };
  Events events;
  const std::int64_t ahead =
      std::min(total, 2 * (p.stages - device - 1) + (p.virtual_stages - 1) * p.stages);
  for (std::int64_t i = 0; i < ahead; ++i) events.push_back(event(Work::forward, part(i, false)));
  for (std::int64_t i = 0; i < total; ++i) {
    if (i + ahead < total) events.push_back(event(Work::forward, part(i + ahead, false)));
    events.push_back(event(Work::backward, part(i, true)));
  }
  return events;
}

/// A device's work in DualPipe: it holds a stage of each direction. "Near" is the direction whose
/// micro-batches enter at the device's own end of the pipe.
class DualPipe {
 public:
  DualPipe(std::int64_t stages, std::int64_t micro_batches, std::int64_t device)
      : stages_(stages), device_(device), each_(micro_batches / 2) {}

  Events order() {
    const std::int64_t half = stages_ / 2;
    const std::int64_t from_end = std::min(device_, stages_ - 1 - device_);
    const std::int64_t inner = half - from_end - 1;
    repeat(2 * inner, [&] { forward(kNear); });
    repeat(from_end + 1, [&] {
      forward(kNear);
      forward(kFar);
    });
    repeat(inner, [&] {
      input_gradient(kFar);
      weight_gradient();
      forward(kFar);
    });
    repeat(each_ - stages_ + from_end + 1, [&] {
      overlapped(kNear, kFar);
      overlapped(kFar, kNear);
    });
    repeat(inner, [&] {
      backward(kFar);
      overlapped(kFar, kNear);
    });
    // The second half of the last backwards leave their weights' gradients for the end.
    const std::int64_t last = 2 * (from_end + 1);
    for (std::int64_t i = 0; i < last; ++i) {
      const int side = i % 2 == 0 ? kFar : kNear;
      if (2 * i < last) {
        backward(side);
      } else {
        input_gradient(side);
      }
    }
    repeat(inner, [&] {
      weight_gradient();
      input_gradient(kNear);
    });
    repeat(from_end + 1, [&] { weight_gradient(); });
    return std::move(events_);
  }

 private:
  static constexpr int kNear = 0, kFar = 1;

  template <typename Do>
  static void repeat(std::int64_t times, const Do& work) {
    for (std::int64_t i = 0; i < times; ++i) work();
  }
  int direction(int side) const { return device_ < stages_ / 2 ? side : 1 - side; }
  Event::Part next(int side, std::array<std::int64_t, 2>& counts) {
    const int way = direction(side);
    const std::int64_t chunk = way == 0 ? device_ : stages_ - 1 - device_;
    return {chunk, counts[static_cast<std::size_t>(way)]++, way};
  }
  void forward(int side) { events_.push_back(event(Work::forward, next(side, forwards_))); }
  void backward(int side) { events_.push_back(event(Work::backward, next(side, backwards_))); }
  void input_gradient(int side) {
    events_.push_back(event(Work::input_gradient, next(side, backwards_)));
    weights_.push_back(events_.back().first);
  }
  void weight_gradient() {
    events_.push_back(event(Work::weight_gradient, weights_.front()));
    weights_.pop_front();
  }
  void overlapped(int forward_side, int backward_side) {
    const Event::Part first = next(forward_side, forwards_);
    events_.push_back(event(Work::overlapped, first, next(backward_side, backwards_)));
  }

  std::int64_t stages_, device_, each_;
  std::array<std::int64_t, 2> forwards_{}, backwards_{};
  std::deque<Event::Part> weights_;
  Events events_;
};

}  // namespace

std::vector<Events> event_order(const Pipeline& p) {
  std::vector<Events> devices;
  for (std::int64_t device = 0; device < p.stages; ++device) {
    switch (p.schedule) {
      case Schedule::one_f_one_b:
        devices.push_back(one_f_one_b(p.stages, p.micro_batches, device));
        break;
      case Schedule::interleaved:
        devices.push_back(interleaved(p, device));
        break;
      case Schedule::zb1p:
        devices.push_back(zero_bubble(p.stages, p.micro_batches, device));
        break;
      case Schedule::dualpipe:
        devices.push_back(DualPipe(p.stages, p.micro_batches, device).order());
        break;
    }
  }
  return devices;
}

}  // namespace r1::plan
