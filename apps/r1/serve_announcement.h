// What `r1 serve` tells people when it listens.
#pragma once

#include <ostream>
#include <string>

#include "serve/tls_identity.h"

namespace r1::app {

/// An address as it stands in a URL: IPv6 in brackets.
std::string in_address(const std::string& host);

struct Announcement {
  std::string host;
  int port = 0;
  bool tls = false;
  std::string key;                                   // that clients must send; may be empty
  const serve::LocalAuthority* authority = nullptr;  // null: none of our own

  std::string address(const std::string& of_host) const;
  /// How to open the page on other devices, with a QR code if `at_terminal`, and how to trust the
  /// authority.
  void show(std::ostream& out, bool at_terminal) const;
};

}  // namespace r1::app
