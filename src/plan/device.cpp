#include "plan/device.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"

namespace r1::plan {
namespace {

/// Data sheets: NVIDIA H100, A100 and Ada (GeForce RTX 4090, bf16 with float32 accumulation). H800
/// is H100 with half the NVLink. Network: one 400 Gb/s adapter a device (200 Gb/s with A100, 100
/// Gb/s a node of 8 with 4090). Host power: DGX H100 takes at most 10.2 kW with 8 devices of 700 W,
/// DGX A100 6.5 kW with 8 of 400 W. Prices: DeepSeek-V3's report for H800, usual rents otherwise.
std::array<Device, 5> presets() {
  return {{
      {"h800", 989e12, 1979e12, 80e9, 3.35e12, 200e9, 50e9, 700, 575, 2.0, true},
      {"h100", 989e12, 1979e12, 80e9, 3.35e12, 450e9, 50e9, 700, 575, 2.5, true},
      {"a100", 312e12, 0, 80e9, 2.04e12, 300e9, 25e9, 400, 412, 1.3, false},
      {"4090", 165e12, 330e12, 24e9, 1.01e12, 25e9, 1.5e9, 450, 100, 0.35, false},
      // 8 cores at 3.5 GHz, two 256-bit multiply-adds a cycle; two channels of DDR5-5600.
      {"laptop", 0.9e12, 0, 32e9, 89.6e9, 1e9, 0.1e9, 45, 15, 0, false},
  }};
}

void bound(const char* name, double value, double least, double most) {
  if (std::isfinite(value) && value >= least && value <= most) return;
  throw Error("cluster", std::string(name) + " is out of bounds",
              "give a number in base units (bytes, bytes a second, operations a second)");
}

}  // namespace

std::string cluster_names() {
  return "h800-N, h100-N, a100-N, 4090-N, laptop";
}

Device find_device(std::string_view name, const std::string& where) {
  for (const Device& device : presets()) {
    if (device.name == name) return device;
  }
  throw Error(where, "the device '" + std::string(name) + "' is not known",
              "known are h800, h100, a100, 4090 and laptop");
}

Cluster find_cluster(std::string_view name) {
  if (name == "laptop") return {find_device(name, "cluster"), 1, 1};
  const std::size_t dash = name.rfind('-');
  std::int64_t count = 0;
  if (dash != std::string_view::npos) {
    const std::string_view digits = name.substr(dash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc() || end != digits.data() + digits.size()) count = 0;
  }
  if (count < 1 || count > 10'000'000) {
    throw Error("cluster", "'" + std::string(name) + "' is not known",
                "known are " + cluster_names() + " with N from 1 to 10 million, and TOML files");
  }
  return {find_device(name.substr(0, dash), "cluster"), count, 8};
}

void check(const Cluster& cluster) {
  const Device& d = cluster.device;
  bound("bf16_flops", d.bf16_flops, 1e6, 1e21);
  bound("fp8_flops", d.fp8_flops, 0, 1e21);
  bound("memory", d.memory, 1e6, 1e18);
  bound("memory_bandwidth", d.memory_bandwidth, 1e6, 1e18);
  bound("node_link", d.node_link, 1e3, 1e18);
  bound("network_link", d.network_link, 1e3, 1e18);
  bound("watts", d.watts, 0, 1e6);
  bound("host_watts", d.host_watts, 0, 1e6);
  bound("dollars_per_hour", d.dollars_per_hour, 0, 1e6);
  bound("devices", static_cast<double>(cluster.devices), 1, 1e7);
  bound("devices_per_node", static_cast<double>(cluster.devices_per_node), 1, 1e5);
}

}  // namespace r1::plan
