#include "serve_announcement.h"

#include "serve/network_address.h"
#include "serve/qr_code.h"
#include "serve/tls_advice.h"

namespace r1::app {

std::string in_address(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::string Announcement::address(const std::string& of_host) const {
  return (tls ? "https://" : "http://") + in_address(of_host) + ":" + std::to_string(port);
}

void Announcement::show(std::ostream& out, bool at_terminal) const {
  std::string reached = host;
  if (serve::is_any_address(host)) {
    const auto addresses = serve::network_addresses();
    reached = addresses.empty() ? "127.0.0.1" : addresses.front();
  }
  if (authority != nullptr) {
    out << "certificate authority: " << authority->certificate_file().string() << '\n'
        << "its SHA-256 fingerprint: " << authority->fingerprint() << '\n'
        << "to trust it, open http://" << in_address(reached) << ':' << port
        << serve::kAuthorityPath << " on the device, compare the fingerprint, then\n"
        << "  iPhone, iPad: Settings, Profile Downloaded; then General, About, Certificate Trust "
           "Settings\n"
        << "  Android: Settings, Security, Encryption & credentials, Install a certificate, CA "
           "certificate\n"
        << "  Windows, macOS, Linux: import it into the system's or the browser's authorities\n";
  }
  if (serve::is_loopback(host)) {
    out << std::flush;
    return;
  }
  // The fragment never leaves the browser.
  const std::string page = address(reached) + "/" + (key.empty() ? "" : "#key=" + key);
  out << "on a phone in this network: " << page << '\n';
  if (at_terminal) out << serve::qr_code(page);
  out << std::flush;
}

}  // namespace r1::app
