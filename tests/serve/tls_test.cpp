#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "serve/http_server.h"
#include "serve/test_server.h"
#include "serve/tls_advice.h"
#include "serve/tls_identity.h"
#include "temporary_folder.h"

namespace r1::serve {
namespace {

/// Says which path was asked for; a stream that never ends at /stream.
class Echo : public HttpHandler {
 public:
  std::optional<HttpAnswer> refuse(const HttpRequest&) override { return std::nullopt; }
  void handle(const HttpRequest& request, std::shared_ptr<HttpReply> reply) override {
    if (request.path != "/stream") return reply->send({200, {}, request.path + request.body});
    reply->on_gone([this] { gone = true; });
    reply->begin({200, {}, ""}, "");
    reply->write("begun");
    streaming = std::move(reply);
  }
  HttpAnswer error(int status, std::string_view message) override {
    return {status, {}, std::string(message)};
  }
  std::shared_ptr<HttpReply> streaming;
  std::atomic<bool> gone = false;
};

class TlsServer {
 public:
  explicit TlsServer(TlsIdentity identity, const std::string& authority = "",
                     HttpLimits limits = {})
      : advice_(authority),
        tls_{std::move(identity), advice_},
        server_(echo, "127.0.0.1", 0, limits, &tls_),
        running_([this] { server_.run(2); }) {}
  ~TlsServer() {
    echo.streaming.reset();
    server_.stop();
    running_.join();
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  int port() const { return server_.port(); }
  std::size_t connections() const { return server_.connections(); }
  Echo echo;

 private:
  TlsAdvice advice_;
  HttpTls tls_;
  HttpServer server_;
  std::thread running_;
};

/// A client that trusts one authority and expects a name.
class TlsClient {
 public:
  TlsClient(int port, const std::string& authority, const std::string& name)
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free), ssl_(nullptr, SSL_free) {
    BIO* pem = BIO_new_mem_buf(authority.data(), static_cast<int>(authority.size()));
    X509* certificate = PEM_read_bio_X509(pem, nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), certificate);
    X509_free(certificate);
    BIO_free(pem);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    ssl_.reset(SSL_new(context_.get()));
    X509_VERIFY_PARAM* expected = SSL_get0_param(ssl_.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) != 1) {
      X509_VERIFY_PARAM_set1_host(expected, name.c_str(), 0);
    }
    const std::string at = "127.0.0.1:" + std::to_string(port);
    BIO* connection = BIO_new_connect(at.c_str());
    BIO_do_connect(connection);
    SSL_set_bio(ssl_.get(), connection, connection);
    connected_ = SSL_connect(ssl_.get()) == 1;
  }
  bool connected() const { return connected_; }
  void send(const std::string& bytes) {
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  /// Reads until `text` has come; what was read.
  std::string read_until(const std::string& text) {
    std::string all;
    char bytes[4096];
    while (all.find(text) == std::string::npos) {
      const int size = SSL_read(ssl_.get(), bytes, sizeof bytes);
      if (size <= 0) break;
      all.append(bytes, static_cast<std::size_t>(size));
    }
    return all;
  }
  void farewell() { SSL_shutdown(ssl_.get()); }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  bool connected_ = false;
};

class Tls : public testing::Test {
 protected:
  TemporaryFolder folder_;
  LocalAuthority authority_{folder_ / "tls"};
};

TEST_F(Tls, answers_clients_that_trust_the_authority_and_ask_for_a_name_it_vouched_for) {
  TlsServer server(authority_.identify({"localhost", "127.0.0.1", "box.local"}));
  for (const char* name : {"localhost", "127.0.0.1", "box.local"}) {
    TlsClient client(server.port(), authority_.certificate(), name);
    ASSERT_TRUE(client.connected()) << name;
    for (const char* path : {"/one", "/two"}) {  // on one connection
      client.send(get_request(path));
      EXPECT_NE(client.read_until(path).find("HTTP/1.1 200"), std::string::npos);
    }
  }
  EXPECT_FALSE(TlsClient(server.port(), authority_.certificate(), "other.local").connected());
  const LocalAuthority stranger(folder_ / "stranger");
  EXPECT_FALSE(TlsClient(server.port(), stranger.certificate(), "localhost").connected());
}

TEST_F(Tls, large_bodies_go_both_ways) {
  TlsServer server(authority_.identify({"localhost"}));
  TlsClient client(server.port(), authority_.certificate(), "localhost");
  const std::string body(3'000'000, 'x');
  std::thread sending([&] { client.send(post_request("/big", body + "end")); });
  sending.join();
  EXPECT_GT(client.read_until("xend").size(), body.size());
}

TEST_F(Tls, the_authority_can_vouch_for_nothing_beyond_the_local_network) {
  for (const char* name : {"192.168.1.20", "10.1.2.3", "172.31.0.1", "100.64.0.1", "127.0.0.1",
                           "::1", "fd00::5", "fe80::1", "localhost", "box.local", "a.home.arpa"}) {
    EXPECT_TRUE(LocalAuthority::may_vouch_for(name)) << name;
  }
  for (const char* name : {"8.8.8.8", "172.32.0.1", "192.169.0.1", "2001:db8::1", "example.org",
                           "local.example.org", "notlocal", "::ffff:8.8.8.8", ""}) {
    EXPECT_FALSE(LocalAuthority::may_vouch_for(name)) << name;
  }
  // Even if somebody makes it sign, no client accepts that.
  TlsServer server(authority_.identify({"example.org", "8.8.8.8"}));
  EXPECT_FALSE(TlsClient(server.port(), authority_.certificate(), "example.org").connected());
  EXPECT_FALSE(TlsClient(server.port(), authority_.certificate(), "8.8.8.8").connected());
}

TEST_F(Tls, the_authority_is_kept_and_its_key_is_the_owners_alone) {
  const LocalAuthority again(folder_ / "tls");
  EXPECT_EQ(again.certificate(), authority_.certificate());
  EXPECT_EQ(again.fingerprint(), authority_.fingerprint());
  EXPECT_TRUE(std::regex_match(again.fingerprint(), std::regex("([0-9A-F]{2}:){31}[0-9A-F]{2}")));
  using std::filesystem::perms;
  const auto allowed = [&](const std::filesystem::path& path) {
    return std::filesystem::status(path).permissions() & (perms::group_all | perms::others_all);
  };
  EXPECT_EQ(allowed(folder_ / "tls"), perms::none);
  EXPECT_EQ(allowed(folder_ / "tls" / "r1-ca.key"), perms::none);
  const LocalAuthority other(folder_ / "other");
  EXPECT_NE(other.fingerprint(), authority_.fingerprint());
}

TEST_F(Tls, files_that_are_no_certificate_and_its_key_are_refused) {
  const TlsIdentity one = authority_.identify({"localhost"});
  const TlsIdentity two = authority_.identify({"localhost"});
  write_file(folder_ / "one.crt", one.chain);
  write_file(folder_ / "one.key", one.key);
  write_file(folder_ / "two.key", two.key);
  write_file(folder_ / "text", "-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n");
  EXPECT_EQ(read_tls_identity(folder_ / "one.crt", folder_ / "one.key").key, one.key);
  EXPECT_THROW(read_tls_identity(folder_ / "one.crt", folder_ / "two.key"), Error);
  EXPECT_THROW(read_tls_identity(folder_ / "text", folder_ / "one.key"), Error);
  EXPECT_THROW(read_tls_identity(folder_ / "one.crt", folder_ / "text"), Error);
  EXPECT_THROW(read_tls_identity(folder_ / "one.crt", folder_ / "absent"), Error);
  write_file(folder_ / "tls" / "r1-ca.key", two.key);
  EXPECT_THROW(LocalAuthority(folder_ / "tls"), Error);
}

TEST_F(Tls, plain_http_is_led_to_https_and_given_the_authority) {
  const TlsServer server(authority_.identify({"localhost"}), authority_.certificate());
  Client asking(server.port());
  asking.send(get_request("/page?x=1"));
  const ClientAnswer moved = asking.answer(10);
  EXPECT_EQ(moved.status, 308);
  EXPECT_NE(moved.head.find("Location: https://localhost/page?x=1\r\n"), std::string::npos);
  Client fetching(server.port());
  fetching.send(get_request("/r1-ca.crt"));
  EXPECT_EQ(fetching.answer(10).body, authority_.certificate());
  Client posting(server.port());
  posting.send(post_request("/v1/chat/completions", "{}"));
  EXPECT_EQ(posting.answer(10).status, 400);
  Client hostile(server.port());
  hostile.send("GET / HTTP/1.1\r\nHost: a\"><script>\r\n\r\n");
  EXPECT_EQ(hostile.answer(10).status, 400);
}

TEST_F(Tls, clients_that_leave_are_noticed_whether_they_say_so_or_not) {
  for (const bool says_so : {true, false}) {
    TlsServer server(authority_.identify({"localhost"}));
    auto client = std::make_unique<TlsClient>(server.port(), authority_.certificate(), "localhost");
    client->send(get_request("/stream"));
    EXPECT_NE(client->read_until("begun").find("begun"), std::string::npos);
    if (says_so) client->farewell();
    client.reset();
    for (int i = 0; i < 100 && !server.echo.gone; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_TRUE(server.echo.gone) << says_so;
  }
}

TEST_F(Tls, greetings_that_stop_halfway_or_are_nonsense_end) {
  const TlsServer server(authority_.identify({"localhost"}), "", {.head_seconds = 1});
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x00\x01", 6), std::string("\x16\x03\x01", 3),
        std::string("\x16\x03\x01\xff\xff") + std::string(2000, 'x'), std::string("\x80\x2e\x01"),
        std::string()}) {
    Client client(server.port());
    client.send(bytes);
    while (client.receive(5)) {
    }
  }
  for (int i = 0; i < 100 && server.connections() > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(server.connections(), 0U);
}

}  // namespace
}  // namespace r1::serve
