// A server on loopback that answers each request as a function says, byte by byte.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace r1 {

/// A connection is closed after each answer. The function is called by several threads at a time.
class MockServer {
 public:
  struct Asked {
    std::string head, body;  // head: the request's line and headers
  };
  /// Gives the bytes of the answer, head included.
  using Answer = std::function<std::string(const Asked&)>;

  explicit MockServer(Answer answer) : answer_(std::move(answer)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(socket_, 64) != 0) {
      throw std::runtime_error("listen");
    }
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept(); });
  }
  ~MockServer() {
    ::shutdown(socket_, SHUT_RDWR);
    accepting_.join();
    for (std::thread& one : connections_) one.join();
    ::close(socket_);
  }
  MockServer(const MockServer&) = delete;
  MockServer& operator=(const MockServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  /// An answer with its head: `status` as "200 OK", `headers` with a line end each.
  static std::string reply(std::string_view status, std::string_view body,
                           std::string_view headers = "") {
    return "HTTP/1.1 " + std::string(status) +
           "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(headers) + "\r\n" + std::string(body);
  }

 private:
  void accept() {
    for (;;) {
      const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      connections_.emplace_back([this, connection] {
        serve(connection);
        ::close(connection);
      });
    }
  }

  void serve(int connection) {
    std::string received;
    char bytes[65536];
    const auto receive = [&] {
      const ssize_t size = ::recv(connection, bytes, sizeof bytes, 0);
      if (size > 0) received.append(bytes, static_cast<std::size_t>(size));
      return size > 0;
    };
    std::size_t end = 0;
    while ((end = received.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return;
    }
    Asked asked{received.substr(0, end + 2), {}};
    const std::size_t length = asked.head.find("Content-Length: ");
    const std::size_t size =
        length == std::string::npos ? 0 : std::stoul(asked.head.substr(length + 16));
    while (received.size() < end + 4 + size) {
      if (!receive()) return;
    }
    asked.body = received.substr(end + 4);
    std::string answer = answer_(asked);
    for (std::string_view rest = answer; !rest.empty();) {
      const ssize_t sent = ::send(connection, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  Answer answer_;
  int socket_ = -1, port_ = 0;
  std::thread accepting_;
  std::list<std::thread> connections_;
};

}  // namespace r1
