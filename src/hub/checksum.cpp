#include "hub/checksum.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace r1::hub {
namespace {

void require(int result) {
  if (result != 1) throw std::runtime_error("OpenSSL computes no sums");
}

}  // namespace

struct Checksum::Context {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

bool is_checksum(std::string_view etag) {
  return (etag.size() == 40 || etag.size() == 64) &&
         etag.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Checksum::Checksum(std::string_view etag, std::int64_t size)
    : context_(std::make_unique<Context>()) {
  const bool large = etag.size() == 64;
  require(EVP_DigestInit_ex(context_->digest.get(), large ? EVP_sha256() : EVP_sha1(), nullptr));
  if (large) return;
  // git's object: "blob", its size, a zero byte and its contents.
  std::string head = "blob " + std::to_string(size);
  head.push_back('\0');
  add(head);
}

Checksum::~Checksum() = default;
Checksum::Checksum(Checksum&& other) noexcept = default;
Checksum& Checksum::operator=(Checksum&& other) noexcept = default;

void Checksum::add(std::string_view bytes) {
  require(EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size()));
}

std::string Checksum::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(context_->digest.get(), sum.data(), &size));
  constexpr const char* kDigits = "0123456789abcdef";
  std::string digits;
  for (unsigned i = 0; i < size; ++i) {
    digits.push_back(kDigits[sum[i] >> 4]);
    digits.push_back(kDigits[sum[i] & 15]);
  }
  return digits;
}

}  // namespace r1::hub
