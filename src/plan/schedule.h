// Pipeline schedules, simulated event by event.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace r1::plan {

enum class Schedule : std::uint8_t {
  one_f_one_b,  // Narayanan et al., 2021
  interleaved,  // the same with several chunks a device
  zb1p,         // ZB-H1 of Qi et al., "Zero bubble pipeline parallelism"
  dualpipe,     // DeepSeek-V3 report, figure 5
};
std::string_view name(Schedule schedule);
/// Throws Error for an unknown name.
Schedule parse_schedule(std::string_view name);

/// Seconds of a micro-batch in one chunk of layers. `backward` is the whole of it, `weight` the
/// part that computes the weights' gradient; `overlapped` a forward and a backward computed side
/// by side (DualPipe).
struct ChunkTimes {
  double forward = 0, backward = 0, weight = 0, overlapped = 0;
};

struct Pipeline {
  Schedule schedule = Schedule::one_f_one_b;
  std::int64_t stages = 1, micro_batches = 1, virtual_stages = 1;
  ChunkTimes times;
};

/// Throws Error if the schedule can't run so: DualPipe needs an even number of stages and of
/// micro-batches, at least two a stage; interleaving a multiple of the stages.
void check(const Pipeline& pipeline);

enum class Work : std::uint8_t { forward, backward, input_gradient, weight_gradient, overlapped };

/// One event of a device. `chunk` is the stage that it belongs to, `direction` 1 for micro-batches
/// that enter DualPipe at the last device. An overlapped event names its backward as second.
struct Event {
  struct Part {
    std::int64_t chunk = 0, micro_batch = 0;
    int direction = 0;
  };
  Work work = Work::forward;
  Part first, second;
  double start = 0, end = 0;
};

struct Timeline {
  std::vector<std::vector<Event>> devices;  // in order of time
  double span = 0;                          // seconds from the first event to the last
  double bubble = 0;  // seconds that a device idles; DualPipe: the middle ones, which overlap most
  std::vector<std::int64_t> most_in_flight;  // micro-batches a device holds activations of, at most
};

/// Runs every event as soon as its device is free and what it needs is there.
Timeline simulate(const Pipeline& pipeline);

/// The published closed formulas: (P-1)(F+B), the same over the virtual stages, (P-1)(F+B-2W),
/// (P/2-1)(F&B+B-3W).
double bubble_formula(const Pipeline& pipeline);
/// Seconds of a step by the formulas, bubble included.
double span_formula(const Pipeline& pipeline);

}  // namespace r1::plan
