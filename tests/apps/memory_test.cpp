// A model runs within its file, its cache and 300 MB.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "sanitizer.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

/// The largest resident set of the program while it ran, in bytes; -1 if it failed.
std::int64_t peak_memory_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), R1_PROGRAM);
  std::vector<char*> list;
  list.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) list.push_back(argument.data());
  list.push_back(nullptr);
  const TemporaryFolder folder;
  const std::string output = (folder / "output").string();
  const pid_t child = ::fork();
  if (child == 0) {
    if (std::freopen(output.c_str(), "w", stdout) != nullptr) ::execv(R1_PROGRAM, list.data());
    ::_exit(127);
  }
  int status = 0;
  rusage usage = {};
  if (child < 0 || ::wait4(child, &status, 0, &usage) != child) return -1;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? usage.ru_maxrss * 1024 : -1;
}

TEST(Memory, a_model_runs_within_its_file_its_cache_and_300_MB) {
  const fs::path model = fs::path(R1_SHARED) / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf";
  if (!fs::exists(model)) GTEST_SKIP() << "needs the folder of R1_SHARED";
  if (kSanitized) GTEST_SKIP() << "sanitizers keep memory of their own";
  constexpr std::int64_t kTokens = 600, kMegabyte = 1'000'000;
  std::string ids = "1";
  for (int i = 1; i < kTokens; ++i) ids += "," + std::to_string(i * 7 % 49152);
  // 30 layers, keys and values of 3 heads of 64 in bf16, whole pages of 128 positions.
  constexpr std::int64_t kCache = 30 * 2 * 3 * 64 * 2 * (kTokens + 128);
  const std::int64_t file = static_cast<std::int64_t>(fs::file_size(model));
  for (const std::string dtype : {"native", "f32"}) {
    const std::int64_t peak =
        peak_memory_of({"run", "-m", model.string(), "--ids", ids, "--max-tokens", "8",
                        "--temperature", "0", "--dtype", dtype});
    ASSERT_GT(peak, kMegabyte) << dtype;
    EXPECT_LT(peak, file + kCache + 300 * kMegabyte) << dtype;
    RecordProperty("peak_" + dtype, std::to_string(peak / kMegabyte));
  }
}

}  // namespace
}  // namespace r1
