#include "serve/tls_identity.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <cctype>
#include <memory>

#include "base/error.h"
#include "base/files.h"

namespace r1::serve {
namespace {

namespace fs = std::filesystem;
namespace ip = boost::asio::ip;

template <auto release>
struct Release {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Memory = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;

constexpr int kAuthorityDays = 3650,
              kServerDays = 397;  // phones take no server's that lives longer
constexpr std::array kNetworks4 = {"127.0.0.0/8",    "10.0.0.0/8",     "172.16.0.0/12",
                                   "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"};
constexpr std::array kNetworks6 = {"::1/128", "fc00::/7", "fe80::/10"};
constexpr std::array kDomains = {"localhost", "local", "lan", "internal", "home.arpa"};

ip::address_v6 mask_of(const ip::network_v6& network) {
  ip::address_v6::bytes_type bytes{};
  for (unsigned bit = 0; bit < network.prefix_length(); ++bit) {
    bytes[bit / 8] |= static_cast<unsigned char>(0x80 >> bit % 8);
  }
  return ip::address_v6(bytes);
}

/// The names that an authority may vouch for, as OpenSSL writes nameConstraints.
std::string name_constraints() {
  std::string all = "critical";
  for (const char* domain : kDomains) all += std::string(",permitted;DNS:") + domain;
  for (const char* text : kNetworks4) {
    const ip::network_v4 network = ip::make_network_v4(text);
    all += ",permitted;IP:" + network.address().to_string() + "/" + network.netmask().to_string();
  }
  for (const char* text : kNetworks6) {
    const ip::network_v6 network = ip::make_network_v6(text);
    all += ",permitted;IP:" + network.address().to_string() + "/" + mask_of(network).to_string();
  }
  return all;
}

bool is_permitted(const ip::address& address) {
  const auto within4 = [&](const char* network) {
    const unsigned short length = ip::make_network_v4(network).prefix_length();
    return ip::network_v4(address.to_v4(), length).canonical() == ip::make_network_v4(network);
  };
  const auto within6 = [&](const char* network) {
    const unsigned short length = ip::make_network_v6(network).prefix_length();
    return ip::network_v6(address.to_v6(), length).canonical() == ip::make_network_v6(network);
  };
  return address.is_v4() ? std::any_of(kNetworks4.begin(), kNetworks4.end(), within4)
                         : std::any_of(kNetworks6.begin(), kNetworks6.end(), within6);
}

/// Throws what OpenSSL says if `done` is false.
void require(bool done, const std::string& where, const char* what) {
  if (done) return;
  std::array<char, 200> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  ERR_clear_error();
  throw Error(where, std::string(what) + " (" + reason.data() + ")");
}

Memory reader(const std::string& text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string written(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

Certificate read_certificate(const std::string& pem, const std::string& where) {
  Certificate certificate(PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr));
  require(certificate != nullptr, where, "is no certificate in PEM");
  return certificate;
}

Key read_key(const std::string& pem, const std::string& where) {
  // An empty passphrase, so that nobody is asked for one at the terminal.
  char none[] = "";
  Key key(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, nullptr, none));
  require(key != nullptr, where, "is no private key in PEM without a passphrase");
  return key;
}

std::string pem_of(X509* certificate) {
  const Memory memory(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(memory.get(), certificate) == 1, "--tls", "can't write a certificate");
  return written(memory.get());
}

std::string pem_of(EVP_PKEY* key) {
  const Memory memory(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "--tls", "can't write a key");
  return written(memory.get());
}

Key new_key() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "--tls", "can't make a key");
  return key;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, "--tls",
          "can't make a certificate");
}

/// Version, number, time and subject; still without a signature.
Certificate new_certificate(const std::string& name, int days, EVP_PKEY* key) {
  Certificate certificate(X509_new());
  std::array<unsigned char, 16> number{};
  require(RAND_bytes(number.data(), static_cast<int>(number.size())) == 1, "--tls",
          "the system gives no random numbers");
  number[0] &= 0x7f;  // positive
  const std::unique_ptr<BIGNUM, Release<BN_free>> big(
      BN_bin2bn(number.data(), static_cast<int>(number.size()), nullptr));
  BN_to_ASN1_INTEGER(big.get(), X509_get_serialNumber(certificate.get()));
  X509_set_version(certificate.get(), X509_VERSION_3);
  constexpr long kDay = 24 * 60 * 60;
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);  // clocks differ
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * kDay);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  require(X509_set_pubkey(certificate.get(), key) == 1, "--tls", "can't make a certificate");
  return certificate;
}

