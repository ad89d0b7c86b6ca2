#include "learn/fingerprint.h"

#include <xxhash.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <new>
#include <vector>

#include "base/error.h"

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

FileFingerprint file_fingerprint(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(),
                                                                              XXH3_freeState);
  if (!state) throw std::bad_alloc();
  XXH3_128bits_reset(state.get());
  FileFingerprint result;
  std::vector<char> piece(std::size_t{1} << 20);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    const auto count = static_cast<std::size_t>(file.gcount());
    XXH3_128bits_update(state.get(), piece.data(), count);
    result.bytes += count;
  }
  if (!file.eof()) throw Error(path.string(), "it can't be read", "check the file and the disk");
  result.text = hexadecimal(XXH3_128bits_digest(state.get()));
  return result;
}

std::string fingerprint(std::span<const std::byte> bytes) {
  return hexadecimal(XXH3_128bits(bytes.data(), bytes.size()));
}

}  // namespace r1
