// Which memory maps a file. Its pages can be given back, as reading them again brings the file's
// bytes back; those of any other memory would be lost.
#pragma once

#include <cstddef>
#include <span>

namespace r1 {

/// Notes that these bytes map a file, and (before they are unmapped) that they no longer do.
void note_mapped(std::span<const std::byte> bytes);
void forget_mapped(std::span<const std::byte> bytes);

/// Tells the system that bytes won't be read again soon, so that a model's file and a copy of it
/// don't both count as memory in use. Bytes that aren't noted as a file's are left alone.
void release_mapped(std::span<const std::byte> bytes);

}  // namespace r1
