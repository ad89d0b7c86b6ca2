#include "formats/jinja/operators.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "formats/jinja/python_text.h"

namespace r1::jinja {
namespace {

[[noreturn]] void undefined_used(const Value& value) {
  const std::string* name = value.undefined().name;
  throw Fault(name == nullptr ? "an undefined value is used" : "'" + *name + "' is undefined");
}

[[noreturn]] void unsupported(std::string_view symbol, const Value& left, const Value& right) {
  if (left.is_undefined()) undefined_used(left);
  if (right.is_undefined()) undefined_used(right);
  throw Fault("cannot compute '" + std::string(type_name(left)) + " " + std::string(symbol) + " " +
              std::string(type_name(right)) + "'");
}

void check_depth(int depth) {
  if (depth > nesting_limit) throw Fault("a value is nested too deep");
}

Value integer_arithmetic(std::string_view symbol, Integer a, Integer b) {
  Integer result = 0;
  bool overflow = false;
  if (symbol == "+") {
    overflow = __builtin_add_overflow(a, b, &result);
  } else if (symbol == "-") {
    overflow = __builtin_sub_overflow(a, b, &result);
  } else if (symbol == "*") {
    overflow = __builtin_mul_overflow(a, b, &result);
  } else if (symbol == "**") {
    if (b < 0) return {std::pow(static_cast<double>(a), static_cast<double>(b))};
    result = 1;
    for (Integer i = 0; i < b && a != 1 && result != 0 && !overflow; ++i) {
      if (a == -1) {
        result = b % 2 == 0 ? 1 : -1;
        break;
      }
      overflow = __builtin_mul_overflow(result, a, &result);
    }
  } else {
    if (b == 0) throw Fault("division by zero");
    if (symbol == "/") return {static_cast<double>(a) / static_cast<double>(b)};
    if (b == -1) {  // the one quotient that may overflow
      overflow = symbol == "//" && __builtin_sub_overflow(Integer{0}, a, &result);
    } else {
      const Integer quotient = a / b, rest = a % b;
      const bool down = rest != 0 && (rest < 0) != (b < 0);
      result = symbol == "//" ? quotient - (down ? 1 : 0) : rest + (down ? b : 0);
    }
  }
  if (overflow) throw Fault("a number is too large");
  return {result};
}

Value float_arithmetic(std::string_view symbol, double a, double b) {
  if (symbol == "+") return {a + b};
  if (symbol == "-") return {a - b};
  if (symbol == "*") return {a * b};
  if (symbol == "**") return {std::pow(a, b)};
  if (b == 0) throw Fault("division by zero");
  if (symbol == "/") return {a / b};
  if (symbol == "//") return {std::floor(a / b)};
  const double rest = std::fmod(a, b);
  return {rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest};
}

Value repeat(Heap& heap, const Value& value, Integer count) {
  count = std::clamp<Integer>(count, 0, Heap::work_limit);
  const auto times = static_cast<std::size_t>(count);
  if (value.is_string()) {
    heap.spend(times);
    TextBuilder text(heap);
    for (std::size_t i = 0; i < times && !value.string().empty(); ++i) text << value.string();
    return heap.string(text.take());
  }
  List items;
  for (std::size_t i = 0; i < times && !value.items().empty(); ++i) {
    heap.spend_elements(value.items().size());
    items.insert(items.end(), value.items().begin(), value.items().end());
  }
  return value.is(Kind::tuple) ? heap.tuple(std::move(items)) : heap.list(std::move(items));
}

Value concatenate(Heap& heap, const Value& left, const Value& right) {
  if (left.is_string()) {
    TextBuilder text(heap);
    text << left.string() << right.string();
    return heap.string(text.take());
  }
  heap.spend_elements(left.items().size() + right.items().size());
  List items = left.items();
  items.insert(items.end(), right.items().begin(), right.items().end());
  return left.is(Kind::tuple) ? heap.tuple(std::move(items)) : heap.list(std::move(items));
}

}  // namespace

bool truthy(const Value& value) {
  switch (value.kind()) {
    case Kind::undefined:
    case Kind::none:
      return false;
    case Kind::boolean:
    case Kind::integer:
      return value.integer() != 0;
    case Kind::floating:
      return value.floating() != 0;
    case Kind::string:
      return !value.string().empty();
    case Kind::list:
    case Kind::tuple:
      return !value.items().empty();
    case Kind::dict:
      return !value.dict().entries.empty();
    case Kind::loop:
      return !value.loop().items->empty();
    case Kind::name_space:
    case Kind::callable:
      return true;
  }
  return true;
}

bool equal(Heap& heap, const Value& left, const Value& right, int depth) {
  check_depth(depth);
  heap.spend_step();
  if (left.is_integer() && right.is_integer()) return left.integer() == right.integer();
  if (left.is_number() && right.is_number()) return left.floating() == right.floating();
  if (left.kind() != right.kind()) return false;
  switch (left.kind()) {
    case Kind::string:
      heap.spend(std::min(left.string().size(), right.string().size()));
      return left.string() == right.string();
    case Kind::list:
    case Kind::tuple:
      return std::equal(
          left.items().begin(), left.items().end(), right.items().begin(), right.items().end(),
          [&](const Value& a, const Value& b) { return equal(heap, a, b, depth + 1); });
    case Kind::dict: {
      const auto& entries = left.dict().entries;
      if (entries.size() != right.dict().entries.size()) return false;
      return std::all_of(entries.begin(), entries.end(), [&](const auto& entry) {
        const Value* other = find_entry(heap, right.dict(), entry.first);
        return other != nullptr && equal(heap, entry.second, *other, depth + 1);
      });
    }
    case Kind::name_space:
      return &left.attributes() == &right.attributes();
    case Kind::loop:
      return &left.loop() == &right.loop();
    case Kind::callable:
      return &left.callable() == &right.callable();
    default:
      return true;  // none and undefined are equal to themselves
  }
}

bool less(Heap& heap, const Value& left, const Value& right, int depth) {
  check_depth(depth);
  heap.spend_step();
  if (left.is_integer() && right.is_integer()) return left.integer() < right.integer();
  if (left.is_number() && right.is_number()) return left.floating() < right.floating();
  if (left.is_string() && right.is_string()) {
    heap.spend(std::min(left.string().size(), right.string().size()));
    return left.string() < right.string();  // the order of UTF-8 bytes is that of code points
  }
  if (!left.is_sequence() || left.kind() != right.kind()) unsupported("<", left, right);
  const List &a = left.items(), &b = right.items();
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (!equal(heap, a[i], b[i], depth + 1)) return less(heap, a[i], b[i], depth + 1);
  }
  return a.size() < b.size();
}

