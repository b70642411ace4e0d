// JSON Lines: a walk over one JSON text (RFC 8259) that remembers where each value stands and
// changes nothing. Bytes in strings may be anything: what a logger wrote wrongly encoded is kept as
// it is.
#include <array>
#include <forward_list>

#include "anonymize/characters.hpp"
#include "anonymize/field_names.hpp"
#include "anonymize/json_documents.hpp"
#include "anonymize/json_quotes.hpp"
#include "anonymize/json_text.hpp"
#include "anonymize/record_reader.hpp"
#include "anonymize/remembered_names.hpp"

namespace trackier::anonymize {

namespace {

using character::is_digit;

constexpr std::size_t deepest = 64;
constexpr unsigned most_layers = 3;  ///< of strings with JSON in them; as many as detectors undo

/// Room that is kept from record to record.
struct Room {
  RememberedNames names;
  std::array<std::string_view, deepest> path;
};

/// One record being read.
class Walk {
 public:
  Walk(const FieldRules& rules, Room& room, std::string_view text, Quotes quotes,
       std::vector<FieldValue>& out)
      : rules_(rules), room_(room), text_(text), quotes_(quotes), out_(out) {}

  /// A text in a string: `outer` is the walk that has come to it. Rules of the profile hold in it
  /// as if it were part of the record; for well-known names the detectors look.
  Walk(const Walk& outer, std::string_view text, Quotes quotes, std::vector<FieldValue>& out)
      : rules_(outer.rules_),
        room_(outer.room_),
        text_(text),
        quotes_(quotes),
        out_(out),
        depth_(outer.depth_),
        nested_(outer.nested_),
        layers_(outer.layers_ + 1) {}

  /// How many quotes have been passed.
  [[nodiscard]] std::size_t quotes_passed() const { return next_quote_; }

  bool record() {
    skip_space();
    if (at_end() || (text_[i_] != '{' && text_[i_] != '[')) {
      return false;
    }
    if (!value(rules_none())) {
      return false;
    }
    skip_space();
    return at_end();
  }

  /// What stands between two documents, or elements of an array around them, belongs to one of
  /// both.
  bool documents() {
    for (;;) {
      while (!at_end() && is_between_documents(text_[i_])) {
        ++i_;
      }
      if (at_end()) {
        return true;
      }
      if (!value(rules_none())) {
        return false;
      }
    }
  }

 private:
  static FieldRules::Rule rules_none() { return {}; }
  [[nodiscard]] bool at_end() const { return i_ >= text_.size(); }

  [[gnu::always_inline]] void skip_space() {
    if (i_ < text_.size() && static_cast<unsigned char>(text_[i_]) > ' ') {
      return;  // loggers write none
    }
    while (i_ < text_.size() &&
           (text_[i_] == ' ' || text_[i_] == '\t' || text_[i_] == '\r' || text_[i_] == '\n')) {
      ++i_;
    }
  }

  bool take(char wanted) {
    skip_space();
    if (at_end() || text_[i_] != wanted) {
      return false;
    }
    ++i_;
    return true;
  }

  bool value(const FieldRules::Rule& rule) {
    skip_space();
    if (at_end()) {
      return false;
    }
    switch (text_[i_]) {
      case '{':
        return object(rule);
      case '[':
        return array(rule);
      case '"':
        return string(rule);
      case 't':
        return word("true", rule);
      case 'f':
        return word("false", rule);
      case 'n':
        return word("null", {});
      default:
        return number(rule);
    }
  }

  /// A rule of the profile means true and false as any other value; a well-known name does not.
  bool word(std::string_view expected, const FieldRules::Rule& rule) {
    if (text_.substr(i_, expected.size()) != expected) {
      return false;
    }
    if (rule.transform != nullptr && rule.kind == Kind::field) {
      put(i_, i_ + expected.size(), Quoting::json_number, rule);
    }
    i_ += expected.size();
    return true;
  }

