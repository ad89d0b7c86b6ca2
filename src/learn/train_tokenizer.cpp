#include "learn/train_tokenizer.h"

#include <array>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "formats/convert/tokenizer_export.h"
#include "formats/json.h"
#include "learn/task_documents.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestText = std::size_t{1} << 30;

/// R1's format: past thoughts are left out, and the answer begins in an opened thought.
constexpr const char* kChatTemplate =
    "{{ bos_token }}"
    "{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'] }}"
    "{% endif %}{% endfor %}"
    "{% for message in messages %}"
    "{% if message['role'] == 'user' %}{{ '<｜User｜>' + message['content'] }}"
    "{% elif message['role'] == 'assistant' %}"
    "{{ '<｜Assistant｜>' + message['content'].split('</think>')[-1].strip() + eos_token }}"
    "{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<｜Assistant｜><think>\\n' }}{% endif %}";

struct Special {
  const char* spelling;
  TokenKind kind;  // user_defined ones are part of an answer's text
};
constexpr TokenId kBos = 0, kEos = 1;
constexpr auto kSpecials = std::to_array<Special>({
    {"<｜begin▁of▁sentence｜>", TokenKind::control},
    {"<｜end▁of▁sentence｜>", TokenKind::control},
    {"<｜▁pad▁｜>", TokenKind::control},
    {"<think>", TokenKind::user_defined},
    {"</think>", TokenKind::user_defined},
    {"<｜User｜>", TokenKind::control},
    {"<｜Assistant｜>", TokenKind::control},
});
constexpr std::int64_t kLeastVocabulary = static_cast<std::int64_t>(kSpecials.size()) + 256;

/// The parts of a text between special tokens, which are never cut through.
void add_parts(std::string_view text, std::vector<std::string>& parts) {
  while (!text.empty()) {
    std::size_t end = text.size(), next = text.size();
    for (const Special& special : kSpecials) {
      const std::size_t at = text.find(special.spelling);
      if (at < end) {
        end = at;
        next = at + std::string_view(special.spelling).size();
      }
    }
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(next);
  }
}

struct TokenizerOptions {
  std::int64_t vocabulary = 0;
  Joining joining = Joining::words;
  std::vector<fs::path> files;
  TaskDocumentOptions documents;
};

class TrainTokenizer : public Stage {
 public:
  explicit TrainTokenizer(TokenizerOptions options) : options_(std::move(options)) {}

  void begin(StageContext& context) override { context_ = &context; }
  std::int64_t steps() const override { return 1; }
  StageReport step(std::int64_t) override;
  void visit(State&) override {}

 private:
  TokenizerOptions options_;
  StageContext* context_ = nullptr;
};

StageReport TrainTokenizer::step(std::int64_t) {
  std::vector<std::string> texts;
  for (const TaskDocument& document : task_documents(options_.documents, context_->seed)) {
    for (const Turn& turn : document) {
      texts.push_back(turn.question);
      texts.push_back(turn.response);
    }
  }
  for (const fs::path& file : options_.files) texts.push_back(read_file(file, kLargestText));
  std::int64_t bytes = 0;
  for (const std::string& text : texts) bytes += static_cast<std::int64_t>(text.size());
  const TokenizerData data = r1_tokenizer(texts, options_.vocabulary, options_.joining);
  const fs::path folder = context_->folder.path() / kTokenizerFolder;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(folder.string(), "can't be made: " + error.message());
  write_file(folder / "tokenizer.json", json_text(tokenizer_json(data)) + "\n");
  write_file(folder / "tokenizer_config.json", json_text(tokenizer_config_json(data), 2) + "\n");
  context_->model.take_tokenizer(folder);
  std::int64_t tokens = 0;
  const Tokenizer& tokenizer = context_->model.tokenizer();
  for (const std::string& text : texts) {
    tokens += static_cast<std::int64_t>(tokenizer.encode(text, {.add_special = false}).size());
  }
  StageReport report;
  report.tokens = tokens;
  report.metrics = {{"vocabulary", data.tokens.size()},
                    {"bytes_per_token", static_cast<double>(bytes) / static_cast<double>(tokens)}};
  return report;
}

}  // namespace

TokenizerData r1_tokenizer(const std::vector<std::string>& texts, std::int64_t vocabulary,
                           Joining joining) {
  TokenizerData data;
  data.pre_tokenizer = *PreTokenizer::named("qwen2");  // the one with single digits
  for (const Special& special : kSpecials) {
    data.tokens.push_back({special.spelling, special.kind, false});
  }
  std::vector<std::string> parts;
  for (const std::string& text : texts) add_parts(text, parts);
  data.merges =
      train_byte_pairs(count_pieces(parts, data.pre_tokenizer), vocabulary, joining, data.tokens);
  data.bos = kBos;
  data.eos = kEos;
  data.prefix = {kBos};
  data.end_of_generation = {kEos};
  data.chat_template = kChatTemplate;
  return data;
}

std::unique_ptr<Stage> make_train_tokenizer(const Section& section, const ModelConfig& model) {
  TokenizerOptions options;
  options.vocabulary = section.integer("vocabulary", model.vocab, kLeastVocabulary, model.vocab);
  options.joining = section.choice("joining", "words", {"words", "anywhere"}) == "words"
                        ? Joining::words
                        : Joining::anywhere;
  options.files = section.inputs("text");
  options.documents = TaskDocumentOptions::read(section, 20000);
  if (options.files.empty() && options.documents.tasks.empty()) {
    throw section.error("", "lacks tasks, or files of text, to learn words from");
  }
  return std::make_unique<TrainTokenizer>(std::move(options));
}

}  // namespace r1
