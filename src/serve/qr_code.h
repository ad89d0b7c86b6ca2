// QR codes of addresses, to be shown in a terminal.
#pragma once

#include <string>
#include <string_view>

namespace r1::serve {

/// Lines of half blocks, two rows of the code each, black on white whatever the terminal's colours,
/// with the quiet zone around that readers need. Empty if the text is too long for a code.
std::string qr_code(std::string_view text);

}  // namespace r1::serve
