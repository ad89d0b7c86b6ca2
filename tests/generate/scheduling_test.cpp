// Many requests in one engine: who is computed when never shows in what is computed.
#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "generate/engine.h"
#include "generate/engine_thread.h"
#include "models/tiny_model.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

constexpr int kVocab = 300;

const std::shared_ptr<const Model>& tiny_llama() {
  static const TemporaryFolder folder;
  static const std::shared_ptr<const Model> model = [] {
    write_tiny_llama(folder / "tiny", kVocab);
    return Model::load(Checkpoint::open(folder / "tiny"), {});
  }();
  return model;
}

std::vector<int> random_prompt(std::size_t size, std::uint64_t seed) {
  std::vector<int> ids(size);
  Random random(seed, 0);
  for (int& id : ids) id = static_cast<int>(random.below(250));
  return ids;
}

Request request_of(std::vector<int> prompt, std::int64_t tokens, double temperature = 1.0,
                   std::size_t count = 1) {
  Request request{.prompt = std::move(prompt), .options = {}, .count = count};
  request.options.sampling = {.temperature = temperature, .top_p = 1.0, .seed = 3};
  request.options.max_tokens = tokens;
  return request;
}

std::vector<std::uint32_t> bits_of(const Answer& answer) {
  std::vector<std::uint32_t> bits;
  for (const Sample& sample : answer.samples) {
    bits.push_back(static_cast<std::uint32_t>(sample.id));
    bits.push_back(std::bit_cast<std::uint32_t>(sample.logprob));
  }
  return bits;
}

/// What a request gives in an engine of its own.
std::vector<std::uint32_t> alone(const Request& request, const EngineOptions& options = {}) {
  Engine engine(tiny_llama(), std::nullopt, options);
  return bits_of(engine.generate_groups({request})[0][0]);
}

/// Collects what a request gives.
struct Result {
  std::vector<Answer> answers;
  std::exception_ptr failure;
  int calls = 0;

  OnDone callback() {
    return [this](std::vector<Answer> done, std::exception_ptr error) {
      answers = std::move(done);
      failure = std::move(error);
      ++calls;
    };
  }
};

void run(Engine& engine) {
  for (int steps = 0; engine.step(); ++steps) ASSERT_LT(steps, 10000);
}

TEST(Scheduling, a_greedy_request_has_the_same_bits_alone_and_among_31_that_come_and_go) {
  const Request request = request_of(random_prompt(70, 1), 40, 0.0);
  const auto expected = alone(request);
  for (const std::int64_t cache_tokens : {0, 1280}) {
    Engine engine(tiny_llama(), std::nullopt,
                  {.chunk = 64, .cache_tokens = cache_tokens, .sequences = 20});
    std::vector<Result> others(31);
    Result result;
    for (std::size_t i = 0; i < others.size(); ++i) {
      if (i == 11) engine.submit(request, nullptr, result.callback());
      engine.submit(request_of(random_prompt(1 + i * 5, i), 1 + static_cast<std::int64_t>(i) * 2),
                    nullptr, others[i].callback());
      engine.step();
    }
    run(engine);
    ASSERT_EQ(result.calls, 1);
    EXPECT_EQ(bits_of(result.answers[0]), expected);
    for (std::size_t i = 0; i < others.size(); ++i) {
      ASSERT_EQ(others[i].calls, 1);
      EXPECT_EQ(others[i].answers[0].ids.size(), 1 + i * 2);
    }
    EXPECT_EQ(engine.load().requests, 0);
    EXPECT_EQ(engine.load().pages_in_use, engine.load().pages_kept);
  }
}

