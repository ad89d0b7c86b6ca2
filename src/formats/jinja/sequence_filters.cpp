// Filters on lists and dicts: {{ x | map(attribute='role') }} and so on.
#include <algorithm>

#include "formats/jinja/builtins.h"
#include "formats/jinja/operators.h"
#include "formats/jinja/python_text.h"
#include "formats/jinja/string_operations.h"

namespace r1::jinja {
namespace {

/// What attribute="a.b" or attribute=0 names in an item, with `fallback` (if defined) for each part
/// that is missing; the item itself without an attribute.
Value member(Interpreter& run, const Value& item, const Value& path, const Value& fallback = {}) {
  if (path.is_undefined() || path.is_none()) return item;
  const auto part_of = [&](const Value& object, const Value& key) {
    const Value value = run.item(object, key);
    return value.is_undefined() && !fallback.is_undefined() ? fallback : value;
  };
  if (path.is_integer()) return part_of(item, path);
  Value value = item;
  std::string_view rest = text_of(path);
  for (bool more = true; more;) {
    const std::size_t dot = rest.find('.');
    const std::string part(rest.substr(0, dot));
    const bool is_index = !part.empty() && part.size() < 10 &&
                          part.find_first_not_of("0123456789") == std::string::npos;
    value = part_of(value, is_index ? Value(Integer{std::stol(part)}) : run.heap().string(part));
    more = dot != std::string_view::npos;
    if (more) rest.remove_prefix(dot + 1);
  }
  return value;
}

/// What map, select and reject walk through: nothing of a false value, None among them.
const List& elements_if_any(Heap& heap, const Value& value) {
  return elements(heap, truthy(value) ? value : Value());
}

/// A named argument, undefined if it was not given.
Value named(const Arguments& arguments, std::string_view name) {
  for (const auto& [known, value] : arguments.named) {
    if (known == name) return value;
  }
  return {};
}

/// The name first, and the rest as arguments.
std::pair<std::string_view, Arguments> name_and_rest(const Arguments& arguments,
                                                     std::size_t name_at) {
  Arguments rest{{}, arguments.named};
  for (std::size_t i = name_at + 1; i < arguments.positional.size(); ++i) {
    rest.positional.push_back(arguments.positional[i]);
  }
  return {text_of(arguments.positional[name_at]), std::move(rest)};
}

Value map(Interpreter& run, const Value& self, const Arguments& arguments) {
  List result;
  const Value attribute = named(arguments, "attribute");
  const Value fallback = named(arguments, "default");
  if (attribute.is_undefined() && arguments.positional.empty()) throw Fault("'map' needs a filter");
  for (const Value& item : elements_if_any(run.heap(), self)) {
    if (!attribute.is_undefined()) {
      result.push_back(member(run, item, attribute, fallback));
    } else {
      const auto [name, rest] = name_and_rest(arguments, 0);
      result.push_back(run.filter(name, item, rest));
    }
  }
  return run.heap().list(std::move(result));
}

/// select and reject, and the same by an attribute, which is then the first argument.
Value chosen(Interpreter& run, const Value& self, const Arguments& arguments, bool keep,
             bool by_attribute) {
  const std::size_t test_at = by_attribute ? 1 : 0;
  if (arguments.positional.size() < test_at) throw Fault("'selectattr' needs an attribute");
  List result;
  for (const Value& item : elements_if_any(run.heap(), self)) {
    const Value value = by_attribute ? member(run, item, arguments.positional[0]) : item;
    bool passes = false;
    if (arguments.positional.size() == test_at) {
      passes = truthy(value);
    } else {
      const auto [name, rest] = name_and_rest(arguments, test_at);
      passes = run.test(name, value, rest);
    }
    if (passes == keep) result.push_back(item);
  }
  return run.heap().list(std::move(result));
}
Value select(Interpreter& run, const Value& self, const Arguments& arguments) {
  return chosen(run, self, arguments, true, false);
}
Value reject(Interpreter& run, const Value& self, const Arguments& arguments) {
  return chosen(run, self, arguments, false, false);
}
Value selectattr(Interpreter& run, const Value& self, const Arguments& arguments) {
  return chosen(run, self, arguments, true, true);
}
Value rejectattr(Interpreter& run, const Value& self, const Arguments& arguments) {
  return chosen(run, self, arguments, false, true);
}

Value join(Interpreter& run, const Value& self, const Arguments& arguments) {
  List items;
  for (const Value& item : elements(run.heap(), self)) {
    items.push_back(member(run, item, arguments.positional[1]));
  }
  return joined(run.heap(), to_text(run.heap(), arguments.positional[0]), items);
}

Value items(Interpreter& run, const Value& self, const Arguments&) {
  List result;
  if (!self.is_undefined() && !self.is(Kind::dict)) throw Fault("'items' needs a dict");
  if (self.is(Kind::dict)) {
    for (const auto& [key, value] : self.dict().entries) {
      result.push_back(run.heap().tuple({key, value}));
    }
  }
  return run.heap().list(std::move(result));
}

Value list(Interpreter& run, const Value& self, const Arguments&) {
  return run.heap().list(elements(run.heap(), self));
}

Value length_filter(Interpreter& run, const Value& self, const Arguments&) {
  return Value::of(length(run.heap(), self));
}

Value first(Interpreter& run, const Value& self, const Arguments&) {
  const List& all = elements(run.heap(), self);
  return all.empty() ? Value() : all.front();
}
Value last(Interpreter& run, const Value& self, const Arguments&) {
  const List& all = elements(run.heap(), self);
  return all.empty() ? Value() : all.back();
}

Value reverse(Interpreter& run, const Value& self, const Arguments&) {
  List all = elements(run.heap(), self);
  std::reverse(all.begin(), all.end());
  return self.is_string() ? joined(run.heap(), "", all) : run.heap().list(std::move(all));
}

/// Strings are compared in lower case unless asked otherwise.
Value sort_key(Interpreter& run, const Value& value, bool case_sensitive) {
  if (case_sensitive || !value.is_string()) return value;
  return run.heap().string(to_lower(value.string()));
}

/// The items, each with its key, in the order of the keys.
std::vector<std::pair<Value, Value>> sorted(Interpreter& run,
                                            std::vector<std::pair<Value, Value>> keyed,
                                            bool reversed) {
  std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    return reversed ? less(run.heap(), b.first, a.first) : less(run.heap(), a.first, b.first);
  });
  return keyed;
}

