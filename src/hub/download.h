// One file from the hub into the cache.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "hub/cache.h"
#include "hub/client.h"
#include "hub/retries.h"

namespace r1::hub {

/// Fetches a file's contents to blobs/CHECKSUM, under its lock. What is there already isn't fetched
/// again; what is there in part (CHECKSUM.incomplete) is gone on with. Connections that break are
/// made again. `on_bytes` is told bytes as they come, and negative numbers when what came or was
/// there has to be fetched again. Returns the bytes that came over the
/// network. Throws Error; a file that arrives with another sum is removed.
std::int64_t download(Client& client, const Name& name, const std::string& commit,
                      const RemoteFile& file, const CachedRepository& cache,
                      const std::function<void(std::int64_t)>& on_bytes,
                      const Retries& retries = {});

}  // namespace r1::hub