TEST(Scheduling, groups_of_answers_to_many_prompts_are_those_of_each_prompt_alone) {
  std::vector<Request> requests;
  for (std::size_t i = 0; i < 6; ++i) {
    requests.push_back(request_of(random_prompt(30 + i * 20, i), 30, 1.0, 1 + i % 4));
    requests.back().first_stream = 100 * i;
  }
  for (const EngineOptions& options :
       {EngineOptions{}, EngineOptions{.cache_tokens = 640}, EngineOptions{.sequences = 3}}) {
    Engine engine(tiny_llama(), std::nullopt, options);
    const auto together = engine.generate_groups(requests);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const auto apart = Engine(tiny_llama(), std::nullopt, {}).generate_groups({requests[i]})[0];
      ASSERT_EQ(together[i].size(), requests[i].count);
      for (std::size_t k = 0; k < apart.size(); ++k) {
        EXPECT_EQ(bits_of(together[i][k]), bits_of(apart[k])) << i << " " << k;
      }
    }
  }
}

TEST(Scheduling, a_full_cache_puts_sequences_off_and_fails_none) {
  std::vector<Request> requests;
  for (std::size_t i = 0; i < 8; ++i) requests.push_back(request_of(random_prompt(20, i), 500));
  Engine engine(tiny_llama(), std::nullopt, {.context_length = 600, .cache_tokens = 1024});
  const auto answers = engine.generate_groups(requests);
  EXPECT_GT(engine.load().preemptions, 0);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(bits_of(answers[i][0]), alone(requests[i], {.context_length = 600}));
  }
}

TEST(Scheduling, a_short_question_is_not_held_up_by_long_ones) {
  Engine engine(tiny_llama(), std::nullopt, {.chunk = 16});
  std::vector<Result> longs(3);
  for (std::size_t i = 0; i < 3; ++i) {
    engine.submit(request_of(random_prompt(240, i), 1), nullptr, longs[i].callback());
  }
  engine.step();
  Result question;
  engine.submit(request_of(random_prompt(8, 9), 1), nullptr, question.callback());
  engine.step();
  EXPECT_EQ(question.calls, 1);
  run(engine);
  EXPECT_EQ(longs[2].calls, 1);
}

TEST(Scheduling, the_one_that_waits_longest_goes_on_however_many_short_ones_come) {
  Engine engine(tiny_llama(), std::nullopt, {.chunk = 16});
  Result first;
  engine.submit(request_of(random_prompt(200, 1), 1), nullptr, first.callback());
  int steps = 0;
  for (; first.calls == 0 && steps < 100; ++steps) {
    engine.submit(request_of(random_prompt(16, static_cast<std::uint64_t>(steps)), 1), nullptr,
                  nullptr);
    engine.step();
  }
  EXPECT_LE(steps, 25);  // 8 tokens of 200 in each
}

TEST(Scheduling, requests_share_what_their_prompts_have_in_common) {
  Engine engine(tiny_llama(), std::nullopt, {.kept_tokens = 1024});
  const Request first = request_of(random_prompt(150, 1), 20);
  const Answer answer = engine.generate_groups({first})[0][0];
  EXPECT_EQ(answer.reused_tokens, 0);
  // The next turn keeps the question and drops a part of the answer, as with thoughts.
  std::vector<int> turn = first.prompt;
  turn.insert(turn.end(), answer.ids.begin(), answer.ids.begin() + 4);
  turn.push_back((answer.ids[4] + 1) % 250);
  turn.push_back(3);
  const Request second = request_of(turn, 20);
  // Something else in between doesn't matter.
  engine.generate_groups({request_of(random_prompt(40, 2), 5)});
  const Answer next = engine.generate_groups({second})[0][0];
  EXPECT_EQ(next.reused_tokens, 154);
  EXPECT_EQ(bits_of(next), alone(second));
  engine.forget();
  EXPECT_EQ(engine.generate_groups({second})[0][0].reused_tokens, 0);
}

