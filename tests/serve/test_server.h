// A server in this process, and a client that sends whatever bytes it is told to.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "formats/json.h"
#include "generate/byte_tokenizer.h"
#include "models/tiny_model.h"
#include "serve/api.h"
#include "serve/http_server.h"
#include "temporary_folder.h"

namespace r1::serve {

inline constexpr const char* kThinkingTemplate =
    "{% for t in tools or [] %}[{{ t.function.name }}]{% endfor %}"
    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: <think>\n{% endif %}";

/// A Llama of random weights that speaks bytes.
inline const std::shared_ptr<const Model>& byte_model() {
  static const TemporaryFolder folder;
  static const std::shared_ptr<const Model> model = [] {
    write_tiny_llama(folder / "tiny", 300);
    return std::shared_ptr<const Model>(Model::load(Checkpoint::open(folder / "tiny"), {}));
  }();
  return model;
}

struct TestServerOptions {
  std::string chat_template = kThinkingTemplate;
  EngineOptions engine{.context_length = 2000, .kept_tokens = 4096};
  AccessOptions access{};
  HttpLimits limits{};
  std::size_t requests = 1000;
};

class TestServer {
 public:
  explicit TestServer(const TestServerOptions& options = {})
      : engine_(byte_model(), byte_tokenizer(), options.engine),
        thread_(std::make_unique<EngineThread>(engine_, options.requests)),
        api_(served(options), *thread_, options.access, log_),
        server_(api_, "127.0.0.1", 0, options.limits),
        port_(server_.port()),
        running_([this] { server_.run(2); }) {
    api_.connections = [this] { return server_.connections(); };
  }
  ~TestServer() { stop(); }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  int port() const { return port_; }
  void begin_stop() {
    api_.drain();
    server_.stop();
  }
  void stop() {
    begin_stop();
    if (running_.joinable()) running_.join();
    thread_.reset();
  }
  EngineLoad load() const { return thread_->load(); }
  std::size_t connections() const { return server_.connections(); }

 private:
  static ServedModel served(const TestServerOptions& options) {
    ServedModel model{.id = "tiny",
                      .aliases = {"deepseek-reasoner"},
                      .tokenizer = byte_tokenizer(),
                      .chat_template = std::nullopt,
                      .template_text = options.chat_template,
                      .defaults = {},
                      .context_length = options.engine.context_length,
                      .tree = std::make_shared<const TokenTree>(byte_tokenizer())};
    if (!options.chat_template.empty()) model.chat_template = ChatTemplate(options.chat_template);
    return model;
  }

  Engine engine_;
  std::unique_ptr<EngineThread> thread_;
  Log log_{Log::Form::none};
  Api api_;
  HttpServer server_;
  int port_;
  std::thread running_;
};

struct ClientAnswer {
  int status = 0;  // 0: the connection ended without an answer
  std::string head, body;

  nlohmann::json json() const { return nlohmann::json::parse(body); }
  /// The objects of an event stream, without [DONE].
  std::vector<nlohmann::json> events() const {
    std::vector<nlohmann::json> all;
    for (std::size_t at = body.find("data: "); at != std::string::npos;
         at = body.find("data: ", at + 1)) {
      const std::string line = body.substr(at + 6, body.find('\n', at) - at - 6);
      if (line != "[DONE]") all.push_back(nlohmann::json::parse(line));
    }
    return all;
  }
};

/// One connection.
class Client {
 public:
  explicit Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(socket_);
      throw std::runtime_error("connect");
    }
  }
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  /// False when the server has closed the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }
  /// Waits for more bytes; false at the end of the connection or after `seconds`.
  bool receive(int seconds = 60) { return receive_within(std::chrono::seconds(seconds)); }
  bool receive_within(std::chrono::milliseconds time) {
    pollfd wait{socket_, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(time.count())) <= 0) return false;
    char bytes[65536];
    const ssize_t size = ::recv(socket_, bytes, sizeof bytes, 0);
    if (size <= 0) return false;
    received_.append(bytes, static_cast<std::size_t>(size));
    return true;
  }
  const std::string& received() const { return received_; }

  /// The next answer, whole.
  ClientAnswer answer(int seconds = 60, bool has_body = true) {
    ClientAnswer answer;
    std::size_t end = 0;
    do {
      while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
        if (!receive(seconds)) return {};
      }
      answer.head = take(end + 4);
      answer.status = std::stoi(answer.head.substr(9, 3));
    } while (answer.status == 100);
    if (!has_body) return answer;
    if (answer.head.find("Transfer-Encoding: chunked") != std::string::npos) {
      for (;;) {
        while ((end = received_.find("\r\n")) == std::string::npos) {
          if (!receive(seconds)) return {};
        }
        const std::size_t size = std::stoul(take(end + 2), nullptr, 16);
        while (received_.size() < size + 2) {
          if (!receive(seconds)) return {};
        }
        answer.body += take(size + 2).substr(0, size);
        if (size == 0) return answer;
      }
    }
    const std::size_t length = answer.head.find("Content-Length: ");
    if (length == std::string::npos) {
      while (receive(seconds)) {
      }
      answer.body = take(received_.size());
      return answer;
    }
    const std::size_t size = std::stoul(answer.head.substr(length + 16));
    while (received_.size() < size) {
      if (!receive(seconds)) return {};
    }
    answer.body = take(size);
    return answer;
  }

 private:
  std::string take(std::size_t size) {
    std::string bytes = received_.substr(0, size);
    received_.erase(0, size);
    return bytes;
  }
  int socket_;
  std::string received_;
};

inline std::string get_request(const std::string& path, const std::string& headers = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

inline std::string post_request(const std::string& path, const std::string& body,
                                const std::string& headers = "") {
  return "POST " + path +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

inline ClientAnswer get(const TestServer& server, const std::string& path,
                        const std::string& headers = "") {
  Client client(server.port());
  client.send(get_request(path, headers));
  return client.answer();
}

inline ClientAnswer post(const TestServer& server, const std::string& path,
                         const nlohmann::ordered_json& body, const std::string& headers = "") {
  Client client(server.port());
  client.send(post_request(path, json_text(body), headers));
  return client.answer();
}

}  // namespace r1::serve
