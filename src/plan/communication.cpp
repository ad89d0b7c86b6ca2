#include "plan/communication.h"

#include <algorithm>
#include <cmath>

namespace r1::plan {
namespace {

/// Of `places`, how many `draws` even draws hit on average.
double hit(double places, double draws) {
  return places <= 1 ? places : places * (1 - std::pow(1 - 1 / places, draws));
}

}  // namespace

Network::Network(const Cluster& cluster, const Assumptions& assumptions)
    : node_rate_(cluster.device.node_link * assumptions.node_link_share),
      network_rate_(cluster.device.network_link * assumptions.network_share),
      node_latency_(assumptions.node_latency),
      network_latency_(assumptions.network_latency),
      devices_per_node_(cluster.devices_per_node) {}

double Network::gather(double bytes, std::int64_t group, std::int64_t stride) const {
  if (group <= 1) return 0;
  const auto devices = static_cast<double>(group);
  const double sent = bytes * (devices - 1) / devices;
  if (group * stride <= devices_per_node_) {
    return sent / node_rate_ + (devices - 1) * node_latency_;
  }
  // Rings of different neighbours use all adapters of a node side by side; a step of the ring
  // crosses the network once a node.
  const double nodes =
      std::ceil(devices * static_cast<double>(stride) / static_cast<double>(devices_per_node_));
  return sent / std::min(network_rate_, node_rate_) +
         (std::min(nodes, devices) - 1) * network_latency_;
}

double Network::send(double bytes, std::int64_t stride) const {
  const bool near = stride < devices_per_node_;
  return bytes / (near ? node_rate_ : network_rate_) + (near ? node_latency_ : network_latency_);
}

Network::Reach Network::reach(const Shape& shape, std::int64_t group) const {
  const auto devices = static_cast<double>(group);
  const double nodes = std::ceil(devices / static_cast<double>(devices_per_node_));
  const auto groups = static_cast<double>(shape.expert_groups);
  const auto kept = static_cast<double>(shape.kept_groups);
  const auto draws = static_cast<double>(shape.experts_per_token);
  // A group of experts lies on devices / groups devices, or several groups on one.
  const double allowed_nodes = std::min(nodes, kept * std::max(1.0, nodes / groups));
  const double allowed_devices = std::min(devices, kept * std::max(1.0, devices / groups));
  return {hit(allowed_nodes, draws), hit(allowed_devices, draws)};
}

double Network::all_to_all(const Shape& shape, double tokens, double bytes,
                           std::int64_t group) const {
  if (group <= 1) return 0;
  const auto devices = static_cast<double>(group);
  const double nodes = std::ceil(devices / static_cast<double>(devices_per_node_));
  const Reach to = reach(shape, group);
  const double across = tokens * bytes * to.nodes * (nodes - 1) / nodes / network_rate_;
  const double in_node = std::min(devices, static_cast<double>(devices_per_node_));
  const double within = tokens * bytes * to.devices * (in_node - 1) / in_node / node_rate_;
  // Both go on at the same time, token after token.
  return std::max(across, within) + node_latency_ + (nodes > 1 ? network_latency_ : 0.0);
}

}  // namespace r1::plan
