#include "tasks/code/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/error.h"

namespace r1 {

void throw_system_error(std::string_view what) {
  throw Error("running a program", std::string(what) + ": " + std::strerror(errno));
}

Descriptor memory_file(std::string_view text) {
  Descriptor file(::memfd_create("r1", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.is_open()) throw_system_error("no file in memory");
  while (!text.empty()) {
    const ssize_t written = ::write(file.number(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_system_error("writing a file in memory");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  ::fcntl(file.number(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
  ::lseek(file.number(), 0, SEEK_SET);
  return file;
}

}  // namespace r1
