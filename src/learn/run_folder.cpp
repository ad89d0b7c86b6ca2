#include "learn/run_folder.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "formats/json.h"
#include "learn/event_file.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecipe = "recipe.toml";
constexpr const char* kMetrics = "metrics.jsonl";
constexpr std::size_t kLargestLog = std::size_t{1} << 34;

/// Lines of `path` whose "step" is at most `last`; what a killed run left unfinished is dropped.
std::string lines_up_to(const fs::path& path, std::int64_t last) {
  if (!fs::exists(path)) return {};
  const std::string text = read_file(path, kLargestLog);
  std::string kept;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) break;
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
    const auto step = object.is_object() ? object.find("step") : object.end();
    if (!object.is_object() || step == object.end() || !step->is_number_integer()) continue;
    if (step->get<std::int64_t>() <= last) kept += line + "\n";
  }
  return kept;
}

void append(const fs::path& path, const std::string& line) {
  std::ofstream file(path, std::ios::app | std::ios::binary);
  file << line << std::flush;
  if (!file) throw Error(path.string(), std::string("can't write: ") + std::strerror(errno));
}

double now() {
  const std::chrono::duration<double> time = std::chrono::system_clock::now().time_since_epoch();
  return time.count();
}

/// The numbers of an object as scalars "stage/loss"; nested ones as "stage/experts/3".
void add_scalars(EventFile& events, const std::string& prefix, std::int64_t step,
                 const nlohmann::ordered_json& metrics, double seconds) {
  for (const auto& [key, value] : metrics.items()) {
    if (value.is_object()) add_scalars(events, prefix + key + "/", step, value, seconds);
    if (!value.is_number() || key == "step") continue;
    events.scalar(prefix + key, step, value.get<float>(), seconds);
  }
}

}  // namespace

RunFolder::RunFolder(fs::path path, bool resume) : path_(std::move(path)) {
  if (!resume && fs::exists(path_ / kRecipe)) {
    throw Error(path_.string(), "holds a run already",
                "--resume goes on with it, --run-dir names another folder");
  }
  std::error_code error;
  fs::create_directories(path_ / "checkpoints", error);
  if (!error) fs::create_directories(path_ / "samples", error);
  if (error) throw Error(path_.string(), "can't be made: " + error.message());
}

RunFolder::~RunFolder() = default;

bool RunFolder::keep_recipe(const std::string& text) {
  const fs::path file = path_ / kRecipe;
  const bool differs = fs::exists(file) && read_file(file) != text;
  write_file(file, text);
  return differs;
}

std::string RunFolder::metrics() const {
  return fs::exists(path_ / kMetrics) ? read_file(path_ / kMetrics, kLargestLog) : std::string();
}

void RunFolder::rewind(std::int64_t step) {
  write_file(path_ / kMetrics, lines_up_to(path_ / kMetrics, step));
  for (const auto& file : fs::directory_iterator(path_ / "samples")) {
    write_file(file.path(), lines_up_to(file.path(), step));
  }
  // The event file is made again from the metrics, so that no step is in it twice.
  std::vector<fs::path> old;
  for (const auto& file : fs::directory_iterator(path_)) {
    if (file.path().filename().string().starts_with("events.out.tfevents.")) {
      old.push_back(file.path());
    }
  }
  events_.reset();
  for (const fs::path& file : old) fs::remove(file);
  const auto second = static_cast<long long>(now());
  events_ = std::make_unique<EventFile>(path_ /
                                        ("events.out.tfevents." + std::to_string(second) + ".r1"));
  const std::string kept = metrics();
  for (std::size_t begin = 0; begin < kept.size();) {
    const std::size_t end = kept.find('\n', begin);
    const auto line = parse_ordered_json(kept.substr(begin, end - begin), kMetrics);
    begin = end + 1;
    add_scalars(*events_, line.value("stage", std::string("run")) + "/",
                line.at("step").get<std::int64_t>(), line, now());
  }
  events_->flush();
}

void RunFolder::log(const nlohmann::ordered_json& metrics) {
  append(path_ / kMetrics, json_text(metrics) + "\n");
  if (!events_) return;
  add_scalars(*events_, metrics.value("stage", std::string("run")) + "/",
              metrics.at("step").get<std::int64_t>(), metrics, now());
  events_->flush();
}

void RunFolder::sample(const std::string& stage, const nlohmann::ordered_json& sample) {
  append(path_ / "samples" / (stage + ".jsonl"), json_text(sample) + "\n");
}

}  // namespace r1