  /// Moves behind the closing quote of the string that begins at i_; the text between is left in
  /// first and last. Outside of strings a text has no other quotes, so that the next two are those.
  bool skip_string(std::size_t& first, std::size_t& last) {
    first = i_ + 1;
    ++next_quote_;
    for (;;) {
      last = next_quote_ < quotes_.places.size() ? quotes_.places[next_quote_] - quotes_.begin
                                                 : text_.size();
      if (last >= text_.size()) {
        return false;
      }
      ++next_quote_;
      if (text_[last - 1] != '\\' || !character::is_escaped(text_, last)) {
        break;
      }
    }
    i_ = last + 1;
    return !has_lines_ || text_.substr(first, last - first).find('\n') == std::string_view::npos;
  }

  void put(std::size_t begin, std::size_t end, Quoting quoting, const FieldRules::Rule& rule) {
    out_.push_back({.begin = static_cast<std::uint32_t>(begin),
                    .end = static_cast<std::uint32_t>(end),
                    .quoting = quoting,
                    .rule = rule});
  }

  bool string(const FieldRules::Rule& rule) {
    std::size_t first = 0;
    std::size_t last = 0;
    if (!skip_string(first, last)) {
      return false;
    }
    if (rule.transform != nullptr && last > first) {
      put(first, last, Quoting::json_string, rule);
    } else if (rules_.any() && layers_ < most_layers) {
      look_inside(first, last);
    }
    return true;
  }

  /// A string that is itself the text of an object or array, as loggers put one in a message.
  void look_inside(std::size_t first, std::size_t last) {
    const std::string_view raw = text_.substr(first, last - first);
    const std::size_t begin = raw.find_first_not_of(' ');
    if (begin == std::string_view::npos || (raw[begin] != '{' && raw[begin] != '[')) {
      return;
    }
    std::vector<std::uint32_t> places;
    const std::string inner = json_unescaped(raw, places);
    std::vector<std::uint32_t> quotes;
    find_quotes(inner, quotes);
    std::vector<FieldValue> found;
    Walk walk{*this, inner, {.places = quotes}, found};
    if (!walk.record()) {
      return;
    }
    for (FieldValue& field : found) {
      if (field.rule.transform != nullptr && field.rule.kind == Kind::field) {
        field.begin = static_cast<std::uint32_t>(first) + places[field.begin];
        field.end = static_cast<std::uint32_t>(first) + places[field.end];
        ++field.nested;
        out_.push_back(field);
      }
    }
  }

  bool number(const FieldRules::Rule& rule) {
    const std::size_t begin = i_;
    if (text_[i_] == '-') {
      ++i_;
    }
    const std::size_t digits = i_;
    skip_digits();
    const std::size_t whole = i_ - digits;
    if (whole == 0) {
      return false;
    }
    if (character::at(text_, i_) == '.') {
      ++i_;
      const std::size_t fraction = i_;
      skip_digits();
      if (i_ == fraction) {
        return false;
      }
    }
    if (character::to_lower(character::at(text_, i_)) == 'e') {
      ++i_;
      if (character::at(text_, i_) == '+' || character::at(text_, i_) == '-') {
        ++i_;
      }
      const std::size_t exponent = i_;
      skip_digits();
      if (i_ == exponent) {
        return false;
      }
    }
    constexpr std::size_t shortest_card = 13;
    if (rule.transform != nullptr || whole >= shortest_card) {
      put(begin, i_, Quoting::json_number, rule);
    }
    return true;
  }

  void skip_digits() {
    while (i_ < text_.size() && is_digit(text_[i_])) {
      ++i_;
    }
  }

