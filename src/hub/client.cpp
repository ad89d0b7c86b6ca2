#include "hub/client.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "formats/json.h"
#include "hub/checksum.h"
#include "hub/retries.h"
#include "net/url.h"

namespace r1::hub {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestList = std::size_t{1} << 26;
constexpr std::size_t kMostFiles = 100'000;
constexpr std::int64_t kLargestFile = std::int64_t{1} << 50;
constexpr int kMostRedirects = 10;

bool is_good(int status) {
  return status >= 200 && status < 300;
}

bool is_commit(const std::string& text) {
  return text.size() == 40 && is_checksum(text);
}

/// ETags come as "x", W/"x" or x.
std::string unquoted(std::string etag) {
  if (etag.starts_with("W/")) etag.erase(0, 2);
  std::erase(etag, '"');
  return etag;
}

/// Percent-encoded with its slashes: "refs%2Fpr%2F1".
std::string one_segment(const std::string& text) {
  std::string result;
  for (const char c : net::percent_encoded(text)) result += c == '/' ? "%2F" : std::string(1, c);
  return result;
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t size_of(const Json& object) {
  const auto found = object.find("size");
  if (found == object.end() || !found->is_number_unsigned()) return -1;
  return static_cast<std::int64_t>(std::min<std::uint64_t>(found->get<std::uint64_t>(), INT64_MAX));
}

RemoteFile file_of(const Json& entry, const std::string& where) {
  if (!entry.is_object()) throw Error(where, "lists a file that is none");
  RemoteFile file{text_of(entry, "rfilename"), size_of(entry), text_of(entry, "blobId")};
  if (!is_safe_path(file.path)) {
    throw Error(where, "lists a file whose name leads out of its folder",
                "don't trust this server");
  }
  const auto large = entry.find("lfs");
  if (large != entry.end() && large->is_object()) {
    file.etag = text_of(*large, "sha256");
    if (const std::int64_t size = size_of(*large); size >= 0) file.size = size;
  }
  return file;
}

std::string file_target(const Name& name, const std::string& commit, const std::string& path) {
  return std::string(name.data_set ? "/datasets/" : "/") + name.repository + "/resolve/" + commit +
         "/" + net::percent_encoded(path);
}

/// Size and sum from the headers of a file, or of the redirect to where it is stored.
RemoteFile described(const net::HttpResponse& answer, const std::string& path) {
  std::string etag = answer.header("x-linked-etag"), size = answer.header("x-linked-size");
  if (etag.empty()) etag = answer.header("etag");
  if (size.empty()) size = answer.header("content-length");
  RemoteFile file{path, -1, unquoted(etag)};
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), file.size);
  if (error != std::errc() || end != size.data() + size.size()) file.size = -1;
  return file;
}

}  // namespace

Client::Client(Settings settings, std::int64_t silence_seconds)
    : settings_(std::move(settings)), silence_seconds_(silence_seconds) {
  if (settings_.offline) {
    throw Error("HF_HUB_OFFLINE", "forbids asking the hub", "unset it to fetch models");
  }
}

bool Client::is_endpoint(const std::string& url) const {
  return net::origin_of(url) == net::origin_of(settings_.endpoint);
}

net::HttpRequest Client::request(const std::string& target) const {
  // Ranges and sums are of the bytes as they are stored.
  return {.url = settings_.endpoint + target,
          .headers = {"Accept-Encoding: identity"},
          .silence_seconds = silence_seconds_};
}

Client::Answer Client::follow_redirects(net::HttpRequest request, bool within_endpoint,
                                        const OnBytes& on_bytes, const OnHead& on_head) {
  const std::vector<std::string> headers = request.headers;
  for (int i = 0; i < kMostRedirects; ++i) {
    const bool trusted = is_endpoint(request.url) && !settings_.token.empty();
    request.headers = headers;
    if (trusted) request.headers.push_back("Authorization: Bearer " + settings_.token);
    net::HttpResponse answer = http_.send(
        request,
        [&](int status, std::string_view bytes) {
          if (is_good(status)) on_bytes(bytes);
          return true;
        },
        [&](const net::HttpResponse& head) {
          if (is_good(head.status) && on_head) on_head(head);
        });
    const bool leaves = !answer.redirect.empty() && !is_endpoint(answer.redirect);
    if (answer.redirect.empty() || (leaves && within_endpoint)) {
      return {std::move(answer), request.url};
    }
    if (request.url.starts_with("https:") && !answer.redirect.starts_with("https:")) {
      throw Error(net::origin_of(request.url), "leads away from https", "don't trust this server");
    }
    request.url = answer.redirect;
  }
  throw Error(net::origin_of(request.url), "redirects in circles");
}

