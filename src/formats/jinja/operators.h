// What the template language's operators do with values, and their forms as text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "formats/jinja/heap.h"
#include "formats/jinja/value.h"

namespace r1::jinja {

/// Values may nest this deep; walking a deeper one throws Fault.
inline constexpr int nesting_limit = 200;

bool truthy(const Value& value);
/// Python's ==.
bool equal(Heap& heap, const Value& left, const Value& right, int depth = 0);
/// Python's <, for two numbers, strings or sequences; other kinds throw Fault.
bool less(Heap& heap, const Value& left, const Value& right, int depth = 0);
/// Python's `in`.
bool contains(Heap& heap, const Value& container, const Value& value);
/// + - * / // % ** of Python; `symbol` is one of those.
Value arithmetic(Heap& heap, std::string_view symbol, const Value& left, const Value& right);
/// len(); Fault for a value that has none.
std::size_t length(Heap& heap, const Value& value);
/// What a for loop walks through: the items, a dict's keys, a string's characters.
const List& elements(Heap& heap, const Value& value);

/// The value of a key, or null. Keys are compared as Python's.
const Value* find_entry(Heap& heap, const Dict& dict, const Value& key);
const Value* find_entry(Heap& heap, const Dict& dict, std::string_view key);
/// Adds or replaces.
void set_entry(Heap& heap, Dict& dict, const Value& key, const Value& value);

/// str(): what {{ }} prints.
std::string to_text(Heap& heap, const Value& value);
/// repr(): strings quoted, lists and dicts as Python writes them.
void append_repr(TextBuilder& text, Heap& heap, const Value& value, int depth = 0);

/// How json.dumps is asked to write.
struct JsonStyle {
  std::string indent;  // one level; one_line says whether it counts
  bool one_line = true;
  std::string item_separator = ", ";
  std::string key_separator = ": ";
  bool sort_keys = false;
  bool ascii = false;  // escape everything else
};
/// json.dumps() in that style. Fault for what JSON lacks (undefined values, functions).
std::string to_json(Heap& heap, const Value& value, const JsonStyle& style);

/// The same data as a value.
Value from_json(Heap& heap, const nlohmann::ordered_json& json, int depth = 0);

}  // namespace r1::jinja
