// Programs that try to get out of the sandbox, to spy, or to take more than they may.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/files.h"
#include "tasks/code/sandbox.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

/// Things of the host that programs are after: a file, a process, listening sockets, a secret in
/// the environment.
class Host {
 public:
  Host() {
    fs::permissions(folder_.path(), fs::perms::all);
    write_file(folder_ / "treasure", "gold");
    fs::permissions(folder_ / "treasure", fs::perms::all);
    ::setenv("R1_SECRET", "silver", 1);
    process_ = ::fork();
    if (process_ == 0) {
      for (;;) ::pause();
    }
    tcp_ = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(tcp_.number(), reinterpret_cast<sockaddr*>(&address), size);
    ::listen(tcp_.number(), 8);
    ::getsockname(tcp_.number(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    unix_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    const std::string name = abstract_name();
    std::memcpy(local.sun_path + 1, name.data(), name.size());
    ::bind(unix_.number(), reinterpret_cast<sockaddr*>(&local),
           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size()));
    ::listen(unix_.number(), 8);
  }
  ~Host() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    ::unsetenv("R1_SECRET");
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  std::string names() const {
    return "TREASURE = '" + (folder_ / "treasure").string() +
           "'\nHOST = " + std::to_string(process_) + "\nPORT = " + std::to_string(port_) +
           "\nLOCAL = '\\0" + abstract_name() + "'\n";
  }

  void expect_untouched() const {
    EXPECT_EQ(read_file(folder_ / "treasure"), "gold");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1);
    EXPECT_EQ(::kill(process_, 0), 0);
    EXPECT_EQ(::waitpid(process_, nullptr, WNOHANG), 0);
  }

 private:
  static std::string abstract_name() { return "r1_test_" + std::to_string(::getpid()); }
  TemporaryFolder folder_;
  pid_t process_ = 0;
  Descriptor tcp_, unix_;
  int port_ = 0;
};

/// What every attempt begins with: `syscall` by number, and names of things on the host.
constexpr const char* kPrelude = R"(
import ctypes, os, resource, signal, socket, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def syscall(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if result < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
)";

struct Attempt {
  const char* name;
  /// Python, indented by four spaces: it raises if it is stopped, else it has escaped.
  const char* code;
  bool works_outside = false;  // harmless, and succeeds where nothing stops it
};

std::string program_of(const Attempt& attempt, const Host& host) {
  return std::string(kPrelude) + host.names() + "def attempt():\n" + attempt.code + R"(
try:
    attempt()
    print("ESCAPED", flush=True)
except BaseException as error:
    print("stopped by", repr(error), flush=True)
)";
}

std::string name_of_attempt(const testing::TestParamInfo<Attempt>& info) {
  return info.param.name;
}

SandboxRun python(std::string_view code) {
  SandboxRun run;
  run.command = {"/usr/bin/python3", "-I", "-B", "../program/main.py"};
  run.files = {{"main.py", code}};
  run.limits.seconds = 5;
  run.limits.memory = std::int64_t{512} << 20;
  run.limits.disk = std::int64_t{8} << 20;
  run.limits.output = std::int64_t{1} << 20;
  return run;
}

/// Nothing where this machine has no sandbox.
const Sandbox* sandbox() {
  static const auto made = []() -> std::unique_ptr<Sandbox> {
    try {
      return std::make_unique<Sandbox>();
    } catch (const Error& error) {
      std::printf("%s\n", error.what());
      return nullptr;
    }
  }();
  return made.get();
}

#define NEED_SANDBOX() \
  if (sandbox() == nullptr) GTEST_SKIP() << "this machine doesn't allow a sandbox"

class Escape : public testing::TestWithParam<Attempt> {};

