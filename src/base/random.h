// Random numbers that depend on nothing but (seed, stream, counter): any thread can compute any of
// them, and a place in a stream is resumed by its counter.
// Philox 4x32-10: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace r1 {

/// The 128 random bits at a counter of a stream of a seed.
inline std::array<std::uint32_t, 4> philox(std::uint64_t seed, std::uint64_t stream,
                                           std::uint64_t counter) {
  auto key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
  auto c0 = static_cast<std::uint32_t>(counter), c1 = static_cast<std::uint32_t>(counter >> 32);
  auto c2 = static_cast<std::uint32_t>(stream), c3 = static_cast<std::uint32_t>(stream >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53u} * c0;
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57u} * c2;
    c0 = static_cast<std::uint32_t>(product1 >> 32) ^ c1 ^ key0;
    c1 = static_cast<std::uint32_t>(product1);
    c2 = static_cast<std::uint32_t>(product0 >> 32) ^ c3 ^ key1;
    c3 = static_cast<std::uint32_t>(product0);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return {c0, c1, c2, c3};
}

/// Reads a stream in order from a counter on; each counter gives four words.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter = 0)
      : seed_(seed), stream_(stream), counter_(counter) {}

  std::uint32_t bits();
  /// In [0, 1), of 53 bits.
  double uniform();
  /// Mean 0, deviation 1.
  float normal();
  /// In [0, count), each equally likely; count > 0.
  std::uint64_t below(std::uint64_t count);
  /// The first counter not yet used: a Random made with it goes on with fresh words.
  std::uint64_t counter() const { return counter_; }

 private:
  std::uint64_t seed_, stream_, counter_;
  std::array<std::uint32_t, 4> words_{};
  int left_ = 0;
};

/// Fills `out` with normal numbers of mean 0. Element i is number `first` + i of the stream, four a
/// counter; `first` must be a multiple of 4. The same bits on every machine: only sums, products
/// and square roots are used.
void fill_normal(std::uint64_t seed, std::uint64_t stream, std::uint64_t first,
                 std::span<float> out, float deviation);

}  // namespace r1
