#include "hub/model_list.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "formats/model_file.h"
#include "hub/cache.h"
#include "hub/choice.h"
#include "hub/settings.h"

namespace r1::hub {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kModels = "models--", kDataSets = "datasets--";

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

/// The repositories of a cache whose folders begin with `prefix`.
std::vector<Name> repositories_in(const fs::path& hub, std::string_view prefix) {
  std::vector<Name> names;
  for (const fs::path& folder : entries_of(hub)) {
    std::string repository = folder.filename().string();
    if (!repository.starts_with(prefix) || !is_folder(folder)) continue;
    repository.erase(0, prefix.size());
    const std::size_t separator = repository.find("--");
    if (separator != std::string::npos) repository.replace(separator, 2, "/");
    names.push_back({.data_set = prefix == kDataSets, .repository = std::move(repository)});
  }
  return names;
}

/// A snapshot's models: the folder itself, GGUF files anywhere below it.
void add_models_of_snapshot(const fs::path& snapshot, const Name& name,
                            std::vector<ListedModel>& models) {
  std::vector<ListedModel> found;
  if (is_model_folder(snapshot)) {
    if (auto model = describe(snapshot, name.repository)) found.push_back(std::move(*model));
  }
  for (const Variant& variant : gguf_variants(files_in(snapshot))) {
    const std::string& file = variant.files.front();
    auto model = describe(snapshot / file, name.repository + "/" + file);
    if (model) found.push_back(std::move(*model));
  }
  for (ListedModel& model : found) {
    const bool known = std::any_of(models.begin(), models.end(), [&](const ListedModel& other) {
      return other.name == model.name;
    });
    if (!known) models.push_back(std::move(model));
  }
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
  std::vector<ListedModel> models;
  for (const Name& name : repositories_in(hub, kModels)) {
    for (const fs::path& snapshot : CachedRepository(hub, name).snapshots(name.revision)) {
      add_models_of_snapshot(snapshot, name, models);
    }
  }
  return models;
}

std::vector<ListedModel> data_sets_in_hub_cache(const fs::path& hub) {
  std::vector<ListedModel> all;
  for (const Name& name : repositories_in(hub, kDataSets)) {
    const auto snapshots = CachedRepository(hub, name).snapshots(name.revision);
    if (snapshots.empty()) continue;
    ListedModel listed{name.text(), snapshots.front(), "data set", {}, 0};
    for (const std::string& file : files_in(snapshots.front())) {
      listed.bytes += bytes_of_file(snapshots.front() / file);
    }
    all.push_back(std::move(listed));
  }
  return all;
}

std::vector<Unfinished> unfinished_in_hub_cache(const fs::path& hub) {
  std::vector<Unfinished> all;
  for (const std::string_view kind : {kModels, kDataSets}) {
    for (const Name& name : repositories_in(hub, kind)) {
      const std::int64_t bytes = CachedRepository(hub, name).incomplete_bytes();
      if (bytes > 0) all.push_back({name.text(), bytes});
    }
  }
  return all;
}

fs::path shipped_models(const fs::path& program) {
  const fs::path folder = program.parent_path(), above = folder.parent_path();
  for (const fs::path& models :
       {folder.filename() == "bin" ? above / "share/r1/models" : fs::path(),
        above.filename() == "build" ? above.parent_path() / "models" : fs::path()}) {
    if (!models.empty() && is_folder(models)) return models;
  }
  return {};
}

fs::path shipped_models() {
  std::error_code ignored;
  return shipped_models(fs::read_symlink("/proc/self/exe", ignored));
}

std::vector<ListedModel> list_models() {
  std::vector<ListedModel> models = models_in_hub_cache(cache_folder());
  const auto add = [&](const fs::path& folder) {
    for (ListedModel& model : models_in_folder(folder)) {
      std::error_code ignored;
      const bool known = std::any_of(models.begin(), models.end(), [&](const ListedModel& other) {
        return fs::equivalent(other.path, model.path, ignored);
      });
      if (!known) models.push_back(std::move(model));
    }
  };
  if (const char* folder = std::getenv("R1_MODELS")) add(folder);
  add("models");
  add(shipped_models());
  std::sort(models.begin(), models.end(), [](const ListedModel& a, const ListedModel& b) {
    return std::pair(a.name, a.path) < std::pair(b.name, b.path);
  });
  return models;
}

}  // namespace r1::hub
