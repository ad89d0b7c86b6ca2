#include "hub/pull.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/memory.h"
#include "hub/choice.h"

namespace r1::hub {
namespace {

namespace fs = std::filesystem;

/// Nothing has begun yet: whoever has no network should hear so soon.
Retries of_small_answers(Retries retries) {
  retries.most = std::min(retries.most, 2);
  return retries;
}

std::vector<RemoteFile> wanted_files(Client& client, const Name& name, const Repository& repository,
                                     const Retries& retries) {
  std::vector<std::string> paths(repository.files.size());
  std::transform(repository.files.begin(), repository.files.end(), paths.begin(),
                 [](const RemoteFile& file) { return file.path; });
  std::vector<RemoteFile> wanted;
  for (const std::string& path : files_to_fetch(name, paths)) {
    const auto file = std::find_if(repository.files.begin(), repository.files.end(),
                                   [&](const RemoteFile& one) { return one.path == path; });
    wanted.push_back(
        patiently(retries, [&] { return client.complete(name, repository.commit, *file); }));
  }
  return wanted;
}

/// What of a file is here already, whole or in part.
std::int64_t bytes_here(const CachedRepository& cache, const RemoteFile& file) {
  fs::path incomplete = cache.blob(file.etag);
  incomplete += ".incomplete";
  const std::int64_t bytes =
      std::max(bytes_of_file(cache.blob(file.etag)), bytes_of_file(incomplete));
  return std::min(bytes, file.size);
}

/// Files of equal contents count once.
PullState state_of(const std::vector<RemoteFile>& files, const CachedRepository& cache) {
  PullState state;
  std::set<std::string> seen;
  for (const RemoteFile& file : files) {
    if (!seen.insert(file.etag).second) continue;
    state.begun += bytes_here(cache, file);
    if (__builtin_add_overflow(state.total, file.size, &state.total)) {
      throw Error(file.path, "is larger than any disk");
    }
  }
  return state;
}

void require_room(const Name& name, const Settings& settings, std::int64_t bytes) {
  std::error_code error;
  fs::create_directories(settings.cache, error);
  if (error) throw Error(settings.cache.string(), "can't be made: " + error.message());
  const fs::space_info space = fs::space(settings.cache, error);
  if (error || bytes <= 0 || static_cast<std::uint64_t>(bytes) <= space.available) return;
  throw Error(name.text(),
              "takes " + readable_bytes(bytes) + ", but " + settings.cache.string() + " has room " +
                  "for " + readable_bytes(static_cast<std::int64_t>(space.available)),
              "free some, or set HF_HUB_CACHE to a folder on another disk");
}

fs::path path_to_open(const Name& name, const fs::path& snapshot, const std::string& first) {
  const bool lone = first.ends_with(".gguf") || name.choice == first;
  return lone && !name.data_set ? snapshot / first : snapshot;
}

}  // namespace

Pulled pull(const Name& name, const Settings& settings, const PullOptions& options) {
  Client client(settings, options.silence_seconds);
  const Retries retries = of_small_answers(options.retries);
  const Repository repository = patiently(retries, [&] { return client.list(name); });
  const std::vector<RemoteFile> files = wanted_files(client, name, repository, retries);
  const CachedRepository cache(settings.cache, name);
  PullState state = state_of(files, cache);
  require_room(name, settings, state.total - state.begun);
  Pulled pulled{.commit = repository.commit,
                .path = {},
                .snapshot = cache.snapshot(repository.commit),
                .files = {},
                .bytes = state.total};
  if (options.on_begin) options.on_begin(state);
  state.done = state.begun;
  std::set<std::string> fetched;
  for (const RemoteFile& file : files) {
    pulled.files.push_back(file.path);
    if (!fetched.insert(file.etag).second) continue;
    state.file = file.path;
    pulled.transferred += download(
        client, name, repository.commit, file, cache,
        [&](std::int64_t bytes) {
          state.done += bytes;
          if (options.on_progress) options.on_progress(state);
        },
        options.retries);
  }
  // Only now, so that what a snapshot shows is whole.
  const FileLock lock = FileLock::wait(cache.lock("snapshots"));
  for (const RemoteFile& file : files) cache.link(repository.commit, file.path, file.etag);
  cache.remember(name.revision, repository.commit);
  pulled.path = path_to_open(name, pulled.snapshot, pulled.files.front());
  return pulled;
}

fs::path data_set_folder(std::string_view text, const Settings& settings,
                         const PullOptions& options) {
  Name name = parse_name(text);
  name.data_set = true;
  const auto here = [&] { return find_cached(settings.cache, name); };
  if (const auto folder = here(); folder && settings.offline) return *folder;
  try {
    const fs::path snapshot = pull(name, settings, options).snapshot;
    return name.choice.empty() ? snapshot : snapshot / name.choice;
  } catch (const net::ConnectionError&) {
    if (const auto folder = here()) return *folder;
    throw;
  }
}

}  // namespace r1::hub
