// Converting a model between GGUF files and Hugging Face folders, and between types.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace r1 {

struct ConvertOptions {
  std::filesystem::path source;     // a GGUF file or a folder
  std::filesystem::path target;     // a GGUF file if its name ends in .gguf, else a folder
  std::string format;               // a name of parse_target_format(); empty: types stay
  std::filesystem::path tokenizer;  // a folder or GGUF file to take it from; empty: the source's
  /// Gets one sentence for each thing that the user should know about the result.
  std::function<void(const std::string&)> note = [](const std::string&) {};
};

/// Streams tensor by tensor: memory for some megabytes at a time is enough. The target appears when
/// all is written. Throws Error.
void convert(const ConvertOptions& options);

}  // namespace r1
