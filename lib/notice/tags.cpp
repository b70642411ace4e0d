#include "notice/tags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "core/words.hpp"

namespace trackier::notice {
namespace {

constexpr std::string_view white = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(white);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char character) {
    return is_alphanumeric(character) || character == '_' || character == '.' || character == '-';
  });
}

class TagReader {
 public:
  explicit TagReader(std::string_view text) : text_{text} {}

  TagTree read() {
    while (next()) {
    }
    for (std::size_t i = open_.size(); i > 0; --i) {
      const Tag& left = open_[i - 1];
      flaw(left.place, fmt::format("the section {} is never closed", left.name),
           fmt::format("end it with {{{{/{}}}}}", left.name));
    }
    while (!open_.empty()) {
      close();
    }
    return std::move(tree_);
  }

 private:
  bool next() {
    const std::size_t begin = text_.find("{{", at_);
    move_to(begin);
    if (begin == std::string_view::npos) {
      return false;
    }
    const Place place{line_, begin - line_begin_ + 1};
    const std::size_t end = text_.find("}}", begin + 2);
    if (end == std::string_view::npos) {
      flaw(place, "the tag is never closed", "end it with }}");
      return false;
    }
    const std::string_view content = text_.substr(begin + 2, end - begin - 2);
    const bool three = content.starts_with('{');
    move_to(std::min(end + (three ? 3U : 2U), text_.size()));
    read_tag(content, place);
    return true;
  }

  void read_tag(std::string_view content, Place place) {
    const char sigil = content.empty() ? ' ' : content.front();
    if (sigil == '!') {
      return;
    }
    if (sigil == '{' || sigil == '&') {
      flaw(place, "an unescaped tag", "write {{name}}: every value is escaped");
      return;
    }
    if (sigil == '=') {
      flaw(place, "a tag that sets other delimiters", "use {{ and }}");
      return;
    }
    const bool marked = std::string_view{"#^/>"}.find(sigil) != std::string_view::npos;
    const std::string_view name = trimmed(content.substr(marked ? 1 : 0));
    if (!is_name(name)) {
      flaw(place, fmt::format("\"{}\" is no name of a field", printable(name, 60)),
           "names are letters, digits, dots and underscores");
      return;
    }
    if (sigil == '/') {
      end_section(name, place);
      return;
    }
    Tag tag{.kind = sigil == '#'   ? Tag::Kind::section
                    : sigil == '^' ? Tag::Kind::inverted
                    : sigil == '>' ? Tag::Kind::partial
                                   : Tag::Kind::variable,
            .name = std::string{name},
            .place = place,
            .inside = {},
            .may_number_a_list = false};
    if (tag.kind == Tag::Kind::section || tag.kind == Tag::Kind::inverted) {
      open_.push_back(std::move(tag));
      return;
    }
    tag.may_number_a_list =
        tag.kind == Tag::Kind::variable && only_marks_before_ && number_mark_follows();
    siblings().push_back(std::move(tag));
  }

  void end_section(std::string_view name, Place place) {
    if (open_.empty()) {
      flaw(place, fmt::format("the end of {}, which is not open", name), "remove it");
      return;
    }
    if (open_.back().name != name) {
      flaw(place,
           fmt::format("the end of {} where {} is open since line {}", name, open_.back().name,
                       open_.back().place.line),
           fmt::format("end it with {{{{/{}}}}} first", open_.back().name));
      return;
    }
    close();
  }

  void close() {
    Tag section = std::move(open_.back());
    open_.pop_back();
    siblings().push_back(std::move(section));
  }

  std::vector<Tag>& siblings() { return open_.empty() ? tree_.tags : open_.back().inside; }

  /// The text up to `to` is behind us: counts its lines.
  void move_to(std::size_t to) {
    const std::size_t end = std::min(to, text_.size());
    const bool tag = text_.substr(at_).starts_with("{{");
    for (; at_ < end; ++at_) {
      if (text_[at_] == '\n') {
        ++line_;
        line_begin_ = at_ + 1;
        only_marks_before_ = true;
      } else if (!tag && std::string_view{" \t-*+>"}.find(text_[at_]) == std::string_view::npos) {
        only_marks_before_ = false;
      }
    }
  }

  /// After the tags that follow at once, if any, stands what makes a number an item's.
  [[nodiscard]] bool number_mark_follows() const {
    std::size_t at = at_;
    while (text_.substr(at).starts_with("{{")) {
      const std::size_t end = text_.find("}}", at);
      if (end == std::string_view::npos) {
        return false;
      }
      at = end + 2;
    }
    return at < text_.size() && (text_[at] == '.' || text_[at] == ')');
  }

  void flaw(Place place, std::string what, std::string hint) {
    tree_.flaws.push_back({.place = place, .what = std::move(what), .hint = std::move(hint)});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t line_begin_ = 0;
  bool only_marks_before_ = true;  ///< the line so far: marks of lists and quotes, and tags
  std::vector<Tag> open_;
  TagTree tree_;
};

}  // namespace

TagTree read_tags(std::string_view text) {
  return TagReader{text}.read();
}

}  // namespace trackier::notice
