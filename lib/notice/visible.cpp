#include "notice/visible.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "core/words.hpp"
#include "notice/render.hpp"

namespace trackier::notice {
namespace {

using Kind = Field::Kind;

/// A number goes on over a separator: "80" is not in "80,000" or "1.80".
bool goes_on(std::string_view text, std::size_t at, std::ptrdiff_t step) {
  const auto is_word = [&](std::size_t where) {
    return where < text.size() &&
           (is_alphanumeric(text[where]) || static_cast<unsigned char>(text[where]) >= 0x80);
  };
  const auto is_digit = [&](std::size_t where) {
    return where < text.size() && text[where] >= '0' && text[where] <= '9';
  };
  if (is_word(at)) {
    return true;
  }
  const bool separates = at < text.size() && (text[at] == ',' || text[at] == '.');
  return separates && is_digit(at + static_cast<std::size_t>(step)) &&
         is_digit(at - static_cast<std::size_t>(step));
}

/// A value for each field, all different and none part of another.
class Sample {
 public:
  Sample(const Template& text, const std::set<std::string>& flags) {
    for (const Field& field : text.rules.fields) {
      if (field.kind == Kind::flag) {
        context_.set(field.name, flags.contains(field.name));
      }
    }
    for (const Field& field : text.rules.fields) {
      if (field.kind != Kind::flag && field.when.holds(context_)) {
        fill(field);
      }
    }
  }

  [[nodiscard]] const Value& context() const { return context_; }
  /// What has to be seen of each field.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& marks() const {
    return marks_;
  }

 private:
  std::string mark(const Field& field) {
    std::string made = fmt::format("mark{}x", marks_.size() + 1);
    marks_.emplace_back(field.name, made);
    return made;
  }

  void fill(const Field& field) {
    switch (field.kind) {
      case Kind::text:
        context_.set(field.name, mark(field));
        break;
      case Kind::phased:
        context_.set(field.name, Value::Object{{"value", mark(field)}, {"basis", mark(field)}});
        break;
      case Kind::list: {
        Value::Object item;
        for (const std::string& name : field.item_fields) {
          item.emplace(name, mark(field));
        }
        context_.set(field.name, Value::List{Value{std::move(item)}});
        break;
      }
      case Kind::list_optional:
        context_.set(field.name, Value::List{});
        break;
      case Kind::flag:
        break;
    }
  }

  Value context_;
  std::vector<std::pair<std::string, std::string>> marks_;
};

}  // namespace

bool is_shown(std::string_view text, std::string_view value) {
  const std::string whole = one_line(text);
  const std::string word = one_line(value);
  for (std::size_t at = whole.find(word); at != std::string::npos; at = whole.find(word, at + 1)) {
    const bool begins =
        at == 0 || word.empty() || !is_alphanumeric(word.front()) || !goes_on(whole, at - 1, -1);
    const bool ends =
        word.empty() || !is_alphanumeric(word.back()) || !goes_on(whole, at + word.size(), 1);
    if (begins && ends) {
      return true;
    }
  }
  return false;
}

std::vector<std::string> unseen_fields(const TemplateSet& set, const Template& text) {
  const std::vector<std::string> flags = text.rules.flags();
  std::vector<std::set<std::string>> settings{{}, {flags.begin(), flags.end()}};
  for (const std::string& flag : flags) {
    settings.push_back({flag});
  }
  std::vector<std::string> unseen;
  for (const auto& setting : settings) {
    const Sample sample{text, setting};
    Rendered made;
    try {
      made = render(set, text, sample.context());
    } catch (const Error& error) {
      if (error.code() != Code::data && error.code() != Code::config) {
        throw;
      }
      return {};  // lint() says why
    }
    const std::string seen = made.subject + "\n" + made.plain;
    for (const auto& [field, mark] : sample.marks()) {
      if (!is_shown(seen, mark) && std::ranges::find(unseen, field) == unseen.end()) {
        unseen.push_back(field);
      }
    }
  }
  return unseen;
}

}  // namespace trackier::notice
