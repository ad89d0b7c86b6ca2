#include "formats/jinja/heap.h"

namespace r1::jinja {

void Heap::exhausted() {
  throw Fault("takes more work than a template may (an endless loop or a huge text?)");
}

Value Heap::string(std::string text) {
  spend(text.size() + sizeof(std::string));
  return Value(&strings_.emplace_back(std::move(text)));
}

Value Heap::list(List items) {
  spend_elements(items.size() + 1);
  return Value(&lists_.emplace_back(std::move(items)));
}

Value Heap::tuple(List items) {
  spend_elements(items.size() + 1);
  return Value(Tuple{&lists_.emplace_back(std::move(items))});
}

Value Heap::dict(Dict entries) {
  spend_elements(2 * entries.entries.size() + 1);
  return Value(static_cast<const Dict*>(&dicts_.emplace_back(std::move(entries))));
}

Value Heap::name_space(Dict attributes) {
  spend_elements(2 * attributes.entries.size() + 1);
  return Value(Namespace{&dicts_.emplace_back(std::move(attributes))});
}

Value Heap::loop(const List& items, std::size_t depth) {
  spend(sizeof(Loop));
  return Value(&loops_.emplace_back(Loop{&items, 0, depth, {}}));
}

Value Heap::callable(std::string_view name, std::function<Value(const Arguments&)> call) {
  spend(2 * sizeof(Callable));
  return Value(
      static_cast<const Callable*>(&callables_.emplace_back(Callable{name, std::move(call)})));
}

std::string_view type_name(const Value& value) {
  switch (value.kind()) {
    case Kind::undefined:
      return "Undefined";
    case Kind::none:
      return "NoneType";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return "int";
    case Kind::floating:
      return "float";
    case Kind::string:
      return "str";
    case Kind::list:
      return "list";
    case Kind::tuple:
      return "tuple";
    case Kind::dict:
      return "dict";
    case Kind::name_space:
      return "Namespace";
    case Kind::loop:
      return "LoopContext";
    case Kind::callable:
      return "function";
  }
  return "object";
}

}  // namespace r1::jinja
