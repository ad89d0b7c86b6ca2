// Texts that a data set packs as base64 of zlib of Python's pickle.
#pragma once

#include <string>
#include <string_view>

namespace r1::evaluate {

/// The text. Of pickles only those are read that hold one text and nothing else: unpickling in
/// general runs what the file says. Throws Error naming `where` for all others, for damaged ones
/// and for more than a gigabyte.
std::string unpack_text(std::string_view packed, const std::string& where);

}  // namespace r1::evaluate
