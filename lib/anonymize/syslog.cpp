// syslog: RFC 3164 ("Mar 27 13:06:56 host app[pid]: message", with or without "<priority>"), RFC
// 5424
// ("<priority>1 time host app pid msgid data message") and the mixture with RFC 3339 times that
// rsyslog writes.
#include <array>

#include "anonymize/characters.hpp"
#include "anonymize/record_reader.hpp"

namespace trackier::anonymize {

namespace {

using character::at;
using character::is_digit;
using character::is_letter;

enum Field : std::uint8_t { timestamp, host, app, pid, msgid, message, fields };
constexpr std::array<std::string_view, fields> field_names = {"timestamp", "host",  "app",
                                                              "pid",       "msgid", "message"};

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

using Ranges = std::array<Range, fields>;

/// Behind "<priority>", or 0 without one.
std::size_t priority_end(std::string_view record) {
  if (at(record, 0) != '<') {
    return 0;
  }
  std::size_t i = 1;
  while (i < 5 && is_digit(at(record, i))) {
    ++i;
  }
  return i > 1 && at(record, i) == '>' ? i + 1 : 0;
}

std::size_t word_end(std::string_view record, std::size_t begin) {
  const std::size_t end = record.find(' ', begin);
  return end == std::string_view::npos ? record.size() : end;
}

/// "Mar 27 13:06:56" or "2026-01-31T12:34:56.789+00:00".
std::size_t timestamp_end(std::string_view record, std::size_t begin) {
  if (is_letter(at(record, begin)) && is_letter(at(record, begin + 2)) &&
      at(record, begin + 3) == ' ' && is_digit(at(record, begin + 5)) &&
      at(record, begin + 6) == ' ' && at(record, begin + 9) == ':' &&
      at(record, begin + 12) == ':') {
    return begin + 15;
  }
  if (is_digit(at(record, begin)) && at(record, begin + 4) == '-' && at(record, begin + 7) == '-' &&
      at(record, begin + 10) == 'T' && at(record, begin + 13) == ':') {
    return word_end(record, begin);
  }
  return 0;
}

bool split_5424(std::string_view record, std::size_t begin, Ranges& ranges) {
  std::size_t i = begin;
  for (const Field field : {timestamp, host, app, pid, msgid}) {
    const std::size_t end = word_end(record, i);
    if (end == i || (field != msgid && end >= record.size())) {
      return false;
    }
    ranges[field] = {i, end};
    i = end + 1;
  }
  ranges[message] = {std::min(i, record.size()), record.size()};
  return is_digit(at(record, ranges[timestamp].begin)) ||
         at(record, ranges[timestamp].begin) == '-';
}

bool split_3164(std::string_view record, std::size_t begin, Ranges& ranges) {
  const std::size_t time_end = timestamp_end(record, begin);
  if (time_end == 0 || at(record, time_end) != ' ') {
    return false;
  }
  ranges[timestamp] = {begin, time_end};
  const std::size_t host_end = word_end(record, time_end + 1);
  if (host_end <= time_end + 1 || host_end >= record.size()) {
    return false;
  }
  ranges[host] = {time_end + 1, host_end};
  // app[pid]: message; some write no tag.
  std::size_t i = host_end + 1;
  const std::size_t tag = i;
  while (i < record.size() && static_cast<unsigned char>(record[i]) > ' ' && record[i] != '[' &&
         record[i] != ':') {
    ++i;
  }
  ranges[app] = {tag, i};
  if (at(record, i) == '[') {
    const std::size_t close = record.find(']', i);
    if (close != std::string_view::npos) {
      ranges[pid] = {i + 1, close};
      i = close + 1;
    }
  }
  if (at(record, i) == ':') {
    ++i;
  } else {
    i = tag;
    ranges[app] = {};
    ranges[pid] = {};
  }
  while (at(record, i) == ' ') {
    ++i;
  }
  ranges[message] = {i, record.size()};
  return true;
}

class SyslogReader : public RecordReader {
 public:
  explicit SyslogReader(const FieldRules& rules) {
    for (std::size_t i = 0; i < fields; ++i) {
      rules_[i] = rules.for_name(field_names[i], i + 1);
    }
  }

  bool read(std::string_view record, std::vector<FieldValue>& out) override {
    if (record.empty()) {
      return true;
    }
    Ranges ranges{};
    const std::size_t begin = priority_end(record);
    const bool version = begin > 0 && at(record, begin) == '1' && at(record, begin + 1) == ' ';
    if (version ? !split_5424(record, begin + 2, ranges) : !split_3164(record, begin, ranges)) {
      return false;
    }
    for (std::size_t i = 0; i < fields; ++i) {
      const Range range = ranges[i];
      if (rules_[i].transform != nullptr && range.end > range.begin &&
          record.substr(range.begin, range.end - range.begin) != "-") {
        out.push_back({.begin = static_cast<std::uint32_t>(range.begin),
                       .end = static_cast<std::uint32_t>(range.end),
                       .quoting = Quoting::bare,
                       .rule = rules_[i]});
      }
    }
    return true;
  }

 private:
  std::array<FieldRules::Rule, fields> rules_;
};

}  // namespace

std::unique_ptr<RecordReader> make_syslog_reader(const FieldRules& rules) {
  return std::make_unique<SyslogReader>(rules);
}

}  // namespace trackier::anonymize
