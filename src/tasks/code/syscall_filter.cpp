#include "tasks/code/syscall_filter.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "base/error.h"
#include "tasks/code/memory_file.h"

namespace r1 {
namespace {

// clang-format off
constexpr std::array kAllowed = {
    // files
    "access", "chdir", "chmod", "close", "close_range", "copy_file_range", "creat", "dup", "dup2",
    "dup3", "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir", "fchmod", "fchmodat",
    "fcntl", "fdatasync", "flock", "fstat", "fstatfs", "fsync", "ftruncate", "futimesat",
    "getcwd", "getdents", "getdents64", "link", "linkat", "lseek", "lstat", "mkdir", "mkdirat",
    "newfstatat", "open", "openat", "pipe", "pipe2", "pread64", "preadv", "preadv2", "pwrite64",
    "pwritev", "pwritev2", "read", "readahead", "readlink", "readlinkat", "readv", "rename",
    "renameat", "renameat2", "rmdir", "sendfile", "splice", "stat", "statfs", "statx", "symlink",
    "symlinkat", "tee", "truncate", "umask", "unlink", "unlinkat", "utime", "utimensat", "utimes",
    "write", "writev",
    // waiting
    "epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait",
    "eventfd", "eventfd2", "inotify_add_watch", "inotify_init", "inotify_init1",
    "inotify_rm_watch", "poll", "ppoll", "pselect6", "select", "signalfd", "signalfd4",
    "timerfd_create", "timerfd_gettime", "timerfd_settime",
    // memory
    "brk", "madvise", "membarrier", "mincore", "mmap", "mprotect", "mremap", "msync", "munmap",
    "pkey_alloc", "pkey_free", "pkey_mprotect",
    // processes and threads
    "arch_prctl", "execve", "execveat", "exit", "exit_group", "fork", "futex", "futex_waitv",
    "get_robust_list", "get_thread_area", "getegid", "geteuid", "getgid", "getgroups", "getpgid",
    "getpgrp", "getpid", "getppid", "getpriority", "getresgid", "getresuid", "getrlimit",
    "getrusage", "getsid", "gettid", "getuid", "pidfd_open", "pidfd_send_signal", "rseq",
    "sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity", "sched_getattr",
    "sched_getparam", "sched_getscheduler", "sched_rr_get_interval", "sched_setaffinity",
    "sched_yield", "set_robust_list", "set_tid_address", "setpgid", "setsid", "vfork", "wait4",
    "waitid",
    // signals and clocks
    "alarm", "clock_getres", "clock_gettime", "clock_nanosleep", "getitimer", "gettimeofday",
    "kill", "nanosleep", "pause", "restart_syscall", "rt_sigaction", "rt_sigpending",
    "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
    "setitimer", "sigaltstack", "tgkill", "time", "timer_create", "timer_delete",
    "timer_getoverrun", "timer_gettime", "timer_settime", "times", "tkill",
    // the rest
    "getcpu", "getrandom", "sysinfo", "uname",
    // pairs of local sockets, which socketpair() makes
    "getpeername", "getsockname", "getsockopt", "recvfrom", "recvmsg", "sendmsg", "sendto",
    "setsockopt", "shutdown",
};
// clang-format on

constexpr unsigned long kNamespaces = CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
                                      CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

class Filter {
 public:
  Filter() : context_(::seccomp_init(SCMP_ACT_ERRNO(EPERM)), ::seccomp_release) {
    if (context_ == nullptr) throw Error("the filter of system calls", "it can't be made");
  }

  template <typename... Comparisons>
  void answer(std::uint32_t action, const char* name, Comparisons... comparisons) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number < 0) return;  // this processor doesn't have it
    const std::array<scmp_arg_cmp, sizeof...(comparisons)> all = {comparisons...};
    check(::seccomp_rule_add_array(context_.get(), action, number, all.size(), all.data()));
  }
  template <typename... Comparisons>
  void allow(const char* name, Comparisons... comparisons) {
    answer(SCMP_ACT_ALLOW, name, comparisons...);
  }

  std::string program() {
    check(::seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2));  // a binary search
    const Descriptor file(::memfd_create("filter", MFD_CLOEXEC));
    if (!file.is_open()) throw_system_error("no file in memory");
    check(::seccomp_export_bpf(context_.get(), file.number()));
    std::string text(static_cast<std::size_t>(::lseek(file.number(), 0, SEEK_END)), '\0');
    if (::pread(file.number(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
      throw_system_error("reading a file in memory");
    }
    return text;
  }

 private:
  static void check(int result) {
    if (result < 0) {
      throw Error("the filter of system calls", "libseccomp failed with " + std::to_string(result));
    }
  }
  std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
};

std::string make_filter() {
  Filter filter;
  for (const char* name : kAllowed) filter.allow(name);
  // Children and threads, but no namespaces. The flags of clone3 lie in memory, out of a filter's
  // sight; told that the kernel hasn't got it, the C library takes clone.
  filter.allow("clone", SCMP_A0(SCMP_CMP_MASKED_EQ, kNamespaces, 0));
  filter.answer(SCMP_ACT_ERRNO(ENOSYS), "clone3");
  filter.allow("socketpair", SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
  // Terminal and file queries, but not TIOCSTI, which types into a terminal.
  for (const unsigned long query :
       {TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, TIOCGPGRP}) {
    filter.allow("ioctl", SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, query));
  }
  for (const int option : {PR_SET_NAME, PR_GET_NAME, PR_SET_PDEATHSIG, PR_GET_PDEATHSIG,
                           PR_GET_DUMPABLE, PR_SET_VMA, PR_GET_NO_NEW_PRIVS, PR_CAPBSET_READ}) {
    filter.allow("prctl",
                 SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffffu, static_cast<scmp_datum_t>(option)));
  }
  // Asking for limits and lowering one's own; the compiler raises its stack.
  filter.allow("prlimit64", SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffffu, 0));
  filter.allow("setrlimit");
  filter.allow("personality", SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffffu, 0xffffffffu));
  return filter.program();
}

}  // namespace

const std::string& syscall_filter() {
  static const std::string program = make_filter();
  return program;
}

}  // namespace r1