/// For subjectAltName: "IP:10.0.0.1,DNS:box.local".
std::string alternative_names(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) {
    boost::system::error_code error;
    ip::make_address(name, error);
    all += (all.empty() ? "" : ",") + std::string(error ? "DNS:" : "IP:") + name;
  }
  return all;
}

}  // namespace

TlsIdentity read_tls_identity(const fs::path& chain, const fs::path& key) {
  TlsIdentity identity{read_file(chain), read_file(key)};
  const Certificate certificate = read_certificate(identity.chain, chain);
  const Key secret = read_key(identity.key, key);
  require(X509_check_private_key(certificate.get(), secret.get()) == 1, key,
          "is not the key of the certificate");
  return identity;
}

bool LocalAuthority::may_vouch_for(const std::string& name) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(name, error);
  if (!error) return is_permitted(address);
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.';
  });
  if (!plain || name.starts_with('.')) return false;
  return std::any_of(kDomains.begin(), kDomains.end(), [&](const std::string& domain) {
    return name == domain || name.ends_with("." + domain);
  });
}

LocalAuthority::LocalAuthority(const fs::path& folder) : folder_(folder) {
  if (!fs::exists(certificate_file())) make();
  certificate_ = read_file(certificate_file());
  key_ = read_file(folder_ / "r1-ca.key");
  const Certificate certificate = read_certificate(certificate_, certificate_file());
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) {
    throw Error(certificate_file().string(), "has run out", "delete its folder: a new one is made");
  }
  require(
      X509_check_private_key(certificate.get(), read_key(key_, folder_ / "r1-ca.key").get()) == 1,
      folder_, "holds a certificate and a key that don't belong together");
}

void LocalAuthority::make() {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) throw Error(folder_.string(), "can't be made (" + error.message() + ")");
  fs::permissions(folder_, fs::perms::owner_all, error);
  const Key key = new_key();
  const Certificate certificate = new_certificate("r1 on this network", kAuthorityDays, key.get());
  X509* bare = certificate.get();
  X509_set_issuer_name(bare, X509_get_subject_name(bare));
  add_extension(bare, bare, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(bare, bare, NID_key_usage, "critical,keyCertSign");
  add_extension(bare, bare, NID_subject_key_identifier, "hash");
  add_extension(bare, bare, NID_name_constraints, name_constraints());
  require(X509_sign(bare, key.get(), EVP_sha256()) > 0, "--tls", "can't sign a certificate");
  write_file(folder_ / "r1-ca.key", pem_of(key.get()));
  fs::permissions(folder_ / "r1-ca.key", fs::perms::owner_read | fs::perms::owner_write, error);
  write_file(certificate_file(), pem_of(bare));
}

TlsIdentity LocalAuthority::identify(const std::vector<std::string>& names) const {
  const Certificate authority = read_certificate(certificate_, certificate_file());
  const Key authority_key = read_key(key_, folder_);
  const Key key = new_key();
  const Certificate certificate = new_certificate("r1 serve", kServerDays, key.get());
  X509* bare = certificate.get();
  X509_set_issuer_name(bare, X509_get_subject_name(authority.get()));
  add_extension(bare, authority.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(bare, authority.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(bare, authority.get(), NID_ext_key_usage, "serverAuth");
  add_extension(bare, authority.get(), NID_authority_key_identifier, "keyid");
  add_extension(bare, authority.get(), NID_subject_alt_name, alternative_names(names));
  require(X509_sign(bare, authority_key.get(), EVP_sha256()) > 0, "--tls",
          "can't sign a certificate");
  return {pem_of(bare) + certificate_, pem_of(key.get())};
}

std::string LocalAuthority::fingerprint() const {
  const Certificate certificate = read_certificate(certificate_, certificate_file());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  require(X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) == 1, "--tls",
          "can't sum a certificate");
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    if (i > 0) text += ':';
    text += "0123456789ABCDEF"[digest[i] >> 4];
    text += "0123456789ABCDEF"[digest[i] & 15];
  }
  return text;
}

}  // namespace r1::serve
