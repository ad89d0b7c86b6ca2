#include "evaluate/evaluation.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "base/progress.h"

namespace r1::evaluate {
namespace {

/// Judges responses in the order in which they come.
class JudgeThread {
 public:
  JudgeThread(const std::vector<Question>& questions, SampleFile& file, Progress& progress)
      : questions_(questions), file_(file), progress_(progress), thread_([this] { work(); }) {}
  ~JudgeThread() { join(); }
  JudgeThread(const JudgeThread&) = delete;
  JudgeThread& operator=(const JudgeThread&) = delete;

  void add(const Prompt& prompt, const Response& response) {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    waiting_.emplace_back(prompt, response);
    changed_.notify_one();
  }

  /// Waits until all is judged. Throws what went wrong.
  void finish() {
    join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void join() {
    {
      const std::lock_guard lock(mutex_);
      last_ = true;
      changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
  }

  void work() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return last_ || !waiting_.empty(); });
      if (waiting_.empty() || failure_) return;
      const auto [prompt, response] = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      try {
        const Question& question = questions_[prompt.question];
        file_.add({question.id, prompt.sample, question.judge(response.text), response.text,
                   response.finish_reason, response.tokens, response.drafted, response.accepted});
        progress_.advance(1);
      } catch (...) {
        const std::lock_guard again(mutex_);
        failure_ = std::current_exception();
      }
    }
  }

  const std::vector<Question>& questions_;
  SampleFile& file_;
  Progress& progress_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<Prompt, Response>> waiting_;
  bool last_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace

std::vector<Question> choose_questions(std::vector<Question> questions, std::int64_t count) {
  const auto all = static_cast<std::int64_t>(questions.size());
  if (count <= 0 || count >= all) return questions;
  std::vector<Question> chosen;
  for (std::int64_t i = 0; i < count; ++i) {
    chosen.push_back(std::move(questions[static_cast<std::size_t>(i * all / count)]));
  }
  return chosen;
}

void run_suite(const Suite& suite, const std::vector<Question>& questions, std::int64_t samples,
               Responder& responder, SampleFile& file) {
  std::set<std::pair<std::string, std::int64_t>> done;
  for (const Sample& sample : file.samples()) done.emplace(sample.question, sample.number);
  std::vector<Prompt> prompts;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    for (std::int64_t sample = 0; sample < samples; ++sample) {
      if (!done.contains({questions[i].id, sample})) {
        prompts.push_back({i, sample, &questions[i].text});
      }
    }
  }
  if (prompts.empty()) return;
  const auto total = static_cast<std::int64_t>(questions.size()) * samples;
  Progress progress(suite.name, total);
  progress.advance(total - static_cast<std::int64_t>(prompts.size()));
  JudgeThread judge(questions, file, progress);
  responder.respond(prompts, [&](const Prompt& prompt, const Response& response) {
    judge.add(prompt, response);
  });
  judge.finish();
}

}  // namespace r1::evaluate
