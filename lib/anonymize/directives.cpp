#include "anonymize/directives.hpp"

#include <algorithm>
#include <cstring>

namespace trackier::anonymize {

namespace {

/// In the order in which they have to be read.
constexpr std::array<std::string_view, 7> directive_names = {
    "#separator",   "#Fields:", "#set_separator", "#empty_field",
    "#unset_field", "#fields",  "#types"};

constexpr std::size_t separator_line = 0;
constexpr std::size_t fields_line = 5;
constexpr std::size_t types_line = 6;

}  // namespace

std::string_view directive_value(std::string_view line, std::string_view name) {
  if (!line.starts_with(name) || line.size() == name.size()) {
    return {};
  }
  line.remove_prefix(name.size());
  const std::size_t begin = name.ends_with(':') ? line.find_first_not_of(" \t") : 1;
  return begin == std::string_view::npos ? std::string_view{} : line.substr(begin);
}

void Directives::read_line(std::string_view line) {
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  for (std::size_t i = 0; i < directive_names.size(); ++i) {
    if (!line.starts_with(directive_names[i])) {
      continue;
    }
    if (i == separator_line) {
      lines_ = {};  // Zeek begins a header with it
    } else if (i == fields_line) {
      lines_[types_line].clear();
    }
    lines_[i] = line;
    text_.reset();
    return;
  }
}

void Directives::read(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const void* end = std::memchr(text.data() + at, '\n', text.size() - at);
    const std::size_t line =
        end == nullptr ? text.size()
                       : static_cast<std::size_t>(static_cast<const char*>(end) - text.data());
    if (text[at] == '#') {
      read_line(text.substr(at, line - at));
    }
    at = line + 1;
  }
}

std::shared_ptr<const std::string> Directives::text() const {
  if (!text_) {
    std::string all;
    for (const std::string& line : lines_) {
      all += line;
      all += line.empty() ? "" : "\n";
    }
    if (!all.empty()) {
      text_ = std::make_shared<const std::string>(std::move(all));
    }
  }
  return text_;
}

}  // namespace trackier::anonymize
