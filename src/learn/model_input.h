// Models that recipes name.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/section.h"

namespace r1 {

/// The model under `key`: a path as Section::input() takes it, or the hub's name of one that is in
/// the cache. Empty if the key is absent. Throws Error for what is neither.
std::filesystem::path model_input(const Section& section, std::string_view key);

}  // namespace r1
