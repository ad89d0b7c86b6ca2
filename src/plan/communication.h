// Time of collectives from bandwidth and latency.
#pragma once

#include <cstdint>

#include "plan/assumptions.h"
#include "plan/device.h"
#include "plan/shape.h"

namespace r1::plan {

/// The links of a cluster at the rates that collectives reach. Groups of devices are numbered so
/// that neighbours lie in one node as far as they fit.
class Network {
 public:
  Network(const Cluster& cluster, const Assumptions& assumptions);

  /// Seconds to gather, or to reduce and scatter, `bytes` in all over `group` devices that stand
  /// `stride` apart: each sends (group - 1) / group of them. A ring's latency grows with its steps.
  double gather(double bytes, std::int64_t group, std::int64_t stride) const;
  double all_reduce(double bytes, std::int64_t group, std::int64_t stride) const {
    return 2 * gather(bytes, group, stride);
  }
  /// Seconds to hand `bytes` to the device `stride` further on.
  double send(double bytes, std::int64_t stride) const;
  /// Seconds of one all-to-all of experts over `group` devices: each of them sends `tokens` tokens
  /// of `bytes` each to the devices of their experts. A token crosses the network once for each
  /// node it goes to (at most the kept groups of experts allow) and is handed on within it.
  double all_to_all(const Shape& shape, double tokens, double bytes, std::int64_t group) const;
  /// Nodes and devices a token's experts lie on, on average, with experts drawn evenly from the
  /// groups that are kept.
  struct Reach {
    double nodes = 1, devices = 1;
  };
  Reach reach(const Shape& shape, std::int64_t group) const;

 private:
  double node_rate_, network_rate_, node_latency_, network_latency_;
  std::int64_t devices_per_node_;
};

}  // namespace r1::plan
