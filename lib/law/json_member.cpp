#include "law/json_member.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/text.hpp"
#include "core/time.hpp"

namespace trackier::law {

Json json_in(std::string_view text, const std::string& file, std::string_view schema) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    const std::string_view before = text.substr(0, std::min(error.byte, text.size()));
    const auto line = std::ranges::count(before, '\n') + 1;
    const auto column = before.size() - (before.rfind('\n') + 1);
    throw Error{Code::config, fmt::format("{}:{}:{}: not JSON", file, line, column)};
  }
  const Members top{json, file};
  const std::string found = top.text("schema");
  if (found != schema) {
    throw top.error("schema", fmt::format("{} is not {}", printable(found), schema));
  }
  return json;
}

Members::Members(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
  if (!json.is_object()) {
    throw Error{Code::config, fmt::format("{}: not a JSON object", where_)};
  }
}

bool Members::has(const std::string& name) const {
  return json_.contains(name) && !json_.at(name).is_null();
}

const Json& Members::member(const std::string& name) const {
  if (!has(name)) {
    throw Error{Code::config, fmt::format("{}: {} is missing", where_, printable(name))};
  }
  return json_.at(name);
}

std::string Members::text(const std::string& name) const {
  const Json& found = member(name);
  if (!found.is_string() || found.get_ref<const std::string&>().empty()) {
    throw error(name, "is no text");
  }
  return found.get<std::string>();
}

std::string Members::one_of(const std::string& name,
                            std::initializer_list<std::string_view> words) const {
  std::string found = text(name);
  if (std::ranges::find(words, found) == words.end()) {
    throw error(name, fmt::format("{} is not known", printable(found)),
                fmt::format("it is one of: {}", fmt::join(words, ", ")));
  }
  return found;
}

int Members::number(const std::string& name, int least, int most) const {
  const Json& found = member(name);
  if (!found.is_number_integer() || found.get<std::int64_t>() < least ||
      found.get<std::int64_t>() > most) {
    throw error(name, fmt::format("is no whole number of {} to {}", least, most));
  }
  return found.get<int>();
}

int Members::quarters(const std::string& name, int most) const {
  constexpr double in_one = 4;
  const Json& found = member(name);
  const double value = found.is_number() ? found.get<double>() * in_one : -1;
  for (int quarters = 0; quarters <= most; ++quarters) {
    if (value == quarters) {
      return quarters;
    }
  }
  throw error(name, "is no number of quarters");
}

bool Members::flag(const std::string& name) const {
  if (!has(name)) {
    return false;
  }
  const Json& found = json_.at(name);
  if (!found.is_boolean()) {
    throw error(name, "is neither true nor false");
  }
  return found.get<bool>();
}

std::string Members::optional_text(const std::string& name) const {
  return has(name) ? text(name) : std::string{};
}

std::vector<std::string> Members::texts(const std::string& name) const {
  std::vector<std::string> made;
  if (!has(name)) {
    return made;
  }
  for (const Json& each : json_.at(name)) {
    if (!each.is_string()) {
      throw error(name, "is no list of texts");
    }
    made.push_back(each.get<std::string>());
  }
  return made;
}

std::optional<Members> Members::object(const std::string& name) const {
  return has(name) ? std::optional{Members{json_.at(name), where_ + ": " + name}} : std::nullopt;
}

std::optional<std::chrono::year_month_day> Members::day(const std::string& name) const {
  if (!has(name)) {
    return std::nullopt;
  }
  const auto day = parse_day(text(name));
  if (!day) {
    throw error(name, "is no day", "write it as 2027-05-13");
  }
  return day;
}

void Members::refuse_others(std::initializer_list<std::string_view> known) const {
  for (const auto& [name, value] : json_.items()) {
    if (std::ranges::find(known, name) == known.end()) {
      const std::vector<std::string> names{known.begin(), known.end()};
      const auto near = closest(name, names);
      throw error(name, "is not known", near ? fmt::format("did you mean {}?", *near) : "");
    }
  }
}

Error Members::error(const std::string& name, const std::string& what,
                     const std::string& hint) const {
  return Error{Code::config, fmt::format("{}: {}: {}", where_, printable(name), what), hint};
}

}  // namespace trackier::law
