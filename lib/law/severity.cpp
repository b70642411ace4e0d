#include "law/severity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::law {
namespace {

constexpr int in_one = 4;
constexpr int most_context = 4;
constexpr int most_of_circumstance = 2;

struct Category {
  std::string_view name;
  int base;
};
constexpr std::array<Category, 4> categories{
    {{"simple", 1}, {"behavioural", 2}, {"financial", 3}, {"sensitive", 4}}};

std::optional<int> quarters_in(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, int>, 10> words{{{"0", 0},
                                                                    {"0.0", 0},
                                                                    {"0.25", 1},
                                                                    {"0.5", 2},
                                                                    {"0.50", 2},
                                                                    {"0.75", 3},
                                                                    {"1", in_one},
                                                                    {"1.0", in_one},
                                                                    {"1.00", in_one},
                                                                    {"0.00", 0}}};
  const auto* const found =
      std::ranges::find(words, text, [](const auto& each) { return each.first; });
  return found == words.end() ? std::nullopt : std::optional{found->second};
}

struct Split {
  std::string_view name;
  std::string_view value;  ///< empty: none
};

Split split(std::string_view text, char at) {
  const std::size_t mark = text.rfind(at);
  return mark == std::string_view::npos ? Split{text, {}}
                                        : Split{text.substr(0, mark), text.substr(mark + 1)};
}

}  // namespace

std::string_view to_text(Circumstance circumstance) {
  constexpr std::array<std::string_view, 4> names{"confidentiality", "integrity", "availability",
                                                  "malicious intent"};
  return names.at(static_cast<std::size_t>(circumstance));
}

std::string_view to_text(Level level) {
  constexpr std::array<std::string_view, 4> names{"low", "medium", "high", "very high"};
  return names.at(static_cast<std::size_t>(level));
}

std::string_view meaning_of(Level level) {
  constexpr std::array<std::string_view, 4> meanings{
      "no effect, or small nuisances people get over without trouble",
      "real nuisances people can overcome with some difficulty",
      "serious consequences people can overcome only with great difficulty",
      "serious or even irreversible consequences people may not overcome"};
  return meanings.at(static_cast<std::size_t>(level));
}

std::string quarters_text(int quarters) {
  constexpr int hundredths_of_quarter = 25;
  return fmt::format("{}.{:02}", quarters / in_one, quarters % in_one * hundredths_of_quarter);
}

int Assessment::quarters() const {
  return context * identification + std::accumulate(circumstances.begin(), circumstances.end(), 0);
}

Level Assessment::level() const {
  constexpr int medium_from = 8;
  constexpr int high_from = 12;
  constexpr int very_high_from = 16;
  const int q = quarters();
  if (q >= very_high_from) {
    return Level::very_high;
  }
  if (q >= high_from) {
    return Level::high;
  }
  return q >= medium_from ? Level::medium : Level::low;
}

std::string Assessment::formula() const {
  return fmt::format("{} x {} + {} = {}", context, quarters_text(identification),
                     quarters_text(quarters() - context * identification),
                     quarters_text(quarters()));
}

std::vector<Change> changes_of_level(const Assessment& assessment) {
  std::vector<Change> found;
  const auto consider = [&](const Assessment& other, std::string what) {
    if (other.level() != assessment.level()) {
      found.push_back({std::move(what), other.level()});
    }
  };
  for (int context = 1; context <= most_context; ++context) {
    Assessment other = assessment;
    other.context = context;
    consider(other, fmt::format("context {} -> {}", assessment.context, context));
  }
  for (int quarters = 1; quarters <= in_one; ++quarters) {
    Assessment other = assessment;
    other.identification = quarters;
    consider(other, fmt::format("identification {} -> {}", quarters_text(assessment.identification),
                                quarters_text(quarters)));
  }
  for (const Circumstance each : all_circumstances) {
    const auto index = static_cast<std::size_t>(each);
    const int step = each == Circumstance::malice ? most_of_circumstance : 1;
    for (int quarters = 0; quarters <= most_of_circumstance; quarters += step) {
      Assessment other = assessment;
      other.circumstances.at(index) = quarters;
      consider(other, fmt::format("{} {} -> {}", to_text(each),
                                  quarters_text(assessment.circumstances.at(index)),
                                  quarters_text(quarters)));
    }
  }
  return found;
}

Scored context_in(std::string_view text) {
  const auto [name, value] = split(text, ':');
  const auto* const category = std::ranges::find(categories, name, &Category::name);
  if (category == categories.end()) {
    throw Error{Code::usage, fmt::format("--dpc: {} is no kind of data", printable(name)),
                "kinds are simple, behavioural, financial and sensitive"};
  }
  int score = category->base;
  if (!value.empty()) {
    const bool is_relative = value.front() == '+' || value.front() == '-';
    const std::string_view digits = value.substr(is_relative ? 1 : 0);
    if (digits.size() != 1 || digits.front() < '0' || digits.front() > '9') {
      throw Error{Code::usage, fmt::format("--dpc: {} is no score", printable(value)),
                  "write behavioural:+1, behavioural:-1 or behavioural:3"};
    }
    const int number = digits.front() - '0';
    score = !is_relative ? number : score + (value.front() == '-' ? -number : number);
  }
  if (score < 1 || score > most_context) {
    throw Error{Code::usage, fmt::format("--dpc: {} makes {}", printable(text), score),
                "scores are 1 to 4"};
  }
  return {std::string{name}, score};
}

Scored identification_in(std::string_view text) {
  const auto [name, value] = split(text, ':');
  const auto quarters = quarters_in(value);
  if (name.empty() || !quarters || *quarters < 1) {
    throw Error{Code::usage,
                fmt::format("--ei: {} is no identifier with its ease", printable(text)),
                "write device-id:0.5; 0.25 negligible, 0.5 limited, 0.75 significant, 1 maximum"};
  }
  return {std::string{name}, *quarters};
}

std::array<int, 4> circumstances_in(std::string_view text) {
  constexpr std::string_view letters = "ciam";
  std::array<int, 4> made{};
  std::array<bool, 4> is_given{};
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const auto [name, value] = split(rest.substr(0, comma), '=');
    const auto quarters = quarters_in(value);
    const std::size_t index = name.size() == 1 ? letters.find(name) : std::string_view::npos;
    const bool fits = quarters && *quarters <= most_of_circumstance &&
                      (index != letters.find('m') || *quarters != 1);
    if (index == std::string_view::npos || !fits) {
      throw Error{Code::usage,
                  fmt::format("--cb: {} is no circumstance", printable(rest.substr(0, comma))),
                  "write c=0.5,i=0,a=0.25,m=0.5; each is 0, 0.25 or 0.5, malice 0 or 0.5"};
    }
    if (is_given.at(index)) {
      throw Error{Code::usage, fmt::format("--cb: {} is there twice", name)};
    }
    is_given.at(index) = true;
    made.at(index) = *quarters;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return made;
}

}  // namespace trackier::law
