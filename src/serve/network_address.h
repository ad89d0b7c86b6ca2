// This machine's addresses.
#pragma once

#include <string>
#include <vector>

namespace r1::serve {

/// Whether an address or name is this machine only.
bool is_loopback(const std::string& host);

/// Whether an address stands for all of this machine's (0.0.0.0, ::).
bool is_any_address(const std::string& host);

/// Addresses by which others in the local network reach this machine, the likeliest first.
std::vector<std::string> network_addresses();

/// The machine's name; empty if it has none.
std::string host_name();

}  // namespace r1::serve
