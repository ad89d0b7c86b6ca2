// How expressions are evaluated.
#include <algorithm>

#include "formats/jinja/builtins.h"
#include "formats/jinja/interpreter.h"
#include "formats/jinja/operators.h"
#include "formats/jinja/python_text.h"
#include "formats/jinja/string_operations.h"

namespace r1::jinja {
namespace {

/// The index of an item as Python counts, or the size if there is none.
std::size_t index_of(Integer index, std::size_t size) {
  if (index < 0) index += static_cast<Integer>(size);
  return index < 0 || index >= static_cast<Integer>(size) ? size : static_cast<std::size_t>(index);
}

/// Which indices start:stop:step picks of `size` items, Python's rules.
std::vector<std::size_t> slice_indices(const Value& start, const Value& stop, const Value& step,
                                       std::size_t size) {
  const auto count = static_cast<Integer>(size);
  const auto number = [](const Value& value, Integer fallback) {
    if (value.is_none()) return fallback;
    if (!value.is_integer()) throw Fault("a slice's bounds must be integers");
    return value.integer();
  };
  const Integer by = number(step, 1);
  if (by == 0) throw Fault("a slice's step cannot be zero");
  const Integer low = by > 0 ? 0 : -1, high = by > 0 ? count : count - 1;
  const auto bound = [&](const Value& value, Integer fallback) {
    const Integer index = number(value, fallback);
    if (value.is_none()) return index;
    return std::clamp<Integer>(index < 0 ? std::max<Integer>(index, -count - 1) + count : index,
                               low, high);
  };
  std::vector<std::size_t> indices;
  const Integer from = bound(start, by > 0 ? low : high), to = bound(stop, by > 0 ? high : low);
  const Integer stride = std::clamp<Integer>(by, -count - 1, count + 1);
  for (Integer i = from; by > 0 ? i < to : i > to; i += stride) {
    indices.push_back(static_cast<std::size_t>(i));
  }
  return indices;
}

}  // namespace

Value Interpreter::evaluate(const Expression& expression) {
  const int line = line_;
  line_ = expression.line;
  go_deeper();
  Value value =
      std::visit([this](const auto& form) { return this->evaluate(form); }, expression.form);
  --depth_;
  line_ = line;
  return value;
}

Value Interpreter::evaluate(const Name& name) {
  const Value* value = lookup(*name.name);
  return value != nullptr ? *value : Value(Undefined{name.name});
}

Value Interpreter::evaluate(const Sequence& sequence) {
  List items;
  for (ExpressionPointer item : sequence.items) items.push_back(evaluate(item));
  return sequence.is_tuple ? heap_.tuple(std::move(items)) : heap_.list(std::move(items));
}

Value Interpreter::evaluate(const DictDisplay& display) {
  Dict dict;
  for (const auto& [key, value] : display.entries) {
    const Value name = evaluate(key);
    set_entry(heap_, dict, name, evaluate(value));
  }
  return heap_.dict(std::move(dict));
}

Value Interpreter::evaluate(const Attribute& attribute) {
  return this->attribute(evaluate(attribute.object), *attribute.name);
}

Value Interpreter::evaluate(const Subscript& subscript) {
  const Value object = evaluate(subscript.object);
  return item(object, evaluate(subscript.key));
}

Value Interpreter::evaluate(const Slice& slice) {
  const Value object = evaluate(slice.object);
  const auto bound = [&](ExpressionPointer part) {
    return part == nullptr ? Value(None{}) : evaluate(part);
  };
  const Value start = bound(slice.start), stop = bound(slice.stop), step = bound(slice.step);
  if (object.is_string()) {
    heap_.spend_elements(object.string().size());
    const std::vector<std::string_view> all = characters(object.string());
    TextBuilder text(heap_);
    for (const std::size_t i : slice_indices(start, stop, step, all.size())) text << all[i];
    return heap_.string(text.take());
  }
  if (!object.is_sequence()) {
    throw Fault("a value of type '" + std::string(type_name(object)) + "' cannot be sliced");
  }
  heap_.spend_elements(object.items().size());
  List items;
  for (const std::size_t i : slice_indices(start, stop, step, object.items().size())) {
    items.push_back(object.items()[i]);
  }
  return object.is(Kind::tuple) ? heap_.tuple(std::move(items)) : heap_.list(std::move(items));
}

Arguments Interpreter::evaluate(const ArgumentList& list) {
  Arguments arguments;
  for (ExpressionPointer value : list.positional) arguments.positional.push_back(evaluate(value));
  for (const auto& [name, value] : list.named) arguments.named.emplace_back(name, evaluate(value));
  return arguments;
}

Value Interpreter::evaluate(const Call& call) {
  const Value callee = evaluate(call.callee);
  return this->call(callee, evaluate(call.arguments));
}

Value Interpreter::call(const Value& callee, const Arguments& arguments) {
  if (callee.is_undefined()) {
    const std::string* name = callee.undefined().name;
    throw Fault("'" + (name == nullptr ? "?" : *name) + "' is undefined and cannot be called");
  }
  if (!callee.is(Kind::callable)) {
    throw Fault("a value of type '" + std::string(type_name(callee)) + "' cannot be called");
  }
  return callee.callable().call(arguments);
}

Value Interpreter::evaluate(const FilterUse& use) {
  const Value input = evaluate(use.input);
  return filter(use.name, input, evaluate(use.arguments));
}

Value Interpreter::filter(std::string_view name, const Value& input, const Arguments& arguments) {
  const Builtin* builtin = find_filter(name);
  if (builtin == nullptr) throw Fault("the filter '" + std::string(name) + "' is not known");
  return jinja::call(*this, *builtin, input, arguments);
}

Value Interpreter::evaluate(const TestUse& use) {
  const Value input = evaluate(use.input);
  return {test(use.name, input, evaluate(use.arguments)) != use.negated};
}

bool Interpreter::test(std::string_view name, const Value& input, const Arguments& arguments) {
  const Builtin* builtin = find_test(name);
  if (builtin == nullptr) throw Fault("the test '" + std::string(name) + "' is not known");
  return truthy(jinja::call(*this, *builtin, input, arguments));
}

Value Interpreter::evaluate(const Unary& unary) {
  const Value operand = evaluate(unary.operand);
  if (unary.symbol == '!') return {!truthy(operand)};
  if (unary.symbol == '+') return arithmetic(heap_, "+", Integer{0}, operand);
  // Not 0 - x: Python's -0.0 keeps its sign.
  if (operand.is(Kind::floating)) return {-operand.floating()};
  return arithmetic(heap_, "-", Integer{0}, operand);
}

Value Interpreter::evaluate(const Binary& binary) {
  const Value left = evaluate(binary.left);
  if (binary.symbol == "and") return truthy(left) ? evaluate(binary.right) : left;
  if (binary.symbol == "or") return truthy(left) ? left : evaluate(binary.right);
  const Value right = evaluate(binary.right);
  if (binary.symbol == "%" && left.is_string()) {
    return formatted(heap_, left.string(), right.is(Kind::tuple) ? right.items() : List{right});
  }
  return arithmetic(heap_, binary.symbol, left, right);
}

bool Interpreter::compare(std::string_view symbol, const Value& left, const Value& right) {
  if (symbol == "==") return equal(heap_, left, right);
  if (symbol == "!=") return !equal(heap_, left, right);
  if (symbol == "<") return less(heap_, left, right);
  if (symbol == ">") return less(heap_, right, left);
  if (symbol == "<=") return less(heap_, left, right) || equal(heap_, left, right);
  if (symbol == ">=") return less(heap_, right, left) || equal(heap_, left, right);
  return contains(heap_, right, left) == (symbol == "in");
}

Value Interpreter::evaluate(const Comparison& comparison) {
  Value left = evaluate(comparison.first);
  for (const auto& [symbol, operand] : comparison.rest) {
    const Value right = evaluate(operand);
    if (!compare(symbol, left, right)) return {false};
    left = right;
  }
  return {true};
}

Value Interpreter::evaluate(const Concatenation& concatenation) {
  TextBuilder text(heap_);
  for (ExpressionPointer part : concatenation.parts) text << to_text(heap_, evaluate(part));
  return heap_.string(text.take());
}

Value Interpreter::evaluate(const Conditional& conditional) {
  if (truthy(evaluate(conditional.condition))) return evaluate(conditional.then);
  return conditional.otherwise == nullptr ? Value() : evaluate(conditional.otherwise);
}

Value Interpreter::attribute(const Value& object, const std::string& name) {
  if (const Builtin* method = find_method(object.kind(), name); method != nullptr) {
    return heap_.callable(method->name, [this, method, object](const Arguments& arguments) {
      return jinja::call(*this, *method, object, arguments);
    });
  }
  switch (object.kind()) {
    case Kind::undefined: {
      const std::string* of = object.undefined().name;
      throw Fault("'" + (of == nullptr ? "?" : *of) + "' is undefined and has no '" + name + "'");
    }
    case Kind::loop:
      return loop_attribute(object.loop(), name);
    case Kind::dict:
    case Kind::name_space: {
      const Dict& dict = object.is(Kind::dict) ? object.dict() : object.attributes();
      if (const Value* value = find_entry(heap_, dict, name); value != nullptr) return *value;
      break;
    }
    default:
      break;
  }
  return Undefined{&heap_.string(name).string()};
}

Value Interpreter::item(const Value& object, const Value& key) {
  if (object.is(Kind::dict)) {
    if (const Value* value = find_entry(heap_, object.dict(), key); value != nullptr) return *value;
  }
  if (key.is_integer() && object.is_sequence()) {
    const std::size_t index = index_of(key.integer(), object.items().size());
    if (index < object.items().size()) return object.items()[index];
  }
  if (key.is_integer() && object.is_string()) {
    heap_.spend(object.string().size());
    const std::string_view text = object.string();
    const std::size_t count = character_count(text);
    std::size_t index = index_of(key.integer(), count), position = 0;
    if (index < count) {
      for (; index > 0; --index) position += character_size(text, position);
      return heap_.string(text.substr(position, character_size(text, position)));
    }
  }
  if (key.is_string() || object.is_undefined()) {
    return attribute(object, to_text(heap_, key));
  }
  return Undefined{&heap_.string(to_text(heap_, key)).string()};
}

Value Interpreter::loop_attribute(Loop& loop, std::string_view name) {
  const std::size_t size = loop.items->size();
  if (name == "index") return Value::of(loop.index + 1);
  if (name == "index0") return Value::of(loop.index);
  if (name == "revindex") return Value::of(size - loop.index);
  if (name == "revindex0") return Value::of(size - loop.index - 1);
  if (name == "first") return {loop.index == 0};
  if (name == "last") return {loop.index + 1 == size};
  if (name == "length") return Value::of(size);
  if (name == "depth") return Value::of(loop.depth + 1);
  if (name == "depth0") return Value::of(loop.depth);
  if (name == "previtem" && loop.index > 0) return (*loop.items)[loop.index - 1];
  if (name == "nextitem" && loop.index + 1 < size) return (*loop.items)[loop.index + 1];
  return Undefined{&heap_.string(name).string()};
}

}  // namespace r1::jinja
