#include "anonymize/log_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "anonymize/characters.hpp"
#include "anonymize/log_format_names.hpp"
#include "anonymize/log_format_text.hpp"
#include "core/text.hpp"

namespace trackier::anonymize {

namespace {

using Variable = LogFormat::Variable;

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
      refuse_log_format(
          column,
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
      refuse_log_format(
          0, "it names no variable",
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

bool is_variable_byte(char c) {
  return character::is_alnum(c) || c == '_';
}

LogFormat compile_nginx(const TracedText& string, LogFormat::Escape escape) {
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
      refuse_log_format(string.column(i), "this brace is not closed", "write ${name}");
    }
    builder.variable(names_in_nginx(text.substr(begin, end - begin)), string.column(i));
    i = end + (braces ? 1 : 0);
  }
  LogFormat made = builder.finish(escape);
  const std::size_t first = made.in_front.find_first_not_of(" \t");
  made.json = first != std::string::npos && made.in_front[first] == '{';
  return made;
}

class ApacheCompiler {
 public:
  explicit ApacheCompiler(const TracedText& string) : string_(string), text_(string.text) {}

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
        refuse_log_format(column, "this brace is not closed", "write %{Name}i");
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
      refuse_log_format(column,
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

  const TracedText& string_;
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
  const LogFormatText unwrapped{text};
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
