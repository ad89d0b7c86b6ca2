// Addresses of servers (RFC 3986, as far as http and https go).
#pragma once

#include <string>
#include <string_view>

namespace r1::net {

/// Who answers at an address: "https://host:443", in small letters and always with the port. Throws
/// Error for what is no http or https address or names a user.
std::string origin_of(const std::string& url);

/// The path with everything but letters, digits, "-._~" and "/" as %XX.
std::string percent_encoded(std::string_view path);

}  // namespace r1::net
