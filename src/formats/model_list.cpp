#include "formats/model_list.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "formats/model_file.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    entries.push_back(entry->path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// Later parts of a split file belong to the first.
bool is_later_part(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::size_t of = name.rfind("-of-");
  return of != std::string::npos && of >= 6 && name[of - 6] == '-' &&
         name.compare(of - 5, 5, "00001") != 0;
}

bool is_model_folder(const fs::path& folder) {
  return is_file(folder / "config.json") && (is_file(folder / "model.safetensors") ||
                                             is_file(folder / "model.safetensors.index.json"));
}

/// Nothing for files that are damaged or of another kind.
std::optional<ListedModel> describe(const fs::path& path, const std::string& name) {
  try {
    const ModelFile file = ModelFile::open(path);
    ListedModel model{name, path, file.format, {}, 0};
    std::map<std::string, std::int64_t> bytes;
    for (const StoredTensor& tensor : file.tensors) {
      bytes[tensor.type] += static_cast<std::int64_t>(tensor.bytes.size());
      model.bytes += static_cast<std::int64_t>(tensor.bytes.size());
    }
    if (file.tensors.empty()) return std::nullopt;  // a vocabulary without a model
    model.type = std::max_element(bytes.begin(), bytes.end(), [](const auto& a, const auto& b) {
                   return a.second < b.second;
                 })->first;
    return model;
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// The folder itself as a model, or the GGUF files in it.
void add_models_of(const fs::path& folder, const std::string& name,
                   std::vector<ListedModel>& models) {
  if (is_model_folder(folder)) {
    if (auto model = describe(folder, name)) models.push_back(std::move(*model));
  }
  for (const fs::path& entry : entries_of(folder)) {
    if (entry.extension() != ".gguf" || !is_file(entry) || is_later_part(entry)) continue;
    const std::string file = entry.filename().string();
    if (auto model = describe(entry, (fs::path(name) / file).string())) {
      models.push_back(std::move(*model));
    }
  }
}

/// The revision that "main" names, or any.
std::optional<fs::path> snapshot_of(const fs::path& repository) {
  std::string revision;
  std::ifstream(repository / "refs/main") >> revision;
  const fs::path named = repository / "snapshots" / revision;
  if (!revision.empty() && revision.find('/') == std::string::npos && is_folder(named))
    return named;
  for (const fs::path& snapshot : entries_of(repository / "snapshots")) {
    if (is_folder(snapshot)) return snapshot;
  }
  return std::nullopt;
}

}  // namespace

std::vector<ListedModel> models_in_folder(const fs::path& folder) {
  std::vector<ListedModel> models;
  add_models_of(folder, "", models);
  for (const fs::path& entry : entries_of(folder)) {
    if (is_folder(entry)) add_models_of(entry, entry.filename().string(), models);
  }
  return models;
}

std::vector<ListedModel> models_in_hub_cache(const fs::path& hub) {
  constexpr std::string_view kPrefix = "models--";
  std::vector<ListedModel> models;
  for (const fs::path& repository : entries_of(hub)) {
    std::string name = repository.filename().string();
    if (!name.starts_with(kPrefix)) continue;
    name = name.substr(kPrefix.size());
    const std::size_t separator = name.find("--");
    if (separator != std::string::npos) name.replace(separator, 2, "/");
    if (const auto snapshot = snapshot_of(repository)) add_models_of(*snapshot, name, models);
  }
  return models;
}

fs::path hub_cache() {
  if (const char* cache = std::getenv("HF_HUB_CACHE")) return cache;
  if (const char* home = std::getenv("HF_HOME")) return fs::path(home) / "hub";
  const char* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "." : home) / ".cache/huggingface/hub";
}

std::vector<ListedModel> list_models() {
  std::vector<ListedModel> models = models_in_hub_cache(hub_cache());
  const auto add = [&](std::vector<ListedModel> more) {
    std::move(more.begin(), more.end(), std::back_inserter(models));
  };
  if (const char* folder = std::getenv("R1_MODELS")) add(models_in_folder(folder));
  add(models_in_folder("models"));
  std::sort(models.begin(), models.end(), [](const ListedModel& a, const ListedModel& b) {
    return std::pair(a.name, a.path) < std::pair(b.name, b.path);
  });
  return models;
}

}  // namespace r1