TEST(Scheduling, a_request_that_fails_fails_alone) {
  Engine engine(tiny_llama(), std::nullopt, {.context_length = 256, .cache_tokens = 128});
  Result large, small;
  engine.submit(request_of(random_prompt(100, 1), 100, 1.0, 3), nullptr, large.callback());
  const Request request = request_of(random_prompt(50, 2), 20);
  engine.submit(request, nullptr, small.callback());
  run(engine);
  ASSERT_EQ(large.calls, 1);
  EXPECT_THROW(std::rethrow_exception(large.failure), Error);
  ASSERT_EQ(small.calls, 1);
  EXPECT_EQ(bits_of(small.answers[0]), alone(request));
}

TEST(Scheduling, a_cancelled_request_ends_with_what_it_has) {
  Engine engine(tiny_llama(), std::nullopt, {});
  Result result, other;
  const Engine::Ticket ticket =
      engine.submit(request_of(random_prompt(9, 1), 100, 1.0, 2), nullptr, result.callback());
  engine.submit(request_of(random_prompt(9, 2), 30), nullptr, other.callback());
  for (int i = 0; i < 5; ++i) engine.step();
  engine.cancel(ticket);
  run(engine);
  ASSERT_EQ(result.calls, 1);
  ASSERT_EQ(result.answers.size(), 2U);
  for (const Answer& answer : result.answers) {
    EXPECT_EQ(answer.finish_reason, "cancelled");
    EXPECT_EQ(answer.ids.size(), 5U);
  }
  EXPECT_EQ(other.answers[0].ids.size(), 30U);
}

TEST(EngineThread, answers_many_threads_at_once) {
  Engine engine(tiny_llama(), std::nullopt, {.sequences = 8});
  std::vector<Request> requests;
  for (std::size_t i = 0; i < 16; ++i) requests.push_back(request_of(random_prompt(9 + i, i), 20));
  EngineThread thread(engine, 100);
  std::vector<std::promise<std::vector<Answer>>> answers(16);
  std::vector<std::atomic<int>> tokens(16);
  std::vector<std::thread> clients;
  for (std::size_t i = 0; i < 16; ++i) {
    clients.emplace_back([&, i] {
      const auto ticket = thread.submit(
          requests[i],
          [&, i](std::size_t, const GeneratedToken&) {
            ++tokens[i];
            return true;
          },
          [&, i](std::vector<Answer> done, const std::exception_ptr&) {
            answers[i].set_value(std::move(done));
          });
      EXPECT_TRUE(ticket);
    });
  }
  for (std::thread& client : clients) client.join();
  for (std::size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(bits_of(answers[i].get_future().get()[0]), alone(requests[i]));
    EXPECT_EQ(tokens[i], 20);
  }
}

TEST(EngineThread, takes_no_more_requests_than_it_may_and_cancels_at_its_end) {
  Engine engine(tiny_llama(), std::nullopt, {});
  std::atomic<int> cancelled = 0, done = 0;
  {
    EngineThread thread(engine, 2);
    const Request request = request_of(random_prompt(20, 1), 200);
    const auto count = [&](const std::vector<Answer>& answers, const std::exception_ptr&) {
      ++done;
      if (answers.at(0).finish_reason == "cancelled") ++cancelled;
    };
    std::promise<void> begun, go;
    std::once_flag once;
    const auto wait = [&](std::size_t, const GeneratedToken&) {
      std::call_once(once, [&] {
        begun.set_value();
        go.get_future().wait();
      });
      return true;
    };
    const auto first = thread.submit(request, wait, count);
    begun.get_future().wait();
    EXPECT_TRUE(first && thread.submit(request, nullptr, count));
    EXPECT_FALSE(thread.submit(request, nullptr, count));
    EXPECT_THROW(thread.submit(request_of({}, 1), nullptr, count), Error);
    thread.cancel(*first);
    go.set_value();
    while (done == 0) std::this_thread::yield();
    EXPECT_TRUE(thread.submit(request, nullptr, count));
  }
  EXPECT_EQ(done, 3);
  EXPECT_GE(cancelled, 1);
}

}  // namespace
}  // namespace r1
