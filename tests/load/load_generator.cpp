#include "load/load_generator.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/characters.h"
#include "base/stopwatch.h"

namespace r1::load {
namespace {

using Json = nlohmann::ordered_json;

enum class Kind : std::uint8_t { stream, whole, form, leaving, broken, huge, nowhere, page };

constexpr std::array kMixture = {Kind::stream,  Kind::whole,   Kind::stream, Kind::form,
                                 Kind::leaving, Kind::stream,  Kind::broken, Kind::stream,
                                 Kind::whole,   Kind::nowhere, Kind::stream, Kind::leaving,
                                 Kind::stream,  Kind::page,    Kind::stream, Kind::huge};

class Socket {
 public:
  explicit Socket(int port) : file_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (file_ < 0 ||
        ::connect(file_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      if (file_ >= 0) ::close(file_);
      throw std::runtime_error("can't connect to port " + std::to_string(port));
    }
    ::fcntl(file_, F_SETFL, O_NONBLOCK);
    const int one = 1;
    ::setsockopt(file_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  }
  ~Socket() {
    if (file_ >= 0) ::close(file_);
  }
  Socket(Socket&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int file() const { return file_; }
  /// Bytes taken, 0 for now none; nothing if the server has gone.
  std::optional<std::size_t> send(std::string_view bytes) const {
    const ssize_t sent = ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    return errno == EAGAIN ? std::optional<std::size_t>(0) : std::nullopt;
  }
  /// Appends what has come; false at the end.
  bool receive(std::string& to) const {
    std::array<char, 65536> bytes{};
    const ssize_t size = ::recv(file_, bytes.data(), bytes.size(), 0);
    if (size > 0) to.append(bytes.data(), static_cast<std::size_t>(size));
    return size > 0 || (size < 0 && errno == EAGAIN);
  }

 private:
  int file_;
};

/// An HTTP answer as its bytes come.
class Answer {
 public:
  void add(std::string& bytes) {
    if (!has_head_) {
      const std::size_t end = bytes.find("\r\n\r\n");
      if (end == std::string::npos) return;
      read_head(bytes.substr(0, end + 2));
      bytes.erase(0, end + 4);
    }
    if (chunked_) return add_chunks(bytes);
    body += std::exchange(bytes, {});
    complete = body.size() >= length_;
  }

  int status = 0;
  bool complete = false;
  std::string body;

 private:
  void read_head(std::string head) {
    has_head_ = true;
    status = std::stoi(head.substr(9, 3));
    head = lower_case(head);
    chunked_ = head.find("transfer-encoding: chunked\r\n") != std::string::npos;
    const std::string name = "content-length: ";
    const std::size_t at = head.find(name);
    if (at != std::string::npos) length_ = std::stoull(head.substr(at + name.size()));
  }
  void add_chunks(std::string& bytes) {
    for (;;) {
      const std::size_t line = bytes.find("\r\n");
      if (line == std::string::npos) return;
      const std::size_t size = std::stoull(bytes, nullptr, 16);
      if (bytes.size() < line + 2 + size + 2) return;
      body.append(bytes, line + 2, size);
      bytes.erase(0, line + 2 + size + 2);
      if (size == 0) {
        complete = true;
        return;
      }
    }
  }
  bool has_head_ = false, chunked_ = false;
  std::size_t length_ = SIZE_MAX;
};

std::string prompt_of(const LoadOptions& options, int number) {
  static constexpr std::array kWords = {"river", "seven", "the", "engine",  "under", "a",
                                        "green", "count", "of",  "letters", "when",  "stone"};
  std::string text = "Story number " + std::to_string(number) + ":";
  for (int i = 0; i < options.prompt_words; ++i) {
    text.append(" ").append(
        kWords[static_cast<std::size_t>(number * 31 + i * 7 + i / 5) % kWords.size()]);
  }
  return text;
}

std::string body_of(const LoadOptions& options, Kind kind, int number) {
  if (kind == Kind::broken) return "{\"messages\":[{\"role\":\"user\",";
  if (kind == Kind::huge) return std::string(std::size_t{30} << 20, ' ');
  Json body = {{"prompt", prompt_of(options, number)},
               {"temperature", 0},
               // Those who leave do so long before the end.
               {"max_tokens", kind == Kind::leaving ? 30 * options.max_tokens : options.max_tokens},
               {"ignore_eos", true}};
  if (kind == Kind::form) {
    body.erase("prompt");
    body["messages"] = {{{"role", "user"}, {"content", prompt_of(options, number)}}};
    body["response_format"] = {{"type", "json_object"}};
    body["thinking_budget"] = 4;
  }
  if (kind == Kind::stream || kind == Kind::leaving) {
    body["stream"] = true;
    body["stream_options"] = {{"include_usage", true}};
  }
  return body.dump();
}

std::string request_of(const LoadOptions& options, Kind kind, int number) {
  std::string head = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  if (!options.key.empty()) head += "Authorization: Bearer " + options.key + "\r\n";
  if (kind == Kind::page) return "GET /" + head + "\r\n";
  if (kind == Kind::nowhere) return "GET /nowhere" + head + "\r\n";
  const std::string body = body_of(options, kind, number);
  const std::string path =
      kind == Kind::form || kind == Kind::broken ? "/v1/chat/completions" : "/v1/completions";
  return "POST " + path + head +
         "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

int expected_status(Kind kind) {
  if (kind == Kind::broken) return 400;
  if (kind == Kind::nowhere) return 404;
  return kind == Kind::huge ? 413 : 200;
}

/// One request and its answer.
struct Asked {
  Kind kind;
  int number;  // of the prompt
  Socket socket;
  std::string request;
  std::size_t sent = 0;
  Answer answer{};
  std::string unread{}, text{};
  std::size_t events_read = 0;  // bytes of the body
  std::int64_t tokens = 0;
  Stopwatch watch{};
  double first_token = -1, last_token = 0, longest_gap = 0;
  bool ended = false;

  void read_events() {
    const std::string mark = "data: ";
    for (;;) {
      const std::size_t end = answer.body.find("\n\n", events_read);
      if (end == std::string::npos) return;
      const std::string event = answer.body.substr(events_read, end - events_read);
      events_read = end + 2;
      if (!event.starts_with(mark + "{")) continue;
      const Json json = Json::parse(event.substr(mark.size()));
      if (const auto usage = json.find("usage"); usage != json.end() && usage->is_object()) {
        tokens = usage->at("completion_tokens");
      }
      const auto choices = json.find("choices");
      if (choices == json.end() || choices->empty()) continue;
      const std::string piece = choices->at(0).value("text", "");
      if (piece.empty()) continue;
      text += piece;
      const double now = watch.seconds();
      if (first_token < 0)
        first_token = now;
      else
        longest_gap = std::max(longest_gap, now - last_token);
      last_token = now;
    }
  }
  void read_whole() {
    if (kind != Kind::whole && kind != Kind::form) return;
    const Json json = Json::parse(answer.body);
    tokens = json.at("usage").at("completion_tokens");
    text = json.at("choices").at(0).dump();
  }
  void step(short events) {
    if ((events & POLLOUT) != 0 && sent < request.size()) {
      const auto taken = socket.send(std::string_view(request).substr(sent));
      sent = taken ? sent + *taken : request.size();
    }
    if ((events & (POLLIN | POLLHUP | POLLERR)) == 0) return;
    const bool open = socket.receive(unread);
    answer.add(unread);
    if (kind == Kind::stream || kind == Kind::leaving) read_events();
    ended = !open || answer.complete || (kind == Kind::leaving && first_token >= 0);
  }
};

class Load {
 public:
  explicit Load(const LoadOptions& options) : options_(options) {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
      files.rlim_cur = files.rlim_max;
      ::setrlimit(RLIMIT_NOFILE, &files);
    }
    for (int i = 0; i < options.idle; ++i) idle_.emplace_back(options.port);
    for (int i = 0; i < options.slow; ++i) slow_.emplace_back(options.port);
  }

  LoadReport run(const std::function<void(double)>& on_second) {
    double next_second = 1;
    while (begin() || !asked_.empty()) {
      wait();
      std::erase_if(asked_, [&](const std::unique_ptr<Asked>& one) {
        if (one->ended) count(*one);
        return one->ended;
      });
      if (watch_.seconds() < next_second) continue;
      next_second += 1;
      dribble();
      if (on_second) on_second(watch_.seconds());
    }
    report_.seconds = watch_.seconds();
    return std::move(report_);
  }

 private:
  /// Begins what may be begun; false when nothing more will be.
  bool begin() {
    const auto over = [&] {
      return (options_.requests > 0 && begun_ >= options_.requests) ||
             (options_.seconds > 0 && watch_.seconds() >= options_.seconds);
    };
    while (!over() && static_cast<int>(asked_.size()) < options_.streams) {
      const Kind kind = options_.mixed
                            ? kMixture[static_cast<std::size_t>(begun_) % kMixture.size()]
                            : Kind::stream;
      const int number = static_cast<int>(begun_++ % options_.prompts);
      asked_.push_back(std::make_unique<Asked>(
          Asked{kind, number, Socket(options_.port), request_of(options_, kind, number)}));
    }
    return !over();
  }

  void wait() {
    std::vector<pollfd> files;
    for (const auto& one : asked_) {
      const int wanted = one->sent < one->request.size() ? POLLIN | POLLOUT : POLLIN;
      files.push_back({one->socket.file(), static_cast<short>(wanted), 0});
    }
    ::poll(files.data(), files.size(), 100);
    for (std::size_t i = 0; i < files.size(); ++i) asked_[i]->step(files[i].revents);
  }

  /// The slow ones send a byte more of a request that never ends; what the server closed is
  /// opened again.
  void dribble() {
    const std::string head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
    for (Socket& socket : slow_) {
      const char byte = dribbled_ < head.size() ? head[dribbled_] : 'x';
      if (!socket.send({&byte, 1})) socket = Socket(options_.port);
    }
    ++dribbled_;
    std::string ignored;
    for (Socket& socket : idle_) {
      if (!socket.receive(ignored)) socket = Socket(options_.port);
    }
  }

  void count(Asked& one) {
    ++report_.statuses[one.answer.status];
    const int status = one.answer.status;
    if (one.kind == Kind::leaving && one.first_token >= 0 && !one.answer.complete) {
      ++report_.left;
      return;
    }
    if (status != expected_status(one.kind) || !one.answer.complete) {
      ++report_.failed;
      return;
    }
    one.read_whole();
    ++report_.finished;
    report_.tokens += one.tokens;
    if (one.first_token >= 0) {
      report_.first_token_seconds.push_back(one.first_token);
      report_.longest_gap_seconds.push_back(one.longest_gap);
    }
    if (one.text.empty()) return;
    const auto [known, is_new] = answers_.try_emplace({one.kind, one.number}, one.text);
    if (!is_new && known->second != one.text) ++report_.wrong;
  }

  LoadOptions options_;
  std::vector<Socket> idle_, slow_;
  std::vector<std::unique_ptr<Asked>> asked_;
  std::map<std::pair<Kind, int>, std::string> answers_;
  std::int64_t begun_ = 0;
  std::size_t dribbled_ = 0;
  Stopwatch watch_;
  LoadReport report_;
};

}  // namespace

LoadReport run_load(const LoadOptions& options, const std::function<void(double)>& on_second) {
  return Load(options).run(on_second);
}

std::int64_t memory_of(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::int64_t kilobytes = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) kilobytes = std::stoll(line.substr(8));
  }
  return kilobytes * 1024;
}

}  // namespace r1::load
