// Knights always tell the truth, knaves always lie: who is which?
#include <algorithm>
#include <array>
#include <map>

#include "base/characters.h"
#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/words.h"

namespace r1::tasks {
namespace {

constexpr std::array<int, kHardest> kPeople = {2, 2, 3, 4};

/// Bit i: person i is a knight.
using Roles = unsigned;

bool is_knight(Roles roles, int person) {
  return (roles >> static_cast<unsigned>(person) & 1u) != 0;
}

/// "Ann is a knight".
struct Claim {
  int person;
  bool knight;
  bool holds(Roles roles) const { return is_knight(roles, person) == knight; }
};

enum class Join : std::uint8_t { alone, both, either, implies, same, different };

struct Statement {
  Join join;
  Claim first, second;

  bool holds(Roles roles) const {
    const bool a = first.holds(roles), b = second.holds(roles);
    switch (join) {
      case Join::alone:
        return a;
      case Join::both:
        return a && b;
      case Join::either:
        return a || b;
      case Join::implies:
        return !a || b;
      case Join::same:
        return is_knight(roles, first.person) == is_knight(roles, second.person);
      case Join::different:
        break;
    }
    return is_knight(roles, first.person) != is_knight(roles, second.person);
  }
};

struct Puzzle {
  std::vector<Statement> statements;  // of person 0, 1 ...
  std::vector<std::string> names;
};

std::string role(bool knight) {
  return knight ? "a knight" : "a knave";
}

std::string text(const Claim& claim, const std::vector<std::string>& names) {
  return names[static_cast<std::size_t>(claim.person)] + " is " + role(claim.knight);
}

std::string text(const Statement& statement, const std::vector<std::string>& names) {
  const std::string first = text(statement.first, names), second = text(statement.second, names);
  const std::string pair = names[static_cast<std::size_t>(statement.first.person)] + " and " +
                           names[static_cast<std::size_t>(statement.second.person)];
  switch (statement.join) {
    case Join::alone:
      return first;
    case Join::both:
      return first + " and " + second;
    case Join::either:
      return first + " or " + second;
    case Join::implies:
      return "if " + first + " then " + second;
    case Join::same:
      return pair + " are of the same kind";
    case Join::different:
      break;
  }
  return pair + " are of different kinds";
}

Statement random_statement(Random& random, int people) {
  Statement statement{};
  statement.join = static_cast<Join>(random.below(6));
  statement.first = {between(random, 0, people - 1), random.below(2) == 0};
  do {
    statement.second = {between(random, 0, people - 1), random.below(2) == 0};
  } while (statement.second.person == statement.first.person);
  return statement;
}

std::vector<Roles> solutions(const std::vector<Statement>& statements) {
  std::vector<Roles> found;
  const int people = static_cast<int>(statements.size());
  for (Roles roles = 0; roles < 1u << static_cast<unsigned>(people); ++roles) {
    bool fits = true;
    for (int i = 0; i < people; ++i) {
      fits = fits && statements[static_cast<std::size_t>(i)].holds(roles) == is_knight(roles, i);
    }
    if (fits) found.push_back(roles);
  }
  return found;
}

/// Statements with a chosen, only solution.
std::vector<Statement> random_statements(Random& random, int people, Roles& roles) {
  for (;;) {
    roles = static_cast<Roles>(random.below(1u << static_cast<unsigned>(people)));
    std::vector<Statement> statements;
    for (int person = 0; person < people; ++person) {
      Statement statement = random_statement(random, people);
      while (statement.holds(roles) != is_knight(roles, person)) {
        statement = random_statement(random, people);
      }
      statements.push_back(statement);
    }
    if (solutions(statements).size() == 1) return statements;
  }
}

std::string all_roles(Roles roles, const std::vector<std::string>& names) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < names.size(); ++i) {
    parts.push_back(names[i] + " is " + role(is_knight(roles, static_cast<int>(i))));
  }
  return listed(parts);
}

/// One way in which all could be. Names carry the case's number, so that nobody is taken for what
/// they are in another case: "Ann2" is Ann in case 2.
struct Case {
  int number;
  Roles roles;
  const std::vector<std::string>& names;

  /// "Ann2 a knight".
  std::string who(int person) const {
    return names[static_cast<std::size_t>(person)] + std::to_string(number) + " " +
           role(is_knight(roles, person));
  }
};

/// "Ann2 a knight, Bob2 a knave".
std::string all_of(const Case& tried) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < tried.names.size(); ++i) {
    parts.push_back(tried.who(static_cast<int>(i)));
  }
  return listed(parts);
}

/// Whether a statement holds: what those are of whom it speaks, then the values of its two parts
/// where it has them: "Ben2 a knight, Leo2 a knave: no or yes, true".
std::string judged(const Statement& statement, const Case& tried) {
  static constexpr std::array<std::string_view, 4> kBetween = {"", " and ", " or ", " then "};
  const auto yes = [&](const Claim& claim) {
    return std::string(claim.holds(tried.roles) ? "yes" : "no");
  };
  const auto join = static_cast<std::size_t>(statement.join);
  std::string text = tried.who(statement.first.person);
  if (statement.join != Join::alone) text += ", " + tried.who(statement.second.person);
  text += ": ";
  if (join > 0 && join < kBetween.size()) {
    text += (statement.join == Join::implies ? "if " : "") + yes(statement.first) +
            std::string(kBetween[join]) + yes(statement.second) + ", ";
  }
  return text + (statement.holds(tried.roles) ? "true" : "false");
}

