// The folder of a run: recipe, metrics, samples and checkpoints.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace r1 {

class EventFile;

/// recipe.toml, metrics.jsonl (an object a step), events.out.tfevents.* for TensorBoard,
/// samples/<stage>.jsonl, and checkpoints/step-<n>/, each of which appears whole.
class RunFolder {
 public:
  /// Makes the folder if it isn't there. A folder that holds a run is an Error unless `resume`.
  RunFolder(std::filesystem::path path, bool resume);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes the recipe's copy; true if there was another one.
  bool keep_recipe(const std::string& text);

  /// Drops the metrics and samples after `step`, as a run does that goes on from there.
  void rewind(std::int64_t step);
  /// The lines kept so far.
  std::string metrics() const;
  /// Appends an object with "step" to metrics.jsonl, and its numbers to the event file.
  void log(const nlohmann::ordered_json& metrics);
  /// Appends a sample to read, an object with "step", to samples/<stage>.jsonl.
  void sample(const std::string& stage, const nlohmann::ordered_json& sample);

 private:
  std::filesystem::path path_;
  std::unique_ptr<EventFile> events_;
};

}  // namespace r1