/// The hub's reasons are in its own headers, or must be guessed from the status.
void Client::refuse(const Answer& answer, const Name& name) const {
  const int status = answer.response.status;
  const std::string code = answer.response.header("x-error-code");
  const std::string kind = name.data_set ? "data set" : "model";
  const std::string text = name.text();
  const std::string said = net::origin_of(answer.url) + " answers " + std::to_string(status);
  if (status == 429 || status >= 500 || !is_endpoint(answer.url)) {
    throw TemporaryError(text, said + (status == 429 ? ": too many requests" : ""),
                         "try again later", answer.response.retry_after);
  }
  if (code == "GatedRepo") {
    throw Error(text, "its owner asks for your consent",
                "give it at " + settings_.endpoint + "/" + (name.data_set ? "datasets/" : "") +
                    name.repository + " and set HF_TOKEN to a token of yours");
  }
  if (code == "RevisionNotFound") throw Error(text, "there is no revision " + name.revision);
  if (code == "EntryNotFound") throw Error(text, "there is no such file");
  if (settings_.token.empty() && (status == 401 || status == 403)) {
    throw Error(text, "the hub has no such " + kind + ", or it is private",
                "check the name; for private ones set HF_TOKEN");
  }
  if (status == 401) throw Error(text, "the hub has no such " + kind + ", or refuses your token");
  if (status == 403) throw Error(text, "your token may not read it", "ask its owner for the right");
  if (status == 404) throw Error(text, "the hub has no such " + kind, "check the name");
  throw Error(text, said);
}

Repository Client::list(const Name& name) {
  const net::HttpRequest asked =
      request(std::string("/api/") + (name.data_set ? "datasets/" : "models/") + name.repository +
              "/revision/" + one_segment(name.revision) + "?blobs=true");
  const std::string where = net::origin_of(asked.url);
  std::string body;
  const Answer answer = follow_redirects(
      asked, false,
      [&](std::string_view piece) {
        if (piece.size() > kLongestList - body.size()) throw Error(where, "lists too many files");
        body += piece;
      },
      nullptr);
  if (!is_good(answer.response.status)) refuse(answer, name);
  const Json document = parse_json(body, where);
  if (!document.is_object()) throw Error(where, "answers as no hub does");
  Repository repository{.commit = text_of(document, "sha"), .files = {}};
  const auto files = document.find("siblings");
  if (!is_commit(repository.commit) || files == document.end() || !files->is_array()) {
    throw Error(where, "answers as no hub does");
  }
  if (files->size() > kMostFiles) throw Error(where, "lists too many files");
  for (const Json& entry : *files) repository.files.push_back(file_of(entry, where));
  return repository;
}

RemoteFile Client::complete(const Name& name, const std::string& commit, RemoteFile file) {
  if (file.size < 0 || !is_checksum(file.etag)) {
    // Mirrors of the hub may leave sizes and sums to the files' own headers.
    net::HttpRequest asked = request(file_target(name, commit, file.path));
    asked.head_only = true;
    const Answer answer = follow_redirects(
        asked, true, [](std::string_view) {}, nullptr);
    if (answer.response.status >= 400) refuse(answer, name);
    file = described(answer.response, file.path);
  }
  if (!is_checksum(file.etag)) {
    throw Error(settings_.endpoint, "tells no checksum of " + file.path);
  }
  if (file.size < 0 || file.size > kLargestFile) {
    throw Error(settings_.endpoint, "tells no size of " + file.path);
  }
  return file;
}

int Client::get(const Name& name, const std::string& commit, const std::string& path,
                std::int64_t begin, const OnHead& on_head, const OnBytes& on_bytes) {
  net::HttpRequest asked = request(file_target(name, commit, path));
  if (begin > 0) asked.headers.push_back("Range: bytes=" + std::to_string(begin) + "-");
  const Answer answer = follow_redirects(asked, false, on_bytes, on_head);
  const int status = answer.response.status;
  if (!is_good(status) && status != 416) refuse(answer, name);
  return status;
}

}  // namespace r1::hub