  bool object(const FieldRules::Rule& outer) {
    if (nested_ == deepest) {
      return false;
    }
    ++nested_;
    ++i_;
    if (take('}')) {
      --nested_;
      return true;
    }
    for (;;) {
      skip_space();
      std::size_t first = 0;
      std::size_t last = 0;
      if (at_end() || text_[i_] != '"' || !skip_string(first, last) || !take(':')) {
        return false;
      }
      FieldRules::Rule rule = enter(text_.substr(first, last - first));
      // A rule of the profile for an object holds for everything in it that has none of its own.
      const bool of_object = !(rule.transform != nullptr && rule.kind == Kind::field) &&
                             outer.transform != nullptr && outer.kind == Kind::field;
      const bool of_name = rule.transform == nullptr && outer.transform != nullptr &&
                           outer.kind == Kind::name && is_part_of_name(room_.path[depth_ - 1]);
      if (of_object || of_name) {
        rule = outer;
      }
      const bool good = value(rule);
      --depth_;
      if (!good) {
        return false;
      }
      if (take('}')) {
        --nested_;
        return true;
      }
      if (!take(',')) {
        return false;
      }
    }
  }

  bool array(const FieldRules::Rule& rule) {
    if (nested_ == deepest) {
      return false;
    }
    ++nested_;
    ++i_;
    bool good = take(']');
    while (!good) {
      if (!value(rule)) {
        return false;
      }
      good = take(']');
      if (!good && !take(',')) {
        return false;
      }
    }
    --nested_;
    return true;
  }

  /// Puts the name that `key` is on the path; the rule of the path, or else of the name. A key may
  /// be written with escapes; rules mean what it says.
  FieldRules::Rule enter(std::string_view key) {
    const std::size_t place = names_seen_++;
    std::string_view name = key;
    FieldRules::Rule rule;
    if (const FieldRules::Rule* known = room_.names.rule_of(key, place)) {
      rule = *known;
    } else if (key.find('\\') == std::string_view::npos) {
      rule = rules_.for_known_name(key);
      room_.names.remember(key, place, rule);
    } else {
      name = decoded_keys_.emplace_front(json_unescaped(key));
      rule = rules_.for_known_name(name);
    }
    room_.path[depth_++] = name;
    if (rules_.any()) {
      const FieldRules::Rule own = rules_.own_for_path({room_.path.data(), depth_});
      rule = own.transform != nullptr ? own : rule;
    }
    return rule;
  }

  const FieldRules& rules_;
  Room& room_;
  std::string_view text_;
  Quotes quotes_;
  std::vector<FieldValue>& out_;
  bool has_lines_ = text_.find('\n') != std::string_view::npos;  ///< none may be in a string
  std::size_t i_ = 0;
  std::size_t next_quote_ = 0;  ///< of quotes_, the first one at or behind i_
  std::size_t names_seen_ = 0;
  std::size_t depth_ = 0;
  std::size_t nested_ = 0;
  unsigned layers_ = 0;  ///< strings around text_
  std::forward_list<std::string> decoded_keys_;
};

class JsonReader : public RecordReader {
 public:
  JsonReader(const FieldRules& rules, bool documents) : rules_(rules), documents_(documents) {}

  void know_quotes(std::string_view chunk, std::span<const std::uint32_t> quotes) override {
    quotes_.know(chunk, quotes);
  }

  bool read(std::string_view record, std::vector<FieldValue>& out) override {
    if (!record.starts_with('{') && record.find_first_not_of(" \t\r") == std::string_view::npos) {
      return true;
    }
    Walk walk{rules_, room_, record, quotes_.of(record), out};
    const bool good = documents_ ? walk.documents() : walk.record();
    quotes_.pass(walk.quotes_passed());
    return good;
  }

 private:
  const FieldRules& rules_;
  bool documents_;
  Room room_;
  QuotesOfRecords quotes_;
};

}  // namespace

std::unique_ptr<RecordReader> make_json_reader(const FieldRules& rules, bool documents) {
  return std::make_unique<JsonReader>(rules, documents);
}

}  // namespace trackier::anonymize
