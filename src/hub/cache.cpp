#include "hub/cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "hub/choice.h"

namespace r1::hub {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// Everything below a folder but folders; none if it isn't there. Links to folders aren't followed.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_symlink() || !entry->is_directory()) files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Descriptor open_lock(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file.is_open()) {
    throw Error(path.string(), std::string("can't be locked: ") + std::strerror(errno));
  }
  return file;
}

bool lock_file(const Descriptor& file, int how, const fs::path& path) {
  while (::flock(file.number(), how) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) {
      throw Error(path.string(), std::string("can't be locked: ") + std::strerror(errno));
    }
  }
  return true;
}

/// What a snapshot's file is: the blob it leads to, or itself where a tool has put it there whole.
fs::path blob_of(const fs::path& file) {
  std::error_code error;
  const fs::path target = fs::read_symlink(file, error);
  return error ? file : (file.parent_path() / target).lexically_normal();
}

/// Whether all parts of the weights and the configuration are there.
bool is_whole_folder(const std::vector<std::string>& files) {
  bool configuration = false, weights = false;
  std::size_t parts = 0, expected = 0;
  for (const std::string& path : files) {
    configuration = configuration || path == "config.json" || path == "adapter_config.json";
    if (path.find('/') != std::string::npos || !path.ends_with(".safetensors")) continue;
    weights = true;
    const std::size_t of = path.rfind("-of-");
    if (of == std::string::npos) continue;
    ++parts;
    expected = static_cast<std::size_t>(std::strtoul(path.c_str() + of + 4, nullptr, 10));
  }
  return configuration && weights && parts == expected;
}

