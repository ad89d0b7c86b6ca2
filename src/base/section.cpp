#include "base/section.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>
#include <utility>

#include "base/formula.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

// Tables nest as deep as keys have dots, and are destroyed level by level.
constexpr std::ptrdiff_t kMostDots = 4000;

/// A number as a user would write it.
std::string as_written(double number) {
  std::string text = std::to_string(number);
  if (number != 0 && (std::fabs(number) < 1e-3 || std::fabs(number) >= 1e7)) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%g", number);
    return buffer;
  }
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string with_commas(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

/// What all sections of one file share.
struct Section::State {
  fs::path file, run_folder;
  toml::table root;
  std::set<const toml::node*> read;
  std::set<fs::path> outputs;
};

struct Section::Table {
  std::string name;                   // "[run]", for messages
  const toml::table* node = nullptr;  // null: an empty section
};

Section::Section(std::shared_ptr<State> state, std::shared_ptr<const Table> table)
    : state_(std::move(state)), table_(std::move(table)) {}

Section Section::parse(const std::string& text, const fs::path& path) {
  if (std::count(text.begin(), text.end(), '.') > kMostDots) {
    throw Error(path.string(), "has more than " + std::to_string(kMostDots) + " dots");
  }
  auto state = std::make_shared<State>();
  state->file = path;
  try {
    state->root = toml::parse(text, path.string());
  } catch (const toml::parse_error& error) {
    throw Error(path.string() + ":" + std::to_string(error.source().begin.line),
                "is no TOML: " + std::string(error.description()));
  }
  auto table = std::make_shared<Table>();
  table->name = "the file";
  table->node = &state->root;
  return {std::move(state), std::move(table)};
}

void Section::set_run_folder(const fs::path& folder) const {
  state_->run_folder = folder;
}

std::vector<std::string> Section::keys() const {
  std::vector<std::string> all;
  if (table_->node == nullptr) return all;
  for (const auto& [key, node] : *table_->node) all.emplace_back(key.str());
  return all;
}

/// The toml::node of a key, which counts as read then; or null.
const void* Section::find(std::string_view key) const {
  if (table_->node == nullptr) return nullptr;
  const toml::node* node = table_->node->get(key);
  if (node != nullptr) state_->read.insert(node);
  return node;
}

namespace {

const toml::node* node_of(const void* found) {
  return static_cast<const toml::node*>(found);
}

}  // namespace

Error Section::error(std::string_view key, const std::string& what,
                     const std::string& remedy) const {
  const toml::node* node =
      key.empty() || table_->node == nullptr ? table_->node : table_->node->get(key);
  if (node == nullptr) node = table_->node;
  std::string where = state_->file.string();
  if (node != nullptr && node->source().begin.line > 0) {
    where += ":" + std::to_string(node->source().begin.line);
  }
  return Error(where, (key.empty() ? table_->name : std::string(key)) + " " + what, remedy);
}

bool Section::has(std::string_view key) const {
  return table_->node != nullptr && table_->node->contains(key);
}

bool Section::is_table(std::string_view key) const {
  return has(key) && table_->node->get(key)->is_table();
}

std::int64_t Section::integer(std::string_view key, std::int64_t least, std::int64_t most) const {
  const toml::node* node = node_of(find(key));
  if (node == nullptr) throw error("", "lacks " + std::string(key));
  std::optional<std::int64_t> value = node->value_exact<std::int64_t>();
  constexpr double kExact = 9007199254740992;  // 2^53
  if (const auto number = node->value_exact<double>();
      number && std::fabs(*number) <= kExact && *number == std::floor(*number)) {
    value = static_cast<std::int64_t>(*number);
  }
  if (const auto number = node->is_string() ? formula(key, text(key), 0) : std::nullopt;
      number && std::fabs(*number) <= kExact) {
    value = std::llround(*number);
  }
  if (!value || *value < least || *value > most) {
    throw error(key, "must be a whole number from " + std::to_string(least) + " to " +
                         std::to_string(most));
  }
  return *value;
}

std::int64_t Section::integer(std::string_view key, std::int64_t otherwise, std::int64_t least,
                              std::int64_t most) const {
  return has(key) ? integer(key, least, most) : otherwise;
}

double Section::number(std::string_view key, double least, double most) const {
  const toml::node* node = node_of(find(key));
  if (node == nullptr) throw error("", "lacks " + std::string(key));
  const bool numeric = node->is_integer() || node->is_floating_point();
  const auto value = numeric             ? node->value<double>()
                     : node->is_string() ? formula(key, text(key), 0)
                                         : std::nullopt;
  if (!value || !(*value >= least && *value <= most)) {
    throw error(key, "must be a number from " + as_written(least) + " to " + as_written(most));
  }
  return *value;
}

std::vector<double> Section::numbers(std::string_view key, double least, double most) const {
  const toml::node* node = node_of(find(key));
  if (node == nullptr) return {};
  if (!node->is_array()) return {number(key, least, most)};
  std::vector<double> all;
  for (const toml::node& element : *node->as_array()) {
    const bool numeric = element.is_integer() || element.is_floating_point();
    const auto value = numeric ? element.value<double>() : std::nullopt;
    if (!value || !(*value >= least && *value <= most)) {
      throw error(
          key, "must be a list of numbers from " + as_written(least) + " to " + as_written(most));
    }
    all.push_back(*value);
  }
  return all;
}

/// The value of a formula that stands under `key`, `depth` names deep; nothing if it is none.
std::optional<double> Section::formula(std::string_view key, const std::string& text,
                                       int depth) const {
  return evaluate_formula(text,
                          [&](const std::string& name) { return dial(key, name, depth + 1); });
}

/// What [dial] says of a name that the formula under `key` has.
double Section::dial(std::string_view key, const std::string& name, int depth) const {
  constexpr int kDeepest = 20;
  if (depth > kDeepest) throw error(key, "needs " + name + ", whose formula needs itself");
  const toml::node* section = state_->root.get("dial");
  if (section == nullptr) return std::nan("");  // a text, then, and no formula
  const toml::node* node = section->is_table() ? section->as_table()->get(name) : nullptr;
  if (node == nullptr) throw error(key, "needs " + name + ", which [dial] lacks");
  // A name that one depth doesn't need is no mistake.
  state_->read.insert(section);
  for (const auto& [other, value] : *section->as_table()) state_->read.insert(&value);
  const auto text = node->value_exact<std::string>();
  const auto value = text ? formula(key, expanded(key, *text), depth) : node->value<double>();
  if (!value) throw error(key, "needs " + name + ", which is no number and no formula in [dial]");
  return *value;
}

double Section::number(std::string_view key, double otherwise, double least, double most) const {
  return has(key) ? number(key, least, most) : otherwise;
}

bool Section::flag(std::string_view key, bool otherwise) const {
  const toml::node* node = node_of(find(key));
  if (node == nullptr) return otherwise;
  const auto value = node->value_exact<bool>();
  if (!value) throw error(key, "must be true or false");
  return *value;
}

namespace {

/// Replaces ${NAME} and ${NAME:-otherwise}; sets `unknown` to a name that has no value.
std::string with_variables(const std::string& text, const fs::path& run_folder,
                           std::string& unknown) {
  std::string result;
  std::size_t at = 0;
  for (;;) {
    const std::size_t begin = text.find("${", at);
    const std::size_t end = begin == std::string::npos ? begin : text.find('}', begin);
    if (end == std::string::npos) return result + text.substr(at);
    result += text.substr(at, begin - at);
    std::string name = text.substr(begin + 2, end - begin - 2);
    std::optional<std::string> value;
    if (const std::size_t dash = name.find(":-"); dash != std::string::npos) {
      value = name.substr(dash + 2);
      name.resize(dash);
    }
    if (name == "RUN") value = fs::absolute(run_folder).string();
    const char* set = std::getenv(name.c_str());
    if (set != nullptr && *set != '\0') value = set;
    if (!value) unknown = name;
    result += value.value_or("");
    at = end + 1;
  }
}

}  // namespace

/// A text of the file with what its variables stand for.
std::string Section::expanded(std::string_view key, const std::string& text) const {
  std::string unknown;
  std::string result = with_variables(text, state_->run_folder, unknown);
  if (!unknown.empty()) {
    throw error(key, "needs the variable " + unknown + ", which is not set",
                "set it, as " + unknown + "=... r1 ...");
  }
  return result;
}

std::string Section::text(std::string_view key) const {
  const toml::node* node = node_of(find(key));
  if (node == nullptr) throw error("", "lacks " + std::string(key));
  const auto value = node->value_exact<std::string>();
  if (!value) throw error(key, "must be a text in quotes");
  return expanded(key, *value);
}

std::string Section::text(std::string_view key, const std::string& otherwise) const {
  return has(key) ? text(key) : otherwise;
}

std::string Section::choice(std::string_view key, const std::string& otherwise,
                            const std::vector<std::string>& known) const {
  if (!has(key)) return otherwise;
  std::string value = text(key);
  if (std::find(known.begin(), known.end(), value) == known.end()) {
    throw error(key, "is \"" + value + "\"", "known are " + with_commas(known));
  }
  return value;
}

std::vector<std::string> Section::texts(std::string_view key) const {
  const toml::node* node = node_of(find(key));
  if (node == nullptr) return {};
  if (!node->is_array()) return {text(key)};
  std::vector<std::string> all;
  for (const toml::node& element : *node->as_array()) {
    const auto value = element.value_exact<std::string>();
    if (!value) throw error(key, "must be a list of texts");
    all.push_back(expanded(key, *value));
  }
  return all;
}

std::vector<fs::path> Section::inputs(std::string_view key) const {
  std::vector<fs::path> paths;
  for (const std::string& given : texts(key)) {
    const fs::path path = (fs::absolute(state_->file).parent_path() / given).lexically_normal();
    std::error_code ignored;
    if (!fs::exists(path, ignored) && !state_->outputs.contains(fs::absolute(path))) {
      throw error(key, "names " + path.string() + ", which is not there");
    }
    paths.push_back(path);
  }
  return paths;
}

fs::path Section::input(std::string_view key) const {
  if (has(key)) text(key);  // one text, not a list
  const std::vector<fs::path> paths = inputs(key);
  return paths.empty() ? fs::path() : paths.front();
}

fs::path Section::output(std::string_view key, const std::string& otherwise) const {
  const fs::path base =
      has(key) ? fs::absolute(state_->file).parent_path() : fs::absolute(state_->run_folder);
  fs::path path = (base / text(key, otherwise)).lexically_normal();
  const fs::path folder = path.parent_path(), run = fs::absolute(state_->run_folder);
  std::error_code ignored;
  const bool in_run = folder.string().starts_with(run.lexically_normal().string());
  if (!in_run && !fs::is_directory(folder, ignored)) {
    throw error(key, "lies in " + folder.string() + ", which is no folder");
  }
  state_->outputs.insert(path);
  return path;
}

Section Section::table(std::string_view key) const {
  auto table = std::make_shared<Table>();
  table->name = "[" + std::string(key) + "]";
  if (const toml::node* node = node_of(find(key)); node != nullptr) {
    table->node = node->as_table();
    if (table->node == nullptr) throw error(key, "must be a section of its own");
  }
  return {state_, table};
}

std::vector<Section> Section::tables(std::string_view key) const {
  std::vector<Section> all;
  const toml::node* node = node_of(find(key));
  if (node == nullptr) return all;
  if (!node->is_array()) throw error(key, "must be a list of sections, [[...]]");
  for (const toml::node& element : *node->as_array()) {
    auto table = std::make_shared<Table>();
    table->name = "[[" + std::string(key) + "]]";
    table->node = element.as_table();
    if (table->node == nullptr) throw error(key, "must be a list of sections, [[...]]");
    state_->read.insert(&element);
    all.push_back({state_, table});
  }
  return all;
}

namespace {

/// Adds "line n: key" for every key under `table` that isn't in `read`.
void add_unread(const toml::table& table, const std::set<const toml::node*>& read,
                std::vector<std::pair<std::uint32_t, std::string>>& unread) {
  for (const auto& [key, node] : table) {
    if (!read.contains(&node)) {
      const auto line =
          key.source().begin.line > 0 ? key.source().begin.line : node.source().begin.line;
      unread.emplace_back(line, std::string(key.str()));
      continue;
    }
    if (const toml::table* inner = node.as_table()) add_unread(*inner, read, unread);
    if (const toml::array* list = node.as_array()) {
      for (const toml::node& element : *list) {
        if (const toml::table* inner = element.as_table()) add_unread(*inner, read, unread);
      }
    }
  }
}

}  // namespace

void Section::require_all_read(const std::string& remedy) const {
  std::vector<std::pair<std::uint32_t, std::string>> unread;
  if (table_->node != nullptr) add_unread(*table_->node, state_->read, unread);
  if (unread.empty()) return;
  std::sort(unread.begin(), unread.end());
  std::string others;
  for (std::size_t i = 1; i < unread.size(); ++i) {
    others +=
        (i > 1 ? ", " : "") + unread[i].second + " (line " + std::to_string(unread[i].first) + ")";
  }
  throw Error(state_->file.string() + ":" + std::to_string(unread[0].first),
              unread[0].second + " is no key of this section" +
                  (others.empty() ? "" : ", and neither are " + others),
              remedy);
}

}  // namespace r1
