#include "hub/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "base/files.h"
#include "error_of.h"
#include "temporary_folder.h"

namespace r1::hub {
namespace {

class SettingsOfEnvironment : public testing::Test {
 protected:
  SettingsOfEnvironment() {
    for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "HF_ENDPOINT",
                             "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE", "XDG_CACHE_HOME"}) {
      ::unsetenv(name);
    }
    ::setenv("HOME", folder_.path().c_str(), 1);
  }
  ~SettingsOfEnvironment() override { ::setenv("HOME", home_.c_str(), 1); }
  TemporaryFolder folder_;
  const std::string home_ = std::getenv("HOME") == nullptr ? "/" : std::getenv("HOME");
};

TEST_F(SettingsOfEnvironment, are_those_of_hugging_faces_own_tools) {
  Settings settings = settings_of_environment();
  EXPECT_EQ(settings.endpoint, "https://huggingface.co");
  EXPECT_EQ(settings.cache, folder_ / ".cache/huggingface/hub");
  EXPECT_EQ(settings.token, "");
  EXPECT_FALSE(settings.offline);
  std::filesystem::create_directories(folder_ / ".cache/huggingface");
  write_file(folder_ / ".cache/huggingface/token", " hf_file \n");
  EXPECT_EQ(settings_of_environment().token, "hf_file");
  ::setenv("HF_TOKEN", "hf_variable", 1);
  EXPECT_EQ(settings_of_environment().token, "hf_variable");
  ::setenv("XDG_CACHE_HOME", "/xdg", 1);
  EXPECT_EQ(cache_folder(), "/xdg/huggingface/hub");
  ::setenv("HF_HOME", "/home", 1);
  EXPECT_EQ(cache_folder(), "/home/hub");
  ::setenv("HF_HUB_CACHE", "/cache", 1);
  EXPECT_EQ(cache_folder(), "/cache");
  ::setenv("HF_ENDPOINT", "https://mirror.example/", 1);
  ::setenv("HF_HUB_OFFLINE", "1", 1);
  settings = settings_of_environment();
  EXPECT_EQ(settings.endpoint, "https://mirror.example");
  EXPECT_TRUE(settings.offline);
}

TEST_F(SettingsOfEnvironment, that_cannot_be_are_refused) {
  ::setenv("HF_ENDPOINT", "mirror", 1);
  EXPECT_NE(error_of([] { settings_of_environment(); }), "");
  ::unsetenv("HF_ENDPOINT");
  ::setenv("HF_TOKEN", "hf_x\r\nInjected: yes", 1);
  EXPECT_NE(error_of([] { settings_of_environment(); }).find("HF_TOKEN: holds no token"),
            std::string::npos);
}

}  // namespace
}  // namespace r1::hub
