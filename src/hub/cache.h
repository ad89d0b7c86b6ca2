// The folder in which files of the hub are kept, in the form that Hugging Face's own tools share:
//   models--org--name/blobs/CHECKSUM           contents
//   models--org--name/snapshots/COMMIT/path    links to them
//   models--org--name/refs/main                the commit that was newest
//   .locks/models--org--name/CHECKSUM.lock     held while a file is fetched
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "hub/name.h"

namespace r1::hub {

/// A lock on a file (flock), given back at the end of its life or of the process.
class FileLock {
 public:
  /// Waits for whoever has it; makes the file and its folders. Throws Error.
  static FileLock wait(const std::filesystem::path& path);
  /// Nothing if somebody has it.
  static std::optional<FileLock> try_now(const std::filesystem::path& path);

 private:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

/// A repository's part of the cache.
class CachedRepository {
 public:
  CachedRepository(std::filesystem::path cache, const Name& name);

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path blob(const std::string& etag) const;
  std::filesystem::path snapshot(const std::string& commit) const;
  std::filesystem::path lock(const std::string& etag) const;

  /// Lets a snapshot's path lead to a blob. Throws Error if the folders lead out of the snapshot.
  void link(const std::string& commit, const std::string& path, const std::string& etag) const;
  /// Remembers the commit that a revision is.
  void remember(const std::string& revision, const std::string& commit) const;

  /// The snapshots, the one that the revision names first. Snapshots of revisions that are not
  /// here are none.
  std::vector<std::filesystem::path> snapshots(const std::string& revision) const;
  /// Bytes of blobs that are being fetched or were left half fetched.
  std::int64_t incomplete_bytes() const;

  /// What removing frees: everything, or only these paths in all snapshots.
  struct Removal {
    std::vector<std::filesystem::path> links, blobs;
    std::int64_t bytes = 0;
    bool everything = false;  // the folder itself too
  };
  Removal plan_removal(const std::vector<std::string>& paths) const;
  /// Throws Error, with nothing removed, if a file of it is being fetched.
  void remove(const Removal& removal) const;

 private:
  std::filesystem::path locks() const;
  std::filesystem::path cache_, folder_;
  std::string name_;
};

/// A file's size, 0 if it isn't there.
std::int64_t bytes_of_file(const std::filesystem::path& path);

/// The paths of a snapshot's files whose contents are here.
std::vector<std::string> files_in(const std::filesystem::path& snapshot);

/// What -m opens for a hub's name that is in the cache: a GGUF file, or a folder with a model.
/// Without a choice in the name, and no Q4_K_M, what is nearest of what is here.
std::optional<std::filesystem::path> find_cached(const std::filesystem::path& cache,
                                                 const Name& name);

/// What to call the model at a path: a snapshot's repository ("name" of org/name), else the file or
/// folder without ".gguf".
std::string model_name(const std::filesystem::path& path);

}  // namespace r1::hub
