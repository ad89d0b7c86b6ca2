// How much better each answer is than the others to its question: what GRPO learns from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace r1 {

/// What the distance to the group's mean is divided by: the sample standard deviation of the group
/// (GRPO), of the whole batch, or nothing (Dr. GRPO, arXiv 2503.20783).
enum class RewardScale { group, batch, none };

/// (r - mean of its group) / (std + 1e-4), as TRL has it; rewards of `group` answers to one
/// question lie together, and their number is a multiple of it. A group of equal rewards gives
/// exact zeros.
std::vector<double> advantages(std::span<const double> rewards, std::int64_t group,
                               RewardScale scale);

/// DeepSeekMath's and R1's (r - mean) / std, with the population's standard deviation and zeros
/// where that is zero.
std::vector<double> paper_advantages(std::span<const double> rewards, std::int64_t group);

}  // namespace r1
