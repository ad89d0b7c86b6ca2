#include "learn/run_checkpoints.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "formats/json.h"
#include "learn/fingerprint.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifest = "manifest.json";
constexpr const char* kBest = "best.json";

/// Names of files reach the disk with their folder.
void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

void write_manifest(const fs::path& folder) {
  nlohmann::json files = nlohmann::json::object();
  for (const auto& entry : fs::directory_iterator(folder)) {
    const FileFingerprint file = file_fingerprint(entry.path());
    files[entry.path().filename().string()] = {{"bytes", file.bytes}, {"xxh3", file.text}};
  }
  write_file(folder / kManifest, json_text(nlohmann::json{{"files", files}}, 2) + "\n");
}

/// At every instant one of the two stands under the target's name.
void put_in_place(const fs::path& partial, const fs::path& target) {
  if (!fs::exists(target)) return fs::rename(partial, target);
  const int result =
      ::renameat2(AT_FDCWD, partial.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE);
  if (result != 0) {  // a file system that can't
    fs::remove_all(target);
    fs::rename(partial, target);
  }
}

}  // namespace

std::string damage_of(const fs::path& checkpoint) {
  try {
    if (!fs::exists(checkpoint / kManifest)) return "has no " + std::string(kManifest);
    const nlohmann::json manifest = read_json(checkpoint / kManifest);
    for (const auto& [name, entry] : manifest.at("files").items()) {
      if (!fs::exists(checkpoint / name)) return "lacks " + name;
      const FileFingerprint file = file_fingerprint(checkpoint / name);
      if (file.bytes != entry.at("bytes").get<std::uint64_t>() ||
          file.text != entry.at("xxh3").get<std::string>()) {
        return "has another " + name + " than was written";
      }
    }
    return {};
  } catch (const nlohmann::json::exception&) {
    return "has a damaged " + std::string(kManifest);
  } catch (const Error& error) {
    return "can't be read (" + std::string(error.what()) + ")";
  }
}

RunCheckpoints::RunCheckpoints(fs::path folder, std::int64_t keep,
                               std::function<void(const std::string&)> note)
    : folder_(std::move(folder)), keep_(keep), note_(std::move(note)) {}

fs::path RunCheckpoints::path_of(std::int64_t step) const {
  std::string digits = std::to_string(step);
  digits.insert(0, 8 - std::min<std::size_t>(8, digits.size()), '0');
  return folder_ / ("step-" + digits);
}

std::vector<std::int64_t> RunCheckpoints::steps() const {
  std::vector<std::int64_t> all;
  if (!fs::is_directory(folder_)) return all;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    const std::string digits = name.starts_with("step-") ? name.substr(5) : std::string();
    const bool number = !digits.empty() && digits.size() <= 18 &&
                        digits.find_first_not_of("0123456789") == std::string::npos;
    if (number) all.push_back(std::stoll(digits));
  }
  std::sort(all.begin(), all.end());
  return all;
}

void RunCheckpoints::save(std::int64_t step, const std::function<void(const fs::path&)>& fill) {
  const fs::path target = path_of(step);
  fs::path partial = folder_ / "partial";
  try {
    fs::remove_all(partial);
    fill(partial);
    write_manifest(partial);
    sync_folder(partial);
    put_in_place(partial, target);
    sync_folder(folder_);
    fs::remove_all(partial);  // what stood there before
  } catch (const fs::filesystem_error& error) {
    std::error_code ignored;
    fs::remove_all(partial, ignored);
    throw Error(target.string(), "can't be written: " + error.code().message());
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(partial, ignored);
    throw;
  }
  remove_old();
}

void RunCheckpoints::keep_best(std::int64_t step) {
  write_file(folder_ / kBest, json_text(nlohmann::json{{"step", step}}) + "\n");
  remove_old();
}

void RunCheckpoints::remove_old() {
  std::vector<std::int64_t> all = steps();
  if (static_cast<std::int64_t>(all.size()) <= keep_) return;
  all.resize(all.size() - static_cast<std::size_t>(keep_));
  std::int64_t best = -1;
  if (fs::exists(folder_ / kBest)) {
    const auto json = nlohmann::json::parse(read_file(folder_ / kBest), nullptr, false);
    if (json.is_object() && json.contains("step") && json["step"].is_number_integer()) {
      best = json["step"].get<std::int64_t>();
    }
  }
  for (const std::int64_t step : all) {
    std::error_code ignored;
    if (step != best) fs::remove_all(path_of(step), ignored);
  }
}

std::optional<fs::path> RunCheckpoints::newest() const {
  const std::vector<std::int64_t> all = steps();
  for (auto step = all.rbegin(); step != all.rend(); ++step) {
    const fs::path path = path_of(*step);
    const std::string damage = damage_of(path);
    if (damage.empty()) return path;
    note_(path.string() + " " + damage + ": the checkpoint before it is used");
  }
  return std::nullopt;
}

}  // namespace r1