std::optional<fs::path> find_in(const fs::path& snapshot, const Name& name) {
  const std::vector<std::string> files = files_in(snapshot);
  if (files.empty()) return std::nullopt;
  if (std::find(files.begin(), files.end(), name.choice) != files.end()) {
    return snapshot / name.choice;
  }
  if (name.data_set) {
    const fs::path part = name.choice.empty() ? snapshot : snapshot / name.choice;
    return is_folder(part) ? std::optional(part) : std::nullopt;
  }
  const std::vector<Variant> variants = gguf_variants(files);
  if (variants.empty()) {
    const bool whole = name.choice.empty() && is_whole_folder(files);
    return whole ? std::optional(snapshot) : std::nullopt;
  }
  try {
    return snapshot / choose_variant(variants, name.choice, name.text()).files.front();
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

FileLock FileLock::wait(const fs::path& path) {
  Descriptor file = open_lock(path);
  lock_file(file, LOCK_EX, path);
  return FileLock(std::move(file));
}

std::optional<FileLock> FileLock::try_now(const fs::path& path) {
  Descriptor file = open_lock(path);
  if (!lock_file(file, LOCK_EX | LOCK_NB, path)) return std::nullopt;
  return FileLock(std::move(file));
}

CachedRepository::CachedRepository(fs::path cache, const Name& name)
    : cache_(std::move(cache)), folder_(cache_ / name.folder()), name_(name.text()) {}

fs::path CachedRepository::blob(const std::string& etag) const {
  return folder_ / "blobs" / etag;
}

fs::path CachedRepository::snapshot(const std::string& commit) const {
  return folder_ / "snapshots" / commit;
}

fs::path CachedRepository::locks() const {
  return cache_ / ".locks" / folder_.filename();
}

fs::path CachedRepository::lock(const std::string& etag) const {
  return locks() / (etag + ".lock");
}

void CachedRepository::link(const std::string& commit, const std::string& path,
                            const std::string& etag) const {
  const fs::path top = snapshot(commit), place = top / path;
  try {
    fs::create_directories(place.parent_path());
    const fs::path real_top = fs::canonical(top), real = fs::canonical(place.parent_path());
    if (std::mismatch(real_top.begin(), real_top.end(), real.begin(), real.end()).first !=
        real_top.end()) {
      throw Error(place.string(), "leads out of the cache", "remove " + top.string());
    }
    const fs::path target = fs::relative(blob(etag), place.parent_path());
    std::error_code ignored;
    if (fs::read_symlink(place, ignored) == target) return;
    // Made beside it and renamed, so that nobody sees it absent.
    fs::path made = place;
    made += ".link-" + std::to_string(::getpid());
    fs::remove(made);
    fs::create_symlink(target, made);
    fs::rename(made, place);
  } catch (const fs::filesystem_error& error) {
    throw Error(place.string(), "can't be made: " + error.code().message());
  }
}

void CachedRepository::remember(const std::string& revision, const std::string& commit) const {
  if (revision == commit) return;
  const fs::path path = folder_ / "refs" / revision;
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  write_file(path, commit);
}

std::vector<fs::path> CachedRepository::snapshots(const std::string& revision) const {
  std::string commit;
  std::ifstream(folder_ / "refs" / revision) >> commit;
  if (commit.empty() && revision != "main") commit = revision;
  std::vector<fs::path> all;
  if (is_safe_path(commit) && is_folder(snapshot(commit))) all.push_back(snapshot(commit));
  if (revision != "main") return all;
  std::error_code error;
  for (fs::directory_iterator entry(folder_ / "snapshots", error), end; !error && entry != end;
       entry.increment(error)) {
    if (is_folder(entry->path()) && entry->path().filename() != commit) {
      all.push_back(entry->path());
    }
  }
  std::sort(all.begin() + (all.empty() || commit.empty() ? 0 : 1), all.end());
  return all;
}

std::int64_t CachedRepository::incomplete_bytes() const {
  std::int64_t bytes = 0;
  for (const fs::path& path : files_below(folder_ / "blobs")) {
    if (path.extension() == ".incomplete") bytes += bytes_of_file(path);
  }
  return bytes;
}

CachedRepository::Removal CachedRepository::plan_removal(
    const std::vector<std::string>& paths) const {
  Removal removal;
  std::set<fs::path> used, unused;
  for (const fs::path& link : files_below(folder_ / "snapshots")) {
    // snapshots/COMMIT/path
    const fs::path inside = link.lexically_relative(folder_ / "snapshots");
    const std::string path = inside.lexically_relative(*inside.begin()).generic_string();
    const fs::path blob = blob_of(link);
    if (std::find(paths.begin(), paths.end(), path) != paths.end()) {
      removal.links.push_back(link);
      unused.insert(blob);
    } else {
      used.insert(blob);
    }
  }
  removal.everything = paths.empty() || used.empty();
  if (removal.everything) {
    for (const fs::path& path : files_below(folder_)) {
      if (!fs::is_symlink(path)) removal.bytes += bytes_of_file(path);
    }
    return removal;
  }
  for (const fs::path& blob : unused) {
    // A link that another program made could lead anywhere.
    if (used.contains(blob) || blob.parent_path() != folder_ / "blobs") continue;
    removal.blobs.push_back(blob);
    removal.bytes += bytes_of_file(blob);
  }
  return removal;
}

void CachedRepository::remove(const Removal& removal) const {
  std::vector<FileLock> held;
  for (const fs::path& path : files_below(locks())) {
    auto lock = FileLock::try_now(path);
    if (!lock) throw Error(name_, "is being fetched by another program", "wait for it");
    held.push_back(std::move(*lock));
  }
  try {
    for (const fs::path& link : removal.links) fs::remove(link);
    for (const fs::path& blob : removal.blobs) fs::remove(blob);
    if (removal.everything) fs::remove_all(folder_);
  } catch (const fs::filesystem_error& error) {
    throw Error(error.path1().string(), "can't be removed: " + error.code().message());
  }
}

std::vector<std::string> files_in(const fs::path& snapshot) {
  std::vector<std::string> files;
  for (const fs::path& path : files_below(snapshot)) {
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) {
      files.push_back(path.lexically_relative(snapshot).generic_string());
    }
  }
  return files;
}

std::optional<fs::path> find_cached(const fs::path& cache, const Name& name) {
  for (const fs::path& snapshot : CachedRepository(cache, name).snapshots(name.revision)) {
    if (auto found = find_in(snapshot, name)) return found;
  }
  return std::nullopt;
}

std::int64_t bytes_of_file(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

std::string model_name(const fs::path& path) {
  const fs::path named = path.has_filename() ? path : path.parent_path();
  std::string name = named.filename().string();
  if (named.parent_path().filename() == "snapshots") {
    const std::string repository = named.parent_path().parent_path().filename().string();
    const std::size_t separator = repository.rfind("--");
    if (separator != std::string::npos) name = repository.substr(separator + 2);
  }
  if (name.ends_with(".gguf")) name.resize(name.size() - 5);
  return name;
}

}  // namespace r1::hub
