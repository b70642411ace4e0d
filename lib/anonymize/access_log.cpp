// Common and combined log format of Apache httpd and nginx: host ident user [time] "request" status
// bytes, then "referer" "user agent" and whatever more the operator has added.
#include <array>

#include "anonymize/characters.hpp"
#include "anonymize/record_reader.hpp"
#include "anonymize/short_text.hpp"

namespace trackier::anonymize {

namespace {

using character::at;
using character::is_digit;

enum Field : std::uint8_t {
  host,
  ident,
  user,
  time,
  request,
  status,
  bytes,
  referer,
  user_agent,
  fields
};

constexpr std::array<std::string_view, fields> field_names = {
    "host", "ident", "user", "time", "request", "status", "bytes", "referer", "user_agent"};

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// [17/May/2015:10:05:03 +0000], the '[' at `open`.
bool is_time(std::string_view record, std::size_t open) {
  return record.size() > open + 27 && is_digit(record[open + 1]) && is_digit(record[open + 2]) &&
         record[open + 3] == '/' && record[open + 7] == '/' && record[open + 12] == ':' &&
         record[open + 15] == ':' && record[open + 18] == ':' && record[open + 21] == ' ' &&
         record[open + 27] == ']';
}

/// The closing quote of a quoted string whose text begins at `begin`; npos when there is none.
std::size_t closing_quote(std::string_view record, std::size_t begin) {
  std::size_t i = record.find('"', begin);
  while (i != std::string_view::npos && character::is_escaped(record, i)) {
    i = record.find('"', i + 1);
  }
  return i;
}

class AccessLogReader : public RecordReader {
 public:
  AccessLogReader(const FieldRules& rules, bool combined) : combined_(combined) {
    for (std::size_t i = 0; i < fields; ++i) {
      const auto rule = rules.for_name(field_names[i], i + 1);
      // "host" and "ident" are well-known nowhere else; "user" is.
      rules_[i] = rule;
      reads_on_ = reads_on_ || (i >= request && rule.transform != nullptr);
      fields_in_front_ =
          fields_in_front_ || (i < request && i != user && rule.transform != nullptr);
    }
    host_name_rule_ = rules.for_known_name("ip");
  }

  bool read(std::string_view record, std::vector<FieldValue>& out) override {
    const std::size_t nobody = time_of_nobody(record);
    if (nobody != std::string_view::npos && !reads_on_ && !fields_in_front_ &&
        is_digit(record[0])) {
      return true;
    }
    std::array<Range, fields> ranges;
    const std::size_t open = nobody != std::string_view::npos ? nobody : find_time(record);
    if (open == std::string_view::npos) {
      return false;
    }
    if (open == nobody) {
      ranges[host] = {0, open - 5};
      ranges[ident] = {open - 4, open - 3};
      ranges[user] = {open - 2, open - 1};
    } else if (!split_front(record.substr(0, open - 1), ranges)) {
      return false;
    }
    ranges[time] = {open + 1, open + 27};
    const std::size_t quote = open + 29;
    if (at(record, quote - 1) != ' ' || at(record, quote) != '"') {
      return false;
    }
    if (reads_on_ && !split_back(record, quote, ranges)) {
      return false;
    }
    const std::size_t known = reads_on_ ? std::size_t{fields} : std::size_t{request};
    for (std::size_t i = 0; i < known; ++i) {
      put(record, static_cast<Field>(i), ranges[i], out);
    }
    return true;
  }

 private:
  /// Where the time of most lines begins: a host, nobody logged in, the time, a request.
  static std::size_t time_of_nobody(std::string_view record) {
    constexpr std::string_view nobody = " - - [";
    constexpr std::string_view quote = " \"";
    constexpr std::size_t time_bytes = 28;
    const std::size_t space = find_near(record, ' ');
    if (space == 0 || space == std::string_view::npos ||
        record.size() - space < nobody.size() - 1 + time_bytes + quote.size()) {
      return std::string_view::npos;
    }
    const char* const behind = record.data() + space;
    const std::size_t open = space + nobody.size() - 1;
    const bool is_it = same_text({behind, nobody.size()}, nobody) && is_time(record, open) &&
                       same_text({record.data() + open + time_bytes, quote.size()}, quote);
    return is_it ? open : std::string_view::npos;
  }

