#include "kernels/machine.h"

#include <sys/mman.h>

#include <atomic>
#include <cstring>
#include <new>

#include "base/stopwatch.h"
#include "base/threads.h"
#include "kernels/isa.h"
#include "kernels/panel.h"
#include "kernels/peak.h"

namespace r1 {
namespace {

constexpr std::int64_t kBytes = std::int64_t{192} << 20;  // several times the caches
constexpr int kPasses = 6;

std::uint64_t read_streams(const std::byte* from, std::int64_t bytes) {
  return active_isa() >= Isa::avx512 ? panel::avx512_read_streams(from, bytes)
                                     : panel::avx2_read_streams(from, bytes);
}

double peak_loop(panel::PeakInstruction instruction, std::int64_t rounds) {
  switch (active_isa()) {
    case Isa::amx:
      return panel::amx_peak_loop(instruction, rounds);
    case Isa::avx512:
      return panel::avx512_peak_loop(instruction, rounds);
    default:
      return panel::avx2_peak_loop(instruction, rounds);
  }
}

panel::PeakInstruction instruction_of(DType weights) {
  if (panel::int8_format(weights).group != 0) return panel::PeakInstruction::int8_dot;
  const bool bf16 = weights == DType::bf16 || weights == DType::f8_e4m3;
  return bf16 && has_bf16_dot() ? panel::PeakInstruction::bf16_dot
                                : panel::PeakInstruction::float_fma;
}

}  // namespace

BandwidthMeter::BandwidthMeter() {
  void* memory =
      ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  ::madvise(memory, kBytes, MADV_HUGEPAGE);
  memory_ = static_cast<std::byte*>(memory);
  parallel_blocks(kBytes, kBytes / 64, [&](std::int64_t begin, std::int64_t end) {
    std::memset(memory_ + begin, 1, static_cast<std::size_t>(end - begin));
  });
}

BandwidthMeter::~BandwidthMeter() {
  ::munmap(memory_, kBytes);
}

double BandwidthMeter::measure() const {
  if (active_isa() == Isa::reference) return 0.0;
  const int count = threads().size();
  const std::int64_t share = kBytes / count / 4096 * 4096;
  std::atomic<std::uint64_t> sink{0};
  const Stopwatch watch;
  threads().parallel_for(count, [&](std::int64_t i, int) {
    for (int pass = 0; pass < kPasses; ++pass) {
      sink.fetch_xor(read_streams(memory_ + i * share, share));
    }
  });
  return static_cast<double>(kPasses * share * count) / watch.seconds() / 1e9;
}

double matrix_peak_gflops(DType weights) {
  const panel::PeakInstruction instruction = instruction_of(weights);
  if (active_isa() == Isa::reference) return 0.0;
  constexpr std::int64_t kRounds = 4'000'000;
  std::atomic<double> work{0};
  const Stopwatch watch;
  threads().parallel_for(threads().size(),
                         [&](std::int64_t, int) { work += peak_loop(instruction, kRounds); });
  return work / watch.seconds() / 1e9;
}

}  // namespace r1
