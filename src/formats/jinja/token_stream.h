// The parser's position in the tokens, and its errors.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "formats/jinja/lexer.h"

namespace r1::jinja {

class TokenStream {
 public:
  explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& current() const { return tokens_[position_]; }
  const Token& ahead() const { return tokens_[std::min(position_ + 1, tokens_.size() - 1)]; }
  bool at(TokenKind kind) const { return current().kind == kind; }
  bool at_symbol(std::string_view text) const {
    return at(TokenKind::symbol) && current().text == text;
  }
  bool at_name(std::string_view text) const {
    return at(TokenKind::name) && current().text == text;
  }
  bool at_any_name(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
      if (at_name(name)) return true;
    }
    return false;
  }

  Token take() {
    Token token = current();
    if (position_ + 1 < tokens_.size()) ++position_;
    return token;
  }
  bool skip_symbol(std::string_view text) {
    const bool found = at_symbol(text);
    if (found) take();
    return found;
  }
  bool skip_name(std::string_view text) {
    const bool found = at_name(text);
    if (found) take();
    return found;
  }
  void expect_symbol(std::string_view text) {
    if (!skip_symbol(text)) fail_expected("'" + std::string(text) + "'");
  }
  void expect_name(std::string_view text) {
    if (!skip_name(text)) fail_expected("'" + std::string(text) + "'");
  }
  void expect(TokenKind kind, std::string_view what) {
    if (!at(kind)) fail_expected(what);
    take();
  }
  std::string expect_any_name() {
    if (!at(TokenKind::name)) fail_expected("a name");
    return take().text;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error("chat template, line " + std::to_string(current().line), what);
  }
  [[noreturn]] void fail_expected(std::string_view what) const {
    fail("expected " + std::string(what) +
         (current().text.empty() ? std::string()
                                 : " before '" + current().text.substr(0, 40) + "'"));
  }

 private:
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
};

/// Counts how deep the parser has gone into the template.
class NestingGuard {
 public:
  NestingGuard(int& depth, const TokenStream& tokens) : depth_(depth) {
    if (++depth_ > limit) tokens.fail("the template is nested too deep");
  }
  ~NestingGuard() { --depth_; }
  NestingGuard(const NestingGuard&) = delete;
  NestingGuard& operator=(const NestingGuard&) = delete;

 private:
  static constexpr int limit = 200;
  int& depth_;
};

}  // namespace r1::jinja
