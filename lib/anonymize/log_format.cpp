#include "anonymize/log_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "anonymize/characters.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::anonymize {

namespace {

using Variable = LogFormat::Variable;

[[noreturn]] void refuse(std::size_t at, const std::string& what, const std::string& hint) {
  throw Error{Code::config, fmt::format("column {}: {}", at + 1, what), hint};
}

/// A text in which every byte remembers its column in what the operator has written.
struct Traced {
  std::string text;
  std::vector<std::size_t> columns;

  void add(char c, std::size_t column) {
    text.push_back(c);
    columns.push_back(column);
  }
  [[nodiscard]] std::size_t column(std::size_t at) const {
    return at < columns.size() ? columns[at] : columns.empty() ? 0 : columns.back() + 1;
  }
};

/// Takes the directive around the string apart.
class Unwrapped {
 public:
  explicit Unwrapped(std::string_view text) : text_(text) {
    skip_blanks();
    if (take_word("log_format")) {
      nginx_ = true;
      take_name();
    } else if (take_word("LogFormat")) {
      apache_ = true;
    }
    take_escape();
    skip_blanks();
    const char quote = character::at(text_, at_);
    const bool pieces = quote == '\'' || (quote == '"' && is_wrapped());
    if (!pieces) {
      while (at_ < text_.size()) {
        string_.add(text_[at_], at_);
        ++at_;
      }
      return;
    }
    while (character::at(text_, at_) == '\'' || character::at(text_, at_) == '"') {
      take_piece();
      skip_blanks();
      if (apache_) {
        return;  // the nickname follows
      }
    }
    if (at_ < text_.size() && text_[at_] != ';') {
      refuse(at_, "a quoted piece or a semicolon has to follow", "quote the whole string");
    }
  }

  [[nodiscard]] const Traced& string() const { return string_; }
  [[nodiscard]] LogFormat::Escape escape() const { return escape_; }
  [[nodiscard]] bool nginx() const { return nginx_; }
  [[nodiscard]] bool apache() const { return apache_; }

 private:
  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool take_word(std::string_view word) {
    const std::string_view rest = text_.substr(at_);
    if (!rest.starts_with(word) ||
        (rest.size() > word.size() && rest[word.size()] != ' ' && rest[word.size()] != '\t')) {
      return false;
    }
    at_ += word.size();
    skip_blanks();
    return true;
  }

  void take_name() {
    while (at_ < text_.size() && text_[at_] != ' ' && text_[at_] != '\t' && text_[at_] != '\n') {
      ++at_;
    }
    skip_blanks();
  }

  void take_escape() {
    constexpr std::string_view option = "escape=";
    if (!text_.substr(at_).starts_with(option)) {
      return;
    }
    const std::size_t begin = at_ + option.size();
    take_name();
    const std::string_view value = trimmed(text_.substr(begin, at_ - begin));
    if (value == "json") {
      escape_ = LogFormat::Escape::json;
    } else if (value == "none") {
      escape_ = LogFormat::Escape::none;
    } else if (value != "default") {
      refuse(begin, "escape is one of default, json and none",
             "write escape=json, or leave it out");
    }
    nginx_ = true;
  }

  static std::string_view trimmed(std::string_view text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
  }

  /// Whether the quote here is around the string and not the first byte of it: only escaped quotes
  /// follow, but for the last.
  [[nodiscard]] bool is_wrapped() const {
    if (nginx_ || apache_) {
      return true;
    }
    std::size_t end = text_.find('"', at_ + 1);
    while (end != std::string_view::npos && character::is_escaped(text_, end)) {
      end = text_.find('"', end + 1);
    }
    return end != std::string_view::npos &&
           text_.find_first_not_of(" \t\r\n;", end + 1) == std::string_view::npos;
  }

  void take_piece() {
    const char quote = text_[at_];
    const std::size_t open = at_++;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && (character::at(text_, at_ + 1) == quote ||
                                 (!apache_ && character::at(text_, at_ + 1) == '\\'))) {
        ++at_;
      }
      string_.add(text_[at_], at_);
      ++at_;
    }
    if (at_ == text_.size()) {
      refuse(open, "this quote is not closed", "close it, and pass the string as one argument");
    }
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Traced string_;
  LogFormat::Escape escape_ = LogFormat::Escape::backslash;
  bool nginx_ = false;
  bool apache_ = false;
};

