#include "access/field_lines.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"

namespace trackier::access {
namespace {

constexpr std::size_t longest_value = 500;

}  // namespace

bool is_plain_line(std::string_view text) {
  // printable() leaves plain text as it is, but for backslashes, which it doubles.
  std::string expected;
  for (const char letter : text) {
    expected.append(letter == '\\' ? 2 : 1, letter);
  }
  return !text.empty() && text.size() <= longest_value && text.front() != ' ' &&
         text.back() != ' ' && printable(text, longest_value) == expected;
}

FieldWriter::FieldWriter(std::string_view kind) : text_(std::string{kind} + "\n") {}

FieldWriter& FieldWriter::add(std::string_view name, std::string_view value) {
  text_ += fmt::format("{} {}\n", name, value);
  return *this;
}

FieldWriter& FieldWriter::add(std::string_view name, Bytes bytes) {
  return add(name, crypto::base64(bytes));
}

FieldWriter& FieldWriter::add(std::string_view name, Time time) {
  return add(name, to_rfc3339(time));
}

FieldReader::FieldReader(std::string_view text, std::string_view kind, std::string name)
    : all_(text), name_(std::move(name)) {
  const std::size_t end = all_.find('\n');
  ++line_;
  if (end == std::string_view::npos || all_.substr(0, end) != kind) {
    fail(fmt::format("is not a {}", kind));
  }
  at_ = end + 1;
}

void FieldReader::fail(const std::string& what) const {
  throw Error{Code::data, fmt::format("{}:{}: {}", name_, line_, what)};
}

std::string_view FieldReader::line(std::string_view name) {
  ++line_;
  const std::size_t end = all_.find('\n', at_);
  if (end == std::string_view::npos) {
    fail(fmt::format("a line \"{} ...\" is missing", name));
  }
  const std::string_view whole = all_.substr(at_, end - at_);
  if (!whole.starts_with(name) || whole.size() <= name.size() || whole[name.size()] != ' ') {
    fail(fmt::format("\"{} ...\" is expected here", name));
  }
  at_ = end + 1;
  return whole.substr(name.size() + 1);
}

std::string FieldReader::text(std::string_view name) {
  const std::string_view value = line(name);
  if (!is_plain_line(value)) {
    fail(fmt::format("{} is not a line of plain text", name));
  }
  return std::string{value};
}

void FieldReader::bytes(std::string_view name, MutBytes into) {
  if (!crypto::from_base64(line(name), into)) {
    fail(fmt::format("{} is not the base64 of {} bytes", name, into.size()));
  }
}

Time FieldReader::time(std::string_view name) {
  const std::string_view value = line(name);
  const auto time = parse_rfc3339(value);
  if (!time || to_rfc3339(*time) != value) {
    fail(fmt::format("{} is not a time such as 2026-11-25T09:30:00Z", name));
  }
  return *time;
}

unsigned FieldReader::number(std::string_view name, unsigned least, unsigned most) {
  const std::string_view value = line(name);
  unsigned number = 0;
  const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || rest != value.data() + value.size() ||
      value != std::to_string(number) || number < least || number > most) {
    fail(fmt::format("{} is not a number of {} to {}", name, least, most));
  }
  return number;
}

void FieldReader::end() const {
  if (at_ != all_.size()) {
    fail("nothing is expected after this line");
  }
}

}  // namespace trackier::access
