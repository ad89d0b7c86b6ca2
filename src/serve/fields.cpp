#include "serve/fields.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include "formats/json.h"
#include "serve/api_error.h"

namespace r1::serve {
namespace {

template <typename Number>
std::string range(Number least, Number most) {
  return "from " + json_text(nlohmann::json(least)) + " to " + json_text(nlohmann::json(most));
}

}  // namespace

Fields::Fields(const Json& object, std::string name) : object_(object), name_(std::move(name)) {
  if (!object.is_object()) {
    throw ApiError(name_, (name_.empty() ? "the request" : name_) + " must be a JSON object");
  }
}

std::string Fields::name_of(const std::string& field) const {
  return name_.empty() ? field : name_ + "." + field;
}

const Fields::Json* Fields::find(const std::string& field) const {
  const auto at = object_.find(field);
  return at == object_.end() || at->is_null() ? nullptr : &*at;
}

const Fields::Json* Fields::of_kind(const std::string& field, bool (Json::*is)() const noexcept,
                                    const char* kind) const {
  const Json* value = find(field);
  if (value != nullptr && !(value->*is)()) {
    throw ApiError(name_of(field), name_of(field) + " must be " + kind);
  }
  return value;
}

std::optional<bool> Fields::boolean(const std::string& field) const {
  const Json* value = of_kind(field, &Json::is_boolean, "true or false");
  return value == nullptr ? std::nullopt : std::optional(value->get<bool>());
}

std::optional<double> Fields::number(const std::string& field, double least, double most) const {
  const Json* value = of_kind(field, &Json::is_number, "a number");
  if (value == nullptr) return std::nullopt;
  const auto number = value->get<double>();
  if (!(number >= least && number <= most)) {
    throw ApiError(name_of(field), name_of(field) + " must be " + range(least, most));
  }
  return number;
}

std::optional<std::int64_t> Fields::integer(const std::string& field, std::int64_t least,
                                            std::int64_t most) const {
  const Json* value = of_kind(field, &Json::is_number, "a whole number");
  if (value == nullptr) return std::nullopt;
  std::optional<std::int64_t> number;
  if (value->is_number_float()) {
    const auto real = value->get<double>();
    if (real != std::floor(real)) {
      throw ApiError(name_of(field), name_of(field) + " must be a whole number");
    }
    if (std::fabs(real) < 0x1p63) number = static_cast<std::int64_t>(real);
  } else if (!value->is_number_unsigned() || value->get<std::uint64_t>() <= INT64_MAX) {
    number = value->get<std::int64_t>();
  }
  if (!number || *number < least || *number > most) {
    throw ApiError(name_of(field), name_of(field) + " must be " + range(least, most));
  }
  return number;
}

std::optional<std::string> Fields::text(const std::string& field) const {
  const Json* value = of_kind(field, &Json::is_string, "a string");
  return value == nullptr ? std::nullopt : std::optional(value->get<std::string>());
}

std::vector<std::string> Fields::texts(const std::string& field, std::size_t most) const {
  const Json* value = find(field);
  if (value == nullptr) return {};
  if (value->is_string()) return {value->get<std::string>()};
  if (!value->is_array() || value->size() > most) {
    throw ApiError(name_of(field), name_of(field) + " must be a string or a list of at most " +
                                       std::to_string(most));
  }
  std::vector<std::string> texts;
  for (const Json& item : *value) {
    if (!item.is_string()) throw ApiError(name_of(field), name_of(field) + " must hold strings");
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

const Fields::Json* Fields::list(const std::string& field) const {
  return of_kind(field, &Json::is_array, "a list");
}

const Fields::Json* Fields::object(const std::string& field) const {
  return of_kind(field, &Json::is_object, "an object");
}

}  // namespace r1::serve
