#include "hub/name.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "base/error.h"
#include "hub/short_names.h"

namespace r1::hub {
namespace {

constexpr std::size_t kLongestPath = 1024;
constexpr std::size_t kLongestPart = 255;

std::vector<std::string_view> split(std::string_view text, char sign) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(sign);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The hub's own rule for organizations and names.
bool is_identifier(std::string_view text) {
  const bool letters = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.');
  });
  return letters && !text.empty() && text.size() <= 96 && text.find("--") == text.npos &&
         text.find("..") == text.npos && text.front() != '-' && text.front() != '.' &&
         text.back() != '-' && text.back() != '.';
}

bool is_revision(std::string_view text) {
  return is_safe_path(text) && text.size() <= 255 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return c > 0x20 && c < 0x7f &&
                  std::string_view("?*:[\\^~").find(static_cast<char>(c)) == std::string_view::npos;
         });
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Takes off what stands before "org/name"; whether the rest is a page's address. Of addresses on
/// other hosts nothing is left.
bool take_host(std::string_view& text) {
  if (take(text, "hf://")) return false;
  const bool scheme = take(text, "https://") || take(text, "http://");
  take(text, "www.");
  const bool host = take(text, "huggingface.co/") || take(text, "hf.co/");
  if (scheme) text = host ? text.substr(0, text.find_first_of("?#")) : std::string_view();
  while (host && text.ends_with('/')) text.remove_suffix(1);
  return host;
}

std::string joined(const std::vector<std::string_view>& parts, std::size_t begin) {
  std::string path;
  for (std::size_t i = begin; i < parts.size(); ++i) {
    path.append(path.empty() ? "" : "/").append(parts[i]);
  }
  return path;
}

/// "name", "name@revision", "name:Q4_K_M", "name@revision:Q4_K_M".
bool read_last(std::string_view text, Name& name) {
  const std::size_t colon = text.find(':');
  if (colon != text.npos) {
    name.choice = text.substr(colon + 1);
    if (!is_safe_path(name.choice)) return false;
    text = text.substr(0, colon);
  }
  const std::size_t at = text.find('@');
  if (at != text.npos) name.revision = text.substr(at + 1);
  name.repository += std::string("/").append(text.substr(0, at));
  return is_identifier(text.substr(0, at)) && is_revision(name.revision);
}

bool is_page(std::string_view word) {
  constexpr std::array<std::string_view, 4> kPages = {"blob", "resolve", "raw", "tree"};
  return std::find(kPages.begin(), kPages.end(), word) != kPages.end();
}

}  // namespace

bool is_safe_path(std::string_view path) {
  if (path.size() > kLongestPath) return false;
  const bool letters = std::all_of(path.begin(), path.end(), [](unsigned char c) {
    return c >= 0x20 && c != 0x7f && c != '\\';
  });
  if (!letters) return false;
  const std::vector<std::string_view> parts = split(path, '/');
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return !part.empty() && part.size() <= kLongestPart && part != "." && part != "..";
  });
}

std::optional<Name> try_name(std::string_view text) {
  if (auto known = short_name(text)) return known;
  const bool host = take_host(text);
  Name name;
  name.data_set = take(text, "datasets/");
  const std::vector<std::string_view> parts = split(text, '/');
  if (parts.size() < 2 || !is_identifier(parts[0])) return std::nullopt;
  name.repository = parts[0];
  // A revision with slashes is told from a file by its "@".
  const std::string rest =
      parts[1].find('@') == std::string_view::npos ? std::string(parts[1]) : joined(parts, 1);
  if (!read_last(rest, name)) return std::nullopt;
  if (parts[1].find('@') != std::string_view::npos || parts.size() == 2) return name;
  std::size_t file = 2;
  if (host && is_page(parts[2])) {
    if (parts.size() < 4 || !is_revision(parts[3])) return std::nullopt;
    name.revision = parts[3];
    file = 4;
  }
  if (file < parts.size()) {
    if (!name.choice.empty()) return std::nullopt;
    name.choice = joined(parts, file);
    if (!is_safe_path(name.choice)) return std::nullopt;
  }
  return name;
}

Name parse_name(std::string_view text) {
  if (auto name = try_name(text)) return *name;
  throw Error(std::string(text.substr(0, 200)), "is no name of the hub",
              "give one like org/name, org/name:Q4_K_M or deepseek-r1:1.5b");
}

std::string Name::text() const {
  std::string result = (data_set ? "datasets/" : "") + repository;
  if (revision != "main") result += "@" + revision;
  if (choice.empty()) return result;
  return result + (choice.find('.') == std::string::npos ? ":" : "/") + choice;
}

std::string Name::folder() const {
  std::string folder = (data_set ? "datasets--" : "models--") + repository;
  const std::size_t slash = folder.find('/');
  return slash == std::string::npos ? folder : folder.replace(slash, 1, "--");
}

}  // namespace r1::hub
