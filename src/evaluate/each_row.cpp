#include "evaluate/each_row.h"

#include <utility>

namespace r1::evaluate {

std::function<std::vector<Question>(const Sources&)> each_row(
    const std::string& file,
    const std::function<std::optional<Question>(const Row& row, const Sources& sources)>& make) {
  return [file, make](const Sources& sources) {
    std::vector<Question> questions;
    for (const Row& row : read_rows(sources.data, file)) {
      if (std::optional<Question> question = make(row, sources)) {
        questions.push_back(*std::move(question));
      }
    }
    return questions;
  };
}

}  // namespace r1::evaluate
