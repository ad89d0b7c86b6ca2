#include "tasks/code/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/error.h"
#include "tasks/code/memory_file.h"
#include "tasks/code/process_tree.h"

namespace r1 {
namespace {

using Clock = std::chrono::steady_clock;
using Stop = ProcessResult::Stop;

constexpr std::chrono::milliseconds kGlance{50};  // between two looks at time and memory
constexpr double kUsualGap = 0.2;                 // seconds between them on a busy machine
constexpr double kMostDelay = 4;    // times the limit and ten seconds, whatever the machine's load
constexpr double kEndOfOutput = 2;  // seconds for the streams to end after the process did

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Pipe {
  Descriptor read, write;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw_system_error("no pipe");
    read = Descriptor(ends[0]);
    write = Descriptor(ends[1]);
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  }
};

/// What the child gets as its descriptors 0, 1, 2, 3 ...
class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  void start_in(const std::string& folder) {
    ::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
  }
  void become(int source, int target) {
    // A copy above all targets, so that no target overwrites a later source.
    constexpr int kAbove = 64;
    copies_.emplace_back(::fcntl(source, F_DUPFD_CLOEXEC, kAbove));
    if (!copies_.back().is_open()) throw_system_error("no descriptor");
    ::posix_spawn_file_actions_adddup2(&actions_, copies_.back().number(), target);
  }
  /// What this process itself was given unasked isn't passed on.
  void close_from(int number) { ::posix_spawn_file_actions_addclosefrom_np(&actions_, number); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
  std::vector<Descriptor> copies_;
};

pid_t spawn_with(const std::vector<std::string>& command, const FileActions& actions) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::string path = "PATH=/usr/bin:/bin", language = "LC_ALL=C.UTF-8";
  const std::array<char*, 3> environment = {path.data(), language.data(), nullptr};
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none, usual;
  ::sigemptyset(&none);
  ::sigemptyset(&usual);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGCHLD}) ::sigaddset(&usual, signal);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setflags(
      &attributes,
      static_cast<short>(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  pid_t process = 0;
  const int failure = ::posix_spawn(&process, arguments[0], actions.get(), &attributes,
                                    arguments.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  if (failure != 0) throw Error(command[0], std::strerror(failure));
  return process;
}

/// `streams` become its stdin, stdout and stderr.
pid_t spawn(const ProcessRequest& request, const std::array<int, 3>& streams) {
  FileActions actions;
  if (!request.folder.empty()) actions.start_in(request.folder);
  int target = 0;
  for (const int stream : streams) actions.become(stream, target++);
  for (const int given : request.descriptors) actions.become(given, target++);
  actions.close_from(target);
  return spawn_with(request.command, actions);
}

/// A stream of the child that is read as it comes.
struct Stream {
  Descriptor end;
  std::string* text;

  /// Reads what is there; false once more than `limit` bytes came in all.
  bool read(std::int64_t limit) {
    std::array<char, 65536> piece{};
    for (;;) {
      const ssize_t count = ::read(end.number(), piece.data(), piece.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) return true;
      if (count <= 0) {
        end.close();
        return true;
      }
      const auto room = static_cast<std::size_t>(limit) - text->size();
      text->append(piece.data(), std::min(static_cast<std::size_t>(count), room));
      if (static_cast<std::size_t>(count) > room) return false;
    }
  }
};

/// Follows one child from its start to its end.
class Watch {
 public:
  Watch(const ProcessRequest& request, pid_t process, std::array<Stream, 2> streams)
      : request_(request),
        process_(process),
        ended_(static_cast<int>(::syscall(SYS_pidfd_open, process, 0))),
        streams_(std::move(streams)) {
    if (!ended_.is_open()) {
      const int reason = errno;
      kill();
      ::waitpid(process_, nullptr, 0);
      errno = reason;
      throw_system_error("the process can't be watched");
    }
  }

  Stop follow() {
    while (!wait(kGlance)) {
      if (stop_ == Stop::none) look();
      if (stop_ != Stop::none) kill();
    }
    note_gap();
    return stop_;
  }

  /// After the end: what is still in the pipes.
  void drain() {
    kill();  // what it left in its group
    const auto start = Clock::now();
    ended_.close();
    while (any_open() && since(start) < kEndOfOutput) wait(kGlance);
  }

  double clock_seconds() const { return std::max(0.0, since(start_) - std::max(waited_, lost_)); }
  Stop stop() const { return stop_; }

 private:
  bool any_open() const { return streams_[0].end.is_open() || streams_[1].end.is_open(); }

  /// True once the process has ended; reads what came meanwhile.
  bool wait(std::chrono::milliseconds time) {
    std::array<pollfd, 3> polled = {{{ended_.number(), POLLIN, 0},
                                     {streams_[0].end.number(), POLLIN, 0},
                                     {streams_[1].end.number(), POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(), static_cast<int>(time.count())) < 0) {
      if (errno != EINTR) throw_system_error("poll");
      return false;
    }
    for (std::size_t i = 0; i < 2; ++i) {
      if (polled[i + 1].revents != 0 && !streams_[i].read(request_.output)) {
        streams_[i].end.close();
        if (stop_ == Stop::none) stop_ = Stop::output;
        kill();
      }
    }
    return polled[0].revents != 0;  // never once it is closed
  }

  void look() {
    if (Clock::now() - looked_ < kGlance) return;
    note_gap();
    looked_ = Clock::now();
    const TreeUse use = use_of_tree(process_);
    waited_ = std::max(waited_, use.waited);
    const bool too_long = clock_seconds() > request_.seconds ||
                          since(start_) - lost_ > kMostDelay * request_.seconds + 10;
    if (too_long) stop_ = Stop::time;
    if (request_.memory > 0 && use.private_memory > request_.memory) stop_ = Stop::memory;
  }

  /// Where this process itself was stopped or starved since its last look, the child was too.
  void note_gap() { lost_ += std::max(0.0, since(looked_) - kUsualGap); }

  void kill() const {
    ::kill(-process_, SIGKILL);
    ::kill(process_, SIGKILL);
  }

  const ProcessRequest& request_;
  pid_t process_;
  Descriptor ended_;
  std::array<Stream, 2> streams_;
  Clock::time_point start_ = Clock::now(), looked_ = start_;
  double waited_ = 0, lost_ = 0;  // seconds that aren't the child's
  Stop stop_ = Stop::none;
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

}  // namespace

ProcessResult run_process(const ProcessRequest& request) {
  ProcessResult result;
  const Descriptor input = memory_file(request.input);
  Pipe output, errors;
  const pid_t process =
      spawn(request, {input.number(), output.write.number(), errors.write.number()});
  output.write.close();
  errors.write.close();
  Watch watch(request, process,
              {Stream{std::move(output.read), &result.output},
               Stream{std::move(errors.read), &result.errors}});
  watch.follow();
  const double clock = watch.clock_seconds();
  watch.drain();
  int status = 0;
  rusage use{};
  while (::wait4(process, &status, 0, &use) < 0 && errno == EINTR) {
  }
  result.stop = watch.stop();
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.seconds = std::max(clock, seconds_of(use.ru_utime) + seconds_of(use.ru_stime));
  result.peak_memory = std::int64_t{use.ru_maxrss} * 1024;
  return result;
}

}  // namespace r1
