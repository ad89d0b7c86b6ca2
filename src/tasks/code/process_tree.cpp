#include "tasks/code/process_tree.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <system_error>
#include <vector>

namespace r1 {
namespace {

namespace fs = std::filesystem;

std::string folder_of(pid_t process) {
  return "/proc/" + std::to_string(process);
}

/// 0 if the process is gone.
pid_t parent_of(pid_t process) {
  std::ifstream file(folder_of(process) + "/stat");
  std::string line;
  std::getline(file, line);
  // "12 (a name) with ) in it) S 1 ...": the parent is the second word after the last bracket.
  const std::size_t name_end = line.rfind(") ");
  if (name_end == std::string::npos || name_end + 4 >= line.size()) return 0;
  pid_t parent = 0;
  std::from_chars(line.data() + name_end + 4, line.data() + line.size(), parent);
  return parent;
}

/// The process and its descendants.
std::vector<pid_t> tree_of(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  std::error_code gone;
  for (fs::directory_iterator entry("/proc", gone), end; !gone && entry != end;
       entry.increment(gone)) {
    const std::string name = entry->path().filename().string();
    pid_t process = 0;
    std::from_chars(name.data(), name.data() + name.size(), process);
    if (process > 1) children.emplace(parent_of(process), process);
  }
  std::vector<pid_t> tree = {root};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const auto [first, last] = children.equal_range(tree[i]);
    for (auto child = first; child != last; ++child) tree.push_back(child->second);
    children.erase(first, last);
  }
  return tree;
}

}  // namespace

TreeUse use_of_tree(pid_t root) {
  static const std::int64_t page = ::sysconf(_SC_PAGESIZE);
  TreeUse use;
  for (const pid_t process : tree_of(root)) {
    std::int64_t size = 0, resident = 0, shared = 0;
    if (std::ifstream(folder_of(process) + "/statm") >> size >> resident >> shared) {
      use.private_memory += (resident - shared) * page;
    }
    double run = 0, waited = 0;  // nanoseconds
    if (std::ifstream(folder_of(process) + "/schedstat") >> run >> waited) {
      use.waited = std::max(use.waited, waited * 1e-9);
    }
  }
  return use;
}

}  // namespace r1
