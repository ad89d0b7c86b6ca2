// The house rules that a compiler doesn't see, read from the sources.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/characters.h"
#include "base/files.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

/// Each room uses only those before it; plan stands beside and uses only base.
constexpr std::array<std::string_view, 13> kRooms = {
    "base",     "kernels", "ops",      "net",   "formats", "hub", "models",
    "generate", "tasks",   "evaluate", "learn", "serve",   "apps"};
constexpr std::size_t kLongestFile = 600;

struct SourceFile {
  std::string name;  // from the project's folder
  std::vector<std::string> lines;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Every file of the project that people wrote.
std::vector<SourceFile> read_project() {
  const fs::path top = R1_SOURCE_DIR;
  constexpr std::array<std::string_view, 4> kLeftOut = {"build", ".git", "node_modules", "dist"};
  std::vector<SourceFile> files;
  auto entry = fs::recursive_directory_iterator(top);
  for (; entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename().string();
    const bool left_out = std::find(kLeftOut.begin(), kLeftOut.end(), name) != kLeftOut.end();
    if (entry->is_directory() && (left_out || name.starts_with(".cache"))) {
      entry.disable_recursion_pending();
    }
    if (!entry->is_regular_file() || left_out || entry->file_size() > (1u << 20)) continue;
    files.push_back(
        {fs::relative(entry->path(), top).generic_string(), lines_of(read_file(entry->path()))});
  }
  return files;
}

const std::vector<SourceFile>& project() {
  static const std::vector<SourceFile> files = read_project();
  return files;
}

bool is_cpp(const SourceFile& file) {
  return file.name.ends_with(".cpp") || file.name.ends_with(".h");
}

std::size_t rank_of(std::string_view room) {
  return static_cast<std::size_t>(std::find(kRooms.begin(), kRooms.end(), room) - kRooms.begin());
}

/// "kernels" of src/kernels/isa.h, "apps" of apps/r1/main.cpp, "" of what stands in no room.
std::string room_of(const std::string& name) {
  if (name.starts_with("apps/")) return "apps";
  if (!name.starts_with("src/")) return "";
  const std::size_t end = name.find('/', 4);
  return end == std::string::npos ? "" : name.substr(4, end - 4);
}

/// Why `file` may not include `header`; empty if it may.
std::string fault_of_include(const std::string& file, const std::string& header) {
  const std::string user = room_of(file);
  const std::string used = header.substr(0, header.find('/'));
  if (user.empty() || header.find('/') == std::string::npos) return "";
  if (used == user) return "";
  if (user == "plan") return used == "base" ? "" : "plan uses only base";
  if (used == "plan") return user == "apps" ? "" : "only apps use plan";
  if (rank_of(user) == kRooms.size()) return "the room " + user + " is unknown";
  if (rank_of(used) == kRooms.size()) return header + " is in no known room";
  return rank_of(used) < rank_of(user) ? "" : user + " stands below " + used;
}

TEST(Layers, are_checked_by_a_rule_that_can_fail) {
  EXPECT_EQ(fault_of_include("src/models/a.cpp", "ops/linear.h"), "");
  EXPECT_EQ(fault_of_include("src/ops/a.cpp", "ops/linear.h"), "");
  EXPECT_EQ(fault_of_include("src/ops/a.cpp", "models/pass.h"), "ops stands below models");
  EXPECT_EQ(fault_of_include("src/plan/a.cpp", "models/pass.h"), "plan uses only base");
  EXPECT_NE(fault_of_include("src/things/a.cpp", "base/error.h"), "");
}

TEST(Layers, point_downward_only) {
  const std::regex include(R"re(^\s*#\s*include\s+"([^"]+)")re");
  std::size_t includes = 0;
  for (const SourceFile& file : project()) {
    if (!is_cpp(file) || room_of(file.name).empty()) continue;
    for (const std::string& line : file.lines) {
      std::smatch match;
      if (!std::regex_search(line, match, include)) continue;
      ++includes;
      EXPECT_EQ(fault_of_include(file.name, match[1]), "") << file.name << ": " << line;
    }
  }
  EXPECT_GT(includes, 100u) << "the sources were not found in " R1_SOURCE_DIR;
}

TEST(Sources, have_one_subject_and_so_few_lines) {
  for (const SourceFile& file : project()) {
    // Tables made from the Unicode database are data.
    if (!is_cpp(file) || file.name.ends_with("_table.cpp")) continue;
    EXPECT_LE(file.lines.size(), kLongestFile) << file.name;
  }
}

/// Pieces are written apart, so that this file doesn't hold what it looks for.
std::regex unwanted_words() {
  const std::string words =
      // paths of one machine
      R"((^|[^a-z0-9_])/(wo)"
      "rk|fa"
      R"(rm)/|\.lib)"
      "rary/"
      // registries' hosts
      "|py"
      R"(pi\.org|python)"
      R"(hosted\.|registry\.np)"
      R"(mjs|crates\.i)"
      "o"
      // issues by number, and who or what wrote a line
      R"(|(issue|pull request|fixes|closes) ?#[0-9]|clau)"
      "de|anthro"
      "pic|co-authored"
      "-by"
      // unfinished work
      R"(|\bto)"
      R"(do\b|fix)"
      "me";
  return std::regex(words);
}

bool is_unwanted(const std::string& line, const std::regex& unwanted) {
  return std::regex_search(lower_case(line), unwanted);
}

TEST(Sources, are_searched_for_words_that_would_be_found) {
  const std::regex unwanted = unwanted_words();
  for (const std::string& line :
       {std::string("see /wo") + "rk/x", std::string("// TO") + "DO: later",
        std::string("as in issue ") + "#12", std::string("https://py") + "pi.org/simple"}) {
    EXPECT_TRUE(is_unwanted(line, unwanted)) << line;
  }
  for (const char* line : {"a network/path", "today", "method()", "its bug 105651"}) {
    EXPECT_FALSE(is_unwanted(line, unwanted)) << line;
  }
}

TEST(Sources, speak_of_the_program_and_not_of_how_it_was_made) {
  const std::regex unwanted = unwanted_words();
  for (const SourceFile& file : project()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      // Long lines are data.
      if (file.lines[i].size() > 1000) continue;
      EXPECT_FALSE(is_unwanted(file.lines[i], unwanted))
          << file.name << ":" << i + 1 << ": " << file.lines[i];
    }
  }
}

}  // namespace
}  // namespace r1
