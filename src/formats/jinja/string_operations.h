// Operations that filters and string methods share; all spend from the heap's budget.
#pragma once

#include <string>
#include <string_view>

#include "formats/jinja/heap.h"
#include "formats/jinja/value.h"

namespace r1::jinja {

/// str.replace(): at most `count` times, all if negative.
std::string replace(Heap& heap, std::string_view text, std::string_view from, std::string_view to,
                    Integer count);
/// str.strip(), or one side of it; `set` undefined or None: white space.
Value stripped(Heap& heap, const Value& text, const Value& set, bool left, bool right);
/// The texts of `items` with `separator` between them; items that are no strings as {{ }} prints.
Value joined(Heap& heap, std::string_view separator, const List& items);
/// printf-style formatting with %s, %d, %i, %r and %%.
Value formatted(Heap& heap, std::string_view format, const List& values);

}  // namespace r1::jinja
