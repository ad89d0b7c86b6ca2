// r1 pull, list and rm, and hub names given to -m.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "formats/gguf.h"
#include "hub/hub_server.h"
#include "run_program.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

std::string small_gguf(const TemporaryFolder& folder) {
  const fs::path path = folder / "made.gguf";
  GgufWriter writer(path);
  writer.declare("a.weight", DType::q8_0, {2, 32});
  writer.write(std::vector<std::byte>(68));
  writer.finish();
  return read_file(path);
}

class PullCommand : public testing::Test {
 protected:
  PullCommand() { server_.files["m-Q4_K_M.gguf"] = {small_gguf(folder_)}; }
  ProgramResult r1(const std::string& arguments, const std::string& token = "") const {
    return run_program(arguments, "",
                       "HF_ENDPOINT=" + server_.hub().origin() + " HF_HUB_CACHE='" +
                           (folder_ / "hub").string() + "' HF_HOME='" +
                           (folder_ / "home").string() + "' HF_TOKEN=" + token + " R1_MODELS=");
  }
  static bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  hub::HubServer server_;
  TemporaryFolder folder_;
};

TEST_F(PullCommand, fetches_a_model_that_is_then_listed_used_and_removed) {
  const ProgramResult absent = r1("info -m org/name");
  EXPECT_EQ(absent.status, 1);
  EXPECT_TRUE(holds(absent.errors, "r1 pull org/name fetches it")) << absent.errors;

  const ProgramResult pulled = r1("pull org/name --json");
  ASSERT_EQ(pulled.status, 0) << pulled.errors;
  const auto told = nlohmann::json::parse(pulled.output);
  EXPECT_EQ(told["name"], "org/name");
  EXPECT_EQ(told["commit"], server_.commit);
  EXPECT_EQ(told["files"], nlohmann::json::array({"m-Q4_K_M.gguf"}));
  EXPECT_EQ(told["transferred"], told["bytes"]);
  const ProgramResult again = r1("pull org/name");
  EXPECT_TRUE(holds(again.errors, "is here already")) << again.errors;
  EXPECT_EQ(again.output, told["path"].get<std::string>() + "\n");

  const auto listed = nlohmann::json::parse(r1("list --json").output);
  ASSERT_GE(listed.size(), 1u);
  EXPECT_TRUE(std::any_of(listed.begin(), listed.end(), [](const nlohmann::json& model) {
    return model["name"] == "org/name/m-Q4_K_M.gguf" && model["type"] == "q8_0";
  })) << listed;
  for (const char* name :
       {"org/name", "org/name:q4_k_m", "org/name/m-Q4_K_M.gguf", "hf.co/org/name:Q4_K_M"}) {
    const ProgramResult info = r1("info --json -m " + std::string(name));
    EXPECT_EQ(info.status, 0) << name << ": " << info.errors;
    EXPECT_TRUE(holds(info.output, "a.weight")) << name;
  }

  const ProgramResult unasked = r1("rm org/name");
  EXPECT_EQ(unasked.status, 1);
  EXPECT_TRUE(holds(unasked.errors, "give --yes")) << unasked.errors;
  EXPECT_EQ(r1("info -m org/name").status, 0);
  const ProgramResult removed = r1("rm org/name:Q4_K_M --yes");
  EXPECT_EQ(removed.status, 0) << removed.errors;
  EXPECT_EQ(r1("info -m org/name").status, 1);
  EXPECT_EQ(r1("rm org/name --yes").status, 1);
}

TEST_F(PullCommand, says_in_one_sentence_what_the_hub_refuses) {
  server_.needed_token = "hf_secret";
  const ProgramResult refused = r1("pull org/name");
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(refused.output, "");
  EXPECT_EQ(refused.errors,
            "r1: org/name: the hub has no such model, or it is private; check the name; for "
            "private ones set HF_TOKEN\n");
  EXPECT_EQ(r1("pull org/name", "hf_secret").status, 0);
  fs::create_directories(folder_ / "home");
  write_file(folder_ / "home/token", "hf_secret\n");
  EXPECT_EQ(r1("pull org/name").status, 0) << "the token's file";
  EXPECT_TRUE(holds(r1("pull nonsense").errors, "is no name of the hub"));
}

TEST_F(PullCommand, an_unfinished_model_is_listed_as_such) {
  server_.meddle_storage = [](const hub::HubRequest&, hub::HubAnswer& answer) {
    answer.body.back() ^= 1;
  };
  EXPECT_EQ(r1("pull org/name").status, 1);
  fs::create_directories(folder_ / "hub/models--org--name/blobs");
  write_file(folder_ / "hub/models--org--name/blobs/x.incomplete", "half");
  EXPECT_TRUE(holds(r1("list").output, "org/name: unfinished"));
}

TEST_F(PullCommand, without_a_name_advises_which_model_fits) {
  const ProgramResult text = r1("pull");
  EXPECT_EQ(text.status, 0);
  EXPECT_TRUE(holds(text.output, "deepseek-r1:1.5b"));
  const auto advice = nlohmann::json::parse(r1("pull --advice --json").output);
  EXPECT_GT(advice["memory_bytes"], 0);
  EXPECT_EQ(advice["models"].size(), 8u);
  EXPECT_TRUE(server_.hub().requests().empty());
}

}  // namespace
}  // namespace r1
