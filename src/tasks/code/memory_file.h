// Files that live in memory only.
#pragma once

#include <string_view>

#include "base/descriptor.h"

namespace r1 {

/// A file without a name that holds `text`, to be read from its beginning; whoever gets it can
/// change nothing in it. Throws Error.
Descriptor memory_file(std::string_view text);

/// Throws Error about what the system refused, with its reason.
[[noreturn]] void throw_system_error(std::string_view what);

}  // namespace r1
