// How much memory this process may use.
#pragma once

#include <cstdint>
#include <string>

namespace r1 {

/// Bytes of memory in this machine, or the limit of the process's control group if that is less.
std::int64_t physical_memory();

/// Bytes that programs can still take without swapping: what is free, and file pages that can be
/// given back. Never more than physical_memory().
std::int64_t available_memory();

/// "1.2 GB".
std::string readable_bytes(std::int64_t bytes);

}  // namespace r1
