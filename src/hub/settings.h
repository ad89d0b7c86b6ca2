// Where the hub is and where its files are kept: the variables that huggingface_hub reads.
#pragma once

#include <filesystem>
#include <string>

namespace r1::hub {

struct Settings {
  std::string endpoint = "https://huggingface.co";  // without a slash at the end
  std::string token = {};                           // empty: nobody in particular
  std::filesystem::path cache = {};
  bool offline = false;
};

/// $HF_HUB_CACHE, or hub in $HF_HOME, or ~/.cache/huggingface/hub.
std::filesystem::path cache_folder();

/// $HF_ENDPOINT; $HF_TOKEN, or the file that $HF_TOKEN_PATH names, or token in $HF_HOME;
/// $HF_HUB_OFFLINE. Throws Error for values that can't be.
Settings settings_of_environment();

}  // namespace r1::hub
