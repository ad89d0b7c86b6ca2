#include "hub/pull.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/files.h"
#include "error_of.h"
#include "hub/cache.h"
#include "hub/hub_server.h"
#include "temporary_folder.h"

namespace r1::hub {
namespace {

namespace fs = std::filesystem;

std::string some_bytes(std::size_t size, unsigned seed = 1) {
  std::string bytes(size, '\0');
  for (char& c : bytes) {
    seed = seed * 1664525u + 1013904223u;
    c = static_cast<char>(seed >> 24);
  }
  return bytes;
}

class Pull : public testing::Test {
 protected:
  Pull() {
    server_.files["model-Q4_K_M.gguf"] = {model_};
    server_.files["model-Q8_0.gguf"] = {some_bytes(700, 2)};
    server_.files["README.md"] = {"text", false};
  }
  Settings settings() const {
    return {.endpoint = server_.hub().origin(), .token = token_, .cache = folder_ / "hub"};
  }
  Pulled pull(const std::string& name) const {
    PullOptions options;
    options.retries.pause = std::chrono::milliseconds(1);
    return hub::pull(parse_name(name), settings(), options);
  }
  std::string error_of_pull(const std::string& name) const {
    return error_of([&] { pull(name); });
  }
  fs::path blob(const std::string& bytes) const {
    return folder_ / "hub/models--org--name/blobs" / sha256_of(bytes);
  }
  fs::path incomplete(const std::string& bytes) const {
    return blob(bytes).string() + ".incomplete";
  }
  std::size_t transfers() const { return server_.storage().requests().size(); }

