// Token ids as they are given on a command line.
#pragma once

#include <string>
#include <vector>

namespace r1::app {

/// "1,2,3". Throws Error.
std::vector<int> parse_ids(const std::string& text);
/// A file with one JSON list of ids a line. Throws Error.
std::vector<std::vector<int>> read_id_lists(const std::string& path);

}  // namespace r1::app
