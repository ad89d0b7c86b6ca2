#include "serve/network_address.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <memory>
#include <utility>

namespace r1::serve {

namespace asio = boost::asio;
using boost::system::error_code;

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

bool is_any_address(const std::string& host) {
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  return !error && address.is_unspecified();
}

std::vector<std::string> network_addresses() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(list, freeifaddrs);
  std::vector<std::pair<int, std::string>> found;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    const bool usable = (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_LOOPBACK) == 0;
    if (!usable || one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
    const auto* socket_address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
    const asio::ip::address_v4 address(ntohl(socket_address->sin_addr.s_addr));
    // Bridges of containers have addresses too, but nobody outside reaches those.
    const std::string name = one->ifa_name;
    const bool bridge = name.starts_with("docker") || name.starts_with("br-") ||
                        name.starts_with("veth") || name.starts_with("virbr");
    found.emplace_back(bridge ? 1 : 0, address.to_string());
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> addresses;
  for (auto& [rank, address] : found) addresses.push_back(std::move(address));
  return addresses;
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace r1::serve
