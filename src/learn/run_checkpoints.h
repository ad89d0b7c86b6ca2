// The checkpoints of a run: folders that appear whole, whose damage is noticed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace r1 {

/// checkpoints/step-<n>/, each with a manifest of its files' sizes and sums.
class RunCheckpoints {
 public:
  /// `note` gets one sentence for each checkpoint that is damaged or half-written.
  RunCheckpoints(std::filesystem::path folder, std::int64_t keep,
                 std::function<void(const std::string&)> note);

  /// Has `fill` write the files of a step's checkpoint into a folder that doesn't exist yet; then
  /// gives it its name and removes the oldest ones beyond those to keep. Throws Error if that
  /// can't be; what was there stays.
  void save(std::int64_t step, const std::function<void(const std::filesystem::path&)>& fill);
  /// That step's checkpoint is the best so far: it isn't removed until another one is.
  void keep_best(std::int64_t step);
  /// The newest whole checkpoint; nothing if there is none.
  std::optional<std::filesystem::path> newest() const;
  std::filesystem::path path_of(std::int64_t step) const;

 private:
  std::vector<std::int64_t> steps() const;  // ascending
  void remove_old();

  std::filesystem::path folder_;
  std::int64_t keep_;
  std::function<void(const std::string&)> note_;
};

/// Why a folder written by save() is no whole checkpoint, or "".
std::string damage_of(const std::filesystem::path& checkpoint);

}  // namespace r1
