// The samples of a run, kept as they come, so that a run that was ended goes on where it stood.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "evaluate/suite.h"

namespace r1::evaluate {

struct Sample {
  std::string question;  // its id
  std::int64_t number = 0;
  Judged judged;
  std::string response, finish_reason;
  std::int64_t tokens = 0;
  std::int64_t drafted = 0, accepted = 0;
};

/// A file of JSON lines: what was run, then the samples in the order in which they were done.
class SampleFile {
 public:
  /// Opens or begins the file. `run` says with what settings: a file made with others is an Error.
  /// A last line that isn't whole, as a killed run leaves it, is cut off.
  SampleFile(const std::filesystem::path& path, const nlohmann::ordered_json& run);

  const std::vector<Sample>& samples() const { return samples_; }
  /// Adds a sample; it is in the file when this returns. Throws Error.
  void add(Sample sample);

 private:
  std::filesystem::path path_;
  std::vector<Sample> samples_;
};

/// A finished run, or as far as it came.
struct RecordedRun {
  nlohmann::ordered_json run;
  std::vector<Sample> samples;
};
/// Throws Error for what is no file of samples.
RecordedRun read_samples(const std::filesystem::path& path);

}  // namespace r1::evaluate
