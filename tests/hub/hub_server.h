// A server in this process that answers as the hub does: lists of files, redirects to a storage of
// another origin, ranges, sums in headers. It can be told to misbehave.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "mock_server.h"

namespace r1::hub {

struct HubRequest {
  std::string method, target;  // without the query
  std::string head;

  explicit HubRequest(const std::string& text) : head(text) {
    const std::size_t space = head.find(' ');
    method = head.substr(0, space);
    target = head.substr(space + 1, head.find_first_of(" ?", space + 1) - space - 1);
  }
  /// A header's value, or ""; `name` as curl writes it.
  std::string header(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

/// What goes out; `sent` less than the body breaks the connection there.
struct HubAnswer {
  int status = 200;
  std::string headers = {};
  std::string body = {};
  std::int64_t length = -1;  // what is announced; -1: the truth
  std::size_t sent = std::string::npos;

  std::string text(bool head_only) const {
    const auto size =
        static_cast<std::size_t>(length >= 0 ? length : static_cast<std::int64_t>(body.size()));
    return "HTTP/1.1 " + std::to_string(status) +
           " Said\r\nConnection: close\r\nContent-Length: " + std::to_string(size) + "\r\n" +
           headers + "\r\n" + (head_only ? "" : body.substr(0, sent));
  }
};

/// Remembers what it was asked.
class RecordingServer {
 public:
  using Handler = std::function<HubAnswer(const HubRequest&)>;

  explicit RecordingServer(Handler handler)
      : server_([this, handler = std::move(handler)](const MockServer::Asked& asked) {
          const HubRequest request(asked.head);
          {
            const std::lock_guard lock(mutex_);
            requests_.push_back(request);
          }
          return handler(request).text(request.method == "HEAD");
        }) {}

  std::string origin() const { return server_.url(); }
  std::vector<HubRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<HubRequest> requests_;
  MockServer server_;
};

inline std::string hex_sum(const EVP_MD* kind, const std::string& bytes) {
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), sum, &size, kind, nullptr);
  std::string digits;
  for (unsigned i = 0; i < size; ++i) {
    constexpr const char* kDigits = "0123456789abcdef";
    digits += kDigits[sum[i] >> 4];
    digits += kDigits[sum[i] & 15];
  }
  return digits;
}

inline std::string sha256_of(const std::string& bytes) {
  return hex_sum(EVP_sha256(), bytes);
}

inline std::string git_sum_of(const std::string& bytes) {
  return hex_sum(EVP_sha1(), "blob " + std::to_string(bytes.size()) + std::string(1, '\0') + bytes);
}

/// A hub with one repository, and a storage of another origin to which large files lead.
class HubServer {
 public:
  struct File {
    std::string bytes;
    bool large = true;  // in the storage, under its SHA-256; else here, under git's sum
  };

  HubServer()
      : storage_([this](const HubRequest& request) { return from_storage(request); }),
        hub_([this](const HubRequest& request) { return from_hub(request); }) {}

  std::string repository = "org/name";
  std::string commit = std::string(40, 'c');
  std::string kind = "models";  // or "datasets"
  std::map<std::string, File> files;
  /// What listing hides: sizes and sums, which are then in the headers of files only.
  bool plain_list = false;
  std::string needed_token;
  bool gated = false;
  /// Changes an answer of the storage before it goes out.
  std::function<void(const HubRequest&, HubAnswer&)> meddle_storage = [](auto&&...) {};
  std::function<void(const HubRequest&, HubAnswer&)> meddle_hub = [](auto&&...) {};

  const RecordingServer& hub() const { return hub_; }
  const RecordingServer& storage() const { return storage_; }

 private:
  static HubAnswer not_found(const char* code) {
    return {404, std::string("X-Error-Code: ") + code + "\r\n", "no"};
  }

  HubAnswer from_hub(const HubRequest& request) {
    HubAnswer answer = decide(request);
    const std::lock_guard lock(mutex_);
    meddle_hub(request, answer);
    return answer;
  }

  HubAnswer decide(const HubRequest& request) const {
    if (!needed_token.empty() && request.header("Authorization") != "Bearer " + needed_token) {
      return {401, "X-Error-Code: RepoNotFound\r\n", "Invalid username or password."};
    }
    if (gated) return {403, "X-Error-Code: GatedRepo\r\n", "gated"};
    const std::string api = "/api/" + kind + "/" + repository + "/revision/";
    if (request.target.starts_with(api)) {
      const std::string revision = request.target.substr(api.size());
      if (revision != "main" && revision != commit) return not_found("RevisionNotFound");
      return {200, "Content-Type: application/json\r\n", list()};
    }
    const std::string prefix =
        (kind == "datasets" ? "/datasets/" : "/") + repository + "/resolve/" + commit + "/";
    if (!request.target.starts_with(prefix)) return not_found("RepoNotFound");
    const auto found = files.find(request.target.substr(prefix.size()));
    if (found == files.end()) return not_found("EntryNotFound");
    const File& file = found->second;
    if (!file.large) {
      return part_of(request, file.bytes, "ETag: \"" + git_sum_of(file.bytes) + "\"\r\n");
    }
    return {302,
            "Location: " + storage_.origin() + "/blob/" + sha256_of(file.bytes) +
                "?signature=x\r\nX-Linked-Etag: \"" + sha256_of(file.bytes) +
                "\"\r\nX-Linked-Size: " + std::to_string(file.bytes.size()) +
                "\r\nX-Repo-Commit: " + commit + "\r\n",
            "Found"};
  }

  std::string list() const {
    nlohmann::json siblings = nlohmann::json::array();
    for (const auto& [path, file] : files) {
      nlohmann::json entry = {{"rfilename", path}};
      if (!plain_list) {
        entry["size"] = file.bytes.size();
        entry["blobId"] = git_sum_of(file.large ? "pointer of " + path : file.bytes);
        if (file.large) {
          entry["lfs"] = {{"sha256", sha256_of(file.bytes)}, {"size", file.bytes.size()}};
        }
      }
      siblings.push_back(entry);
    }
    return nlohmann::json{{"id", repository}, {"sha", commit}, {"siblings", siblings}}.dump();
  }

  HubAnswer from_storage(const HubRequest& request) {
    HubAnswer answer = not_found("");
    for (const auto& [path, file] : files) {
      if (request.target == "/blob/" + sha256_of(file.bytes)) {
        answer = part_of(request, file.bytes, "");
      }
    }
    const std::lock_guard lock(mutex_);
    meddle_storage(request, answer);
    return answer;
  }

  static HubAnswer part_of(const HubRequest& request, const std::string& bytes,
                           const std::string& headers) {
    const std::string range = request.header("Range");
    if (range.empty()) return {200, headers, bytes};
    const std::size_t begin = std::stoul(range.substr(6));
    if (begin >= bytes.size()) return {416, headers, ""};
    return {206,
            headers + "Content-Range: bytes " + std::to_string(begin) + "-" +
                std::to_string(bytes.size() - 1) + "/" + std::to_string(bytes.size()) + "\r\n",
            bytes.substr(begin)};
  }

  std::mutex mutex_;
  RecordingServer storage_;
  RecordingServer hub_;
};

}  // namespace r1::hub
