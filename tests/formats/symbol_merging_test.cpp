#include "formats/symbol_merging.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>

namespace r1 {
namespace {

using Rules = std::map<std::pair<std::int32_t, std::int32_t>, PairMerge>;

std::vector<std::int32_t> merged(const std::vector<std::int32_t>& ids, const Rules& rules,
                                 bool many) {
  MergeMemory memory;
  for (std::uint32_t i = 0; i < ids.size(); ++i) memory.symbols.push_back({i, i + 1, ids[i]});
  const auto lookup = [&](const Symbol& left, const Symbol& right) {
    const auto rule = rules.find({left.id, right.id});
    return rule == rules.end() ? PairMerge() : rule->second;
  };
  if (many) {
    detail::merge_many(memory.symbols, lookup);
  } else {
    detail::merge_few(memory.symbols, lookup, memory.merges);
  }
  std::vector<std::int32_t> result;
  std::uint32_t end = 0;
  for (const Symbol& symbol : memory.symbols) {
    EXPECT_EQ(symbol.begin, end);
    end = symbol.end;
    result.push_back(symbol.id);
  }
  EXPECT_EQ(end, ids.size());
  return result;
}

TEST(SymbolMerging, JoinsTheBestPairAndOfEqualsTheLeftmost) {
  const Rules rules = {{{0, 0}, {0, 1}}, {{1, 1}, {1, 2}}, {{0, 1}, {2, 3}}};
  for (const bool many : {false, true}) {
    EXPECT_EQ(merged({0, 0, 0}, rules, many), (std::vector{1, 0}));
    EXPECT_EQ(merged({0, 0, 0, 0, 0}, rules, many), (std::vector{2, 0}));
    EXPECT_EQ(merged({}, rules, many), std::vector<std::int32_t>());
    EXPECT_EQ(merged({0}, rules, many), std::vector{0});
  }
}

TEST(SymbolMerging, TheQueueAndTheSearchAgree) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 2000; ++trial) {
    const int letters = 2 + static_cast<int>(random() % 3);
    Rules rules;  // each makes a new token of two that exist, sometimes at an equal rank
    std::int32_t next = letters;
    for (int i = 0; i < 12; ++i, ++next) {
      const auto left = static_cast<std::int32_t>(random() % static_cast<unsigned>(next));
      const auto right = static_cast<std::int32_t>(random() % static_cast<unsigned>(next));
      rules[{left, right}] = {static_cast<std::uint32_t>(random() % 8), next};
    }
    std::vector<std::int32_t> ids(random() % 60);
    for (auto& id : ids) {
      id = static_cast<std::int32_t>(random() % static_cast<unsigned>(letters));
    }
    ASSERT_EQ(merged(ids, rules, false), merged(ids, rules, true));
  }
}

}  // namespace
}  // namespace r1
