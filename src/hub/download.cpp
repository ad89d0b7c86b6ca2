#include "hub/download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/descriptor.h"
#include "base/error.h"
#include "hub/checksum.h"

namespace r1::hub {
namespace {

namespace fs = std::filesystem;

/// Where a partial answer begins and how large the whole is: "bytes 100-199/200".
bool continues_at(const std::string& range, std::int64_t begin, std::int64_t size) {
  long long first = -1, last = -1, total = -1;
  if (std::sscanf(range.c_str(), "bytes %lld-%lld/%lld", &first, &last, &total) != 3) return false;
  return first == begin && total == size && last == size - 1;
}

/// A file that grows, and the sum of what it holds.
class PartialFile {
 public:
  PartialFile(fs::path path, const RemoteFile& file)
      : path_(std::move(path)), file_(file), sum_(file.etag, file.size) {
    std::error_code error;
    fs::create_directories(path_.parent_path(), error);
    descriptor_ = Descriptor(
        ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_APPEND, 0666));
    if (!descriptor_.is_open()) fail("can't write");
    read_what_is_there();
  }

  std::int64_t size() const { return size_; }
  bool is_whole() const { return size_ == file_.size; }

  void append(std::string_view bytes) {
    if (static_cast<std::int64_t>(bytes.size()) > file_.size - size_) {
      throw Error(file_.path, "the server sends more than it announced", "don't trust it");
    }
    sum_.add(bytes);
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_.number(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("can't write");
      size_ += written;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void empty() {
    if (::ftruncate(descriptor_.number(), 0) != 0) fail("can't write");
    size_ = 0;
    sum_ = Checksum(file_.etag, file_.size);
  }

  /// Moves it into place if its sum is right.
  void finish(const fs::path& place) {
    if (sum_.finish() != file_.etag) {
      ::unlink(path_.c_str());
      throw Error(file_.path, "arrived damaged: its checksum is not the one the hub announces",
                  "it was removed; pull it again");
    }
    if (::fsync(descriptor_.number()) != 0 || ::rename(path_.c_str(), place.c_str()) != 0) {
      fail("can't write");
    }
  }

 private:
  void read_what_is_there() {
    struct stat status = {};
    if (::fstat(descriptor_.number(), &status) != 0 || !S_ISREG(status.st_mode)) fail("no file");
    if (status.st_size > file_.size) return empty();
    std::array<char, 1 << 16> bytes{};
    for (;;) {
      const ssize_t count = ::read(descriptor_.number(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("can't read");
      if (count == 0) return;
      sum_.add({bytes.data(), static_cast<std::size_t>(count)});
      size_ += count;
    }
  }

  [[noreturn]] void fail(const char* what) const {
    throw Error(path_.string(), std::string(what) + ": " + std::strerror(errno));
  }

  fs::path path_;
  const RemoteFile& file_;
  Descriptor descriptor_;
  std::int64_t size_ = 0;
  Checksum sum_;
};

class Download {
 public:
  Download(Client& client, const Name& name, const std::string& commit, const RemoteFile& file,
           PartialFile& partial, const std::function<void(std::int64_t)>& on_bytes)
      : client_(client),
        name_(name),
        commit_(commit),
        file_(file),
        partial_(partial),
        on_bytes_(on_bytes) {}

  std::int64_t transferred() const { return transferred_; }

  void run(const Retries& retries) {
    std::int64_t before = 0;
    while (!partial_.is_whole()) {
      patiently(
          retries,
          [&] {
            before = transferred_;
            ask();
          },
          [&] { return transferred_ > before; });
    }
  }

 private:
  void ask() {
    const std::int64_t begin = partial_.size();
    try {
      const int status = client_.get(
          name_, commit_, file_.path, begin,
          [&](const net::HttpResponse& head) { expect_rest(head, begin); },
          [&](std::string_view bytes) {
            partial_.append(bytes);
            transferred_ += static_cast<std::int64_t>(bytes.size());
            on_bytes_(static_cast<std::int64_t>(bytes.size()));
          });
      if (status == 416) throw OtherPart();
    } catch (const OtherPart&) {
      if (begin == 0) throw Error(file_.path, "the server sends another part than was asked for");
      return start_again();
    }
    if (!partial_.is_whole()) {
      throw net::ConnectionError(file_.path, "the server sends less than it announced");
    }
  }

  struct OtherPart {};

  /// A server that knows no ranges sends all again.
  void expect_rest(const net::HttpResponse& head, std::int64_t begin) {
    if (head.status != 206) {
      if (begin > 0) start_again();
    } else if (!continues_at(head.header("content-range"), begin, file_.size)) {
      throw OtherPart();
    }
  }

  void start_again() {
    on_bytes_(-partial_.size());
    partial_.empty();
  }

  Client& client_;
  const Name& name_;
  const std::string& commit_;
  const RemoteFile& file_;
  PartialFile& partial_;
  const std::function<void(std::int64_t)>& on_bytes_;
  std::int64_t transferred_ = 0;
};

}  // namespace

std::int64_t download(Client& client, const Name& name, const std::string& commit,
                      const RemoteFile& file, const CachedRepository& cache,
                      const std::function<void(std::int64_t)>& on_bytes, const Retries& retries) {
  const FileLock lock = FileLock::wait(cache.lock(file.etag));
  const fs::path place = cache.blob(file.etag);
  std::error_code error;
  if (fs::is_regular_file(place, error) &&
      static_cast<std::int64_t>(fs::file_size(place, error)) == file.size) {
    return 0;
  }
  fs::path path = place;
  path += ".incomplete";
  PartialFile partial(path, file);
  Download transfer(client, name, commit, file, partial, on_bytes);
  transfer.run(retries);
  partial.finish(place);
  return transfer.transferred();
}

}  // namespace r1::hub
