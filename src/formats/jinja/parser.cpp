// The grammar of statements; expressions are parsed by ExpressionParser.
#include "formats/jinja/parser.h"

#include "formats/jinja/expression_parser.h"

namespace r1::jinja {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view source)
      : program_(std::make_unique<Program>()),
        tokens_(tokenize(source)),
        expressions_(tokens_, *program_, depth_) {}

  std::unique_ptr<const Program> run() {
    program_->body = parse_body({});
    if (!tokens_.at(TokenKind::end)) tokens_.fail_expected("the template's end");
    return std::move(program_);
  }

 private:
  template <typename Form>
  const Statement* make(int line, Form form) {
    return &program_->statements.emplace_back(Statement{line, std::move(form)});
  }

  /// Statements up to a block that begins with one of `enders`, which is left as the next token;
  /// or up to the end of the template where there are none.
  Body parse_body(std::initializer_list<std::string_view> enders) {
    const NestingGuard guard(depth_, tokens_);
    Body body;
    while (!tokens_.at(TokenKind::end)) {
      const int line = tokens_.current().line;
      if (tokens_.at(TokenKind::text)) {
        body.push_back(make(line, Text{tokens_.take().text}));
      } else if (tokens_.at(TokenKind::output_begin)) {
        tokens_.take();
        body.push_back(make(line, Output{expressions_.parse_tuple()}));
        tokens_.expect(TokenKind::output_end, "'}}'");
      } else {
        tokens_.expect(TokenKind::block_begin, "a tag");
        if (tokens_.at_any_name(enders)) return body;
        body.push_back(parse_statement());
      }
    }
    if (enders.size() > 0) {
      tokens_.fail("the template ends where {% " + std::string(*(enders.end() - 1)) +
                   " %} is expected");
    }
    return body;
  }

  /// A body closed by the tag `ender`, from the end of its opening tag on.
  Body parse_block(std::string_view ender) {
    close_tag();
    Body body = parse_body({ender});
    tokens_.take();
    close_tag();
    return body;
  }

  void close_tag() { tokens_.expect(TokenKind::block_end, "'%}'"); }

  const Statement* parse_statement() {
    const int line = tokens_.current().line;
    const std::string keyword = tokens_.expect_any_name();
    if (keyword == "if") return make(line, parse_if());
    if (keyword == "for") return make(line, parse_for());
    if (keyword == "set") return parse_set(line);
    if (keyword == "macro") return make(line, parse_macro());
    if (keyword == "call") return make(line, parse_call_block());
    if (keyword == "filter") return make(line, parse_filter_block());
    if (keyword == "generation") return make(line, Group{parse_block("endgeneration")});
    if (keyword == "break" || keyword == "continue") {
      if (loops_ == 0) tokens_.fail("'" + keyword + "' outside of a loop");
      close_tag();
      return keyword == "break" ? make(line, Break{}) : make(line, Continue{});
    }
    tokens_.fail("the tag '" + keyword.substr(0, 40) + "' is unknown or not supported");
  }

  If parse_if() {
    If result;
    for (;;) {
      ExpressionPointer condition = expressions_.parse_tuple(false);
      close_tag();
      result.branches.emplace_back(condition, parse_body({"elif", "else", "endif"}));
      if (!tokens_.skip_name("elif")) break;
    }
    if (tokens_.skip_name("else")) {
      close_tag();
      result.otherwise = parse_body({"endif"});
    }
    tokens_.expect_name("endif");
    close_tag();
    return result;
  }

  For parse_for() {
    For result{parse_target(false), nullptr, nullptr, {}, {}};
    tokens_.expect_name("in");
    result.items = expressions_.parse_tuple(false);
    if (tokens_.skip_name("if")) result.condition = expressions_.parse();
    if (tokens_.at_name("recursive")) tokens_.fail("recursive loops are not supported");
    close_tag();
    ++loops_;
    result.body = parse_body({"else", "endfor"});
    --loops_;
    if (tokens_.skip_name("else")) {
      close_tag();
      result.otherwise = parse_body({"endfor"});
    }
    tokens_.expect_name("endfor");
    close_tag();
    return result;
  }

  Target parse_one_target(bool with_attribute) {
    const NestingGuard guard(depth_, tokens_);
    if (tokens_.skip_symbol("(")) {
      Target target = parse_target(with_attribute);
      tokens_.expect_symbol(")");
      return target;
    }
    Target target{tokens_.expect_any_name(), {}, {}};
    if (with_attribute && tokens_.skip_symbol(".")) target.attribute = tokens_.expect_any_name();
    return target;
  }

  Target parse_target(bool with_attribute) {
    Target first = parse_one_target(with_attribute);
    if (!tokens_.at_symbol(",")) return first;
    Target target;
    target.parts.push_back(std::move(first));
    while (tokens_.skip_symbol(",")) {
      if (!tokens_.at(TokenKind::name) && !tokens_.at_symbol("(")) break;
      target.parts.push_back(parse_one_target(with_attribute));
    }
    return target;
  }

  const Statement* parse_set(int line) {
    Target target = parse_target(true);
    if (tokens_.skip_symbol("=")) {
      ExpressionPointer value = expressions_.parse_tuple();
      close_tag();
      return make(line, Set{std::move(target), value});
    }
    Capture capture{std::move(target), {}, {}};
    while (tokens_.skip_symbol("|")) capture.filters.push_back(expressions_.parse_filter(nullptr));
    capture.body = parse_block("endset");
    return make(line, std::move(capture));
  }

  Capture parse_filter_block() {
    Capture capture;
    do {
      capture.filters.push_back(expressions_.parse_filter(nullptr));
    } while (tokens_.skip_symbol("|"));
    capture.body = parse_block("endfilter");
    return capture;
  }

  void parse_parameters(Macro& macro) {
    tokens_.expect_symbol("(");
    while (!tokens_.skip_symbol(")")) {
      std::string name = tokens_.expect_any_name();
      ExpressionPointer fallback = tokens_.skip_symbol("=") ? expressions_.parse() : nullptr;
      macro.parameters.emplace_back(std::move(name), fallback);
      if (!tokens_.at_symbol(")")) tokens_.expect_symbol(",");
    }
  }

  /// A macro's body is outside of the loops around its definition.
  Body parse_macro_body(std::string_view ender) {
    const int loops = std::exchange(loops_, 0);
    Body body = parse_block(ender);
    loops_ = loops;
    return body;
  }

  Macro parse_macro() {
    Macro macro{tokens_.expect_any_name(), {}, {}};
    parse_parameters(macro);
    macro.body = parse_macro_body("endmacro");
    return macro;
  }

  CallBlock parse_call_block() {
    CallBlock block{{"caller", {}, {}}, nullptr};
    if (tokens_.at_symbol("(")) parse_parameters(block.caller);
    block.call = std::get_if<Call>(&expressions_.parse_unary()->form);
    if (block.call == nullptr) tokens_.fail_expected("a call");
    block.caller.body = parse_macro_body("endcall");
    return block;
  }

  std::unique_ptr<Program> program_;
  TokenStream tokens_;
  int depth_ = 0;
  int loops_ = 0;  // around the current statement
  ExpressionParser expressions_;
};

}  // namespace

std::unique_ptr<const Program> parse(std::string_view source) {
  return Parser(source).run();
}

}  // namespace r1::jinja
