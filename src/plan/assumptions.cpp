#include "plan/assumptions.h"

#include <array>
#include <cmath>
#include <string>

#include "base/error.h"

namespace r1::plan {
namespace {

using A = Assumptions;
constexpr std::string_view kDeepGemm =
    "DeepGEMM's first README, H800: speeds of the CUTLASS 3.6 kernels it is compared with, for the "
    "ten shapes of 4096 rows and more; least squares of log time, errors up to 11 %";
constexpr std::string_view kFlash = "FlashAttention-3 paper, figures 5 and 6 (H100, heads of 128)";

constexpr std::array<Assumption, 28> kList = {{
    {"bf16_product_share", &A::bf16_product_share, 0.01, 1,
     "share of the bf16 peak that long matrix products reach",
     "ML Engineering's table of achievable products: H100 794.5 of 989 TFLOP/s"},
    {"fp8_product_share", &A::fp8_product_share, 0.01, 1,
     "share of the fp8 peak that long products with 1x128 and 128x128 scales reach", kDeepGemm},
    {"product_memory_share", &A::product_memory_share, 0.01, 1,
     "share of memory bandwidth at which a product's operands and result are moved, in addition to "
     "its arithmetic",
     kDeepGemm},
    {"kernel_start", &A::kernel_start, 0, 1e-3, "seconds from one kernel to the next", kDeepGemm},
    {"elementwise_share", &A::elementwise_share, 0.01, 1,
     "share of memory bandwidth that norms, activations, casts and copies reach",
     "DeepSeek's profile-data: layer norms move 235 MB in 115 us on 112 of 132 processors"},
    {"flash2_forward_share", &A::flash2_forward_share, 0.01, 1,
     "share of the bf16 peak of FlashAttention-2's forward on Hopper, long sequences", kFlash},
    {"flash2_forward_half", &A::flash2_forward_half, 0, 1e5,
     "keys a query at which it reaches half of that", kFlash},
    {"flash2_backward_share", &A::flash2_backward_share, 0.01, 1, "the same, backward", kFlash},
    {"flash2_backward_half", &A::flash2_backward_half, 0, 1e5, "the same, backward", kFlash},
    {"flash3_forward_share", &A::flash3_forward_share, 0.01, 1,
     "share of the bf16 peak of FlashAttention-3's forward", kFlash},
    {"flash3_forward_half", &A::flash3_forward_half, 0, 1e5,
     "keys a query at which it reaches half of that", kFlash},
    {"flash3_backward_share", &A::flash3_backward_share, 0.01, 1, "the same, backward", kFlash},
    {"flash3_backward_half", &A::flash3_backward_half, 0, 1e5, "the same, backward", kFlash},
    {"flash2_ampere_forward_share", &A::flash2_ampere_forward_share, 0.01, 1,
     "FlashAttention-2's forward on devices other than Hopper",
     "FlashAttention-2 paper: up to 73 % of A100's peak"},
    {"flash2_ampere_backward_share", &A::flash2_ampere_backward_share, 0.01, 1,
     "the same, backward", "FlashAttention-2 paper: up to 63 % of A100's peak"},
    {"decode_memory_share", &A::decode_memory_share, 0.01, 1,
     "share of memory bandwidth at which attention of one token a sequence reads the cache",
     "FlashMLA's README, H800: 3000 of 3350 GB/s"},
    {"decode_share", &A::decode_share, 0.01, 1,
     "share of the bf16 peak it reaches where arithmetic is the limit",
     "FlashMLA's README, H800: 660 of 989 TFLOP/s"},
    {"node_link_share", &A::node_link_share, 0.01, 1,
     "share of the links within a node that collectives reach",
     "NCCL's cost model: 360 of 450 GB/s on Hopper; DeepEP: 153 to 158 of 200 GB/s on H800"},
    {"network_share", &A::network_share, 0.01, 1, "share of the network adapter's rate",
     "DeepEP, H800, 16 devices: 43 of 50 GB/s"},
    {"node_latency", &A::node_latency, 0, 1, "seconds a step of a collective within a node",
     "NCCL's cost model: ring over NVLink, 3.4 us"},
    {"network_latency", &A::network_latency, 0, 1, "seconds a step of a collective across nodes",
     "NCCL's cost model: ring over the network, 14 us"},
    {"communication_processors", &A::communication_processors, 0, 0.9,
     "share of a device's processors that all-to-all takes while it overlaps computation",
     "DeepSeek-V3 report: 20 of 132"},
    {"slowest_device", &A::slowest_device, 0.1, 1,
     "speed of the slowest device, for which all wait in each step",
     "ML Engineering: 5 % and more between devices of one node"},
    {"expert_imbalance", &A::expert_imbalance, 1, 100,
     "tokens of the device with most routed tokens over the mean",
     "\"Auxiliary-loss-free load balancing\" (DeepSeek, 2024), table 2: the fullest expert is 4 % "
     "over the mean"},
    {"interruptions", &A::interruptions, 0, 1, "interruptions an hour of a device",
     "Llama 3 paper, section 3.3.4: 466 in 54 days of 16,384 devices"},
    {"interruption_minutes", &A::interruption_minutes, 0, 1e4,
     "minutes lost at an interruption, restart and repeated steps together",
     "Llama 3 paper: more than 90 % of that time was effective, so at most 16.7 minutes each"},
    {"reserved_memory", &A::reserved_memory, 0, 0.9,
     "share of memory for the driver, communication buffers and fragments",
     "usual practice; no measurement"},
    {"facility_overhead", &A::facility_overhead, 1, 10,
     "energy of the building over that of its machines", "large operators publish 1.08 to 1.12"},
}};

}  // namespace

std::span<const Assumption> assumption_list() {
  return kList;
}

void set_assumption(Assumptions& assumptions, std::string_view name, double value) {
  for (const Assumption& one : kList) {
    if (one.name != name) continue;
    if (!(value >= one.least && value <= one.most)) {
      throw Error("assumption " + std::string(name), "it is out of bounds");
    }
    assumptions.*one.value = value;
    return;
  }
  throw Error("assumption " + std::string(name), "it is not known",
              "r1 plan lists the names under \"assumptions\"");
}

}  // namespace r1::plan
