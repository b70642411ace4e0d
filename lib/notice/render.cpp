#include "notice/render.hpp"

#include <fmt/format.h>

#include <kainjow/mustache.hpp>

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/words.hpp"
#include "notice/check.hpp"
#include "notice/lint.hpp"
#include "notice/page.hpp"

namespace trackier::notice {
namespace {

using kainjow::mustache::data;

data data_of(const Value& value) {
  if (const std::string* text = value.text()) {
    return data{one_line(*text)};
  }
  if (const bool* flag = value.flag()) {
    return data{*flag};
  }
  if (const Value::List* list = value.list()) {
    data items{data::type::list};
    for (const Value& item : *list) {
      items.push_back(data_of(item));
    }
    return items;
  }
  data object{data::type::object};
  for (const auto& [name, item] : *value.object()) {
    object.set(name, data_of(item));
  }
  return object;
}

std::string filled(const std::string& name, const std::string& text, const data& facts,
                   const std::function<std::string(const std::string&)>& escape) {
  kainjow::mustache::mustache mustache{text};
  mustache.set_custom_escape(escape);
  std::string result = mustache.is_valid() ? mustache.render(facts) : std::string{};
  if (!mustache.is_valid()) {
    throw Error{Code::config, fmt::format("{}: {}", name, printable(mustache.error_message()))};
  }
  return result;
}

/// Stands for the "; " between the items of a list in one line; one_line() keeps it out of values.
constexpr char between = '\x01';

/// The text with its "; {{/" marked, so that the one behind the last item can be told from what
/// values say.
std::string marked(std::string text) {
  constexpr std::string_view mark = "; {{/";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    text.replace(at, 2, 1, between);
  }
  return text;
}

/// No spaces and no "; " of a list at the ends of lines, no more than one empty line in a row, none
/// at the beginning, one line break at the end.
std::string tidied(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (line.ends_with(' ') || line.ends_with('\t') || line.ends_with('\r') ||
           line.ends_with(between)) {
      line.remove_suffix(1);
    }
    if (line.empty() && (result.empty() || result.ends_with("\n\n"))) {
      continue;
    }
    for (const char character : line) {
      if (character == between) {
        result += "; ";
      } else {
        result += character;
      }
    }
    result += '\n';
  }
  while (result.ends_with("\n\n")) {
    result.pop_back();
  }
  return result;
}

void refuse_unsound(const TemplateSet& set, const Template& text) {
  for (const Problem& problem : lint(set, text)) {
    if (problem.prevents_rendering) {
      throw Error{Code::config, problem.message(), problem.hint};
    }
  }
}

void refuse_missing(const Template& text, const Value& context) {
  const std::vector<Missing> missing = missing_fields(text, context);
  if (!missing.empty()) {
    throw Error{Code::data, fmt::format("{}: {}", text.id, missing.front().message()),
                missing.size() == 1
                    ? std::string{"fill it in"}
                    : fmt::format("fill it in; there are {} more", missing.size() - 1)};
  }
}

/// A line break in a subject would begin another header.
void refuse_line_breaks(const Template& text, const Value& facts) {
  for (const Tag& tag : read_tags(text.subject).tags) {
    const Value* value = facts.find(tag.name);
    if (value != nullptr && value->text() != nullptr &&
        value->text()->find_first_of("\r\n") != std::string::npos) {
      throw Error{
          Code::data,
          fmt::format("{}: {} has a line break and stands in the subject", text.id, tag.name),
          "write it on one line"};
    }
  }
}

}  // namespace

std::string markdown_escaped(std::string_view value) {
  constexpr std::string_view always = "\\`*_{}[]<>#|!&~";
  constexpr std::string_view first = "-=";
  constexpr std::size_t most_digits = 9;  // CommonMark 5.2: longer numbers are no item's
  const std::string line = one_line(value);
  const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  const bool numbered = digits > 0 && digits <= most_digits && digits < line.size() &&
                        (line[digits] == '.' || line[digits] == ')');
  const bool plus = line == "+" || line.starts_with("+ ");  // a telephone number is no list
  std::string escaped;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (always.find(line[i]) != std::string_view::npos ||
        (i == 0 && first.find(line[i]) != std::string_view::npos) || (i == 0 && plus) ||
        (numbered && i == digits)) {
      escaped += '\\';
    }
    escaped += line[i];
  }
  return escaped;
}

Rendered render(const TemplateSet& set, const Template& text, const Value& context,
                std::string_view banner) {
  refuse_missing(text, context);
  refuse_unsound(set, text);
  const Value facts = needed_part(text, context);
  refuse_line_breaks(text, facts);
  data with_partials = data_of(facts);
  for (const auto& named : set.partials()) {
    with_partials.set(named.first,
                      data{kainjow::mustache::partial{[&named] { return named.second.text; }}});
  }
  const std::string mark = one_line(banner);
  Rendered rendered;
  rendered.subject = one_line(
      filled(text.id, text.subject, with_partials, [](const std::string& value) { return value; }));
  rendered.markdown = tidied(filled(text.file, marked(text.text), with_partials, markdown_escaped));
  if (!mark.empty()) {
    rendered.subject = fmt::format("[{}] {}", mark, rendered.subject);
    rendered.markdown = fmt::format("**{}**\n\n{}", markdown_escaped(mark), rendered.markdown);
  }
  rendered.html = html_page(rendered.subject, rendered.markdown);
  rendered.plain = plain_text(rendered.markdown);
  return rendered;
}

}  // namespace trackier::notice
