// Statements and variables; expressions are in expressions.cpp.
#include "formats/jinja/interpreter.h"

#include <algorithm>

#include "base/error.h"
#include "formats/jinja/builtins.h"
#include "formats/jinja/operators.h"

namespace r1::jinja {
namespace {

/// Nested statements, expressions and macro calls together: less than 768 KiB of stack.
constexpr int depth_limit = 600;

}  // namespace

Interpreter::Interpreter(const Program& program, std::size_t work)
    : program_(program), heap_(work) {
  scope_ = enter_scope(nullptr);
  for (const Builtin& function : functions()) {
    const auto call = [this, &function](const Arguments& arguments) {
      return jinja::call(*this, function, None{}, arguments);
    };
    define(*scope_, function.name, heap_.callable(function.name, call));
  }
}

std::string Interpreter::render(const nlohmann::ordered_json& variables) try {
  scope_ = enter_scope(scope_);
  for (const auto& [name, value] : variables.items()) {
    define(*scope_, heap_.string(name).string(), from_json(heap_, value));
  }
  return captured(program_.body);
} catch (const Fault& fault) {
  throw Error("chat template, line " + std::to_string(line_), fault.what());
}

void Interpreter::go_deeper() {
  heap_.spend_step();
  if (++depth_ > depth_limit) throw Fault("recursion is too deep");
}

Interpreter::Scope* Interpreter::enter_scope(Scope* parent) {
  heap_.spend(sizeof(Scope));
  return &scopes_.emplace_back(Scope{parent, {}});
}

void Interpreter::define(Scope& scope, std::string_view name, const Value& value) {
  for (auto& [known, current] : scope.variables) {
    if (known == name) {
      current = value;
      return;
    }
  }
  scope.variables.emplace_back(name, value);
}

const Value* Interpreter::lookup(std::string_view name) const {
  for (const Scope* scope = scope_; scope != nullptr; scope = scope->parent) {
    for (const auto& [known, value] : scope->variables) {
      if (known == name) return &value;
    }
  }
  return nullptr;
}

void Interpreter::assign(const Target& target, const Value& value) {
  if (!target.parts.empty()) {
    const List& items = elements(heap_, value);
    if (items.size() != target.parts.size()) {
      throw Fault("cannot unpack " + std::to_string(items.size()) + " values into " +
                  std::to_string(target.parts.size()) + " names");
    }
    for (std::size_t i = 0; i < items.size(); ++i) assign(target.parts[i], items[i]);
  } else if (target.attribute.empty()) {
    define(*scope_, target.name, value);
  } else {
    const Value* object = lookup(target.name);
    if (object == nullptr || !object->is(Kind::name_space)) {
      throw Fault("cannot set an attribute of '" + target.name + "', which is no namespace");
    }
    set_entry(heap_, object->attributes(), Value(&target.attribute), value);
  }
}

Interpreter::Flow Interpreter::run(const Body& body) {
  const int line = line_;
  go_deeper();
  Flow flow = Flow::on;
  for (std::size_t i = 0; i < body.size() && flow == Flow::on; ++i) {
    line_ = body[i]->line;
    heap_.spend_step();
    flow = std::visit([this](const auto& form) { return this->run(form); }, body[i]->form);
  }
  --depth_;
  line_ = line;
  return flow;
}

Interpreter::Flow Interpreter::run(const Text& text) {
  *output_ << text.text;
  return Flow::on;
}

Interpreter::Flow Interpreter::run(const Output& output) {
  *output_ << to_text(heap_, evaluate(output.value));
  return Flow::on;
}

Interpreter::Flow Interpreter::run(const If& statement) {
  for (const auto& [condition, body] : statement.branches) {
    if (truthy(evaluate(condition))) return run(body);
  }
  return run(statement.otherwise);
}

const List& Interpreter::filtered(const For& statement, const List& items) {
  if (statement.condition == nullptr) return items;
  List kept;
  for (const Value& item : items) {
    assign(statement.target, item);
    if (truthy(evaluate(statement.condition))) kept.push_back(item);
  }
  return heap_.list(std::move(kept)).items();
}

Interpreter::Flow Interpreter::run(const For& statement) {
  const List& all = elements(heap_, evaluate(statement.items));
  Scope* outside = scope_;
  scope_ = enter_scope(outside);
  const List& items = filtered(statement, all);
  const Value state = heap_.loop(items, loop_depth_++);
  Loop& loop = state.loop();
  Flow flow = Flow::on;
  for (loop.index = 0; loop.index < items.size() && flow != Flow::leave_loop; ++loop.index) {
    heap_.spend_step();
    scope_->variables.clear();
    define(*scope_, "loop", state);
    assign(statement.target, items[loop.index]);
    flow = run(statement.body);
  }
  --loop_depth_;
  scope_ = outside;
  return items.empty() ? run(statement.otherwise) : Flow::on;
}

Interpreter::Flow Interpreter::run(const Set& statement) {
  assign(statement.target, evaluate(statement.value));
  return Flow::on;
}

std::string Interpreter::captured(const Body& body) {
  TextBuilder text(heap_);
  TextBuilder* outside = std::exchange(output_, &text);
  run(body);
  output_ = outside;
  return text.take();
}

Interpreter::Flow Interpreter::run(const Capture& statement) {
  Scope* outside = scope_;
  scope_ = enter_scope(outside);
  Value value = heap_.string(captured(statement.body));
  scope_ = outside;
  for (const FilterUse& use : statement.filters) {
    value = filter(use.name, value, evaluate(use.arguments));
  }
  if (statement.target.name.empty()) {
    *output_ << to_text(heap_, value);
  } else {
    assign(statement.target, value);
  }
  return Flow::on;
}

Value Interpreter::macro_value(const Macro& macro) {
  return heap_.callable(macro.name, [this, &macro, scope = scope_](const Arguments& arguments) {
    return call_macro(macro, scope, arguments);
  });
}

Interpreter::Flow Interpreter::run(const Macro& macro) {
  define(*scope_, macro.name, macro_value(macro));
  return Flow::on;
}

Interpreter::Flow Interpreter::run(const CallBlock& block) {
  Arguments arguments = evaluate(block.call->arguments);
  arguments.named.emplace_back("caller", macro_value(block.caller));
  *output_ << to_text(heap_, call(evaluate(block.call->callee), arguments));
  return Flow::on;
}

Value Interpreter::call_macro(const Macro& macro, Scope* definition, const Arguments& arguments) {
  if (arguments.positional.size() > macro.parameters.size()) {
    throw Fault("macro '" + macro.name + "' takes at most " +
                std::to_string(macro.parameters.size()) + " arguments");
  }
  Scope* outside = scope_;
  scope_ = enter_scope(definition);
  for (const auto& [name, value] : arguments.named) {
    const bool known =
        name == "caller" || std::any_of(macro.parameters.begin(), macro.parameters.end(),
                                        [&](const auto& p) { return p.first == name; });
    if (!known)
      throw Fault("macro '" + macro.name + "' has no argument '" + std::string(name) + "'");
    define(*scope_, name, value);
  }
  for (std::size_t i = 0; i < macro.parameters.size(); ++i) {
    const auto& [name, fallback] = macro.parameters[i];
    if (i < arguments.positional.size()) {
      define(*scope_, name, arguments.positional[i]);
    } else if (std::none_of(arguments.named.begin(), arguments.named.end(),
                            [&](const auto& named) { return named.first == name; })) {
      define(*scope_, name, fallback == nullptr ? Value(Undefined{&name}) : evaluate(fallback));
    }
  }
  Value result = heap_.string(captured(macro.body));
  scope_ = outside;
  return result;
}

}  // namespace r1::jinja