/// Tries one case after the other until no statement contradicts its speaker's role.
std::string solve(const Puzzle& puzzle) {
  std::string chain = "A knight's words are true and a knave's are false. I try the cases.\n";
  const int people = static_cast<int>(puzzle.names.size());
  for (unsigned place = 0;; ++place) {
    // From all knights on; the last person's role changes fastest.
    Roles roles = 0;
    for (int i = 0; i < people; ++i) {
      const unsigned bit = place >> static_cast<unsigned>(people - 1 - i) & 1u;
      if (bit == 0) roles |= 1u << static_cast<unsigned>(i);
    }
    const Case tried{static_cast<int>(place) + 1, roles, puzzle.names};
    chain += "Case " + std::to_string(tried.number) + ": " + all_of(tried) + ".\n";
    bool fits = true;
    for (int i = 0; i < people && fits; ++i) {
      const Statement& statement = puzzle.statements[static_cast<std::size_t>(i)];
      fits = statement.holds(roles) == is_knight(roles, i);
      chain += puzzle.names[static_cast<std::size_t>(i)] + ": " + text(statement, puzzle.names) +
               ". " + judged(statement, tried) + ", said by " + tried.who(i) +
               (fits ? ": fits.\n" : ": does not fit.\n");
    }
    if (fits) return chain + "All statements fit: " + all_roles(roles, puzzle.names) + ".";
  }
}

/// The statements with persons renumbered; the smallest over all orders is the puzzle's content.
std::string content_of(const std::vector<Statement>& statements) {
  std::vector<std::size_t> order(statements.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::string smallest;
  do {
    std::string content;
    std::vector<std::string> by_person(statements.size());
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const Statement& s = statements[i];
      const auto claim = [&](const Claim& c, bool named) {
        return std::to_string(order[static_cast<std::size_t>(c.person)]) +
               (named ? c.knight ? "t" : "l" : "");
      };
      const bool roles_count = s.join != Join::same && s.join != Join::different;
      std::string a = claim(s.first, roles_count), b = claim(s.second, roles_count);
      if (s.join == Join::alone) b.clear();
      if (s.join != Join::alone && s.join != Join::implies && b < a) std::swap(a, b);
      by_person[order[i]] = std::to_string(static_cast<int>(s.join)) + a + b;
    }
    content = listed(by_person, " ");
    if (smallest.empty() || content < smallest) smallest = content;
  } while (std::next_permutation(order.begin(), order.end()));
  return smallest;
}

Instance generate(Random& random, int difficulty) {
  const int people = kPeople[static_cast<std::size_t>(difficulty - 1)];
  Roles roles = 0;
  Puzzle puzzle{random_statements(random, people, roles), given_names()};
  shuffle(random, puzzle.names);
  puzzle.names.resize(static_cast<std::size_t>(people));
  std::string said;
  for (std::size_t i = 0; i < puzzle.names.size(); ++i) {
    said += " " + puzzle.names[i] + " says: \"" + text(puzzle.statements[i], puzzle.names) + ".\"";
  }
  Instance instance;
  instance.answer = all_roles(roles, puzzle.names);
  instance.chain = solve(puzzle);
  instance.content = content_of(puzzle.statements);
  instance.question = phrase(
      random,
      {"On an island knights always tell the truth and knaves always lie. You meet {0}.{1} "
       "Who is a "
       "knight and who is a knave?",
       "Knights always tell the truth, knaves always lie. {0} are each one or the other.{1} "
       "What is "
       "each of them?",
       "Each of {0} is a knight, who only says true things, or a knave, who only says false "
       "things.{1} Find out who is what.",
       "{0} are knights, who always tell the truth, or knaves, who always lie.{1} Who is what?"},
      {listed(puzzle.names), said});
  return instance;
}

/// Each name with its role: "Ann is a knight, Bob is a knave", "Ann: knight; Bob: knave", "Ann and
/// Bob are knights and Leo is a knave"; nothing where a person gets none or two.
bool read(std::string_view text, std::map<std::string, bool>& roles) {
  std::vector<std::string> waiting;
  bool said = false;  // a role has come since the last name
  for (const std::string& word : words_of(text)) {
    if (word == "is" || word == "are" || word == "a" || word == "an" || word == "and" ||
        word == "both" || word == "all") {
      continue;
    }
    const bool knight = word == "knight" || word == "knights";
    if (knight || word == "knave" || word == "knaves") {
      if (waiting.empty()) return false;
      for (const std::string& name : waiting) {
        if (!roles.emplace(name, knight).second) return false;
      }
      waiting.clear();
      said = true;
    } else {
      waiting.push_back(word);
    }
  }
  return said && waiting.empty();
}

bool accepts(const std::string& answer, std::string_view response) {
  const std::string right = lower_case(answer);
  std::map<std::string, bool> expected, given;
  return read(right, expected) && read(final_words(response), given) && expected == given;
}

}  // namespace

Task knights_and_knaves() {
  Task task;
  task.name = "knights-and-knaves";
  task.about = "which of 3 people tell the truth, from what they say of each other";
  task.generate = generate;
  task.accepts = accepts;
  task.train_share = kTrainShareOfSmallSpace;
  return task;
}

}  // namespace r1::tasks