  const std::string model_ = some_bytes(200'000);
  std::string token_;
  HubServer server_;
  TemporaryFolder folder_;
};

TEST_F(Pull, puts_the_default_model_where_other_tools_look_for_it) {
  const Pulled pulled = pull("org/name");
  const fs::path repository = folder_ / "hub/models--org--name";
  EXPECT_EQ(pulled.path, repository / "snapshots" / server_.commit / "model-Q4_K_M.gguf");
  EXPECT_EQ(read_file(pulled.path), model_);
  EXPECT_EQ(fs::read_symlink(pulled.path), "../../blobs/" + sha256_of(model_));
  EXPECT_EQ(read_file(repository / "refs/main"), server_.commit);
  EXPECT_FALSE(fs::exists(incomplete(model_)));
  EXPECT_EQ(pulled.files, std::vector<std::string>{"model-Q4_K_M.gguf"});
  EXPECT_EQ(pulled.bytes, 200'000);
  EXPECT_EQ(pulled.transferred, 200'000);
  EXPECT_EQ(find_cached(folder_ / "hub", parse_name("org/name")), pulled.path);
  EXPECT_EQ(find_cached(folder_ / "hub", parse_name("org/name:q4_k_m")), pulled.path);
  EXPECT_EQ(find_cached(folder_ / "hub", parse_name("org/name:Q8_0")), std::nullopt);
}

TEST_F(Pull, a_second_time_transfers_nothing) {
  pull("org/name");
  const std::size_t before = transfers();
  EXPECT_EQ(pull("org/name").transferred, 0);
  EXPECT_EQ(transfers(), before);
  // Nor does another commit with the same contents.
  server_.commit = std::string(40, 'd');
  const Pulled again = pull("org/name");
  EXPECT_EQ(again.transferred, 0);
  EXPECT_EQ(read_file(again.path), model_);
  EXPECT_EQ(transfers(), before);
}

TEST_F(Pull, the_named_quantization_or_file_is_fetched_in_every_form_of_a_name) {
  for (const std::string name :
       {"org/name:Q8_0", "org/name:q8_0", "hf.co/org/name:Q8_0", "org/name/model-Q8_0.gguf",
        "https://huggingface.co/org/name/blob/main/model-Q8_0.gguf",
        "https://huggingface.co/org/name/resolve/main/model-Q8_0.gguf?download=true"}) {
    EXPECT_EQ(pull(name).files, std::vector<std::string>{"model-Q8_0.gguf"}) << name;
  }
  const std::string error = error_of_pull("org/name:Q5_K_M");
  EXPECT_NE(error.find("Q4_K_M, Q8_0"), std::string::npos) << error;
  EXPECT_NE(error_of_pull("org/name@v9").find("no revision v9"), std::string::npos);
}

TEST_F(Pull, all_parts_of_a_split_model_are_fetched) {
  server_.files.clear();
  for (const char* part : {"1", "2", "3"}) {
    server_.files["Q4_K_M/big-Q4_K_M-0000" + std::string(part) + "-of-00003.gguf"] = {
        some_bytes(1000, static_cast<unsigned>(*part))};
  }
  server_.files["Q2_K/big-Q2_K-00001-of-00002.gguf"] = {"without its second part"};
  const Pulled pulled = pull("org/name");
  EXPECT_EQ(pulled.files.size(), 3u);
  EXPECT_EQ(pulled.path.filename(), "big-Q4_K_M-00001-of-00003.gguf");
  for (const std::string& file : pulled.files) {
    EXPECT_EQ(read_file(pulled.snapshot / file), server_.files[file].bytes);
  }
  EXPECT_NE(error_of_pull("org/name:Q2_K"), "");
}

TEST_F(Pull, without_gguf_files_the_folder_is_fetched) {
  server_.files = {{"config.json", {"{}", false}},
                   {"tokenizer.json", {"{\"a\":1}", false}},
                   {"model-00001-of-00002.safetensors", {some_bytes(3000, 4)}},
                   {"model-00002-of-00002.safetensors", {some_bytes(3000, 5)}},
                   {"model.safetensors.index.json", {"{\"b\":1}", false}},
                   {"consolidated.safetensors", {"twice the same"}},
                   {"original/params.json", {"{}x", false}},
                   {"pytorch_model.bin", {"pickle"}}};
  const Pulled pulled = pull("org/name");
  EXPECT_EQ(pulled.path, pulled.snapshot);
  EXPECT_EQ(pulled.files.size(), 5u);
  EXPECT_EQ(read_file(pulled.path / "config.json"), "{}");
  EXPECT_EQ(find_cached(folder_ / "hub", parse_name("org/name")), pulled.path);
  fs::remove(pulled.path / "model-00002-of-00002.safetensors");
  EXPECT_EQ(find_cached(folder_ / "hub", parse_name("org/name")), std::nullopt);
}

TEST_F(Pull, sizes_and_sums_are_asked_for_where_the_list_has_none) {
  server_.plain_list = true;
  EXPECT_EQ(read_file(pull("org/name").path), model_);
  server_.files = {{"config.json", {"{}", false}}, {"model.safetensors", {"weights"}}};
  EXPECT_EQ(read_file(pull("org/name").path / "config.json"), "{}");
}

TEST_F(Pull, a_connection_that_breaks_is_made_again_and_goes_on_where_it_stood) {
  std::atomic<int> breaks = 0;
  server_.meddle_storage = [&](const HubRequest&, HubAnswer& answer) {
    if (++breaks <= 3) answer.sent = 50'000;
  };
  const Pulled pulled = pull("org/name");
  EXPECT_EQ(read_file(pulled.path), model_);
  EXPECT_EQ(pulled.transferred, 200'000);
  const auto asked = server_.storage().requests();
  ASSERT_EQ(asked.size(), 4u);
  EXPECT_EQ(asked[0].header("Range"), "");
  EXPECT_EQ(asked[1].header("Range"), "bytes=50000-");
  EXPECT_EQ(asked[3].header("Range"), "bytes=150000-");
}

TEST_F(Pull, what_an_earlier_pull_left_is_gone_on_with) {
  server_.meddle_storage = [](const HubRequest&, HubAnswer& answer) {
    answer.sent = answer.status == 206 ? 0 : 120'000;
  };
  EXPECT_NE(error_of_pull("org/name"), "");
  EXPECT_EQ(fs::file_size(incomplete(model_)), 120'000u);
  EXPECT_EQ(find_cached(folder_ / "hub", parse_name("org/name")), std::nullopt);
  server_.meddle_storage = [](auto&&...) {};
  const Pulled pulled = pull("org/name");
  EXPECT_EQ(read_file(pulled.path), model_);
  EXPECT_EQ(pulled.transferred, 80'000);
}

TEST_F(Pull, a_server_that_knows_no_ranges_sends_everything_again) {
  fs::create_directories(incomplete(model_).parent_path());
  std::ofstream(incomplete(model_)) << model_.substr(0, 70'000);
  server_.meddle_storage = [&](const HubRequest&, HubAnswer& answer) {
    answer = {.status = 200, .headers = {}, .body = model_};
  };
  const Pulled pulled = pull("org/name");
  EXPECT_EQ(read_file(pulled.path), model_);
  EXPECT_EQ(pulled.transferred, 200'000);
}

TEST_F(Pull, another_range_than_was_asked_for_is_not_appended) {
  fs::create_directories(incomplete(model_).parent_path());
  std::ofstream(incomplete(model_)) << model_.substr(0, 70'000);
  server_.meddle_storage = [&](const HubRequest&, HubAnswer& answer) {
    if (answer.status != 206) return;
    answer.headers = "Content-Range: bytes 60000-199999/200000\r\n";
    answer.body = model_.substr(60'000);
  };
  EXPECT_EQ(read_file(pull("org/name").path), model_);
}

TEST_F(Pull, what_is_longer_than_announced_is_begun_again) {
  fs::create_directories(incomplete(model_).parent_path());
  std::ofstream(incomplete(model_)) << model_ << "and more";
  EXPECT_EQ(read_file(pull("org/name").path), model_);
}

TEST_F(Pull, a_file_with_another_sum_is_removed_and_said_in_a_sentence) {
  server_.meddle_storage = [](const HubRequest&, HubAnswer& answer) { answer.body[1000] ^= 1; };
  const std::string error = error_of_pull("org/name");
  EXPECT_NE(error.find("model-Q4_K_M.gguf: arrived damaged"), std::string::npos) << error;
  EXPECT_FALSE(fs::exists(incomplete(model_)));
  EXPECT_FALSE(fs::exists(blob(model_)));
  EXPECT_EQ(find_cached(folder_ / "hub", parse_name("org/name")), std::nullopt);
  // Small files too, whose sum is git's.
  server_.files = {{"config.json", {"{}", false}}, {"model.safetensors", {"weights"}}};
  server_.meddle_storage = [](auto&&...) {};
  server_.meddle_hub = [](const HubRequest& request, HubAnswer& answer) {
    if (request.target.ends_with("config.json")) answer.body = "{ ";
  };
  EXPECT_NE(error_of_pull("org/name").find("config.json: arrived damaged"), std::string::npos);
}

TEST_F(Pull, more_bytes_than_announced_are_not_written) {
  server_.meddle_storage = [](const HubRequest&, HubAnswer& answer) { answer.body += "more"; };
  const std::string error = error_of_pull("org/name");
  EXPECT_NE(error.find("sends more than it announced"), std::string::npos) << error;
}

TEST_F(Pull, the_token_goes_to_the_endpoint_and_to_nobody_else) {
  token_ = "hf_secret";
  server_.needed_token = token_;
  EXPECT_EQ(read_file(pull("org/name").path), model_);
  for (const HubRequest& request : server_.hub().requests()) {
    EXPECT_EQ(request.header("Authorization"), "Bearer hf_secret");
  }
  ASSERT_FALSE(server_.storage().requests().empty());
  for (const HubRequest& request : server_.storage().requests()) {
    EXPECT_EQ(request.head.find("hf_secret"), std::string::npos) << request.head;
  }
}

TEST_F(Pull, what_the_hub_refuses_is_said_in_a_sentence) {
  EXPECT_NE(error_of_pull("org/other").find("the hub has no such model"), std::string::npos);
  server_.needed_token = "hf_secret";
  EXPECT_NE(error_of_pull("org/name").find("set HF_TOKEN"), std::string::npos);
  token_ = "wrong";
  EXPECT_NE(error_of_pull("org/name").find("refuses your token"), std::string::npos);
  token_ = server_.needed_token;
  server_.gated = true;
  const std::string gated = error_of_pull("org/name");
  EXPECT_NE(gated.find("asks for your consent; give it at " + server_.hub().origin() + "/org/name"),
            std::string::npos)
      << gated;
  server_.meddle_hub = [](const HubRequest&, HubAnswer& answer) { answer = {.status = 403}; };
  EXPECT_NE(error_of_pull("org/name").find("your token may not read it"), std::string::npos);
  server_.meddle_hub = [](const HubRequest&, HubAnswer& answer) { answer = {.status = 503}; };
  EXPECT_NE(error_of_pull("org/name").find("answers 503"), std::string::npos);
  server_.meddle_hub = [](const HubRequest&, HubAnswer& answer) { answer.body = "<html>"; };
  server_.gated = false;
  EXPECT_NE(error_of_pull("org/name"), "");
}

TEST_F(Pull, answers_of_the_storage_that_pass_are_waited_for) {
  std::atomic<int> answers = 0;
  server_.meddle_storage = [&](const HubRequest&, HubAnswer& answer) {
    if (++answers <= 3) answer = {.status = answers == 1 ? 503 : 403, .headers = {}, .body = "no"};
  };
  EXPECT_EQ(read_file(pull("org/name").path), model_);
}

TEST_F(Pull, a_hub_that_is_busy_is_asked_again_when_it_says) {
  server_.plain_list = true;
  std::atomic<int> answers = 0;
  server_.meddle_hub = [&](const HubRequest&, HubAnswer& answer) {
    const int count = ++answers;  // the list and a file's size are refused once each
    if (count == 1 || count == 3) answer = {.status = 429, .headers = "Retry-After: 1\r\n"};
  };
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(read_file(pull("org/name").path), model_);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST_F(Pull, a_hub_that_is_busy_for_too_long_is_not_waited_for) {
  server_.meddle_hub = [](const HubRequest&, HubAnswer& answer) {
    answer = {.status = 429, .headers = "Retry-After: 3600\r\n"};
  };
  EXPECT_NE(error_of_pull("org/name").find("429: too many requests"), std::string::npos);
  EXPECT_EQ(server_.hub().requests().size(), 1u);
}

TEST_F(Pull, a_moved_repository_is_followed_and_circles_are_not) {
  server_.meddle_hub = [](const HubRequest& request, HubAnswer& answer) {
    if (request.target.starts_with("/api/models/old/name")) {
      answer = {.status = 307, .headers = "Location: /api/models/org/name/revision/main\r\n"};
    } else if (request.target.starts_with("/old/name/resolve")) {
      answer = {.status = 307, .headers = "Location: /org" + request.target.substr(4) + "\r\n"};
    } else if (request.target.starts_with("/api/models/in/circles")) {
      answer = {.status = 302, .headers = "Location: " + request.target + "\r\n"};
    }
  };
  EXPECT_EQ(read_file(pull("old/name").path), model_);
  EXPECT_NE(error_of_pull("in/circles").find("in circles"), std::string::npos);
}

TEST_F(Pull, names_that_lead_out_of_the_cache_are_refused) {
  for (const std::string path : {"../../evil.gguf", "/etc/evil.gguf", "a/../../evil.gguf",
                                 "a//evil.gguf", "./evil.gguf", "a\\evil.gguf", "a\nb.gguf", ""}) {
    server_.files = {{path, {"evil"}}};
    const std::string error = error_of_pull("org/name");
    EXPECT_NE(error.find("leads out of its folder"), std::string::npos) << path << ": " << error;
  }
  EXPECT_EQ(transfers(), 0u);
}

TEST_F(Pull, links_that_lead_out_of_the_cache_are_not_written_through) {
  server_.files = {{"sub/model.gguf", {"gguf"}}};
  const fs::path snapshot = folder_ / "hub/models--org--name/snapshots" / server_.commit;
  fs::create_directories(snapshot);
  fs::create_directories(folder_ / "outside");
  fs::create_directory_symlink(folder_ / "outside", snapshot / "sub");
  EXPECT_NE(error_of_pull("org/name").find("leads out of the cache"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(folder_ / "outside"));
}

TEST_F(Pull, sums_and_commits_that_are_none_are_refused) {
  server_.commit = "../../../etc";
  EXPECT_NE(error_of_pull("org/name").find("answers as no hub does"), std::string::npos);
  server_.commit = std::string(40, 'c');
  server_.meddle_hub = [](const HubRequest& request, HubAnswer& answer) {
    if (!request.target.starts_with("/api")) answer = {.headers = "ETag: \"../../x\"\r\n"};
    const std::size_t at = answer.body.find("\"sha256\":\"");
    if (at != std::string::npos) answer.body.replace(at + 10, 6, "../../");
  };
  EXPECT_NE(error_of_pull("org/name").find("tells no checksum"), std::string::npos);
}

TEST_F(Pull, more_than_the_disk_has_room_for_is_not_begun) {
  server_.meddle_hub = [](const HubRequest& request, HubAnswer& answer) {
    if (!request.target.starts_with("/api")) return;
    for (std::size_t i; (i = answer.body.find(":200000")) != std::string::npos;) {
      answer.body.replace(i, 7, ":900000000000000");
    }
  };
  const std::string error = error_of_pull("org/name");
  EXPECT_NE(error.find("takes 900 TB, but"), std::string::npos) << error;
  EXPECT_EQ(transfers(), 0u);
}

TEST_F(Pull, two_at_once_fetch_a_file_once) {
  std::vector<std::thread> threads;
  std::atomic<std::int64_t> transferred = 0;
  server_.meddle_storage = [](auto&&...) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  };
  threads.reserve(2);
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] { transferred += pull("org/name").transferred; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(transferred, 200'000);
  EXPECT_EQ(transfers(), 1u);
}

TEST_F(Pull, tells_how_far_it_is) {
  pull("org/name:Q8_0");
  std::vector<PullState> states;
  PullOptions options;
  options.on_progress = [&](const PullState& state) { states.push_back(state); };
  hub::pull(parse_name("org/name"), settings(), options);
  ASSERT_GE(states.size(), 2u);
  EXPECT_EQ(states.back().done, 200'000);
  EXPECT_EQ(states.back().total, 200'000);
  EXPECT_EQ(states.back().begun, 0);
  EXPECT_EQ(states.back().file, "model-Q4_K_M.gguf");
}

TEST_F(Pull, what_was_here_is_not_told_as_if_it_came) {
  fs::create_directories(incomplete(model_).parent_path());
  std::ofstream(incomplete(model_)) << model_.substr(0, 70'000);
  std::vector<PullState> states;
  PullOptions options;
  options.on_progress = [&](const PullState& state) { states.push_back(state); };
  hub::pull(parse_name("org/name"), settings(), options);
  ASSERT_FALSE(states.empty());
  EXPECT_EQ(states.front().begun, 70'000);
  EXPECT_GT(states.front().done, 70'000);
  EXPECT_EQ(states.back().done, 200'000);
}

TEST_F(Pull, data_sets_are_fetched_once_and_in_parts) {
  server_.kind = "datasets";
  server_.files = {{"data/test.jsonl", {"{\"a\":1}\n", false}},
                   {"data/train.jsonl", {"{\"a\":2}\n", false}},
                   {"other/x.csv", {"a,b\n", false}},
                   {".gitattributes", {"*", false}}};
  const fs::path part = data_set_folder("org/name/data", settings());
  EXPECT_EQ(read_file(part / "test.jsonl"), "{\"a\":1}\n");
  EXPECT_FALSE(fs::exists(part / "../other/x.csv"));
  const std::size_t before = transfers();
  EXPECT_EQ(data_set_folder("datasets/org/name/data", settings()), part);
  EXPECT_EQ(transfers(), before);
  // A part that is here isn't taken for the whole.
  const fs::path whole = data_set_folder("org/name", settings());
  EXPECT_EQ(read_file(whole / "other/x.csv"), "a,b\n");
  Settings offline = settings();
  offline.offline = true;
  EXPECT_EQ(data_set_folder("org/name", offline), whole);
  Settings unreachable = settings();
  unreachable.endpoint = "http://127.0.0.1:1";
  EXPECT_EQ(data_set_folder("org/name", unreachable), whole);
  const Pulled all = pull("datasets/org/name");
  EXPECT_EQ(all.files.size(), 3u);
  EXPECT_EQ(all.snapshot.parent_path().parent_path().filename(), "datasets--org--name");
}

TEST_F(Pull, offline_nothing_is_asked) {
  Settings offline = settings();
  offline.offline = true;
  EXPECT_THROW(hub::pull(parse_name("org/name"), offline), Error);
  EXPECT_TRUE(server_.hub().requests().empty());
}

}  // namespace
}  // namespace r1::hub
