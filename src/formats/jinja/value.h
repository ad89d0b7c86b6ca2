// The values of the template language: Python's, as far as chat templates use them.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace r1::jinja {

/// A fault found while a template runs. The interpreter adds the line and throws r1::Error.
class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Value;
using Integer = __int128;  // holds every number of JSON's usual 64-bit integers, signed or not
using List = std::vector<Value>;
struct Dict;
struct Loop;
struct Callable;

/// What a missing variable or attribute yields: prints as nothing, false, an error when used on.
struct Undefined {
  const std::string* name = nullptr;
};
struct None {};
struct Tuple {
  const List* items;
};
struct Namespace {
  Dict* attributes;
};

enum class Kind : std::uint8_t {
  undefined,
  none,
  boolean,
  integer,
  floating,
  string,
  list,
  tuple,
  dict,
  name_space,
  loop,
  callable,
};

/// A small handle, copied freely: strings and containers belong to the Heap of one rendering (or
/// to the program, for literals) and, but for namespaces, never change.
class Value {
 public:
  Value() = default;
  Value(Undefined value) : form_(value) {}  // NOLINT(google-explicit-constructor)
  Value(None value) : form_(value) {}       // NOLINT(google-explicit-constructor)
  Value(bool value) : form_(value) {}       // NOLINT(google-explicit-constructor)
  Value(Integer value) : form_(value) {}    // NOLINT(google-explicit-constructor)
  Value(double value) : form_(value) {}     // NOLINT(google-explicit-constructor)
  explicit Value(const std::string* value) : form_(value) {}
  explicit Value(const List* value) : form_(value) {}
  explicit Value(Tuple value) : form_(value) {}
  explicit Value(const Dict* value) : form_(value) {}
  explicit Value(Namespace value) : form_(value) {}
  explicit Value(Loop* value) : form_(value) {}
  explicit Value(const Callable* value) : form_(value) {}
  static Value of(std::size_t count) { return {static_cast<Integer>(count)}; }

  Kind kind() const { return static_cast<Kind>(form_.index()); }
  bool is(Kind kind) const { return this->kind() == kind; }
  bool is_undefined() const { return is(Kind::undefined); }
  bool is_none() const { return is(Kind::none); }
  bool is_string() const { return is(Kind::string); }
  bool is_sequence() const { return is(Kind::list) || is(Kind::tuple); }
  /// Booleans are integers, as in Python.
  bool is_integer() const { return is(Kind::integer) || is(Kind::boolean); }
  bool is_number() const { return is_integer() || is(Kind::floating); }

  // Each of these needs a value of that kind.
  const Undefined& undefined() const { return std::get<Undefined>(form_); }
  bool boolean() const { return std::get<bool>(form_); }
  Integer integer() const { return is(Kind::boolean) ? Integer{boolean()} : get<Integer>(); }
  double floating() const {
    return is(Kind::floating) ? get<double>() : static_cast<double>(integer());
  }
  const std::string& string() const { return *get<const std::string*>(); }
  /// Of a list or a tuple.
  const List& items() const { return is(Kind::tuple) ? *get<Tuple>().items : *get<const List*>(); }
  const Dict& dict() const { return *get<const Dict*>(); }
  Dict& attributes() const { return *get<Namespace>().attributes; }
  Loop& loop() const { return *get<Loop*>(); }
  const Callable& callable() const { return *get<const Callable*>(); }

 private:
  template <typename T>
  T get() const {
    return std::get<T>(form_);
  }
  // In the order of Kind.
  std::variant<Undefined, None, bool, Integer, double, const std::string*, const List*, Tuple,
               const Dict*, Namespace, Loop*, const Callable*>
      form_;
};

/// Entries in the order in which they were added.
struct Dict {
  std::vector<std::pair<Value, Value>> entries;
};

/// The state behind a for statement's `loop` variable.
struct Loop {
  const List* items = nullptr;
  std::size_t index = 0;
  std::size_t depth = 0;  // of nested loops, from 0
  Value last_changed;     // what loop.changed() saw last: a tuple, or undefined
};

struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string_view, Value>> named;
};

struct Callable {
  std::string_view name;
  std::function<Value(const Arguments&)> call;
};

/// The kind as Python's errors name it: "str", "NoneType", "list".
std::string_view type_name(const Value& value);

}  // namespace r1::jinja
