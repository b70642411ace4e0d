#include "anonymize/log_format_text.hpp"

#include <fmt/format.h>

#include "anonymize/characters.hpp"
#include "core/error.hpp"

namespace trackier::anonymize {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

}  // namespace

void refuse_log_format(std::size_t at, const std::string& what, const std::string& hint) {
  throw Error{Code::config, fmt::format("column {}: {}", at + 1, what), hint};
}

LogFormatText::LogFormatText(std::string_view text) : text_(text) {
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
    refuse_log_format(at_, "a quoted piece or a semicolon has to follow", "quote the whole string");
  }
}

void LogFormatText::skip_blanks() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
    ++at_;
  }
}

bool LogFormatText::take_word(std::string_view word) {
  const std::string_view rest = text_.substr(at_);
  if (!rest.starts_with(word) ||
      (rest.size() > word.size() && rest[word.size()] != ' ' && rest[word.size()] != '\t')) {
    return false;
  }
  at_ += word.size();
  skip_blanks();
  return true;
}

void LogFormatText::take_name() {
  while (at_ < text_.size() && text_[at_] != ' ' && text_[at_] != '\t' && text_[at_] != '\n') {
    ++at_;
  }
  skip_blanks();
}

void LogFormatText::take_escape() {
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
    refuse_log_format(begin, "escape is one of default, json and none",
                      "write escape=json, or leave it out");
  }
  nginx_ = true;
}

/// Whether the quote here is around the string and not the first byte of it: only escaped quotes
/// follow, but for the last.
bool LogFormatText::is_wrapped() const {
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

void LogFormatText::take_piece() {
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
    refuse_log_format(open, "this quote is not closed",
                      "close it, and pass the string as one argument");
  }
  ++at_;
}

}  // namespace trackier::anonymize
