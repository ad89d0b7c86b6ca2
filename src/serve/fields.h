// The fields of a request, checked as they are read.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace r1::serve {

/// Reads an object's fields; null counts as absent, unknown fields are nobody's business. Throws
/// ApiError naming the field for what is of the wrong kind or out of range.
class Fields {
 public:
  using Json = nlohmann::ordered_json;
  /// `name`: of the object itself, for errors; empty for the whole request.
  Fields(const Json& object, std::string name);

  /// Null if absent.
  const Json* find(const std::string& field) const;
  std::optional<bool> boolean(const std::string& field) const;
  std::optional<double> number(const std::string& field, double least, double most) const;
  std::optional<std::int64_t> integer(const std::string& field, std::int64_t least,
                                      std::int64_t most) const;
  std::optional<std::string> text(const std::string& field) const;
  /// One text or a list of at most `most`.
  std::vector<std::string> texts(const std::string& field, std::size_t most) const;
  const Json* list(const std::string& field) const;
  const Json* object(const std::string& field) const;
  std::string name_of(const std::string& field) const;

 private:
  const Json* of_kind(const std::string& field, bool (Json::*is)() const noexcept,
                      const char* kind) const;
  const Json& object_;
  std::string name_;
};

}  // namespace r1::serve
