#include "plan/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/error.h"

namespace r1::plan {
namespace {

/// Times that are whole numbers, so that sums are exact.
constexpr ChunkTimes kTimes[] = {
    {10, 20, 10, 30}, {10, 20, 10, 27}, {10, 20, 6, 30}, {10, 20, 6, 24}, {20, 35, 10, 44}};

TEST(Schedule, bubbles_of_1f1b_are_those_of_the_formula_exactly) {
  for (const ChunkTimes& times : kTimes) {
    for (const std::int64_t stages : {1, 2, 3, 8, 16}) {
      for (const std::int64_t micro_batches : {stages, 2 * stages, 5 * stages + 1}) {
        const Pipeline p = {Schedule::one_f_one_b, stages, micro_batches, 1, times};
        const Timeline timeline = simulate(p);
        EXPECT_EQ(timeline.bubble,
                  static_cast<double>(stages - 1) * (times.forward + times.backward));
        EXPECT_EQ(timeline.bubble, bubble_formula(p));
        EXPECT_EQ(timeline.span, span_formula(p));
      }
    }
  }
}

TEST(Schedule, bubbles_of_zb1p_are_those_of_the_formula_exactly) {
  // The formula is meant for passes of which the weights' gradient is not the longest.
  for (const ChunkTimes& times : kTimes) {
    for (const std::int64_t stages : {2, 4, 8, 16}) {
      const Pipeline p = {Schedule::zb1p, stages, 3 * stages, 1, times};
      const Timeline timeline = simulate(p);
      EXPECT_EQ(timeline.bubble, static_cast<double>(stages - 1) *
                                     (times.forward + times.backward - 2 * times.weight));
      EXPECT_EQ(timeline.span, span_formula(p));
    }
  }
}

TEST(Schedule, bubbles_of_dualpipe_are_those_of_the_formula_exactly) {
  for (const ChunkTimes& times : kTimes) {
    for (const std::int64_t stages : {2, 4, 8, 16}) {
      const Pipeline p = {Schedule::dualpipe, stages, 2 * stages + 4, 1, times};
      const Timeline timeline = simulate(p);
      EXPECT_EQ(timeline.bubble, (static_cast<double>(stages) / 2 - 1) *
                                     (times.overlapped + times.backward - 3 * times.weight));
      EXPECT_EQ(timeline.span, span_formula(p));
    }
  }
}

TEST(Schedule, interleaving_divides_the_bubble_by_the_chunks_of_a_device) {
  for (const std::int64_t chunks : {1, 2, 4}) {
    const auto share = static_cast<double>(chunks);
    const Pipeline p = {
        Schedule::interleaved, 4, 12, chunks, {8 / share, 16 / share, 8 / share, 0}};
    const Timeline timeline = simulate(p);
    EXPECT_EQ(timeline.bubble, 3 * (8 + 16) / share);
    EXPECT_EQ(timeline.span, span_formula(p));
  }
}

TEST(Schedule, a_round_more_takes_as_long_as_the_one_before) {
  for (const Schedule schedule :
       {Schedule::one_f_one_b, Schedule::zb1p, Schedule::dualpipe, Schedule::interleaved}) {
    const std::int64_t chunks = schedule == Schedule::interleaved ? 2 : 1;
    Pipeline p = {schedule, 4, 16, chunks, kTimes[3]};
    const double first = simulate(p).span, expected = span_formula(p);
    p.micro_batches += 8;
    EXPECT_EQ(simulate(p).span - first, span_formula(p) - expected);
  }
}

/// Every micro-batch passes each chunk once forward and once backward, in the order that data
/// needs, and no device does two things at once.
void expect_valid(const Pipeline& p) {
  const Timeline timeline = simulate(p);
  using Key = std::tuple<int, std::int64_t, std::int64_t>;
  std::map<Key, double> forward_end, backward_end, weight_start;
  std::map<Key, double> forward_start, backward_start;
  const auto key = [](const Event::Part& part) {
    return Key{part.direction, part.chunk, part.micro_batch};
  };
  for (const auto& device : timeline.devices) {
    double free = 0;
    for (const Event& event : device) {
      ASSERT_GE(event.start, free);
      free = event.end;
      const bool both = event.work == Work::overlapped;
      if (both || event.work == Work::forward) {
        EXPECT_TRUE(forward_end.emplace(key(event.first), event.end).second);
        forward_start[key(event.first)] = event.start;
      }
      if (event.work == Work::weight_gradient) {
        EXPECT_TRUE(weight_start.emplace(key(event.first), event.start).second);
      } else if (event.work != Work::forward) {
        const Event::Part& part = both ? event.second : event.first;
        EXPECT_TRUE(backward_end.emplace(key(part), event.end).second);
        backward_start[key(part)] = event.start;
        if (event.work != Work::input_gradient) weight_start[key(part)] = event.end;
      }
    }
  }
  const std::int64_t chunks = p.stages * p.virtual_stages;
  const auto expected = static_cast<std::size_t>(chunks * p.micro_batches);
  EXPECT_EQ(forward_end.size(), expected);
  EXPECT_EQ(backward_end.size(), expected);
  EXPECT_EQ(weight_start.size(), expected);
  for (const auto& [at, start] : forward_start) {
    const auto [direction, chunk, micro_batch] = at;
    if (chunk > 0) {
      EXPECT_GE(start, forward_end.at({direction, chunk - 1, micro_batch}));
    }
  }
  for (const auto& [at, start] : backward_start) {
    const auto [direction, chunk, micro_batch] = at;
    EXPECT_GE(start, forward_end.at(at));
    if (chunk + 1 < chunks) {
      EXPECT_GE(start, backward_end.at({direction, chunk + 1, micro_batch}));
    }
    EXPECT_GE(weight_start.at(at), backward_end.at(at));
  }
}

TEST(Schedule, every_micro_batch_passes_each_chunk_once_and_in_order) {
  for (const ChunkTimes& times : kTimes) {
    expect_valid({Schedule::one_f_one_b, 5, 7, 1, times});
    expect_valid({Schedule::one_f_one_b, 8, 3, 1, times});
    expect_valid({Schedule::zb1p, 6, 13, 1, times});
    expect_valid({Schedule::zb1p, 6, 2, 1, times});
    expect_valid({Schedule::interleaved, 4, 8, 3, times});
    expect_valid({Schedule::dualpipe, 6, 18, 1, times});
  }
}

TEST(Schedule, activations_held_are_as_many_as_the_papers_say) {
  const auto most = [](Schedule schedule) {
    const Timeline t = simulate({schedule, 8, 32, 1, kTimes[0]});
    return *std::max_element(t.most_in_flight.begin(), t.most_in_flight.end());
  };
  EXPECT_EQ(most(Schedule::one_f_one_b), 8);
  EXPECT_EQ(most(Schedule::zb1p), 8);
  EXPECT_EQ(most(Schedule::dualpipe), 9);
}

TEST(Schedule, what_cannot_run_is_refused) {
  EXPECT_THROW(simulate({Schedule::dualpipe, 7, 32, 1, kTimes[0]}), Error);
  EXPECT_THROW(simulate({Schedule::dualpipe, 8, 15, 1, kTimes[0]}), Error);
  EXPECT_THROW(simulate({Schedule::dualpipe, 8, 14, 1, kTimes[0]}), Error);
  EXPECT_THROW(simulate({Schedule::interleaved, 4, 6, 2, kTimes[0]}), Error);
  EXPECT_THROW(simulate({Schedule::zb1p, 4, 8, 2, kTimes[0]}), Error);
  EXPECT_THROW(simulate({Schedule::one_f_one_b, 0, 8, 1, kTimes[0]}), Error);
  EXPECT_THROW(parse_schedule("gpipe"), Error);
}

}  // namespace
}  // namespace r1::plan
