#include "audit/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "audit/record_letters.hpp"
#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/time.hpp"

namespace trackier::audit {
namespace {

void must_be(bool holds, std::string_view what) {
  if (!holds) {
    throw Error{Code::bug, fmt::format("a record of the audit log cannot have this {}", what)};
  }
}

void add_number(std::string& line, std::uint64_t number) {
  must_be(number <= most_number, "number");
  fmt::format_to(std::back_inserter(line), "{}", number);
}

void add_text(std::string& line, std::string_view text, const Letters& letters_of,
              std::size_t most) {
  must_be(consists_of(text, letters_of, most), "text");
  line += '"';
  line += text;
  line += '"';
}

void add_values(std::string& line, const Values& values) {
  must_be(values.size() <= most_values, "number of values");
  line += '{';
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& [name, value] = values[i];
    must_be(is_name(name) && (i == 0 || values[i - 1].first < name), "name, or order of names");
    line += i == 0 ? "\"" : ",\"";
    line += name;
    line += "\":";
    if (const auto* const number = std::get_if<std::uint64_t>(&value)) {
      add_number(line, *number);
    } else {
      must_be(!std::get<std::string>(value).empty(), "empty value");
      add_text(line, std::get<std::string>(value), word_letters, most_word);
    }
  }
  line += '}';
}

void add_process(std::string& line, const Process& process) {
  line += "\"pid\":";
  add_number(line, process.pid);
  line += ",\"space\":";
  add_number(line, process.space);
  line += ",\"start\":";
  add_number(line, process.start);
  line += '}';
}

void add_open(std::string& line, const OpenOperation& open) {
  line += "{\"boot\":";
  add_text(line, open.process.boot, name_letters, most_name);
  line += ",\"oid\":\"";
  line += hexadecimal(open.id);
  line += "\",\"op\":\"";
  must_be(is_name(open.operation), "name of an operation");
  line += open.operation;
  line += "\",";
  add_process(line, open.process);
}

}  // namespace

std::string to_text(Milliseconds at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  must_be(at.time_since_epoch().count() >= 0, "time");
  std::string text = to_rfc3339(seconds);
  text.pop_back();
  return fmt::format("{}.{:03}Z", text, (at - seconds).count());
}

std::string_view name_of(Phase phase) {
  return std::ranges::find(phase_names, phase, [](const auto& each) { return each.first; })->second;
}

bool is_word(std::string_view text) {
  return !text.empty() && consists_of(text, word_letters, most_word);
}

bool is_name(std::string_view text) {
  return !text.empty() && consists_of(text, name_letters, most_name);
}

std::string escaped(std::string_view text) {
  std::string made;
  for (const char c : text) {
    const std::string each = word_letters[static_cast<unsigned char>(c)] && c != '%'
                                 ? std::string{c}
                                 : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    if (made.size() + each.size() >= most_word) {
      return made + '%';
    }
    made += each;
  }
  return made.empty() ? "%" : made;
}

std::string to_text(const Record& record) {
  must_be(fits_together(record), "result or beginning");
  std::string line;
  line.reserve(1024);
  line += "{\"actor\":{\"claims\":";
  add_values(line, record.actor.claims);
  line += ",\"loginuid\":";
  if (record.actor.login) {
    add_number(line, *record.actor.login);
  } else {
    line += "null";
  }
  line += ",\"ssh_key\":";
  add_text(line, record.actor.ssh_key, key_letters, most_word);
  line += ",\"uid\":";
  add_number(line, record.actor.uid);
  line += "},\"args\":";
  add_values(line, record.args);
  line += ",\"boot_us\":";
  add_number(line, record.boot_us);
  line += ",\"host\":";
  must_be(is_word(record.host), "name of a host");
  add_text(line, record.host, word_letters, most_word);
  line += ",\"oid\":\"";
  line += hexadecimal(record.id);
  line += "\",\"op\":\"";
  must_be(is_name(record.operation), "name of an operation");
  line += record.operation;
  line += "\",\"open\":[";
  must_be(record.open.size() <= most_open, "number of open operations");
  for (std::size_t i = 0; i < record.open.size(); ++i) {
    line += i == 0 ? "" : ",";
    add_open(line, record.open[i]);
  }
  line += "],\"phase\":\"";
  line += name_of(record.phase);
  line += "\",\"prev\":\"";
  line += hexadecimal(record.previous);
  line += "\",\"process\":{\"boot\":";
  add_text(line, record.process.boot, name_letters, most_name);
  line += ',';
  add_process(line, record.process);
  line += ",\"result\":";
  if (record.result) {
    must_be(is_name(record.result->code), "code of a result");
    line += fmt::format("{{\"code\":\"{}\",\"exit\":", record.result->code);
    add_number(line, record.result->exit);
    line += '}';
  } else {
    line += "null";
  }
  line += ",\"seq\":";
  add_number(line, record.seq);
  line += ",\"tenant\":";
  add_text(line, record.tenant, word_letters, most_word);
  line += ",\"ts\":\"";
  line += to_text(record.at);
  line += "\",\"v\":1}";
  must_be(line.size() < most_line_bytes, "length");
  return line;
}

std::vector<OpenOperation> open_after(const Record& record) {
  std::vector<OpenOperation> open = record.open;
  if (record.phase == Phase::intent) {
    open.push_back({.id = record.id, .operation = record.operation, .process = record.process});
  }
  return open;
}

}  // namespace trackier::audit