  /// The time follows three words; a '[' of an IPv6 address or of a strange user is not it.
  static std::size_t find_time(std::string_view record) {
    constexpr std::size_t front = 1024;
    const std::string_view searched = record.substr(0, front);
    std::size_t open = searched.find('[');
    while (open != std::string_view::npos &&
           (open == 0 || searched[open - 1] != ' ' || !is_time(record, open))) {
      open = searched.find('[', open + 1);
    }
    return open;
  }

  /// host ident user: a proxy's list of hosts may hold spaces, and so may a user. The ident, which
  /// nobody uses, is the first "-" behind the host.
  static bool split_front(std::string_view front, std::array<Range, fields>& ranges) {
    std::size_t first = front.find(' ');
    if (first == std::string_view::npos || first == 0) {
      return false;
    }
    const std::size_t dash = front.find(" - ", first);
    if (dash != std::string_view::npos) {
      ranges[host] = {0, dash};
      ranges[ident] = {dash + 1, dash + 2};
      ranges[user] = {dash + 3, front.size()};
    } else {
      const std::size_t second = front.find(' ', first + 1);
      if (second == std::string_view::npos) {
        return false;
      }
      ranges[host] = {0, first};
      ranges[ident] = {first + 1, second};
      ranges[user] = {second + 1, front.size()};
    }
    return ranges[user].end > ranges[user].begin;
  }

  bool split_back(std::string_view record, std::size_t quote,
                  std::array<Range, fields>& ranges) const {
    const std::size_t end = closing_quote(record, quote + 1);
    if (end == std::string_view::npos || at(record, end + 1) != ' ') {
      return false;
    }
    ranges[request] = {quote + 1, end};
    std::size_t i = end + 2;
    for (const Field number : {status, bytes}) {
      std::size_t stop = i;
      while (is_digit(at(record, stop)) || at(record, stop) == '-') {
        ++stop;
      }
      if (stop == i) {
        return false;
      }
      ranges[number] = {i, stop};
      i = stop + 1;
    }
    if (!combined_) {
      return true;
    }
    for (const Field text : {referer, user_agent}) {
      if (at(record, i) != '"') {
        return false;
      }
      const std::size_t close = closing_quote(record, i + 1);
      if (close == std::string_view::npos) {
        return false;
      }
      ranges[text] = {i + 1, close};
      i = close + 2;
    }
    return true;
  }

  void put(std::string_view record, Field field, Range range, std::vector<FieldValue>& out) const {
    FieldRules::Rule rule = rules_[field];
    if (field == host && rule.transform == nullptr &&
        is_host_name(record.substr(range.begin, range.end - range.begin))) {
      rule = host_name_rule_;  // the name of a visitor's host is as personal as its address
      rule.only_if_no_address = true;
    }
    if (rule.transform == nullptr || range.begin == range.end ||
        (range.end - range.begin == 1 && record[range.begin] == '-')) {
      return;
    }
    out.push_back({.begin = static_cast<std::uint32_t>(range.begin),
                   .end = static_cast<std::uint32_t>(range.end),
                   .quoting = field >= request ? Quoting::backslashed : Quoting::bare,
                   .rule = rule});
  }

  static bool is_host_name(std::string_view host_field) {
    if (is_digit(at(host_field, 0))) {
      return false;
    }
    bool letters = false;
    for (const char c : host_field) {
      if (c == ':' || c == '[') {
        return false;
      }
      letters = letters || character::is_letter(c);
    }
    return letters;
  }

  std::array<FieldRules::Rule, fields> rules_;
  FieldRules::Rule host_name_rule_;
  bool combined_;
  bool reads_on_ = false;         ///< there are rules for fields behind the time
  bool fields_in_front_ = false;  ///< there are rules for host, ident or time
};

}  // namespace

std::unique_ptr<RecordReader> make_access_log_reader(const FieldRules& rules, bool combined) {
  return std::make_unique<AccessLogReader>(rules, combined);
}

}  // namespace trackier::anonymize