Value sort(Interpreter& run, const Value& self, const Arguments& arguments) {
  const auto& given = arguments.positional;
  std::vector<std::pair<Value, Value>> keyed;
  for (const Value& item : elements(run.heap(), self)) {
    keyed.emplace_back(sort_key(run, member(run, item, given[2]), flag_or(given[1], false)), item);
  }
  List result;
  for (const auto& entry : sorted(run, std::move(keyed), flag_or(given[0], false))) {
    result.push_back(entry.second);
  }
  return run.heap().list(std::move(result));
}

Value dictsort(Interpreter& run, const Value& self, const Arguments& arguments) {
  const auto& given = arguments.positional;
  if (!self.is(Kind::dict)) throw Fault("'dictsort' needs a dict");
  const bool by_value = !given[1].is_undefined() && text_of(given[1]) == "value";
  std::vector<std::pair<Value, Value>> keyed;
  for (const auto& [key, value] : self.dict().entries) {
    keyed.emplace_back(sort_key(run, by_value ? value : key, flag_or(given[0], false)),
                       run.heap().tuple({key, value}));
  }
  List result;
  for (const auto& entry : sorted(run, std::move(keyed), flag_or(given[2], false))) {
    result.push_back(entry.second);
  }
  return run.heap().list(std::move(result));
}

Value unique(Interpreter& run, const Value& self, const Arguments& arguments) {
  List keys, result;
  for (const Value& item : elements(run.heap(), self)) {
    const Value key = sort_key(run, member(run, item, arguments.positional[1]),
                               flag_or(arguments.positional[0], false));
    if (std::any_of(keys.begin(), keys.end(),
                    [&](const Value& seen) { return equal(run.heap(), seen, key); })) {
      continue;
    }
    keys.push_back(key);
    result.push_back(item);
  }
  return run.heap().list(std::move(result));
}

/// The least item, or with `largest` the greatest.
Value extreme(Interpreter& run, const Value& self, const Arguments& arguments, bool largest) {
  Value best, best_key;
  bool found = false;
  for (const Value& item : elements(run.heap(), self)) {
    const Value key = sort_key(run, member(run, item, arguments.positional[1]),
                               flag_or(arguments.positional[0], false));
    if (!found || (largest ? less(run.heap(), best_key, key) : less(run.heap(), key, best_key))) {
      best = item;
      best_key = key;
      found = true;
    }
  }
  return best;
}
Value min(Interpreter& run, const Value& self, const Arguments& arguments) {
  return extreme(run, self, arguments, false);
}
Value max(Interpreter& run, const Value& self, const Arguments& arguments) {
  return extreme(run, self, arguments, true);
}

Value sum(Interpreter& run, const Value& self, const Arguments& arguments) {
  Value total =
      arguments.positional[1].is_undefined() ? Value(Integer{0}) : arguments.positional[1];
  for (const Value& item : elements(run.heap(), self)) {
    total = arithmetic(run.heap(), "+", total, member(run, item, arguments.positional[0]));
  }
  return total;
}

/// Unlike x.name, this finds no entries of a dict.
Value attr(Interpreter& run, const Value& self, const Arguments& arguments) {
  const std::string name(text_of(arguments.positional[0]));
  if (self.is(Kind::dict) && find_method(Kind::dict, name) == nullptr) return {};
  return run.attribute(self, name);
}

}  // namespace

std::span<const Builtin> sequence_filters() {
  static const std::vector<Builtin> table = {
      {"attr", {"name"}, attr},
      {"count", {}, length_filter},
      {"dictsort", {"case_sensitive", "by", "reverse"}, dictsort},
      {"first", {}, first},
      {"items", {}, items},
      {"join", {"d", "attribute"}, join},
      {"last", {}, last},
      {"length", {}, length_filter},
      {"list", {}, list},
      {"map", {}, map, true},
      {"max", {"case_sensitive", "attribute"}, max},
      {"min", {"case_sensitive", "attribute"}, min},
      {"reject", {}, reject, true},
      {"rejectattr", {}, rejectattr, true},
      {"reverse", {}, reverse},
      {"select", {}, select, true},
      {"selectattr", {}, selectattr, true},
      {"sort", {"reverse", "case_sensitive", "attribute"}, sort},
      {"sum", {"attribute", "start"}, sum},
      {"unique", {"case_sensitive", "attribute"}, unique},
  };
  return table;
}

}  // namespace r1::jinja
