#include "tasks/code/sandbox.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/error.h"
#include "tasks/code/memory_file.h"
#include "tasks/code/syscall_filter.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBubblewrap = "/usr/bin/bwrap";
constexpr const char* kSetpriv = "/usr/bin/setpriv";
constexpr const char* kPrlimit = "/usr/bin/prlimit";
constexpr const char* kNobody = "65534";
constexpr int kFirstDescriptor = 3;
/// The first process of the sandbox starts the program, and when it ends the kernel ends all
/// others. It is none of bubblewrap's own, which would have neither the limits nor closed
/// descriptors; what the shell has to say of the program's end isn't the program's.
constexpr const char* kFirstProcess = R"(exec 3>&2 2>/dev/null; (exec "$@" 2>&3 3>&-); exit $?)";

void append(std::vector<std::string>& words, std::initializer_list<std::string> more) {
  words.insert(words.end(), more);
}

/// The limits that the kernel holds for each process.
void append_limits(std::vector<std::string>& words, const RunLimits& limits) {
  rlimit stack{};
  ::getrlimit(RLIMIT_STACK, &stack);
  const auto limit = [](const char* name, std::int64_t value) {
    const std::string number = std::to_string(value);
    return std::string("--") + name + "=" + number + ":" + number;
  };
  append(words, {kPrlimit, limit("as", limits.memory), limit("fsize", limits.disk),
                 limit("cpu", static_cast<std::int64_t>(std::ceil(limits.seconds)) + 1),
                 limit("nofile", 256), limit("core", 0), limit("memlock", 0), limit("msgqueue", 0),
                 limit("sigpending", 256),
                 // Deep recursion may use all memory there is.
                 "--stack=" + (stack.rlim_max == RLIM_INFINITY ? std::string("unlimited")
                                                               : std::to_string(stack.rlim_max))});
  if (limits.processes > 0) words.push_back(limit("nproc", limits.processes));
  words.emplace_back("--");
}

/// A folder with an empty `work` and the files in `program`, removed at the end.
class ProgramFolder {
 public:
  explicit ProgramFolder(const std::vector<SandboxFile>& files) {
    std::string name = (fs::temp_directory_path() / "r1_program_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw_system_error("no temporary folder");
    path_ = name;
    fs::create_directory(path_ / "work");
    fs::create_directory(path_ / "program");
    for (const SandboxFile& file : files) {
      const fs::path path = path_ / "program" / file.name;
      std::ofstream(path, std::ios::binary) << file.contents;
      if (file.executable) fs::permissions(path, fs::perms::owner_all);
    }
  }
  ~ProgramFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ProgramFolder(const ProgramFolder&) = delete;
  ProgramFolder& operator=(const ProgramFolder&) = delete;

  std::string work() const { return (path_ / "work").string(); }

 private:
  fs::path path_;
};

ProcessResult run_unprotected(const SandboxRun& run) {
  const ProgramFolder folder(run.files);
  ProcessRequest request;
  RunLimits limits = run.limits;
  limits.processes = 0;  // the user's own would be counted too
  append_limits(request.command, limits);
  request.command.insert(request.command.end(), run.command.begin(), run.command.end());
  request.input = run.input;
  request.folder = folder.work();
  request.seconds = run.limits.seconds;
  request.memory = run.limits.memory;
  request.output = run.limits.output;
  return run_process(request);
}

/// bubblewrap's options but for the files and the filter.
std::vector<std::string> isolation_options(const SandboxRun& run) {
  std::vector<std::string> words;
  // Root becomes nobody first: root's processes aren't counted against a limit, and a mistake in
  // the kernel's namespaces shall not begin with root.
  if (::geteuid() == 0) {
    append(words, {kSetpriv, "--reuid", kNobody, "--regid", kNobody, "--clear-groups",
                   "--no-new-privs", "--"});
  }
  const std::string disk = std::to_string(run.limits.disk);
  append(words,
         {kBubblewrap, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session",
          "--as-pid-1", "--uid", kNobody, "--gid", kNobody, "--hostname", "sandbox", "--cap-drop",
          "ALL", "--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/tmp",
          "--setenv", "LC_ALL", "C.UTF-8",
          // Threads share their heaps, which count as address space.
          "--setenv", "MALLOC_ARENA_MAX", "2", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin",
          "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--proc",
          "/proc", "--dev", "/dev", "--size", disk, "--tmpfs", "/dev/shm", "--remount-ro", "/dev",
          "--size", disk, "--tmpfs", "/tmp", "--chdir", "/tmp"});
  if (!run.readable_folder.empty()) {
    append(words, {"--ro-bind", run.readable_folder, run.readable_folder});
  }
  return words;
}

}  // namespace

Sandbox::Sandbox(Isolation isolation) : isolation_(isolation) {
  if (isolation == Isolation::none) return;
  SandboxRun trial;
  trial.command = {"/usr/bin/true"};
  const ProcessResult result = run(trial);
  if (result.status == 0) return;
  std::string reason = result.errors.substr(0, result.errors.find('\n'));
  if (reason.empty()) reason = "status " + std::to_string(result.status);
  throw Error("the sandbox", "programs can't be isolated here (" + reason + ")",
              "install the package bubblewrap and let the kernel make user namespaces "
              "(kernel.unprivileged_userns_clone, user.max_user_namespaces, "
              "kernel.apparmor_restrict_unprivileged_userns)");
}

ProcessResult Sandbox::run(const SandboxRun& run) const {
  return isolation_ == Isolation::none ? run_unprotected(run) : run_isolated(run);
}

ProcessResult Sandbox::run_isolated(const SandboxRun& run) const {
  ProcessRequest request;
  request.command = isolation_options(run);
  std::vector<Descriptor> files;
  const auto give = [&](std::string_view contents) {
    files.push_back(memory_file(contents));
    request.descriptors.push_back(files.back().number());
    return std::to_string(kFirstDescriptor + static_cast<int>(files.size()) - 1);
  };
  for (const SandboxFile& file : run.files) {
    append(request.command, {"--perms", file.executable ? "0555" : "0444", "--ro-bind-data",
                             give(file.contents), "/program/" + file.name});
  }
  append(request.command, {"--remount-ro", "/", "--seccomp", give(syscall_filter()), "--"});
  append_limits(request.command, run.limits);
  append(request.command, {"/bin/sh", "-c", kFirstProcess, "sh"});
  request.command.insert(request.command.end(), run.command.begin(), run.command.end());
  request.input = run.input;
  request.seconds = run.limits.seconds;
  // Each process is held by its address space; several together by what they really use.
  request.memory = run.limits.memory;
  request.output = run.limits.output;
  return run_process(request);
}

}  // namespace r1
