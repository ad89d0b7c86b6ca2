#include "base/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/mapped_pages.h"

namespace r1 {
namespace {

std::int64_t size_of_regular_file(const Descriptor& file, const std::filesystem::path& path) {
  if (!file.is_open())
    throw Error(path.string(), std::string("can't open: ") + std::strerror(errno));
  struct stat status = {};
  if (::fstat(file.number(), &status) != 0) throw Error(path.string(), std::strerror(errno));
  if (!S_ISREG(status.st_mode)) throw Error(path.string(), "is not a regular file");
  return status.st_size;
}

}  // namespace

struct MappedFile::Mapping {
  std::filesystem::path path;
  void* data = nullptr;
  std::size_t size = 0;

  explicit Mapping(const std::filesystem::path& file_path) : path(file_path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    size = static_cast<std::size_t>(size_of_regular_file(file, path));
    if (size == 0) return;
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.number(), 0);
    if (address == MAP_FAILED)
      throw Error(path.string(), std::string("can't map: ") + std::strerror(errno));
    data = address;
    note_mapped(bytes());
  }
  ~Mapping() {
    if (data == nullptr) return;
    forget_mapped(bytes());
    ::munmap(data, size);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(data), size}; }
};

MappedFile::MappedFile(const std::filesystem::path& path)
    : mapping_(std::make_shared<const Mapping>(path)) {}

std::span<const std::byte> MappedFile::bytes() const {
  return mapping_ == nullptr ? std::span<const std::byte>() : mapping_->bytes();
}

const std::filesystem::path& MappedFile::path() const {
  return mapping_->path;
}

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto size = static_cast<std::size_t>(size_of_regular_file(file, path));
  if (size > limit) {
    throw Error(path.string(), "has " + std::to_string(size) + " bytes, more than the " +
                                   std::to_string(limit) + " expected of such a file");
  }
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::read(file.number(), text.data() + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(path.string(), std::string("can't read: ") + std::strerror(errno));
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

FileWriter::FileWriter(std::filesystem::path path) : path_(std::move(path)) {
  temporary_ = path_;
  temporary_ += ".partial-" + std::to_string(::getpid());
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0)
    throw Error(path_.string(), std::string("can't write: ") + std::strerror(errno));
  buffer_.reserve(std::size_t{1} << 20);
}

FileWriter::~FileWriter() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void FileWriter::flush() {
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t count = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(path_.string(), std::string("can't write: ") + std::strerror(errno));
    done += static_cast<std::size_t>(count);
  }
  buffer_.clear();
}

void FileWriter::write(std::span<const std::byte> bytes) {
  write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void FileWriter::write(std::string_view text) {
  constexpr std::size_t kChunk = std::size_t{1} << 20;
  position_ += static_cast<std::int64_t>(text.size());
  while (!text.empty()) {
    const std::size_t part = std::min(text.size(), kChunk - buffer_.size());
    buffer_.append(text.substr(0, part));
    text.remove_prefix(part);
    if (buffer_.size() == kChunk) flush();
  }
}

void FileWriter::commit() {
  flush();
  if (::fsync(descriptor_) != 0 || ::close(std::exchange(descriptor_, -1)) != 0 ||
      ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const std::string reason = std::strerror(errno);
    ::unlink(temporary_.c_str());
    throw Error(path_.string(), "can't write: " + reason);
  }
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  FileWriter writer(path);
  writer.write(text);
  writer.commit();
}

}  // namespace r1
