// A Hugging Face folder's tokenizer: tokenizer.json and what the files beside it add.
#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "formats/json.h"
#include "formats/tokenizer_data.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json read_if_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error) ? read_json(path) : json::object();
}

std::optional<TokenId> id_of(const TokenizerData& data, std::string_view spelling) {
  const auto found = std::find_if(data.tokens.begin(), data.tokens.end(), [&](const Token& token) {
    return token.kind != TokenKind::normal && token.bytes == spelling;
  });
  if (found == data.tokens.end()) return std::nullopt;
  return static_cast<TokenId>(found - data.tokens.begin());
}

/// A token is named by its spelling or by {"content": spelling}.
std::optional<TokenId> named_token(const TokenizerData& data, const json& config, const char* key) {
  const auto entry = config.find(key);
  if (entry == config.end()) return std::nullopt;
  const json& name =
      entry->is_object() && entry->contains("content") ? (*entry)["content"] : *entry;
  return name.is_string() ? id_of(data, name.get_ref<const std::string&>()) : std::nullopt;
}

/// Says in `ids` whether the token is added, where the configuration decides that.
void follow_flag(const json& config, const char* flag, std::optional<TokenId> token,
                 std::vector<TokenId>& ids) {
  const auto entry = config.find(flag);
  if (entry == config.end() || !entry->is_boolean()) return;
  ids.clear();
  if (entry->get<bool>() && token) ids.push_back(*token);
}

void add_ends(TokenizerData& data, const json& config) {
  const auto entry = config.find("eos_token_id");
  if (entry == config.end()) return;
  for (const json& id : entry->is_array() ? *entry : json::array({*entry})) {
    if (!id.is_number_integer()) continue;
    const auto value = id.get<std::int64_t>();
    if (value < 0 || value >= static_cast<std::int64_t>(data.tokens.size())) continue;
    data.end_of_generation.push_back(static_cast<TokenId>(value));
  }
}

/// The configuration holds one template, which is the default, or a list of {"name", "template"}.
std::string chat_template_of(const json& config, std::string_view name) {
  const auto entry = config.find("chat_template");
  if (entry == config.end()) return {};
  if (entry->is_string()) return name == "default" ? entry->get<std::string>() : std::string();
  if (!entry->is_array()) return {};
  for (const json& named : *entry) {
    if (named.is_object() && named.value("name", json()) == name &&
        named.value("template", json()).is_string()) {
      return named["template"].get<std::string>();
    }
  }
  return {};
}

}  // namespace

TokenizerData read_tokenizer_folder(const fs::path& folder) {
  const fs::path path = folder / "tokenizer.json";
  std::error_code error;
  if (!fs::exists(path, error)) {
    throw Error(folder.string(), "it has no tokenizer.json",
                "take a folder of a Hugging Face model, or a GGUF file");
  }
  TokenizerData data = parse_tokenizer_json(read_file(path), path.string());

  const json config = read_if_there(folder / "tokenizer_config.json");
  data.bos = named_token(data, config, "bos_token");
  data.eos = named_token(data, config, "eos_token");
  follow_flag(config, "add_bos_token", data.bos, data.prefix);
  follow_flag(config, "add_eos_token", data.eos, data.suffix);
  if (!data.bos && !data.prefix.empty()) data.bos = data.prefix.front();

  const json generation = read_if_there(folder / "generation_config.json");
  add_ends(data, generation.contains("eos_token_id") ? generation
                                                     : read_if_there(folder / "config.json"));
  add_usual_ends(data);

  const fs::path template_path = folder / "chat_template.jinja";
  if (fs::exists(template_path, error)) {
    data.chat_template = read_file(template_path);
  } else {
    data.chat_template = chat_template_of(config, "default");
    data.tool_use_template = chat_template_of(config, "tool_use");
  }
  return data;
}

}  // namespace r1
