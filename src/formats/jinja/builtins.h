// The tables of what templates may call: filters, tests, methods and global functions.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "formats/jinja/interpreter.h"
#include "formats/jinja/value.h"

namespace r1::jinja {

struct Builtin {
  std::string_view name;
  /// In order; an argument may be given by position or name, and one left out is undefined.
  std::vector<std::string_view> parameters;
  /// `self` is the filtered or tested value, or the object of a method.
  Value (*call)(Interpreter& interpreter, const Value& self, const Arguments& arguments);
  /// Takes any arguments, as they were given.
  bool variadic = false;
};

/// Binds the arguments to the parameters (positional has one for each) and calls. Throws Fault
/// for arguments it does not take.
Value call(Interpreter& interpreter, const Builtin& builtin, const Value& self,
           const Arguments& arguments);

// Each returns null for a name that it does not know.
const Builtin* find_filter(std::string_view name);
const Builtin* find_test(std::string_view name);
const Builtin* find_method(Kind kind, std::string_view name);
std::span<const Builtin> functions();

// The parts of those tables, each in the file of its name.
std::span<const Builtin> text_filters();
std::span<const Builtin> sequence_filters();
std::span<const Builtin> string_methods();

// How builtins read their arguments.
/// A string, or Fault.
std::string_view text_of(const Value& value);
/// An integer, `fallback` for one left out or None; else Fault.
Integer integer_or(const Value& value, Integer fallback);
/// Its truth, or `fallback` for one left out.
bool flag_or(const Value& value, bool fallback);

}  // namespace r1::jinja
