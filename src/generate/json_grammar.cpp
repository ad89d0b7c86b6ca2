#include "generate/json_grammar.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "formats/json.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;
using Rule = Grammar::Rule;
using Sequence = Grammar::Sequence;

constexpr int kDeepest = 24;
constexpr std::int64_t kMostRepeats = 2000;
constexpr std::size_t kMostText = std::size_t{1} << 20;  // of names and values, at all depths

Grammar::Bytes range(int first, int last) {
  Grammar::Bytes bytes;
  for (int byte = first; byte <= last; ++byte) bytes.set(static_cast<std::size_t>(byte));
  return bytes;
}

Grammar::Bytes bytes_of(std::string_view text) {
  Grammar::Bytes bytes;
  for (const char c : text) bytes.set(static_cast<unsigned char>(c));
  return bytes;
}

Sequence operator+(Sequence a, const Sequence& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Builds a grammar from a schema; a schema met again at the same depth is the same rule.
class Builder {
 public:
  explicit Builder(const Json& schema) : root_(schema) {
    grammar_ = std::make_shared<Grammar>();
    const Rule start = grammar_->add_rule();
    space_ = spaces();
    character_ = characters();
    string_ = quoted(0, -1);
    // White space in front: models like to begin on a new line.
    grammar_->add(start, Sequence{use(space_), use(schema_rule(schema, "schema", 0))});
  }
  std::shared_ptr<const Grammar> grammar() const { return grammar_; }

 private:
  static Grammar::Symbol use(Rule rule) { return Grammar::use(rule); }
  Sequence text(std::string_view literal) const {
    text_bytes_ += literal.size();
    if (text_bytes_ > kMostText) throw Error("schema", "has too much text");
    return grammar_->literal(literal);
  }
  Rule rule_of(const std::vector<Sequence>& alternatives) const {
    const Rule rule = grammar_->add_rule();
    for (const Sequence& sequence : alternatives) grammar_->add(rule, sequence);
    return rule;
  }

  /// `least` to `most` (-1: any number) times; none with `most` 0.
  Rule repeated(const Sequence& once, std::int64_t least, std::int64_t most) const {
    if (most < 0) {
      const Rule rule = grammar_->add_rule();
      grammar_->add(rule, {});
      grammar_->add(rule, once + Sequence{use(rule)});
      return least == 0 ? rule : rule_of({once + Sequence{use(repeated(once, least - 1, -1))}});
    }
    Rule rule = rule_of({{}});
    for (std::int64_t i = most; i > 0; --i) {
      std::vector<Sequence> alternatives = {once + Sequence{use(rule)}};
      if (i > least) alternatives.emplace_back();
      rule = rule_of(alternatives);
    }
    return rule;
  }

  /// Nothing, a blank, or a new line with indentation: without bound, models could go on for ever.
  Rule spaces() const {
    const Rule indentation = repeated({grammar_->one_of(bytes_of(" \t"))}, 0, 40);
    return rule_of({{}, text(" "), text("\n") + Sequence{use(indentation)}});
  }

  /// A character of a string: UTF-8 or escaped; surrogates only in pairs.
  Rule characters() const {
    const auto set = [&](const Grammar::Bytes& bytes) { return grammar_->one_of(bytes); };
    const auto tail = set(range(0x80, 0xbf));
    const auto hex = set(bytes_of("0123456789abcdefABCDEF"));
    const auto high =
        text("\\u") + Sequence{set(bytes_of("dD")), set(bytes_of("89abAB")), hex, hex};
    const auto low =
        text("\\u") + Sequence{set(bytes_of("dD")), set(bytes_of("cdefCDEF")), hex, hex};
    Grammar::Bytes plain = range(0x20, 0x7e);
    plain.reset('"').reset('\\');
    return rule_of(
        {{set(plain)},
         {set(range(0xc2, 0xdf)), tail},
         {set(range(0xe0, 0xe0)), set(range(0xa0, 0xbf)), tail},
         {set(range(0xe1, 0xec) | range(0xee, 0xef)), tail, tail},
         {set(range(0xed, 0xed)), set(range(0x80, 0x9f)), tail},
         {set(range(0xf0, 0xf0)), set(range(0x90, 0xbf)), tail, tail},
         {set(range(0xf1, 0xf3)), tail, tail, tail},
         {set(range(0xf4, 0xf4)), set(range(0x80, 0x8f)), tail, tail},
         text("\\") + Sequence{set(bytes_of("\"\\/bfnrt"))},
         text("\\u") + Sequence{set(bytes_of("0123456789abcefABCEF")), hex, hex, hex},
         text("\\u") + Sequence{set(bytes_of("dD")), set(bytes_of("01234567")), hex, hex},
         high + low});
  }

  Rule quoted(std::int64_t least, std::int64_t most) const {
    return rule_of(
        {text("\"") + Sequence{use(repeated({use(character_)}, least, most))} + text("\"")});
  }

  Rule number(bool whole) const {
    const auto digit = grammar_->one_of(bytes_of("0123456789"));
    const Rule integer = rule_of({text("0"), Sequence{grammar_->one_of(bytes_of("123456789")),
                                                      use(repeated({digit}, 0, 14))}});
    const Rule sign = rule_of({{}, text("-")});
    if (whole) return rule_of({{use(sign), use(integer)}});
    const Rule fraction = rule_of({{}, text(".") + Sequence{use(repeated({digit}, 1, 16))}});
    const Rule exponent =
        rule_of({{},
                 Sequence{grammar_->one_of(bytes_of("eE")),
                          use(rule_of({{}, text("+"), text("-")})), use(repeated({digit}, 1, 2))}});
    return rule_of({{use(sign), use(integer), use(fraction), use(exponent)}});
  }

  // Of schemas. `where` names the place for errors.
  Rule schema_rule(const Json& schema, const std::string& where, int depth);
  Rule typed_rule(const Json& schema, const std::string& type, const std::string& where, int depth);
  Rule object_rule(const Json& schema, const std::string& where, int depth);
  Rule array_rule(const Json& schema, const std::string& where, int depth);
  Rule any_rule(const std::string& where, int depth);
  Rule map_rule(Rule value) const;
  const Json& resolve(const std::string& reference, const std::string& where) const;
  static void check_words(const Json& schema, const std::string& where);
  static std::int64_t count(const Json& schema, const char* word, const std::string& where,
                            std::int64_t otherwise);

  const Json& root_;
  const Json any_ = Json::object();
  std::shared_ptr<Grammar> grammar_;
  Rule space_ = 0, character_ = 0, string_ = 0;
  std::map<std::pair<const Json*, int>, Rule> known_;
  mutable std::size_t text_bytes_ = 0;
};

void Builder::check_words(const Json& schema, const std::string& where) {
  static const std::set<std::string> words = {
      "type", "enum", "const", "properties", "required", "additionalProperties", "items",
      "prefixItems", "minItems", "maxItems", "minLength", "maxLength", "anyOf", "oneOf", "allOf",
      "$ref", "$defs", "definitions",
      // these only describe
      "title", "description", "default", "examples", "example", "format", "$schema", "$id",
      "$comment", "deprecated", "readOnly", "writeOnly", "nullable", "strict"};
  for (const auto& [word, value] : schema.items()) {
    if (!words.contains(word)) throw Error(where + "." + word, "is not supported");
  }
}

std::int64_t Builder::count(const Json& schema, const char* word, const std::string& where,
                            std::int64_t otherwise) {
  const auto at = schema.find(word);
  if (at == schema.end()) return otherwise;
  if (!at->is_number_integer() || *at < 0 || *at > kMostRepeats) {
    throw Error(where + "." + word, "must be a whole number up to " + std::to_string(kMostRepeats));
  }
  return at->get<std::int64_t>();
}

const Json& Builder::resolve(const std::string& reference, const std::string& where) const {
  if (reference.starts_with("#")) {
    try {
      return root_.at(Json::json_pointer(reference.substr(1)));
    } catch (const Json::exception&) {
    }
  }
  throw Error(where + ".$ref", "leads nowhere");
}

Rule Builder::any_rule(const std::string& where, int depth) {
  std::vector<Sequence> all;
  for (const char* type : {"object", "array", "string", "number", "boolean", "null"}) {
    all.push_back({use(typed_rule(any_, type, where, depth))});
  }
  return rule_of(all);
}

Rule Builder::schema_rule(const Json& schema, const std::string& where, int depth) {
  // Deeper values are impossible; lists and objects above them stay empty.
  if (depth > kDeepest) return grammar_->add_rule();
  if (schema.is_boolean() && schema.get<bool>()) return schema_rule(any_, where, depth);
  if (!schema.is_object()) throw Error(where, "must be a schema");
  const auto [known, is_new] = known_.try_emplace({&schema, depth}, 0);
  if (!is_new) return known->second;
  const Rule rule = known->second = grammar_->add_rule();
  check_words(schema, where);
  const auto add = [&](Rule choice) { grammar_->add(rule, {use(choice)}); };
  const auto add_all = [&](const char* word) {
    if (!schema[word].is_array() || schema[word].empty()) {
      throw Error(where + "." + word, "must be a list of schemas");
    }
    for (const Json& one : schema[word]) add(schema_rule(one, where + "." + word, depth + 1));
  };
  if (schema.contains("$ref")) {
    if (!schema["$ref"].is_string()) throw Error(where + ".$ref", "must be a text");
    add(schema_rule(resolve(schema["$ref"].get<std::string>(), where), where + ".$ref", depth + 1));
  } else if (schema.contains("const")) {
    grammar_->add(rule, text(json_text(schema["const"])));
  } else if (schema.contains("enum")) {
    if (!schema["enum"].is_array() || schema["enum"].empty()) {
      throw Error(where + ".enum", "must be a list");
    }
    for (const Json& value : schema["enum"]) grammar_->add(rule, text(json_text(value)));
  } else if (schema.contains("anyOf")) {
    add_all("anyOf");
  } else if (schema.contains("oneOf")) {
    add_all("oneOf");
  } else if (schema.contains("allOf")) {
    if (schema["allOf"].size() != 1) throw Error(where + ".allOf", "must hold one schema");
    add_all("allOf");
  } else if (schema.contains("type")) {
    const Json types = schema["type"].is_array() ? schema["type"] : Json::array({schema["type"]});
    for (const Json& type : types) {
      if (!type.is_string()) throw Error(where + ".type", "must be a text");
      add(typed_rule(schema, type.get<std::string>(), where, depth));
    }
  } else if (schema.contains("properties") || schema.contains("required")) {
    add(object_rule(schema, where, depth));
  } else if (schema.contains("items") || schema.contains("prefixItems")) {
    add(array_rule(schema, where, depth));
  } else {
    add(any_rule(where, depth));
  }
  if (schema.value("nullable", Json()) == true) grammar_->add(rule, text("null"));
  return rule;
}

Rule Builder::typed_rule(const Json& schema, const std::string& type, const std::string& where,
                         int depth) {
  if (type == "object") return object_rule(schema, where, depth);
  if (type == "array") return array_rule(schema, where, depth);
  if (type == "string") {
    const std::int64_t least = count(schema, "minLength", where, 0);
    const std::int64_t most = count(schema, "maxLength", where, -1);
    return least == 0 && most < 0 ? string_ : quoted(least, most);
  }
  if (type == "number" || type == "integer") return number(type == "integer");
  if (type == "boolean") return rule_of({text("true"), text("false")});
  if (type == "null") return rule_of({text("null")});
  throw Error(where + ".type", "is no type of JSON");
}

/// Any keys, all with values of one rule.
Rule Builder::map_rule(Rule value) const {
  const Sequence space = {use(space_)};
  const Sequence pair =
      Sequence{use(string_), use(space_)} + text(":") + Sequence{use(space_), use(value)};
  const Rule more = repeated(space + text(",") + space + pair, 0, -1);
  return rule_of({text("{") + space + text("}"),
                  text("{") + space + pair + Sequence{use(more), use(space_)} + text("}")});
}

Rule Builder::object_rule(const Json& schema, const std::string& where, int depth) {
  std::vector<std::pair<std::string, const Json*>> properties;
  std::set<std::string> required;
  if (const auto at = schema.find("properties"); at != schema.end()) {
    if (!at->is_object()) throw Error(where + ".properties", "must be an object");
    for (const auto& [name, value] : at->items()) properties.emplace_back(name, &value);
  }
  if (const auto at = schema.find("required"); at != schema.end()) {
    if (!at->is_array()) throw Error(where + ".required", "must be a list");
    for (const Json& name : *at) {
      if (!name.is_string()) throw Error(where + ".required", "must hold names");
      const auto text = name.get<std::string>();
      if (!required.insert(text).second) continue;
      const bool known = std::any_of(properties.begin(), properties.end(),
                                     [&](const auto& property) { return property.first == text; });
      if (!known) properties.emplace_back(text, &any_);
    }
  }
  if (properties.empty()) {
    const auto others = schema.find("additionalProperties");
    if (others == schema.end() || *others == true) {
      return map_rule(schema_rule(any_, where, depth + 1));
    }
    if (*others == false) return rule_of({text("{") + Sequence{use(space_)} + text("}")});
    return map_rule(schema_rule(*others, where + ".additionalProperties", depth + 1));
  }
  // From the last property to the first: what may follow when one was there before, and when none.
  const Sequence space = {use(space_)};
  Rule after_one = rule_of({space + text("}")}), after_none = after_one;
  for (std::size_t i = properties.size(); i-- > 0;) {
    const auto& [name, value] = properties[i];
    const Rule value_rule = schema_rule(*value, where + ".properties." + name, depth + 1);
    const Sequence pair = text(json_text(Json(name))) + space + text(":") + space +
                          Sequence{use(value_rule), use(after_one)};
    std::vector<Sequence> with_comma = {space + text(",") + space + pair};
    std::vector<Sequence> without_comma = {space + pair};
    if (!required.contains(name)) {
      with_comma.push_back({use(after_one)});
      without_comma.push_back({use(after_none)});
    }
    after_one = rule_of(with_comma);
    after_none = rule_of(without_comma);
  }
  return rule_of({text("{") + Sequence{use(after_none)}});
}

Rule Builder::array_rule(const Json& schema, const std::string& where, int depth) {
  const Sequence space = {use(space_)};
  std::vector<Rule> first;
  if (const auto at = schema.find("prefixItems"); at != schema.end()) {
    if (!at->is_array()) throw Error(where + ".prefixItems", "must be a list");
    for (const Json& item : *at) {
      first.push_back(schema_rule(item, where + ".prefixItems", depth + 1));
    }
  }
  const auto items = schema.find("items");
  const bool closed = items != schema.end() && *items == false;
  const Rule item = closed                  ? -1
                    : items == schema.end() ? schema_rule(any_, where, depth + 1)
                                            : schema_rule(*items, where + ".items", depth + 1);
  const auto given = static_cast<std::int64_t>(first.size());
  // Lists with prefixItems are written as long as they are.
  const std::int64_t least = std::max(given, count(schema, "minItems", where, 0));
  std::int64_t most = count(schema, "maxItems", where, -1);
  if (closed) most = given;
  if (most >= 0 && most < least) throw Error(where + ".maxItems", "is less than minItems");
  std::vector<Sequence> alternatives;
  if (least == 0) alternatives.push_back(text("[") + space + text("]"));
  if (most != 0) {
    Sequence all = text("[") + space;
    for (std::size_t i = 0; i < first.size(); ++i) {
      if (i > 0) all = all + space + text(",") + space;
      all.push_back(use(first[i]));
    }
    std::int64_t there = given;
    if (there == 0) {
      all.push_back(use(item));
      there = 1;
    }
    if (!closed) {
      const Sequence more = space + text(",") + space + Sequence{use(item)};
      all.push_back(use(
          repeated(more, std::max<std::int64_t>(0, least - there), most < 0 ? -1 : most - there)));
    }
    alternatives.push_back(all + space + text("]"));
  }
  return rule_of(alternatives);
}

}  // namespace

std::shared_ptr<const Grammar> json_object_grammar() {
  static const std::shared_ptr<const Grammar> grammar = [] {
    const Json schema = {{"type", "object"}};
    return Builder(schema).grammar();
  }();
  return grammar;
}

std::shared_ptr<const Grammar> json_schema_grammar(const nlohmann::ordered_json& schema) {
  return Builder(schema).grammar();
}

}  // namespace r1
