// Names of models and data sets on Hugging Face's hub, in the forms in which people copy them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace r1::hub {

struct Name {
  bool data_set = false;          // else a model
  std::string repository;         // "org/name"; very old ones have no "org/"
  std::string revision = "main";  // a branch, tag or commit
  std::string choice = {};        // of several: "Q4_K_M", or a file's path; empty if not said

  /// "org/name", "org/name:Q4_K_M", "org/name/file.gguf"; data sets begin with "datasets/".
  std::string text() const;
  /// As the cache calls the repository: "models--org--name".
  std::string folder() const;
};

/// Reads "org/name", "org/name:Q4_K_M", "org/name@revision", "org/name/file.gguf", the same behind
/// "hf.co/", "huggingface.co/", "hf://" or "https://" with either, page addresses such as
/// "https://huggingface.co/org/name/blob/main/file.gguf", short names (short_names.h), and all of
/// them behind "datasets/". Throws Error for what is none of them.
Name parse_name(std::string_view text);
/// The same, nothing for what is none.
std::optional<Name> try_name(std::string_view text);

/// Whether a path that a server names stays within the folder it is put into: not absolute, no
/// part empty, "." or "..", no control characters and no backslashes.
bool is_safe_path(std::string_view path);

}  // namespace r1::hub
