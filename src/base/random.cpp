#include "base/random.h"

#include <bit>
#include <cassert>
#include <cmath>

namespace r1 {
namespace {

constexpr int kBatch = 64;  // counters at a time, so that the loops below become vector code

/// Natural logarithm of x in (0, 1], within 1e-7 absolutely or relatively.
float logarithm(float x) {
  // x = 2^exponent m with m in [sqrt(1/2), sqrt(2)); log m = 2 artanh((m - 1) / (m + 1)).
  const auto bits = std::bit_cast<std::int32_t>(x);
  const std::int32_t exponent = (bits - 0x3f3504f3) >> 23;
  const float m = std::bit_cast<float>(bits - (exponent << 23));
  const float t = (m - 1.0f) / (m + 1.0f), s = t * t;
  const float series = 2.0f + s * (0.66666667f + s * (0.4f + s * (0.28571430f + s * 0.22222222f)));
  return static_cast<float>(exponent) * 0.69314718f + t * series;
}

/// sin(pi/2 x) for x in [-1, 1], within 1e-7.
float sine_of_quarter(float x) {
  const float s = x * x;
  return x * (1.57079632f +
              s * (-0.64596409f + s * (0.07969263f + s * (-0.00468165f + s * 0.00016016f))));
}

/// In (0, 1]: the logarithm of 0 must not occur.
float open_uniform(std::uint32_t word) {
  return (static_cast<float>(static_cast<std::int32_t>(word >> 8)) + 1.0f) * 0x1p-24f;
}

/// Box and Muller: two normal numbers of two words.
void normal_pair(std::uint32_t radius_word, std::uint32_t angle_word, float& first, float& second) {
  const float radius = std::sqrt(-2.0f * logarithm(open_uniform(radius_word)));
  // A quarter of the circle in the low bits, which quarter in the two high ones.
  const float x =
      static_cast<float>(static_cast<std::int32_t>(angle_word & 0x3fffffffu)) * 0x1p-30f;
  const float sine = sine_of_quarter(x), cosine = sine_of_quarter(1.0f - x);
  const bool swap = (angle_word & 0x40000000u) != 0, turn = (angle_word & 0x80000000u) != 0;
  const float signed_radius = turn ? -radius : radius;
  first = signed_radius * (swap ? -sine : cosine);
  second = signed_radius * (swap ? cosine : sine);
}

}  // namespace

std::uint32_t Random::bits() {
  if (left_ == 0) {
    words_ = philox(seed_, stream_, counter_++);
    left_ = 4;
  }
  return words_[static_cast<std::size_t>(4 - left_--)];
}

double Random::uniform() {
  const std::uint64_t high = bits(), low = bits();
  return static_cast<double>((high << 32 | low) >> 11) * 0x1p-53;
}

float Random::normal() {
  float first = 0.0f, second = 0.0f;
  const std::uint32_t radius = bits();
  normal_pair(radius, bits(), first, second);
  return first;
}

std::uint64_t Random::below(std::uint64_t count) {
  assert(count > 0);
  // Numbers under 2^64 mod count are drawn again: the rest splits evenly.
  const std::uint64_t uneven = (0 - count) % count;
  for (;;) {
    const std::uint64_t high = bits(), drawn = high << 32 | bits();
    if (drawn >= uneven) return drawn % count;
  }
}

void fill_normal(std::uint64_t seed, std::uint64_t stream, std::uint64_t first,
                 std::span<float> out, float deviation) {
  assert(first % 4 == 0);
  std::uint32_t words[4][kBatch];
  float numbers[4][kBatch];
  std::uint64_t counter = first / 4;
  for (std::size_t done = 0; done < out.size(); done += 4 * kBatch, counter += kBatch) {
    for (int i = 0; i < kBatch; ++i) {
      const auto four = philox(seed, stream, counter + static_cast<std::uint64_t>(i));
      for (std::size_t word = 0; word < 4; ++word) words[word][i] = four[word];
    }
    for (int pair = 0; pair < 4; pair += 2) {
      for (int i = 0; i < kBatch; ++i) {
        normal_pair(words[pair][i], words[pair + 1][i], numbers[pair][i], numbers[pair + 1][i]);
      }
    }
    const std::size_t count = std::min<std::size_t>(out.size() - done, 4 * kBatch);
    for (std::size_t i = 0; i < count; ++i) out[done + i] = deviation * numbers[i % 4][i / 4];
  }
}

}  // namespace r1
