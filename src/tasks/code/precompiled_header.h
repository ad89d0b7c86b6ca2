// The C++ library's headers compiled once, so that a short program compiles in a third of the time.
#pragma once

#include <string>
#include <vector>

namespace r1 {

/// The compiler's command up to the files, as programs are compiled.
const std::vector<std::string>& cpp_compiler();

/// A folder that, searched first, gives #include <bits/stdc++.h> already compiled. Made when first
/// asked for, in /var/cache/r1 (root) or the user's cache folder; empty where that can't be.
const std::string& precompiled_headers();

}  // namespace r1
