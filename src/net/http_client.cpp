#include "net/http_client.h"
#include "base/characters.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <utility>

namespace r1::net {
namespace {

constexpr long kConnectSeconds = 30;

void begin_curl() {
  static const CURLcode begun = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (begun != CURLE_OK) throw Error("network", curl_easy_strerror(begun));
}

struct FreeHeaders {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeHeaders>;

Headers list_of(const std::vector<std::string>& lines) {
  Headers list;
  for (const std::string& line : lines) {
    if (line.find_first_of("\r\n") != std::string::npos) {
      throw Error("header", "it holds the end of a line");
    }
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  }
  return list;
}

/// Whether a later attempt may succeed.
bool may_pass(CURLcode code) {
  constexpr std::array<CURLcode, 11> kPassing = {CURLE_COULDNT_RESOLVE_PROXY,
                                                 CURLE_COULDNT_RESOLVE_HOST,
                                                 CURLE_COULDNT_CONNECT,
                                                 CURLE_PARTIAL_FILE,
                                                 CURLE_OPERATION_TIMEDOUT,
                                                 CURLE_SSL_CONNECT_ERROR,
                                                 CURLE_GOT_NOTHING,
                                                 CURLE_SEND_ERROR,
                                                 CURLE_RECV_ERROR,
                                                 CURLE_HTTP2,
                                                 CURLE_HTTP2_STREAM};
  return std::find(kPassing.begin(), kPassing.end(), code) != kPassing.end();
}

}  // namespace

std::string HttpResponse::header(std::string_view name) const {
  for (const auto& [other, value] : headers) {
    if (other == name) return value;
  }
  return {};
}

struct HttpClient::Handle {
  CURL* curl = nullptr;
  std::function<bool()> stopped;
  std::array<char, CURL_ERROR_SIZE> message{};

  // Of the request under way.
  const HttpRequest* request = nullptr;
  const OnBody* on_body = nullptr;
  const OnHead* on_head = nullptr;
  HttpResponse response;
  bool too_long = false, head_seen = false;
  std::exception_ptr failure;

  explicit Handle(std::function<bool()> asked) : curl(curl_easy_init()), stopped(std::move(asked)) {
    if (curl == nullptr) throw std::bad_alloc();
  }
  ~Handle() { curl_easy_cleanup(curl); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  template <typename Value>
  void set(CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(curl, option, value);
    if (code != CURLE_OK) throw Error(request->url, curl_easy_strerror(code));
  }

  int status() const {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return static_cast<int>(status);
  }

  bool take(std::string_view bytes) {
    see_head();
    if (*on_body) return (*on_body)(status(), bytes);
    too_long = bytes.size() > request->most_bytes - response.body.size();
    if (!too_long) response.body += bytes;
    return !too_long;
  }

  void see_head() {
    if (head_seen) return;
    head_seen = true;
    response.status = status();
    if (*on_head) (*on_head)(response);
  }

  /// A line of the head: "Name: value"; each answer (of a proxy, before a redirect) begins anew.
  void take_header(std::string_view line) {
    if (line.starts_with("HTTP/")) response.headers.clear();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string name = lower_case(line.substr(0, colon));
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    const std::size_t end = line.find_last_not_of(" \t\r\n");
    response.headers.emplace_back(std::move(name), begin > end || begin == line.npos
                                                       ? ""
                                                       : line.substr(begin, end + 1 - begin));
  }

  // libcurl's callbacks; exceptions may not pass through it.
  static std::size_t write(char* data, std::size_t one, std::size_t count, void* self) {
    auto& handle = *static_cast<Handle*>(self);
    try {
      return handle.take({data, one * count}) ? one * count : 0;
    } catch (...) {
      handle.failure = std::current_exception();
      return 0;
    }
  }
  static std::size_t header(char* data, std::size_t one, std::size_t count, void* self) {
    auto& handle = *static_cast<Handle*>(self);
    try {
      handle.take_header({data, one * count});
      return one * count;
    } catch (...) {
      handle.failure = std::current_exception();
      return 0;
    }
  }
  static int progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& handle = *static_cast<const Handle*>(self);
    return handle.stopped && handle.stopped() ? 1 : 0;
  }

  void set_up(const Headers& headers) {
    curl_easy_reset(curl);
    set(CURLOPT_ERRORBUFFER, message.data());
    set(CURLOPT_URL, request->url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_USERAGENT, "r1.cpp");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(request->silence_seconds));
    set(CURLOPT_ACCEPT_ENCODING, "");
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Handle::progress);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_WRITEFUNCTION, &Handle::write);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Handle::header);
    set(CURLOPT_HEADERDATA, this);
    if (request->head_only) set(CURLOPT_NOBODY, 1L);
    if (const char* file = std::getenv("SSL_CERT_FILE"); file != nullptr && *file != '\0') {
      set(CURLOPT_CAINFO, file);
    }
    if (request->body) {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request->body->size()));
      set(CURLOPT_POSTFIELDS, request->body->c_str());
    }
  }
};

HttpClient::HttpClient(std::function<bool()> stopped) {
  begin_curl();
  handle_ = std::make_unique<Handle>(std::move(stopped));
}

HttpClient::~HttpClient() = default;

HttpResponse HttpClient::send(const HttpRequest& request, const OnBody& on_body,
                              const OnHead& on_head) {
  Handle& handle = *handle_;
  handle.request = &request;
  handle.on_body = &on_body;
  handle.on_head = &on_head;
  handle.response = {};
  handle.too_long = handle.head_seen = false;
  handle.failure = nullptr;
  handle.message[0] = '\0';
  const Headers headers = list_of(request.headers);
  handle.set_up(headers);
  const CURLcode code = curl_easy_perform(handle.curl);
  if (handle.failure) std::rethrow_exception(handle.failure);
  if (handle.too_long) {
    throw Error(request.url, "it sends more than " + std::to_string(request.most_bytes) + " bytes");
  }
  if (code != CURLE_OK) {
    const std::string said = handle.message[0] != '\0' ? std::string(handle.message.data())
                                                       : std::string(curl_easy_strerror(code));
    if (may_pass(code)) throw ConnectionError(request.url, said);
    throw Error(request.url, said);
  }
  handle.see_head();
  curl_off_t wait = 0;
  if (curl_easy_getinfo(handle.curl, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK && wait > 0) {
    handle.response.retry_after = wait;
  }
  const char* redirect = nullptr;
  if (curl_easy_getinfo(handle.curl, CURLINFO_REDIRECT_URL, &redirect) == CURLE_OK &&
      redirect != nullptr) {
    handle.response.redirect = redirect;
  }
  return std::move(handle.response);
}

}  // namespace r1::net