bool contains(Heap& heap, const Value& container, const Value& value) {
  switch (container.kind()) {
    case Kind::undefined:
      return false;
    case Kind::string:
      if (!value.is_string()) unsupported("in", value, container);
      heap.spend(container.string().size() + value.string().size());
      return find_text(container.string(), value.string()) != std::string_view::npos;
    case Kind::list:
    case Kind::tuple:
      return std::any_of(container.items().begin(), container.items().end(),
                         [&](const Value& item) { return equal(heap, item, value); });
    case Kind::dict:
      return find_entry(heap, container.dict(), value) != nullptr;
    default:
      unsupported("in", value, container);
  }
}

Value arithmetic(Heap& heap, std::string_view symbol, const Value& left, const Value& right) {
  if (left.is_integer() && right.is_integer()) {
    return integer_arithmetic(symbol, left.integer(), right.integer());
  }
  if (left.is_number() && right.is_number()) {
    return float_arithmetic(symbol, left.floating(), right.floating());
  }
  const auto repeatable = [](const Value& value) {
    return value.is_string() || value.is_sequence();
  };
  if (symbol == "+" && left.kind() == right.kind() && repeatable(left)) {
    return concatenate(heap, left, right);
  }
  if (symbol == "*" && repeatable(left) && right.is_integer()) {
    return repeat(heap, left, right.integer());
  }
  if (symbol == "*" && left.is_integer() && repeatable(right)) {
    return repeat(heap, right, left.integer());
  }
  unsupported(symbol, left, right);
}

std::size_t length(Heap& heap, const Value& value) {
  switch (value.kind()) {
    case Kind::undefined:
      return 0;
    case Kind::string:
      heap.spend(value.string().size());
      return character_count(value.string());
    case Kind::list:
    case Kind::tuple:
      return value.items().size();
    case Kind::dict:
      return value.dict().entries.size();
    case Kind::loop:
      return value.loop().items->size();
    default:
      throw Fault("a value of type '" + std::string(type_name(value)) + "' has no length");
  }
}

const List& elements(Heap& heap, const Value& value) {
  switch (value.kind()) {
    case Kind::list:
    case Kind::tuple:
      heap.spend_elements(value.items().size());
      return value.items();
    case Kind::undefined:
      return heap.list({}).items();
    case Kind::dict: {
      List keys;
      for (const auto& entry : value.dict().entries) keys.push_back(entry.first);
      return heap.list(std::move(keys)).items();
    }
    case Kind::string: {
      List items;
      for (const std::string_view character : characters(value.string())) {
        items.push_back(heap.string(character));
      }
      return heap.list(std::move(items)).items();
    }
    default:
      throw Fault("a value of type '" + std::string(type_name(value)) + "' cannot be iterated");
  }
}

const Value* find_entry(Heap& heap, const Dict& dict, const Value& key) {
  for (const auto& [name, value] : dict.entries) {
    if (equal(heap, name, key)) return &value;
  }
  return nullptr;
}

const Value* find_entry(Heap& heap, const Dict& dict, std::string_view key) {
  heap.spend(dict.entries.size());
  for (const auto& [name, value] : dict.entries) {
    if (name.is_string() && name.string() == key) return &value;
  }
  return nullptr;
}

void set_entry(Heap& heap, Dict& dict, const Value& key, const Value& value) {
  if (key.is(Kind::list) || key.is(Kind::dict)) {
    throw Fault("a " + std::string(type_name(key)) + " cannot be a key");
  }
  heap.spend_elements(1);
  for (auto& [name, current] : dict.entries) {
    if (equal(heap, name, key)) {
      current = value;
      return;
    }
  }
  dict.entries.emplace_back(key, value);
}

Value from_json(Heap& heap, const nlohmann::ordered_json& json, int depth) {
  using Type = nlohmann::ordered_json::value_t;
  check_depth(depth);
  heap.spend_step();
  switch (json.type()) {
    case Type::boolean:
      return {json.get<bool>()};
    case Type::number_integer:
      return {Integer{json.get<std::int64_t>()}};
    case Type::number_unsigned:
      return {Integer{json.get<std::uint64_t>()}};
    case Type::number_float:
      return {json.get<double>()};
    case Type::string:
      return heap.string(json.get_ref<const std::string&>());
    case Type::array: {
      List items;
      for (const auto& item : json) items.push_back(from_json(heap, item, depth + 1));
      return heap.list(std::move(items));
    }
    case Type::object: {
      Dict dict;
      for (const auto& [key, item] : json.items()) {
        dict.entries.emplace_back(heap.string(key), from_json(heap, item, depth + 1));
      }
      return heap.dict(std::move(dict));
    }
    default:
      return None{};
  }
}

}  // namespace r1::jinja
