#include "serve/run_page.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "formats/json.h"
#include "serve/api_error.h"
#include "serve/page.h"

namespace r1::serve {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kPiece = std::uint64_t{4} << 20;  // bytes of lines in an answer
constexpr std::size_t kLargestRecipe = std::size_t{1} << 20;

HttpAnswer json_answer(const Json& json) {
  return {200,
          {{"Content-Type", "application/json"},
           {"Cache-Control", "no-store"},
           {"X-Content-Type-Options", "nosniff"}},
          json_text(json)};
}

/// The value of a field of a query, as sent; empty if there is none.
std::string_view field(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), one.size() + 1));
    const std::size_t equals = one.find('=');
    if (equals != std::string_view::npos && one.substr(0, equals) == name) {
      return one.substr(equals + 1);
    }
  }
  return {};
}

std::uint64_t begin_of(std::string_view query) {
  const std::string_view text = field(query, "from");
  std::uint64_t from = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), from);
  if (!text.empty() && (error != std::errc() || end != text.data() + text.size())) {
    throw ApiError(400, "from is no number of bytes", "wrong_from");
  }
  return from;
}

/// The whole lines of `path` from a byte on: {"next", "more", "restarted", "lines"}. A file that is
/// shorter was made again, and is read from its beginning.
Json lines_from(const fs::path& path, std::uint64_t from) {
  std::error_code none;
  const std::uintmax_t found = fs::file_size(path, none);
  const std::uint64_t size = none ? 0 : found;
  const bool restarted = from > size;
  if (restarted) from = 0;
  std::string text(static_cast<std::size_t>(std::min(kPiece, size - from)), '\0');
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(from));
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
  Json lines = Json::array();
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    Json line = Json::parse(text.substr(begin, end - begin), nullptr, false);
    if (line.is_object()) lines.push_back(std::move(line));
  }
  // A line that fills a piece is none that a run writes: it is passed over.
  const std::uint64_t read = begin == 0 && text.size() == kPiece ? kPiece : begin;
  return {{"next", from + read},
          {"more", read > 0 && from + read < size},
          {"restarted", restarted},
          {"lines", std::move(lines)}};
}

std::vector<std::string> stages_with_samples(const fs::path& folder) {
  std::vector<std::string> stages;
  std::error_code error;
  for (const auto& file : fs::directory_iterator(folder / "samples", error)) {
    if (file.path().extension() == ".jsonl") stages.push_back(file.path().stem().string());
  }
  std::sort(stages.begin(), stages.end());
  return stages;
}

bool is_run_path(std::string_view path) {
  return path == "/run/about" || path == "/run/metrics" || path == "/run/samples";
}

}  // namespace

RunPage::RunPage(const fs::path& folder, AccessOptions access)
    : folder_(fs::absolute(folder).lexically_normal()), access_(std::move(access)) {
  if (!folder_.has_filename()) folder_ = folder_.parent_path();  // "runs/mine/"
}

std::optional<HttpAnswer> RunPage::refuse(const HttpRequest& head) {
  if (auto answer = access_.refuse_origin(head)) return answer;
  if (head.method != "GET" && head.method != "HEAD") {
    HttpAnswer answer = ApiError(405, "only GET is possible here", "wrong_method").answer();
    answer.headers.emplace_back("Allow", "GET");
    return answer;
  }
  if (!is_run_path(head.path) && find_page_file(run_page_files(), head.path) == nullptr) {
    return ApiError(404, "there is nothing at this path", "not_found").answer();
  }
  return std::nullopt;
}

void RunPage::handle(const HttpRequest& request, std::shared_ptr<HttpReply> reply) {
  HttpAnswer result;
  try {
    result = answer(request);
  } catch (const ApiError& error) {
    result = error.answer();
  } catch (const std::exception& error) {
    result = ApiError(500, error.what(), "internal_error").answer();
  }
  reply->send(std::move(result));
}

HttpAnswer RunPage::error(int status, std::string_view message) {
  return ApiError(status, std::string(message), "").answer();
}

HttpAnswer RunPage::answer(const HttpRequest& request) const {
  if (const PageFile* file = find_page_file(run_page_files(), request.path)) {
    return page_answer(*file, request);
  }
  if (request.path == "/run/about") return about();
  const std::uint64_t from = begin_of(request.query);
  if (request.path == "/run/metrics") {
    return json_answer(lines_from(folder_ / "metrics.jsonl", from));
  }
  const std::string_view stage = field(request.query, "stage");
  const std::vector<std::string> stages = stages_with_samples(folder_);
  const auto found = std::find(stages.begin(), stages.end(), stage);
  if (found == stages.end()) throw ApiError(404, "this stage has no samples", "not_found");
  return json_answer(lines_from(folder_ / "samples" / (*found + ".jsonl"), from));
}

HttpAnswer RunPage::about() const {
  const fs::path recipe = folder_ / "recipe.toml";
  const bool there = fs::exists(recipe);
  return json_answer({{"name", folder_.filename().string()},
                      {"recipe", there ? read_file(recipe, kLargestRecipe) : std::string()},
                      {"samples", stages_with_samples(folder_)}});
}

}  // namespace r1::serve
