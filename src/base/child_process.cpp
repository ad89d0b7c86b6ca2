#include "base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace r1 {
namespace {

constexpr std::size_t kLongestLine = std::size_t{1} << 20;

struct Pipe {
  Descriptor read, write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Error("pipe", std::strerror(errno));
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void never_block(const Descriptor& descriptor) {
  ::fcntl(descriptor.number(), F_SETFL, ::fcntl(descriptor.number(), F_GETFL) | O_NONBLOCK);
}

/// Signals and files of a new process; both need their ends called.
class SpawnSettings {
 public:
  SpawnSettings(const Descriptor& input, const Descriptor& output) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_adddup2(&files_, input.number(), 0);
    posix_spawn_file_actions_adddup2(&files_, output.number(), 1);
    posix_spawnattr_init(&attributes_);
    // A group of its own, so that all of it can be killed and Ctrl-C is this program's alone.
    posix_spawnattr_setpgroup(&attributes_, 0);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  pid_t spawn(const std::string& command) const {
    std::string shell = "sh", option = "-c", line = command;
    std::array<char*, 4> arguments = {shell.data(), option.data(), line.data(), nullptr};
    pid_t process = -1;
    const int fault =
        ::posix_spawn(&process, "/bin/sh", &files_, &attributes_, arguments.data(), environ);
    if (fault != 0) throw Error(command, std::string("it can't be started: ") + strerror(fault));
    return process;
  }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

/// While it lives, writing to a pipe that nobody reads is an error and no signal.
class PipeSignalBlock {
 public:
  PipeSignalBlock() {
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signal_, &before_);
  }
  ~PipeSignalBlock() {
    const timespec at_once{0, 0};
    while (sigtimedwait(&signal_, nullptr, &at_once) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PipeSignalBlock(const PipeSignalBlock&) = delete;
  PipeSignalBlock& operator=(const PipeSignalBlock&) = delete;

 private:
  sigset_t signal_, before_;
};

int milliseconds_to(ChildProcess::Deadline deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count() + 1, 0, 1 << 30));
}

}  // namespace

ChildProcess::ChildProcess(const std::string& command) {
  Pipe to = make_pipe(), from = make_pipe();
  process_ = SpawnSettings(to.read, from.write).spawn(command);
  input_ = std::move(to.write);
  output_ = std::move(from.read);
  never_block(input_);
  never_block(output_);
}

ChildProcess::~ChildProcess() {
  input_.close();
  output_.close();
  ::kill(-process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool ChildProcess::write_some(std::string_view& text) {
  const ssize_t count = ::write(input_.number(), text.data(), text.size());
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  text.remove_prefix(static_cast<std::size_t>(count));
  return true;
}

bool ChildProcess::read_some() {
  std::array<char, 4096> buffer;
  const ssize_t count = ::read(output_.number(), buffer.data(), buffer.size());
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  received_.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

ChildProcess::Outcome ChildProcess::exchange(std::string_view text, std::string& line,
                                             Deadline deadline) {
  const PipeSignalBlock block;
  for (;;) {
    const std::size_t end = received_.find('\n');
    if (text.empty() && end != std::string::npos) {
      line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return Outcome::done;
    }
    if (received_.size() > kLongestLine) return Outcome::too_long;
    std::array<pollfd, 2> ends = {
        {{output_.number(), POLLIN, 0}, {text.empty() ? -1 : input_.number(), POLLOUT, 0}}};
    const int ready = ::poll(ends.data(), ends.size(), milliseconds_to(deadline));
    if (ready == 0) return Outcome::late;
    if (ready < 0 && errno != EINTR) return Outcome::closed;
    if (ready < 0) continue;
    if (ends[1].revents != 0 && !write_some(text)) return Outcome::closed;
    if (ends[0].revents != 0 && !read_some()) return Outcome::closed;
  }
}

}  // namespace r1