std::string name_of_header(std::string_view header) {
  std::string name = ascii_lower(header);
  std::ranges::replace(name, '-', '_');
  return name;
}

/// Literals and variables as they come; finished when every variable knows what is behind it.
class Builder {
 public:
  void literal(char c) {
    if (made_.variables.empty()) {
      made_.in_front.push_back(c);
    } else {
      made_.variables.back().behind.push_back(c);
    }
  }

  void variable(std::vector<std::string> names, std::size_t column) {
    if (!made_.variables.empty() && made_.variables.back().behind.empty()) {
      refuse(column,
             fmt::format("nothing stands between {} and {}, so that no record could be divided",
                         made_.variables.back().names.front(), names.front()),
             "have the server write a blank or a quote between them, and use that string");
    }
    const std::string_view before = made_.variables.empty()
                                        ? std::string_view{made_.in_front}
                                        : std::string_view{made_.variables.back().behind};
    Variable made{.names = std::move(names), .behind = {}};
    made.quoted = before.ends_with('"');
    made_.variables.push_back(std::move(made));
  }

  Variable& last() { return made_.variables.back(); }

  LogFormat finish(LogFormat::Escape escape) {
    if (made_.variables.empty()) {
      refuse(0, "it names no variable",
             "write it as the server has it: '$remote_addr - $remote_user [$time_local] ...' or "
             "'%h %l %u %t ...'");
    }
    for (Variable& each : made_.variables) {
      each.quoted = each.quoted && each.behind.starts_with('"');
      const auto& name = each.names.front();
      each.list = !each.quoted && (name.starts_with("upstream_") ||
                                   name.find("forwarded_for") != std::string::npos);
    }
    made_.escape = escape;
    return std::move(made_);
  }

 private:
  LogFormat made_;
};

std::vector<std::string> names_in_nginx(std::string_view variable) {
  std::vector<std::string> names{std::string{variable}};
  for (const std::string_view prefix : {"sent_http_", "upstream_http_", "http_", "upstream_cookie_",
                                        "cookie_", "arg_", "proxy_add_"}) {
    if (variable.starts_with(prefix) && variable.size() > prefix.size()) {
      names.emplace_back(variable.substr(prefix.size()));
      break;
    }
  }
  constexpr auto others = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"remote_user", "user"},
      {"http_referer", "referer"},
      {"realip_remote_addr", "remote_addr"},
      {"proxy_protocol_addr", "remote_addr"},
      {"ssl_client_s_dn", "name"},
      {"ssl_client_s_dn_legacy", "name"},
      {"ssl_session_id", "session_id"},
      {"time_local", "time"},
      {"time_iso8601", "time"},
      {"body_bytes_sent", "bytes"},
  });
  for (const auto& [own, other] : others) {
    if (variable == own && names.back() != other) {
      names.emplace_back(other);
    }
  }
  return names;
}

bool is_variable_byte(char c) {
  return character::is_alnum(c) || c == '_';
}

LogFormat compile_nginx(const Traced& string, LogFormat::Escape escape) {
  const std::string_view text = string.text;
  Builder builder;
  std::size_t i = 0;
  while (i < text.size()) {
    const bool braces = character::at(text, i + 1) == '{';
    const std::size_t begin = i + (braces ? 2 : 1);
    if (text.substr(i).starts_with("\\t")) {
      builder.literal('\t');
      i += 2;
      continue;
    }
    if (text[i] != '$' || !is_variable_byte(character::at(text, begin))) {
      builder.literal(text[i++]);
      continue;
    }
    std::size_t end = begin;
    while (is_variable_byte(character::at(text, end))) {
      ++end;
    }
    if (braces && character::at(text, end) != '}') {
      refuse(string.column(i), "this brace is not closed", "write ${name}");
    }
    builder.variable(names_in_nginx(text.substr(begin, end - begin)), string.column(i));
    i = end + (braces ? 1 : 0);
  }
  LogFormat made = builder.finish(escape);
  const std::size_t first = made.in_front.find_first_not_of(" \t");
  made.json = first != std::string::npos && made.in_front[first] == '{';
  return made;
}

