#include "formats/jinja/builtins.h"

#include <algorithm>

#include "formats/jinja/operators.h"

namespace r1::jinja {
namespace {

const Builtin* find_in(std::span<const Builtin> table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Builtin& builtin) { return builtin.name == name; });
  return found == table.end() ? nullptr : &*found;
}

Value refuse_change(Interpreter&, const Value& self, const Arguments&) {
  throw Fault("a template may not change a " + std::string(type_name(self)));
}

Value get(Interpreter& interpreter, const Value& self, const Arguments& arguments) {
  const Value* found = find_entry(interpreter.heap(), self.dict(), arguments.positional[0]);
  if (found != nullptr) return *found;
  return arguments.positional[1].is_undefined() ? Value(None{}) : arguments.positional[1];
}

Value items(Interpreter& interpreter, const Value& self, const Arguments&) {
  return interpreter.filter("items", self, {});
}

Value keys(Interpreter& interpreter, const Value& self, const Arguments&) {
  return Value(&elements(interpreter.heap(), self));
}

Value values(Interpreter& interpreter, const Value& self, const Arguments&) {
  List list;
  for (const auto& entry : self.dict().entries) list.push_back(entry.second);
  return interpreter.heap().list(std::move(list));
}

Value copy(Interpreter&, const Value& self, const Arguments&) {
  return self;
}

Value count_item(Interpreter& interpreter, const Value& self, const Arguments& arguments) {
  const auto same = [&](const Value& item) {
    return equal(interpreter.heap(), item, arguments.positional[0]);
  };
  const auto number = std::count_if(self.items().begin(), self.items().end(), same);
  return Value::of(static_cast<std::size_t>(number));
}

Value index_of_item(Interpreter& interpreter, const Value& self, const Arguments& arguments) {
  for (std::size_t i = 0; i < self.items().size(); ++i) {
    if (equal(interpreter.heap(), self.items()[i], arguments.positional[0])) return Value::of(i);
  }
  throw Fault("index(): the value is not in the list");
}

Value cycle(Interpreter&, const Value& self, const Arguments& arguments) {
  if (arguments.positional.empty()) throw Fault("loop.cycle() needs arguments");
  return arguments.positional[self.loop().index % arguments.positional.size()];
}

Value changed(Interpreter& interpreter, const Value& self, const Arguments& arguments) {
  const Value now = interpreter.heap().tuple(arguments.positional);
  const Value before = std::exchange(self.loop().last_changed, now);
  return {before.is_undefined() || !equal(interpreter.heap(), before, now)};
}

}  // namespace

Value call(Interpreter& interpreter, const Builtin& builtin, const Value& self,
           const Arguments& arguments) {
  if (builtin.variadic) return builtin.call(interpreter, self, arguments);
  const std::size_t count = builtin.parameters.size();
  if (arguments.positional.size() > count) {
    throw Fault("'" + std::string(builtin.name) + "' takes at most " + std::to_string(count) +
                " arguments");
  }
  Arguments bound{arguments.positional, {}};
  bound.positional.resize(count);
  for (const auto& [name, value] : arguments.named) {
    const auto place = std::find(builtin.parameters.begin(), builtin.parameters.end(), name);
    if (place == builtin.parameters.end()) {
      throw Fault("'" + std::string(builtin.name) + "' has no argument '" + std::string(name) +
                  "'");
    }
    bound.positional[static_cast<std::size_t>(place - builtin.parameters.begin())] = value;
  }
  return builtin.call(interpreter, self, bound);
}

const Builtin* find_filter(std::string_view name) {
  const Builtin* found = find_in(text_filters(), name);
  return found != nullptr ? found : find_in(sequence_filters(), name);
}

const Builtin* find_method(Kind kind, std::string_view name) {
  static const std::vector<Builtin> dict_methods = {
      {"get", {"key", "default"}, get},
      {"items", {}, items},
      {"keys", {}, keys},
      {"values", {}, values},
      {"copy", {}, copy},
      {"clear", {}, refuse_change, true},
      {"pop", {}, refuse_change, true},
      {"popitem", {}, refuse_change, true},
      {"setdefault", {}, refuse_change, true},
      {"update", {}, refuse_change, true},
  };
  static const std::vector<Builtin> tuple_methods = {
      {"count", {"value"}, count_item},
      {"index", {"value"}, index_of_item},
  };
  static const std::vector<Builtin> list_methods = {
      {"count", {"value"}, count_item},
      {"index", {"value"}, index_of_item},
      {"copy", {}, copy},
      {"append", {}, refuse_change, true},
      {"clear", {}, refuse_change, true},
      {"extend", {}, refuse_change, true},
      {"insert", {}, refuse_change, true},
      {"pop", {}, refuse_change, true},
      {"remove", {}, refuse_change, true},
      {"reverse", {}, refuse_change, true},
      {"sort", {}, refuse_change, true},
  };
  static const std::vector<Builtin> loop_methods = {
      {"cycle", {}, cycle, true},
      {"changed", {}, changed, true},
  };
  switch (kind) {
    case Kind::string:
      return find_in(string_methods(), name);
    case Kind::dict:
      return find_in(dict_methods, name);
    case Kind::list:
      return find_in(list_methods, name);
    case Kind::tuple:
      return find_in(tuple_methods, name);
    case Kind::loop:
      return find_in(loop_methods, name);
    default:
      return nullptr;
  }
}

std::string_view text_of(const Value& value) {
  if (!value.is_string()) {
    throw Fault("a string is expected where a value of type '" + std::string(type_name(value)) +
                "' stands");
  }
  return value.string();
}

Integer integer_or(const Value& value, Integer fallback) {
  if (value.is_undefined() || value.is_none()) return fallback;
  if (!value.is_integer()) {
    throw Fault("an integer is expected where a value of type '" + std::string(type_name(value)) +
                "' stands");
  }
  return value.integer();
}

bool flag_or(const Value& value, bool fallback) {
  return value.is_undefined() ? fallback : truthy(value);
}

}  // namespace r1::jinja
