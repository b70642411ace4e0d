#include "scope/line_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "anonymize/characters.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::scope {

namespace {

using anonymize::character::byte_order_mark;

constexpr std::string_view white_space = " \t\r\n\v\f";

/// Empty when the value says nothing.
std::string_view said(const Record& record, std::size_t field) {
  if (field == Plan::unwanted) {
    return {};
  }
  const Value& value = record[field];
  return value.kind == Value::Kind::text || value.kind == Value::Kind::number ? value.text
                                                                              : std::string_view{};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

}  // namespace

Plan::Plan(Request asked, const crypto::Secret& secret)
    : request(std::move(asked)),
      fields(request.exposed.fields()),
      tenant_field(number_of(request.tenant_field, "--tenant-field")),
      country_field(number_of(request.country_field, "--country-field")),
      time_field(number_of(request.time_field, "--time-field")),
      key(secret.bytes()),
      json({}),
      access({}) {
  if (request.from >= request.to) {
    throw Error{Code::usage, "--from is not before --to"};
  }
  for (const std::string& field : request.person_fields) {
    person_fields.push_back(number_of(field, "--person"));
  }
  if (person_fields.empty() || time_field == unwanted ||
      std::ranges::find(person_fields, unwanted) != person_fields.end()) {
    throw Error{Code::usage, fmt::format("{}: a field is missing",
                                         time_field == unwanted ? "--time-field" : "--person")};
  }
  json = JsonScanner{fields};
  access = AccessLineReader{fields};
}

std::size_t Plan::number_of(const std::string& field, std::string_view option) {
  if (field.empty()) {
    return unwanted;
  }
  if (!is_field_path(field)) {
    throw Error{Code::usage, fmt::format("{}: {} is not a field", option, printable(field)),
                "a field is a name, or names with dots between them: user.id"};
  }
  const auto found = std::ranges::find(fields, field);
  const auto number = static_cast<std::size_t>(found - fields.begin());
  if (found == fields.end()) {
    fields.push_back(field);
  }
  return number;
}

void Findings::clear() {
  lines = blank = unparsed = untimed = untimed_exposed = outside_window = 0;
  groups.clear();
  matches.clear();
  tokens.clear();
}

void LineReader::read(std::string_view text, Findings& into) {
  into.clear();
  groups_.clear();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    ++into.lines;
    read_line(text.substr(0, end), into);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void LineReader::read_line(std::string_view line, Findings& into) {
  if (line.starts_with(byte_order_mark)) {
    line.remove_prefix(byte_order_mark.size());
  }
  line = trimmed(line);
  if (line.empty()) {
    ++into.blank;
    return;
  }
  Value time;
  if (line.front() == '{') {
    if (!plan_.json.read(line, record_)) {
      ++into.unparsed;
      return;
    }
    time = record_[plan_.time_field];
  } else {
    const auto found = plan_.access.read(line, record_);
    if (!found) {
      ++into.unparsed;
      return;
    }
    time = {Value::Kind::text, *found};
  }
  const auto moment = read_moment(time);
  if (!moment) {
    ++into.untimed;
    into.untimed_exposed += plan_.request.exposed.holds(record_) ? 1U : 0U;
  } else if (*moment < plan_.request.from || *moment >= plan_.request.to) {
    ++into.outside_window;
  } else if (plan_.request.exposed.holds(record_)) {
    match(into);
  }
}

void LineReader::match(Findings& into) {
  const std::size_t before = into.tokens.size();
  for (const std::size_t field : plan_.person_fields) {
    add_token(said(record_, field), into);
  }
  into.matches.push_back(
      {.group = group(into), .tokens = static_cast<std::uint32_t>(into.tokens.size() - before)});
}

void LineReader::add_token(std::string_view identifier, Findings& into) {
  if (const auto token = token_of(plan_.key, identifier, room_)) {
    into.tokens.push_back(*token);
  }
}

std::uint32_t LineReader::group(Findings& into) {
  const std::string_view tenant = said(record_, plan_.tenant_field);
  const std::string_view country = said(record_, plan_.country_field);
  const std::size_t size = tenant.size();  // in front: where one ends and the other begins
  room_.resize(sizeof size);
  std::memcpy(room_.data(), &size, sizeof size);
  room_ += tenant;
  room_ += country;
  const auto [at, is_new] =
      groups_.try_emplace(room_, static_cast<std::uint32_t>(into.groups.size()));
  if (is_new) {
    into.groups.push_back({std::string{tenant}, std::string{country}});
  }
  return at->second;
}

}  // namespace trackier::scope
