// A model that answers and doesn't learn.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "formats/chat_template.h"
#include "formats/tokenizer.h"
#include "models/model.h"

namespace r1 {

struct Teacher {
  std::unique_ptr<Model> model;
  Tokenizer tokenizer;
  std::optional<ChatTemplate> chat_template;

  /// A GGUF file or a Hugging Face folder, run as it is stored. Throws Error for what is no model
  /// with a tokenizer.
  static Teacher open(const std::filesystem::path& path);
};

/// Whether each id means the same to both.
bool same_vocabulary(const Tokenizer& a, const Tokenizer& b);

}  // namespace r1
