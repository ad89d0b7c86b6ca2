#include "evaluate/sample_file.h"

#include <fstream>
#include <system_error>

#include "base/error.h"
#include "base/files.h"
#include "formats/json.h"

namespace r1::evaluate {
namespace {

nlohmann::ordered_json json_of(const Sample& sample) {
  nlohmann::ordered_json json = {
      {"question", sample.question},    {"sample", sample.number},
      {"score", sample.judged.score},   {"answer", sample.judged.answer},
      {"reason", sample.judged.reason}, {"finish_reason", sample.finish_reason},
      {"tokens", sample.tokens},        {"response", sample.response}};
  if (sample.drafted > 0) {
    json["drafted"] = sample.drafted;
    json["accepted"] = sample.accepted;
  }
  return json;
}

Sample sample_of(const nlohmann::json& line, const std::string& where) {
  try {
    Sample sample;
    sample.question = line.at("question");
    sample.number = line.at("sample");
    sample.judged = {line.at("score"), line.at("answer"), line.at("reason")};
    sample.finish_reason = line.at("finish_reason");
    sample.tokens = line.at("tokens");
    sample.response = line.at("response");
    sample.drafted = line.value("drafted", std::int64_t{0});
    sample.accepted = line.value("accepted", std::int64_t{0});
    return sample;
  } catch (const nlohmann::json::exception&) {
    throw Error(where, "it is no sample of a run", "give a file that r1 eval wrote");
  }
}

void append(const std::filesystem::path& path, const std::string& line) {
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file << line << '\n';
  if (!file.flush()) throw Error(path.string(), "it can't be written");
}

bool says_what_was_run(const nlohmann::ordered_json& run) {
  const auto is_text = [&](const char* key) { return run.contains(key) && run[key].is_string(); };
  return run.is_object() && is_text("suite") && is_text("model");
}

/// Whole lines only.
std::string cut_text(const std::filesystem::path& path) {
  std::string text = read_file(path, std::size_t{1} << 36);
  text.resize(text.rfind('\n') + 1);
  return text;
}

RecordedRun parse(const std::string& text, const std::string& path) {
  RecordedRun recorded;
  std::size_t begin = 0;
  for (int number = 1; begin < text.size(); ++number) {
    const std::size_t end = text.find('\n', begin);
    const std::string where = path + ", line " + std::to_string(number);
    const std::string_view line(text.data() + begin, end - begin);
    if (number == 1) {
      recorded.run = parse_ordered_json(line, where);
      if (!says_what_was_run(recorded.run)) {
        throw Error(where, "it doesn't say what was run", "give a file that r1 eval wrote");
      }
    } else {
      recorded.samples.push_back(sample_of(parse_json(line, where), where));
    }
    begin = end + 1;
  }
  return recorded;
}

}  // namespace

RecordedRun read_samples(const std::filesystem::path& path) {
  RecordedRun recorded = parse(cut_text(path), path.string());
  if (recorded.run.is_null()) throw Error(path.string(), "it is empty");
  return recorded;
}

SampleFile::SampleFile(const std::filesystem::path& path, const nlohmann::ordered_json& run)
    : path_(path) {
  std::error_code failure;
  const std::string text = std::filesystem::exists(path, failure) ? cut_text(path) : "";
  if (text.empty()) {
    write_file(path, json_text(run) + "\n");
    return;
  }
  RecordedRun recorded = parse(text, path.string());
  if (recorded.run != run) {
    std::string what;
    for (const auto& [key, value] : run.items()) {
      if (recorded.run.value(key, nlohmann::ordered_json()) != value) what += " " + key;
    }
    throw Error(path.string(),
                "it holds samples of a run with other settings (" +
                    (what.empty() ? " fewer" : what).substr(1) + ")",
                "give another folder with --out, or remove the file");
  }
  std::filesystem::resize_file(path, text.size(), failure);
  if (failure) throw Error(path.string(), failure.message());
  samples_ = std::move(recorded.samples);
}

void SampleFile::add(Sample sample) {
  append(path_, json_text(json_of(sample)));
  samples_.push_back(std::move(sample));
}

}  // namespace r1::evaluate
