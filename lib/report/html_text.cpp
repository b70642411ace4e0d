#include "report/html_text.hpp"

#include <algorithm>

#include "core/time.hpp"

namespace trackier::report {
namespace {

std::string replaced(std::string_view text, bool quotes) {
  std::string made;
  made.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    switch (c) {
      case '&':
        made += "&amp;";
        break;
      case '<':
        made += "&lt;";
        break;
      case '>':
        made += "&gt;";
        break;
      case '"':
        made += quotes ? "&quot;" : "\"";
        break;
      case '\'':
        made += quotes ? "&#39;" : "'";
        break;
      default:
        made += c;
    }
  }
  return made;
}

}  // namespace

std::string escaped(std::string_view text) {
  return replaced(text, true);
}

std::string escaped_data(std::string_view text) {
  return replaced(text, false);
}

std::string unescaped_data(std::string_view text) {
  std::string made;
  made.reserve(text.size());
  while (!text.empty()) {
    std::size_t length = 1;
    char c = text.front();
    if (text.starts_with("&lt;")) {
      c = '<';
      length = std::string_view{"&lt;"}.size();
    } else if (text.starts_with("&gt;")) {
      c = '>';
      length = std::string_view{"&gt;"}.size();
    } else if (text.starts_with("&amp;")) {
      length = std::string_view{"&amp;"}.size();
    }
    made += c;
    text.remove_prefix(length);
  }
  return made;
}

std::string time_for_people(std::string_view rfc3339) {
  if (!parse_rfc3339(rfc3339)) {
    return std::string{rfc3339};
  }
  constexpr std::size_t date = 10;
  constexpr std::size_t clock = 8;
  const std::string_view time = rfc3339.substr(date + 1, clock);
  const bool is_minute = time.ends_with(":00");
  return std::string{rfc3339.substr(0, date)} + " " +
         std::string{is_minute ? time.substr(0, time.size() - 3) : time} + " UTC";
}

std::string word_for_people(std::string_view word) {
  std::string made{word};
  std::ranges::replace(made, '_', ' ');
  return made;
}

}  // namespace trackier::report
