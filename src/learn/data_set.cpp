#include "learn/data_set.h"

#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/threads.h"
#include "formats/json.h"
#include "learn/fingerprint.h"

namespace r1 {

namespace fs = std::filesystem;

/// The beginning of a file of tokens; then come the documents' ends, ids and counts.
struct DataSet::Header {
  std::array<char, 8> magic;
  std::uint64_t documents, tokens, truncated, dropped;
  std::array<char, 32> sum;  // fingerprint of all that follows
};

namespace {

constexpr std::array<char, 8> kMagic = {'r', '1', 't', 'o', 'k', 'e', 'n', '1'};

/// All that the tokens depend on.
std::string key_of(const std::vector<MappedFile>& files, const DocumentOptions& options,
                   const LearningModel& model) {
  nlohmann::json key = {
      {"text", model.text_identity()},
      {"fields", {options.messages, options.prompt, options.completion, options.text}},
      {"as_chat", options.as_chat},
      {"learn_all", options.learn_all},
      {"longest", options.longest},
      {"cut", options.cut},
      {"files", nlohmann::json::array()}};
  for (const MappedFile& file : files) {
    key["files"].push_back(fingerprint(file.bytes()));
  }
  const std::string text = json_text(key);
  return fingerprint(std::as_bytes(std::span(text)));
}

std::vector<std::string_view> lines_of(const MappedFile& file) {
  const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()),
                              file.bytes().size());
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

struct Tokens {
  std::vector<std::uint64_t> ends;
  std::vector<int> ids;
  std::vector<std::uint8_t> counts;
  std::uint64_t truncated = 0, dropped = 0;

  void add(const TokenizedLine& line) {
    for (const TokenizedDocument& document : line.documents) {
      ids.insert(ids.end(), document.ids.begin(), document.ids.end());
      counts.insert(counts.end(), document.counts.begin(), document.counts.end());
      ends.push_back(ids.size());
    }
    truncated += static_cast<std::uint64_t>(line.truncated);
    dropped += static_cast<std::uint64_t>(line.dropped);
  }
};

Tokens tokenize(const std::vector<MappedFile>& files, const DocumentMaker& maker) {
  constexpr std::int64_t kGrain = 16;
  Tokens tokens;
  for (const MappedFile& file : files) {
    const std::vector<std::string_view> lines = lines_of(file);
    std::vector<TokenizedLine> made(lines.size());
    const auto count = static_cast<std::int64_t>(lines.size());
    parallel_blocks(count, kGrain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::string_view line = lines[static_cast<std::size_t>(i)];
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        const std::string where = file.path().string() + ":" + std::to_string(i + 1);
        made[static_cast<std::size_t>(i)] = maker.make(parse_ordered_json(line, where), where);
      }
    });
    for (const TokenizedLine& line : made) tokens.add(line);
  }
  return tokens;
}

std::array<char, 32> sum_of(std::span<const std::byte> bytes) {
  std::array<char, 32> sum{};
  fingerprint(bytes).copy(sum.data(), sum.size());
  return sum;
}

}  // namespace

/// The documents of a file of tokens. Throws Error for one that is damaged.
DataSet DataSet::read(const fs::path& path, Header& header) {
  const MappedFile file(path);
  const std::span<const std::byte> bytes = file.bytes();
  const Error damaged(path.string(), "is damaged");
  if (bytes.size() < sizeof header) throw damaged;
  std::memcpy(&header, bytes.data(), sizeof header);
  const std::span<const std::byte> rest = bytes.subspan(sizeof header);
  constexpr std::uint64_t kMost = std::uint64_t{1} << 48;
  if (header.magic != kMagic || header.documents > kMost || header.tokens > kMost ||
      rest.size() != header.documents * 8 + header.tokens * 5 || sum_of(rest) != header.sum) {
    throw damaged;
  }
  DataSet set;
  set.file_ = file;
  const auto* ends = reinterpret_cast<const std::uint64_t*>(rest.data());
  set.ends_ = {ends, header.documents};
  set.ids_ = {reinterpret_cast<const int*>(ends + header.documents), header.tokens};
  set.counts_ = {reinterpret_cast<const std::uint8_t*>(set.ids_.data() + header.tokens),
                 header.tokens};
  std::uint64_t before = 0;
  for (const std::uint64_t end : set.ends_) {
    if (end <= before || end > header.tokens) throw damaged;
    before = end;
  }
  return set;
}

DataSet DataSet::open(const std::vector<fs::path>& paths, const DocumentOptions& options,
                      const LearningModel& model, const fs::path& cache,
                      const std::function<void(const std::string&)>& note) {
  std::vector<MappedFile> files;
  std::string names;
  for (const fs::path& path : paths) {
    files.emplace_back(path);
    names += (names.empty() ? "" : ", ") + path.string();
  }
  const fs::path kept = cache / (key_of(files, options, model) + ".tokens");
  Header header = {};
  std::optional<DataSet> set;
  try {
    if (fs::exists(kept)) set = read(kept, header);
  } catch (const Error& error) {
    note(std::string(error.what()) + ": it is made again");
  }
  if (!set) {
    std::optional<ChatTemplate> chat_template;
    if (model.has_chat_template()) chat_template = model.chat_template();
    const Tokens tokens =
        tokenize(files, DocumentMaker(model.tokenizer(), std::move(chat_template), options));
    const auto bytes = [](const auto& numbers) { return std::as_bytes(std::span(numbers)); };
    std::vector<std::byte> rest;
    for (const auto part : {bytes(tokens.ends), bytes(tokens.ids), bytes(tokens.counts)}) {
      rest.insert(rest.end(), part.begin(), part.end());
    }
    header = {kMagic,           tokens.ends.size(), tokens.ids.size(),
              tokens.truncated, tokens.dropped,     sum_of(rest)};
    std::error_code error;
    fs::create_directories(cache, error);
    if (error) throw Error(cache.string(), "can't be made: " + error.message());
    FileWriter writer(kept);
    writer.write(std::as_bytes(std::span(&header, 1)));
    writer.write(rest);
    writer.commit();
    set = read(kept, header);
  }
  if (header.truncated > 0) {
    note(std::to_string(header.truncated) + " documents of " + names + " are longer than " +
         std::to_string(options.longest) + " tokens: their ends are left out");
  }
  if (header.dropped > 0) {
    note(std::to_string(header.dropped) + " documents of " + names +
         " have no token to learn and are left out");
  }
  if (set->size() == 0) throw Error(names, "holds no document to learn from");
  return *std::move(set);
}

Document DataSet::operator[](std::int64_t index) const {
  const auto i = static_cast<std::size_t>(index);
  const std::uint64_t begin = i == 0 ? 0 : ends_[i - 1];
  return {ids_.subspan(begin, ends_[i] - begin), counts_.subspan(begin, ends_[i] - begin)};
}

}  // namespace r1
