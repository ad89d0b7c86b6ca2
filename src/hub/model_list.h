// The models on this machine, where programs of this kind keep them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace r1::hub {

struct ListedModel {
  std::string name;  // "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B" or the file's name
  std::filesystem::path path;
  std::string format;  // "GGUF", "safetensors" or "data set"
  std::string type;    // of most weights: "q4_k", "bf16"; empty if the files don't tell
  std::int64_t bytes = 0;
};

/// GGUF files (of split ones the first part), and folders with config.json and safetensors files,
/// right in `folder` or one level deeper. Files that can't be read are left out.
std::vector<ListedModel> models_in_folder(const std::filesystem::path& folder);

/// The models of a cache of the hub (cache.h). Of several snapshots the one that "main" names, and
/// what only others have.
std::vector<ListedModel> models_in_hub_cache(const std::filesystem::path& hub);
/// Its data sets; their type is empty.
std::vector<ListedModel> data_sets_in_hub_cache(const std::filesystem::path& hub);

/// Repositories of a cache with files that were fetched in part.
struct Unfinished {
  std::string name;
  std::int64_t bytes = 0;  // fetched so far of those files
};
std::vector<Unfinished> unfinished_in_hub_cache(const std::filesystem::path& hub);

/// The folder of the models that come with `program`: models/ of the source tree whose build/ it is
/// in, or share/r1/models beside the bin/ that it is installed in. Empty if there is none.
std::filesystem::path shipped_models(const std::filesystem::path& program);
/// Of the program that runs.
std::filesystem::path shipped_models();

/// The models of the hub's cache, of $R1_MODELS, of ./models and those that come with this program,
/// sorted by name, each file once.
std::vector<ListedModel> list_models();

}  // namespace r1::hub
