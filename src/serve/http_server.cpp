#include "serve/http_server.h"

#include <sys/resource.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <csignal>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "serve/http_connection.h"

namespace r1::serve {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

namespace {

/// More connections than the shell's usual limit of files.
void allow_many_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

tcp::endpoint resolve(asio::io_context& io, const std::string& host, int port) {
  error_code error;
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive, error);
  if (error || found.empty()) {
    throw Error("--host", host + " is no address of this machine (" + error.message() + ")");
  }
  return *found.begin();
}

void use_tls(std::optional<asio::ssl::context>& tls, const TlsIdentity& identity) {
  tls.emplace(asio::ssl::context::tls_server);
  tls->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                   asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_compression);
  SSL_CTX_set_mode(tls->native_handle(), SSL_MODE_RELEASE_BUFFERS);  // idle clients cost little
  try {
    tls->use_certificate_chain(asio::buffer(identity.chain));
    tls->use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
  } catch (const boost::system::system_error& error) {
    throw Error("--tls-cert", "can't be used (" + error.code().message() + ")");
  }
}

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  State(HttpHandler& handler, HttpHandler& plain_handler, const HttpLimits& limits)
      : connections(std::make_shared<ConnectionList>(handler, plain_handler, limits)) {}

  asio::io_context io;
  asio::strand<asio::io_context::executor_type> strand{io.get_executor()};
  std::shared_ptr<ConnectionList> connections;
  tcp::acceptor acceptor{strand};  // on the strand, as the rest
  asio::signal_set signals{strand};
  asio::steady_timer retry{strand};

  void listen(const std::string& host, int port);
  void accept();
  void stop();
  void wait_for_signal(std::function<void()> on_stop);
};

void HttpServer::State::listen(const std::string& host, int port) {
  const tcp::endpoint endpoint = resolve(io, host, port);
  try {
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen(1024);
  } catch (const boost::system::system_error& error) {
    throw Error(host + ":" + std::to_string(port),
                "can't listen there (" + error.code().message() + ")",
                "give another port, or 0 for any that is free");
  }
  connections->on_empty = [this] { asio::post(strand, [this] { signals.cancel(); }); };
}

void HttpServer::State::accept() {
  acceptor.async_accept(asio::make_strand(io), [this](error_code error, tcp::socket socket) {
    if (!acceptor.is_open()) return;
    if (!error) {
      start_connection(std::move(socket), connections);
      return accept();
    }
    // No more files, mostly: some connection will end.
    retry.expires_after(std::chrono::milliseconds(100));
    retry.async_wait([this](error_code cancelled) {
      if (!cancelled) accept();
    });
  });
}

void HttpServer::State::stop() {
  asio::post(strand, [this] {
    error_code ignored;
    acceptor.close(ignored);
    retry.cancel();
    connections->stop();
  });
}

void HttpServer::State::wait_for_signal(std::function<void()> on_stop) {
  signals.async_wait([this, on_stop = std::move(on_stop)](error_code error, int) mutable {
    if (error) return;
    if (connections->stopping) return io.stop();
    on_stop();
    stop();
    wait_for_signal([] {});
  });
}

HttpServer::HttpServer(HttpHandler& handler, const std::string& host, int port,
                       const HttpLimits& limits, const HttpTls* tls)
    : state_(
          std::make_shared<State>(handler, tls == nullptr ? handler : tls->plain_handler, limits)) {
  allow_many_files();
  if (tls != nullptr) use_tls(state_->connections->tls, tls->identity);
  state_->listen(host, port);
}

HttpServer::~HttpServer() {
  state_->connections->on_empty = nullptr;  // connections may end only now, with their context
}

int HttpServer::port() const {
  return state_->acceptor.local_endpoint().port();
}

void HttpServer::run(int threads) {
  state_->accept();
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) {
    others.emplace_back([this] { state_->io.run(); });
  }
  state_->io.run();
  for (std::thread& other : others) other.join();
}

void HttpServer::stop_on_signals(std::function<void()> on_stop) {
  state_->signals.add(SIGTERM);
  state_->signals.add(SIGINT);
  state_->wait_for_signal(std::move(on_stop));
}

void HttpServer::stop() {
  state_->stop();
}

std::size_t HttpServer::connections() const {
  return state_->connections->size();
}

}  // namespace r1::serve
