// Fetches models and data sets from Hugging Face's hub into the cache.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/download.h"
#include "hub/name.h"
#include "hub/settings.h"

namespace r1::hub {

struct PullState {
  std::string file;        // the one being fetched
  std::int64_t done = 0;   // bytes of all files, those that were here already too
  std::int64_t begun = 0;  // of these, what was here before
  std::int64_t total = 0;
};

struct PullOptions {
  std::int64_t silence_seconds = 60;  // of a server before the connection is made again
  Retries retries = {};
  /// Called before a byte is fetched.
  std::function<void(const PullState&)> on_begin = nullptr;
  /// Called as bytes come.
  std::function<void(const PullState&)> on_progress = nullptr;
};

struct Pulled {
  std::string commit;
  std::filesystem::path path;      // what -m takes: a GGUF file or a folder; of a data set a folder
  std::filesystem::path snapshot;  // the folder with all that was fetched of the commit
  std::vector<std::string> files;  // in it
  std::int64_t bytes = 0;          // of them
  std::int64_t transferred = 0;    // over the network
};

/// Fetches what files_to_fetch() (choice.h) says. Files that are here are not fetched again, and
/// half-fetched ones gone on with. Throws Error: a name the hub doesn't have or give, no room on
/// the disk, a connection that can't be made, files that arrive damaged.
Pulled pull(const Name& name, const Settings& settings, const PullOptions& options = {});

/// The folder with a data set's files, of which those are fetched that the cache lacks: only the
/// hub knows whether all are there. Offline, or where it can't be reached, what is there must do.
/// `name` as parse_name() takes it, with or without "datasets/"; "org/name/part" is that part
/// alone.
std::filesystem::path data_set_folder(std::string_view name, const Settings& settings,
                                      const PullOptions& options = {});

}  // namespace r1::hub
