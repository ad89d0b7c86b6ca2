// What a server shows to prove who it is over TLS.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace r1::serve {

/// A certificate with those that vouch for it, and its private key, as PEM texts.
struct TlsIdentity {
  std::string chain, key;
};

/// Reads PEM files. Throws Error if they are no certificate and key that belong together.
TlsIdentity read_tls_identity(const std::filesystem::path& chain, const std::filesystem::path& key);

/// A certificate authority of this machine's own, for servers in its network. It can vouch for
/// nothing else: its certificate names private addresses and local names only, so that a stolen key
/// is no danger to what a browser does elsewhere.
class LocalAuthority {
 public:
  /// Opens the one kept in `folder`, or makes it. Throws Error if that can't be done.
  explicit LocalAuthority(const std::filesystem::path& folder);

  /// Whether this is a private address or a local name.
  static bool may_vouch_for(const std::string& name);
  /// A new certificate for a server of these names and addresses, all of which it may vouch for.
  TlsIdentity identify(const std::vector<std::string>& names) const;
  /// PEM.
  const std::string& certificate() const { return certificate_; }
  std::filesystem::path certificate_file() const { return folder_ / "r1-ca.crt"; }
  /// SHA-256 of the certificate, as browsers and phones show it: "AB:CD:...".
  std::string fingerprint() const;

 private:
  void make();
  std::filesystem::path folder_;
  std::string certificate_, key_;
};

}  // namespace r1::serve
