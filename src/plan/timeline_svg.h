// A pipeline's timeline as a picture.
#pragma once

#include <string>

#include "plan/schedule.h"

namespace r1::plan {

/// An SVG document: a row a device, a box an event, micro-batches by number; with a legend, a time
/// axis and, below the title, the bubble. Complete in itself; its colours read on white. Throws
/// Error for a timeline that wasn't simulated.
std::string timeline_svg(const Pipeline& pipeline, const Timeline& timeline);

}  // namespace r1::plan
