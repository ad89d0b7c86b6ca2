// Documents to learn from: JSON lines, tokenized once and kept on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/files.h"
#include "learn/document_maker.h"
#include "learn/learning_model.h"

namespace r1 {

/// A document of a data set: ids[i] is learned where counts[i] is 1.
struct Document {
  std::span<const int> ids;
  std::span<const std::uint8_t> counts;
};

class DataSet {
 public:
  /// The documents of all files, in order. They are read from a file in `cache`, which is made anew
  /// when it is missing or damaged, or when the files' contents, tokenizer, template or options are
  /// others. `note` gets a sentence about documents that were cut off or left out. Throws Error,
  /// with the line, for what is no document, and when none is left.
  static DataSet open(const std::vector<std::filesystem::path>& files,
                      const DocumentOptions& options, const LearningModel& model,
                      const std::filesystem::path& cache,
                      const std::function<void(const std::string&)>& note);

  std::int64_t size() const { return static_cast<std::int64_t>(ends_.size()); }
  Document operator[](std::int64_t index) const;
  std::int64_t tokens() const { return static_cast<std::int64_t>(ids_.size()); }

 private:
  MappedFile file_;
  std::span<const std::uint64_t> ends_;  // where each document ends
  std::span<const int> ids_;
  std::span<const std::uint8_t> counts_;

  struct Header;
  static DataSet read(const std::filesystem::path& path, Header& header);
};

}  // namespace r1
