// What is asked of the hub's server.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/name.h"
#include "hub/settings.h"
#include "net/http_client.h"

namespace r1::hub {

struct RemoteFile {
  std::string path;  // checked: within the repository
  std::int64_t size = -1;
  std::string etag;  // its checksum (checksum.h)
};

struct Repository {
  std::string commit;  // 40 hexadecimal digits
  std::vector<RemoteFile> files;
};

/// Follows redirects. The token goes to the endpoint's own origin and to nobody else, and nothing
/// goes from https to http. What the hub refuses is an Error that says whether the name, a token
/// or a consent is missing. Of one thread at a time.
class Client {
 public:
  using OnHead = net::HttpClient::OnHead;
  using OnBytes = std::function<void(std::string_view)>;

  /// A server that is silent for so many seconds is given up.
  explicit Client(Settings settings, std::int64_t silence_seconds = 60);

  const Settings& settings() const { return settings_; }
  /// The files of the name's revision. Sizes (else -1) and sums are there if the server lists them.
  Repository list(const Name& name);
  /// The same file with its size and sum, asked for where they were not listed.
  RemoteFile complete(const Name& name, const std::string& commit, RemoteFile file);
  /// The file from byte `begin` on. `on_head` sees the answer that brings the body: 206 if the
  /// server keeps to the range, 200 if it sends the whole; its exceptions end the transfer. Returns
  /// the status: one of these, or 416.
  int get(const Name& name, const std::string& commit, const std::string& path, std::int64_t begin,
          const OnHead& on_head, const OnBytes& on_bytes);

 private:
  struct Answer {
    net::HttpResponse response;
    std::string url;  // whose it is
  };
  net::HttpRequest request(const std::string& target) const;
  Answer follow_redirects(net::HttpRequest request, bool within_endpoint, const OnBytes& on_bytes,
                          const OnHead& on_head);
  [[noreturn]] void refuse(const Answer& answer, const Name& name) const;
  bool is_endpoint(const std::string& url) const;

  Settings settings_;
  std::int64_t silence_seconds_;
  net::HttpClient http_;
};

}  // namespace r1::hub
