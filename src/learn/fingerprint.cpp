#include "learn/fingerprint.h"

#include <xxhash.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <new>

namespace r1 {
namespace {

std::string hexadecimal(const XXH128_hash_t& hash) {
  std::array<char, 33> text{};
  std::snprintf(text.data(), text.size(), "%016llx%016llx",
                static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text.data();
}

}  // namespace

struct Fingerprint::State {
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> hash{XXH3_createState()};
};

Fingerprint::Fingerprint() : state_(std::make_unique<State>()) {
  if (!state_->hash) throw std::bad_alloc();
  XXH3_128bits_reset(state_->hash.get());
}

Fingerprint::~Fingerprint() = default;

void Fingerprint::add(std::span<const std::byte> part) {
  const std::uint64_t size = part.size();
  XXH3_128bits_update(state_->hash.get(), &size, sizeof size);
  XXH3_128bits_update(state_->hash.get(), part.data(), part.size());
}

std::string Fingerprint::text() const {
  return hexadecimal(XXH3_128bits_digest(state_->hash.get()));
}

std::string fingerprint(std::span<const std::byte> bytes) {
  return hexadecimal(XXH3_128bits(bytes.data(), bytes.size()));
}

}  // namespace r1