TEST_P(Escape, is_stopped) {
  NEED_SANDBOX();
  const Host host;
  const std::string program = program_of(GetParam(), host);
  const ProcessResult result = sandbox()->run(python(program));
  EXPECT_EQ(result.output.find("ESCAPED"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("stopped by"), std::string::npos)
      << result.status << result.output << result.errors;
  host.expect_untouched();
  if (GetParam().works_outside) {
    // The attempt is a real one: it succeeds where nothing stops it.
    const Sandbox open(Sandbox::Isolation::none);
    const ProcessResult free = open.run(python(program));
    EXPECT_NE(free.output.find("ESCAPED"), std::string::npos) << free.output << free.errors;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, Escape,
    testing::Values(
        Attempt{"reading_a_file_of_the_host", "    open(TREASURE).read()", true},
        Attempt{"writing_a_file_of_the_host", "    open(TREASURE, 'r+').write('gold')", true},
        Attempt{"climbing_to_a_file_of_the_host", "    open('../' * 20 + TREASURE).read()", true},
        Attempt{"reading_through_a_symlink",
                "    os.symlink(TREASURE, 'link')\n    open('link').read()", true},
        Attempt{"writing_through_a_symlink",
                "    os.symlink(TREASURE, 'link')\n    open('link', 'r+').write('gold')", true},
        Attempt{"reading_the_list_of_users", "    open('/etc/passwd').read()", true},
        Attempt{"listing_homes", "    os.listdir('/root') and os.listdir('/home')"},
        Attempt{"reaching_the_host_by_the_first_process",
                "    open('/proc/1/root' + TREASURE).read()"},
        Attempt{
            "reading_the_secret_of_the_environment",
            "    text = b''.join(open(f'/proc/{p}/environ', 'rb').read() for p in ('self', '1', "
            "str(os.getppid())))\n    assert b'silver' in text or 'R1_SECRET' in os.environ"},
        Attempt{
            "finding_open_files_of_the_judge",
            "    links = [(f, os.readlink(f'/proc/{p}/fd/{f}')) for p in (1, 'self') for f in "
            "os.listdir(f'/proc/{p}/fd') if int(f) > 2 and os.path.lexists(f'/proc/{p}/fd/{f}')]\n"
            "    print(links)\n    assert [l for l in links if 'pipe' not in l[1] and '/proc' not "
            "in l[1]]"},
        Attempt{"writing_to_the_system", "    open('/usr/bin/r1_escape', 'w')"},
        Attempt{"writing_to_the_top_folder", "    open('/escape', 'w')"},
        Attempt{"writing_to_the_devices", "    open('/dev/escape', 'w')"},
        Attempt{"changing_the_program", "    open('../program/main.py', 'w')", true},
        Attempt{"removing_the_program", "    os.remove('../program/main.py')", true},
        Attempt{"replacing_the_program",
                "    open('a', 'w')\n    os.rename('a', '../program/main.py')", true},
        Attempt{"linking_a_file_of_the_system", "    os.link('/usr/bin/env', '/tmp/env')"},
        Attempt{"opening_the_memory_of_the_machine", "    open('/dev/mem', 'rb')"},
        Attempt{"making_a_device", "    os.mknod('disk', 0o60600, os.makedev(8, 0))"},
        Attempt{"changing_the_root", "    os.chroot('/tmp')"},
        Attempt{"changing_kernel_settings", "    open('/proc/sys/kernel/core_pattern', 'w')"},
        Attempt{"pressing_a_magic_key", "    open('/proc/sysrq-trigger', 'w')"},
        Attempt{"finding_the_kernels_files", "    os.listdir('/sys')", true},
        Attempt{"rights_of_the_files_owner",
                "    import shutil\n    shutil.copy('/usr/bin/id', 'id')\n    os.chmod('id', "
                "0o6755)\n    import subprocess\n    assert b'uid=0' in "
                "subprocess.check_output(['./id'])"},
        Attempt{"becoming_root", "    os.setuid(0)"}),
    name_of_attempt);

INSTANTIATE_TEST_SUITE_P(
    Network, Escape,
    testing::Values(
        Attempt{"connecting_to_the_host", "    socket.create_connection(('127.0.0.1', PORT), 2)",
                true},
        Attempt{"connecting_to_a_local_socket",
                "    s = socket.socket(socket.AF_UNIX)\n    s.connect(LOCAL)", true},
        Attempt{"sending_a_datagram",
                "    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n    s.sendto(b'x', "
                "('127.0.0.1', PORT))",
                true},
        Attempt{"reaching_out", "    socket.create_connection(('1.1.1.1', 53), 2)"},
        Attempt{"asking_for_a_name", "    socket.getaddrinfo('example.org', 80)"},
        Attempt{"listening", "    socket.create_server(('0.0.0.0', 0))", true},
        Attempt{"talking_to_the_kernel", "    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
                true},
        Attempt{"sniffing", "    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)"}),
    name_of_attempt);

INSTANTIATE_TEST_SUITE_P(
    Processes, Escape,
    testing::Values(
        Attempt{"killing_a_process_of_the_host", "    os.kill(HOST, 0)", true},
        Attempt{"seeing_processes_of_the_host", "    os.stat(f'/proc/{HOST}')", true},
        Attempt{"tracing_the_first_process", "    syscall(101, 16, 1, 0, 0)"},
        Attempt{"asking_to_be_traced", "    syscall(101, 0, 0, 0, 0)", true},
        Attempt{"reading_another_process",
                "    b = ctypes.create_string_buffer(8)\n    syscall(310, 1, b, 1, b, 1, 0)"},
        Attempt{"writing_another_process", "    open(f'/proc/{HOST}/mem', 'r+b')", true},
        Attempt{"a_first_process_without_limits",
                "    limits = open('/proc/1/limits').read()\n    assert limits != "
                "open('/proc/self/limits').read()"},
        Attempt{"a_first_process_without_a_filter",
                "    assert 'Seccomp:\\t2' not in open('/proc/1/status').read()"},
        Attempt{"many_children",
                "    children = 0\n"
                "    try:\n"
                "        while children < 500:\n"
                "            if os.fork() == 0: time.sleep(60); os._exit(0)\n"
                "            children += 1\n"
                "    except OSError: assert children > 200, children"},
        Attempt{"many_threads",
                "    try:\n"
                "        for i in range(500): threading.Thread(target=time.sleep, args=(60,), "
                "daemon=True).start()\n"
                "    except RuntimeError: assert i > 200, i"},
        Attempt{"raising_the_limit_of_memory",
                "    resource.setrlimit(resource.RLIMIT_AS, (-1, -1))"},
        Attempt{"raising_the_limit_of_processes",
                "    resource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999))"},
        Attempt{"jumping_the_queue", "    os.nice(-5)"},
        Attempt{"running_in_real_time",
                "    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))"}),
    name_of_attempt);

INSTANTIATE_TEST_SUITE_P(
    Kernel, Escape,
    testing::Values(
        Attempt{"a_namespace_of_users", "    syscall(272, 0x10000000)", true},
        Attempt{"a_namespace_of_networks", "    syscall(272, 0x40000000)"},
        Attempt{"a_child_in_a_namespace",
                "    if syscall(56, 0x10000000 | 17, 0, 0, 0, 0) == 0: os._exit(0)", true},
        Attempt{
            "a_child_whose_flags_are_hidden",
            "    a = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)\n    if syscall(435, a, 88) "
            "== 0: os._exit(0)",
            true},
        Attempt{"entering_a_namespace", "    syscall(308, os.open('/proc/1/ns/mnt', 0), 0)"},
        Attempt{"mounting", "    syscall(165, b'x', b'/tmp', b'tmpfs', 0, 0)"},
        Attempt{"unmounting", "    syscall(166, b'/tmp', 2)"},
        Attempt{"making_the_system_writable", "    syscall(165, 0, b'/usr', 0, 0x1020, 0)"},
        Attempt{"pivoting", "    syscall(155, b'/tmp', b'/tmp')"},
        Attempt{"opening_a_file_system", "    syscall(430, b'tmpfs', 0)"},
        Attempt{"opening_a_tree_of_mounts", "    syscall(428, -100, b'/usr', 1)"},
        Attempt{"loading_bpf",
                "    a = (ctypes.c_uint32 * 32)(1, 4, 4, 1)\n    syscall(321, 0, a, 72)"},
        Attempt{"counting_events",
                "    a = (ctypes.c_uint32 * 32)(1, 128)\n    syscall(298, a, 0, -1, -1, 0)"},
        Attempt{"handling_page_faults", "    syscall(323, 1)"},
        Attempt{"a_ring_of_io", "    a = (ctypes.c_uint32 * 30)()\n    syscall(425, 4, a)", true},
        Attempt{"keys", "    syscall(250, 0, -3, 1)"},
        Attempt{"loading_a_module", "    syscall(313, 0, b'', 0)"},
        Attempt{"a_new_kernel", "    syscall(246, 0, 0, 0, 0)"},
        Attempt{"rebooting", "    syscall(169, 0xfee1dead, 672274793, 0, 0)"},
        Attempt{"swapping", "    syscall(168, b'/tmp/x')"},
        Attempt{"setting_the_clock", "    syscall(227, 0, (ctypes.c_long * 2)(0, 0))"},
        Attempt{"naming_the_host", "    socket.sethostname('mine')"},
        Attempt{"reading_the_kernels_log",
                "    syscall(103, 3, ctypes.create_string_buffer(64), 64)"},
        Attempt{"ports", "    syscall(172, 3)"},
        Attempt{"opening_files_by_handle", "    syscall(304, 3, b'0' * 32, 0)"},
        Attempt{"shared_memory_that_stays", "    syscall(29, 4711, 1 << 20, 0o1600)"},
        Attempt{"files_in_memory", "    syscall(319, b'x', 0)", true},
        Attempt{"typing_into_a_terminal",
                "    import fcntl\n    fcntl.ioctl(os.open('/dev/tty', os.O_RDWR), 0x5412, b'x')"},
        Attempt{"an_emulated_personality", "    syscall(135, 0x40000)", true}),
    name_of_attempt);

INSTANTIATE_TEST_SUITE_P(
    Resources, Escape,
    testing::Values(
        Attempt{"much_memory", "    bytearray(1 << 30)"},
        Attempt{"a_big_file",
                "    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n    open('big', "
                "'wb').truncate(1 << 30)"},
        Attempt{"many_files_of_the_folder",
                "    for i in range(16): open(str(i), 'wb').write(bytes(1 << 20))"},
        Attempt{"many_files_of_shared_memory",
                "    for i in range(16): open(f'/dev/shm/{i}', 'wb').write(bytes(1 << 20))"},
        Attempt{"many_open_files", "    files = [open('/dev/null') for _ in range(2000)]"},
        Attempt{"locked_memory",
                "    b = ctypes.create_string_buffer(1 << 20)\n    syscall(149, b, 1 << 20)"}),
    name_of_attempt);

/// Runs that are ended from outside.
class Greed : public testing::Test {
 protected:
  ProcessResult run(const std::string& code, double seconds = 1) {
    const Host host;
    SandboxRun greedy = python(code);
    greedy.limits.seconds = seconds;
    const auto start = std::chrono::steady_clock::now();
    ProcessResult result = sandbox()->run(greedy);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    EXPECT_LT(time.count(), 20) << "it wasn't ended";
    host.expect_untouched();
    return result;
  }
};
using Stop = ProcessResult::Stop;

TEST_F(Greed, an_endless_loop_ends) {
  NEED_SANDBOX();
  EXPECT_NE(run("while True: pass").status, 0);
}

TEST_F(Greed, a_loop_that_ignores_all_signals_ends) {
  NEED_SANDBOX();
  EXPECT_NE(run("import signal\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n"
                "    except (OSError, ValueError): pass\nwhile True: pass")
                .status,
            0);
}

TEST_F(Greed, sleep_ends) {
  NEED_SANDBOX();
  EXPECT_EQ(run("import time\ntime.sleep(1000)").stop, Stop::time);
}

TEST_F(Greed, waiting_for_more_input_ends) {
  NEED_SANDBOX();
  EXPECT_EQ(run("import sys, time\nwhile not sys.stdin.read(): time.sleep(0.01)").stop, Stop::time);
}

TEST_F(Greed, a_stopped_process_ends) {
  NEED_SANDBOX();
  EXPECT_EQ(run("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)").stop, Stop::time);
}

TEST_F(Greed, endless_output_ends) {
  NEED_SANDBOX();
  const ProcessResult result = run("while True: print('x' * 10000)", 5);
  EXPECT_EQ(result.stop, Stop::output);
  EXPECT_LE(result.output.size(), std::size_t{1} << 20);
}

TEST_F(Greed, endless_errors_end) {
  NEED_SANDBOX();
  EXPECT_EQ(run("import sys\nwhile True: sys.stderr.write('x' * 10000)", 5).stop, Stop::output);
}

TEST_F(Greed, memory_taken_little_by_little_ends) {
  NEED_SANDBOX();
  const ProcessResult result = run("x = []\nwhile True: x.append(bytearray(1 << 20))", 5);
  EXPECT_NE(result.status, 0);
  EXPECT_LT(result.peak_memory, std::int64_t{512} << 20);
}

TEST_F(Greed, memory_taken_by_many_together_ends) {
  NEED_SANDBOX();
  const ProcessResult result =
      run("import os, time\nfor i in range(8):\n    if os.fork() == 0:\n        x = "
          "bytearray(os.urandom(1 << "
          "20) * 200)\n        time.sleep(60)\ntime.sleep(60)",
          10);
  EXPECT_EQ(result.stop, Stop::memory);
}

TEST_F(Greed, a_fork_bomb_ends) {
  NEED_SANDBOX();
  EXPECT_NE(run("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass").status, 0);
}

TEST_F(Greed, killing_everything_in_sight_kills_itself_only) {
  NEED_SANDBOX();
  run("import os, signal\nos.kill(-1, signal.SIGKILL)\nos.kill(os.getppid(), signal.SIGKILL)\n"
      "os.kill(1, signal.SIGSTOP)\nos.kill(1, signal.SIGKILL)");
}

TEST_F(Greed, a_child_in_the_background_dies_with_the_program) {
  NEED_SANDBOX();
  const std::string mark = "r1_left_behind_" + std::to_string(::getpid());
  const auto start = std::chrono::steady_clock::now();
  const ProcessResult result =
      run("import os, subprocess\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
          "        os.execv('/usr/bin/sleep', ['" +
              mark +
              "', '1000'])\n    os._exit(0)\n"
              "os.wait()\nprint('done')",
          5);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(result.output, "done\n");
  EXPECT_EQ(result.status, 0);
  EXPECT_LT(time.count(), 4) << "it waited for the child, which holds its output open";
  ::usleep(100000);
  std::error_code gone;
  for (const auto& process : fs::directory_iterator("/proc")) {
    std::string line;
    try {
      line = read_file(process.path() / "cmdline");
    } catch (const Error&) {
    }
    EXPECT_EQ(line.find(mark), std::string::npos) << process.path();
  }
}

TEST(Sandbox, gives_a_program_what_it_needs) {
  NEED_SANDBOX();
  const ProcessResult result = sandbox()->run(python(R"(
import os, random, re, subprocess, sys, tempfile, threading, multiprocessing, asyncio, time
with tempfile.TemporaryFile() as f: f.write(b'x')
threads = [threading.Thread(target=lambda: None) for _ in range(8)]
for t in threads: t.start()
for t in threads: t.join()
print(subprocess.check_output(['/bin/echo', 'child']).decode().strip())
async def main(): await asyncio.sleep(0.001); return 'async'
print(asyncio.run(main()))
with multiprocessing.Pool(2) as pool: print(sum(pool.map(abs, [-1, -2])))
print(os.getuid(), os.getcwd(), sorted(os.listdir('/')), os.listdir('/tmp'))
)"));
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(result.output,
            "child\nasync\n3\n65534 /tmp ['bin', 'dev', 'lib', 'lib64', 'proc', 'program', 'tmp', "
            "'usr'] []\n")
      << result.errors;
}

TEST(Sandbox, a_compiler_reads_no_file_of_the_host) {
  NEED_SANDBOX();
  SandboxRun run;
  run.command = {"/usr/bin/g++", "-c", "../program/main.cpp", "-o", "main.o"};
  run.files = {{"main.cpp", "#include \"/etc/passwd\"\n"}};
  const ProcessResult result = sandbox()->run(run);
  EXPECT_NE(result.status, 0);
  EXPECT_EQ(result.errors.find("root:"), std::string::npos);
  EXPECT_NE(result.errors.find("No such file"), std::string::npos) << result.errors;
}

}  // namespace
}  // namespace r1
