// Unicode normalization form C as the reference tokenizers have it: by the tables of Unicode 9.0.
#pragma once

#include <string>
#include <string_view>

namespace r1::unicode {

/// Canonical composition (NFC, Unicode 9.0) of valid UTF-8. Returns `text` itself if it is in that
/// form already, else a view of `buffer`, which then holds the result.
std::string_view compose(std::string_view text, std::string& buffer);

}  // namespace r1::unicode
