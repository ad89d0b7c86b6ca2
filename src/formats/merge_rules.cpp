#include "formats/merge_rules.h"

#include "base/error.h"

namespace r1 {

MergeRule MergeRuleReader::rule(std::string_view left, std::string_view right) {
  joined_.assign(left).append(right);
  return {id_of(left), id_of(right), id_of(joined_)};
}

MergeRule MergeRuleReader::rule(std::string_view both) {
  const std::size_t space = both.find(' ');
  if (space == both.npos || both.find(' ', space + 1) != both.npos) {
    throw Error(where_, "the merge '" + std::string(both) + "' has not two parts",
                "get the file again");
  }
  return rule(both.substr(0, space), both.substr(space + 1));
}

TokenId MergeRuleReader::id_of(std::string_view spelling) const {
  const auto found = ids_.find(spelling);
  if (found == ids_.end()) {
    throw Error(where_, "a merge names '" + std::string(spelling) + "', which the vocabulary lacks",
                "get the file again");
  }
  return found->second;
}

}  // namespace r1