/// The directives of Apache without an argument.
std::vector<std::string> names_in_apache(std::string_view directive) {
  struct Directive {
    std::string_view letters;
    std::string_view name;
    std::string_view other;
  };
  constexpr auto known = std::to_array<Directive>({
      {"a", "remote_addr", "host"},
      {"A", "local_addr", ""},
      {"B", "bytes", "body_bytes_sent"},
      {"b", "bytes", "body_bytes_sent"},
      {"D", "duration", "request_time"},
      {"f", "filename", ""},
      {"h", "host", "remote_host"},
      {"H", "protocol", "server_protocol"},
      {"k", "keepalives", ""},
      {"l", "ident", "remote_logname"},
      {"L", "log_id", ""},
      {"m", "method", "request_method"},
      {"p", "port", "server_port"},
      {"P", "pid", ""},
      {"q", "query_string", "args"},
      {"r", "request", ""},
      {"R", "handler", ""},
      {"s", "status", ""},
      {"t", "time", "time_local"},
      {"T", "seconds", "request_time"},
      {"u", "user", "remote_user"},
      {"U", "uri", "path"},
      {"v", "server_name", ""},
      {"V", "server_name", "http_host"},
      {"X", "connection_status", ""},
      {"I", "bytes_received", ""},
      {"O", "bytes_sent", ""},
      {"S", "bytes_transferred", ""},
      {"^FB", "first_byte", ""},
  });
  const auto* found = std::ranges::find(known, directive, &Directive::letters);
  if (found == known.end()) {
    return {};
  }
  std::vector<std::string> names{std::string{found->name}};
  if (!found->other.empty()) {
    names.emplace_back(found->other);
  }
  if (directive == "h") {
    names.emplace_back("ip");  // with HostnameLookups the name of a visitor's host
  }
  return names;
}

/// %{argument}X.
std::vector<std::string> names_in_apache(std::string_view directive, std::string_view argument) {
  const std::string header = name_of_header(argument);
  if (directive == "i" || directive == "^ti") {
    return {header, "http_" + header};
  }
  if (directive == "o" || directive == "^to") {
    return {"sent_http_" + header, header};
  }
  if (directive == "C") {
    return {"cookie_" + std::string{argument}, std::string{argument}};
  }
  if (directive == "e" || directive == "n" || directive == "x" || directive == "c") {
    return {std::string{argument}, header};
  }
  if (directive == "a" || directive == "h" || directive == "p" || directive == "P" ||
      directive == "t" || directive == "T") {
    return names_in_apache(directive);
  }
  return {};
}

class ApacheCompiler {
 public:
  explicit ApacheCompiler(const Traced& string) : string_(string), text_(string.text) {}

  LogFormat compile() {
    while (i_ < text_.size()) {
      if (text_[i_] == '%') {
        directive();
      } else if (text_[i_] == '\\') {
        escape();
      } else {
        builder_.literal(text_[i_++]);
      }
    }
    return builder_.finish(LogFormat::Escape::backslash);
  }

 private:
  void escape() {
    const char next = character::at(text_, i_ + 1);
    const std::string_view from = "\"\\tn";
    const std::string_view to = "\"\\\t\n";
    const std::size_t which = next == '\0' ? std::string_view::npos : from.find(next);
    if (which == std::string_view::npos) {
      builder_.literal(text_[i_++]);
      return;
    }
    builder_.literal(to[which]);
    i_ += 2;
  }

