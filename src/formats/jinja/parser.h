// Builds a template's syntax from its tokens.
#pragma once

#include <memory>
#include <string_view>

#include "formats/jinja/syntax.h"

namespace r1::jinja {

/// Throws r1::Error with the line for a template that is malformed, nested too deep, or uses what
/// this interpreter leaves out (see chat_template.h).
std::unique_ptr<const Program> parse(std::string_view source);

}  // namespace r1::jinja
