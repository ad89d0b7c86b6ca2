// The system calls that a judged program may make.
#pragma once

#include <string>

namespace r1 {

/// A seccomp filter as the kernel's BPF program, for bubblewrap's --seccomp. It allows what
/// ordinary programs, Python and the compiler need: files, memory, threads, children, clocks, pipes
/// and local socket pairs. All else fails with "operation not permitted": namespaces, mounts,
/// tracing and reading of other processes, keys, BPF, io_uring, modules, network sockets. Throws
/// Error.
const std::string& syscall_filter();

}  // namespace r1
