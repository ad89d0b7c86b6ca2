// Devices and clusters as plain numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace r1::plan {

/// One accelerator (or a whole processor). Rates are data-sheet peaks; what share of them kernels
/// reach is an assumption (assumptions.h).
struct Device {
  std::string name;
  double bf16_flops = 0;        // dense, a second, accumulated in float32
  double fp8_flops = 0;         // 0: no such products
  double memory = 0;            // bytes
  double memory_bandwidth = 0;  // bytes a second
  double node_link = 0;         // bytes a second to the other devices of the node, one direction
  double network_link = 0;      // bytes a second to other nodes, one direction
  double watts = 0;             // at full load
  double host_watts = 0;        // the device's share of its node: processors, fans, network
  double dollars_per_hour = 0;
  bool hopper = false;  // whether attention kernels are those measured on Hopper
};

struct Cluster {
  Device device;
  std::int64_t devices = 1;
  std::int64_t devices_per_node = 8;
};

/// "h800-2048", "h100-N", "a100-N", "4090-N", "laptop". Throws Error for an unknown name or a count
/// that is no number from 1 to 10^7.
Cluster find_cluster(std::string_view name);
/// The preset of that name. Throws Error naming `where`.
Device find_device(std::string_view name, const std::string& where);
/// For messages: "h800-N, h100-N, ...".
std::string cluster_names();

/// Throws Error naming the number that is out of bounds.
void check(const Cluster& cluster);

}  // namespace r1::plan