  void directive() {
    const std::size_t column = string_.column(i_);
    ++i_;
    if (character::at(text_, i_) == '%') {
      builder_.literal('%');
      ++i_;
      return;
    }
    // Conditions on the status, and which of an internal redirect's requests is meant.
    while (i_ < text_.size() && (character::is_digit(text_[i_]) || text_[i_] == ',' ||
                                 text_[i_] == '!' || text_[i_] == '<' || text_[i_] == '>')) {
      ++i_;
    }
    std::optional<std::string_view> argument;
    if (character::at(text_, i_) == '{') {
      const std::size_t close = text_.find('}', i_);
      if (close == std::string_view::npos) {
        refuse(column, "this brace is not closed", "write %{Name}i");
      }
      argument = text_.substr(i_ + 1, close - i_ - 1);
      i_ = close + 1;
      while (i_ < text_.size() && (text_[i_] == '<' || text_[i_] == '>')) {
        ++i_;
      }
    }
    const std::size_t letters = character::at(text_, i_) == '^' ? 3 : 1;
    const std::string_view directive = text_.substr(std::min(i_, text_.size()), letters);
    i_ = std::min(i_ + letters, text_.size());
    auto names = argument ? names_in_apache(directive, *argument) : names_in_apache(directive);
    if (names.empty()) {
      refuse(column,
             fmt::format("Apache has no directive %{}{}", argument ? "{...}" : "",
                         printable(directive)),
             "see the manual of mod_log_config");
    }
    const bool time = directive == "t" && !argument;
    if (time) {
      builder_.literal('[');  // which belongs to what %t writes
    }
    builder_.variable(std::move(names), column);
    if (time) {
      builder_.literal(']');
    } else if (directive == "t") {  // a time in a format of its own holds the blanks of that
      builder_.last().endings_inside =
          static_cast<std::uint32_t>(std::ranges::count(*argument, ' '));
    }
  }

  const Traced& string_;
  std::string_view text_;
  std::size_t i_ = 0;
  Builder builder_;
};

/// The next place where the value of `variable` ends, at or behind `from`.
std::size_t find_end(const LogFormat& format, const Variable& variable, std::string_view record,
                     std::size_t from) {
  const bool backslashes = variable.quoted && format.escape != LogFormat::Escape::none;
  const bool list = variable.list && variable.behind[0] == ' ';
  std::size_t inside = variable.behind == " " ? variable.endings_inside : 0;
  std::size_t begin = from;
  std::size_t at = record.find(variable.behind, from);
  while (at != std::string_view::npos) {
    bool ends = true;
    if (backslashes) {  // counted from where the value begins, or the last quote: each byte once
      std::size_t slashes = 0;
      while (at - slashes > begin && record[at - slashes - 1] == '\\') {
        ++slashes;
      }
      ends = slashes % 2 == 0;
    } else if (list && at > from) {  // "a, b" and nginx' "a : b"
      ends = record[at - 1] != ',' && !record.substr(at).starts_with(" : ") &&
             !record.substr(0, at).ends_with(" :");
    } else if (inside > 0) {
      --inside;
      ends = false;
    }
    if (ends) {
      return at;
    }
    begin = at + 1;
    at = record.find(variable.behind, at + 1);
  }
  return at;
}

}  // namespace

LogFormat compile_log_format(std::string_view text) {
  const Unwrapped unwrapped{text};
  const std::string_view string = unwrapped.string().text;
  bool nginx = unwrapped.nginx();
  if (!nginx && !unwrapped.apache()) {
    for (std::size_t i = string.find('$'); i != std::string_view::npos && !nginx;
         i = string.find('$', i + 1)) {
      const char next = character::at(string, i + 1);
      nginx = character::is(next, character::lower) || next == '{';
    }
  }
  return nginx ? compile_nginx(unwrapped.string(), unwrapped.escape())
               : ApacheCompiler{unwrapped.string()}.compile();
}

bool match_log_format(const LogFormat& format, std::string_view record,
                      std::optional<std::size_t> needed, std::vector<ValueRange>& values) {
  values.clear();
  if (!record.starts_with(format.in_front)) {
    return false;
  }
  std::size_t at = format.in_front.size();
  for (const Variable& variable : format.variables) {
    std::size_t end = record.size();
    const bool last = &variable == &format.variables.back();
    if (!variable.behind.empty()) {
      end = find_end(format, variable, record, at);
    } else if (needed) {
      end = std::min(record.find(' ', at), record.size());
    }
    if (end == std::string_view::npos) {
      // The record may be of a version of the format with fewer fields.
      const bool enough = needed && values.size() + 1 >= *needed;
      const bool cut_quote = variable.quoted && !record.ends_with('"');
      if (!enough || cut_quote) {
        return false;
      }
      end = record.size() - (variable.quoted ? 1 : 0);
      if (end < at) {
        return false;
      }
      values.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)});
      return true;
    }
    values.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)});
    at = end + variable.behind.size();
    if (last) {
      return needed || at == record.size();
    }
  }
  return true;
}

}  // namespace trackier::anonymize
