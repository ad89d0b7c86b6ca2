#include "hub/cache.h"

#include <gtest/gtest.h>

#include <string>

#include "base/files.h"
#include "error_of.h"
#include "hub/choice.h"
#include "temporary_folder.h"

namespace r1::hub {
namespace {

namespace fs = std::filesystem;

const std::string kFirst(64, 'a'), kSecond(64, 'b'), kThird(64, 'e');
const std::string kOld(40, '1'), kNew(40, '2');

/// Two snapshots: one file of both, and one that only the newer has.
class Cached : public testing::Test {
 protected:
  Cached() : cache_(folder_.path(), name_) {
    put("m-Q4_K_M.gguf", kFirst, kOld, 1000);
    put("m-Q4_K_M.gguf", kFirst, kNew, 1000);
    put("m-Q8_0.gguf", kSecond, kNew, 500);
    cache_.remember("main", kNew);
  }
  void put(const std::string& path, const std::string& etag, const std::string& commit,
           std::size_t size) {
    fs::create_directories(cache_.blob(etag).parent_path());
    write_file(cache_.blob(etag), std::string(size, 'x'));
    cache_.link(commit, path, etag);
  }
  std::optional<fs::path> find(const std::string& text) const {
    return find_cached(folder_.path(), parse_name(text));
  }

  TemporaryFolder folder_;
  const Name name_{.repository = "org/name"};
  CachedRepository cache_;
};

TEST_F(Cached, models_are_found_by_name_quantization_file_and_revision) {
  EXPECT_EQ(find("org/name"), cache_.snapshot(kNew) / "m-Q4_K_M.gguf");
  EXPECT_EQ(find("org/name:q8_0"), cache_.snapshot(kNew) / "m-Q8_0.gguf");
  EXPECT_EQ(find("org/name/m-Q8_0.gguf"), cache_.snapshot(kNew) / "m-Q8_0.gguf");
  EXPECT_EQ(find("org/name@" + kOld), cache_.snapshot(kOld) / "m-Q4_K_M.gguf");
  EXPECT_EQ(find("org/name@v3"), std::nullopt);
  EXPECT_EQ(find("org/other"), std::nullopt);
  // The newest snapshot lacks it, an older one has it.
  put("m-F16.gguf", kThird, kOld, 10);
  EXPECT_EQ(find("org/name:F16"), cache_.snapshot(kOld) / "m-F16.gguf");
  // A link without contents is no model.
  fs::remove(cache_.blob(kSecond));
  EXPECT_EQ(find("org/name:q8_0"), std::nullopt);
}

TEST_F(Cached, removing_one_model_keeps_what_others_use) {
  put("copy-Q4_K_S.gguf", kFirst, kNew, 1000);
  auto removal = cache_.plan_removal({"m-Q4_K_M.gguf"});
  EXPECT_EQ(removal.bytes, 0);
  EXPECT_EQ(removal.links.size(), 2u);
  cache_.remove(removal);
  EXPECT_TRUE(fs::exists(cache_.snapshot(kNew) / "copy-Q4_K_S.gguf"));
  removal = cache_.plan_removal({"m-Q8_0.gguf"});
  EXPECT_EQ(removal.bytes, 500);
  EXPECT_FALSE(removal.everything);
  cache_.remove(removal);
  EXPECT_FALSE(fs::exists(cache_.blob(kSecond)));
  EXPECT_TRUE(fs::exists(cache_.blob(kFirst)));
  removal = cache_.plan_removal({"copy-Q4_K_S.gguf"});
  EXPECT_TRUE(removal.everything) << "nothing would be left";
  EXPECT_GE(removal.bytes, 1000);
  cache_.remove(removal);
  EXPECT_FALSE(fs::exists(cache_.folder()));
}

TEST_F(Cached, removing_everything_leaves_nothing) {
  const auto removal = cache_.plan_removal({});
  EXPECT_TRUE(removal.everything);
  EXPECT_EQ(removal.bytes, 1540);  // the blobs and the 40 bytes of refs/main
  cache_.remove(removal);
  EXPECT_FALSE(fs::exists(cache_.folder()));
}

TEST_F(Cached, links_of_others_never_take_foreign_files_along) {
  write_file(folder_ / "precious", "x");
  fs::create_symlink(folder_ / "precious", cache_.snapshot(kNew) / "evil.gguf");
  cache_.remove(cache_.plan_removal({"evil.gguf"}));
  EXPECT_TRUE(fs::exists(folder_ / "precious"));
  fs::create_directory_symlink(folder_.path(), cache_.snapshot(kNew) / "up");
  cache_.remove(cache_.plan_removal({}));
  EXPECT_TRUE(fs::exists(folder_ / "precious"));
}

TEST_F(Cached, what_is_being_fetched_is_not_removed) {
  const FileLock lock = FileLock::wait(cache_.lock(kFirst));
  EXPECT_NE(error_of([&] { cache_.remove(cache_.plan_removal({})); }).find("is being fetched"),
            std::string::npos);
  EXPECT_TRUE(fs::exists(cache_.blob(kFirst)));
}

TEST_F(Cached, unfinished_files_are_counted) {
  EXPECT_EQ(cache_.incomplete_bytes(), 0);
  write_file(cache_.blob(kThird).string() + ".incomplete", std::string(77, 'x'));
  EXPECT_EQ(cache_.incomplete_bytes(), 77);
}

TEST(ModelName, is_the_repositorys_or_the_files) {
  EXPECT_EQ(model_name("/x/models--org--name/snapshots/" + kOld), "name");
  EXPECT_EQ(model_name("/x/models--org--name/snapshots/" + kOld + "/m-Q4_K_M.gguf"), "m-Q4_K_M");
  EXPECT_EQ(model_name("folder/"), "folder");
  EXPECT_EQ(model_name("m.gguf"), "m");
}

}  // namespace
}  // namespace r1::hub
