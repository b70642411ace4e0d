// Logs whose columns are named by lines of their own: W3C extended (IIS, Exchange, proxies), the
// access logs of CloudFront, and Zeek. https://www.w3.org/TR/WD-logfile.html;
// https://docs.zeek.org/en/master/log-formats.html
#include <algorithm>
#include <utility>

#include "anonymize/characters.hpp"
#include "anonymize/directives.hpp"
#include "anonymize/record_reader.hpp"
#include "core/text.hpp"

namespace trackier::anonymize {

namespace {

struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// The fields of a record. Where `quotes` count, one at the beginning of a field goes on to a quote
/// before a divider; quotes inside are doubled.
void split(std::string_view record, char divider, bool quotes, std::vector<Span>& fields) {
  fields.clear();
  std::size_t begin = 0;
  for (;;) {
    std::size_t end = std::string_view::npos;
    if (quotes && character::at(record, begin) == '"') {
      std::size_t quote = record.find('"', begin + 1);
      while (quote != std::string_view::npos && character::at(record, quote + 1) == '"') {
        quote = record.find('"', quote + 2);
      }
      if (quote != std::string_view::npos &&
          (quote + 1 == record.size() || record[quote + 1] == divider)) {
        end = quote + 1;
      } else {
        quotes = false;  // not of those that quote: what begins with one is a word like others
      }
    }
    if (end == std::string_view::npos) {
      end = std::min(record.find(divider, begin), record.size());
    }
    fields.push_back(
        {.begin = static_cast<std::uint32_t>(begin), .end = static_cast<std::uint32_t>(end)});
    if (end >= record.size()) {
      return;
    }
    begin = end + 1;
  }
}

std::vector<std::string_view> words(std::string_view text, std::string_view dividers) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(dividers), text.size());
    if (end > 0) {
      found.push_back(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

/// cs(User-Agent) -> user_agent, cs-username -> username: what the tool knows names by.
/// x-host-header and the like are left alone, for their prefix says nothing of who it was.
std::vector<std::string> names_of_w3c(std::string_view field) {
  std::vector<std::string> names{std::string{field}};
  const std::size_t open = field.find('(');
  if (open != std::string_view::npos && field.ends_with(')')) {
    std::string header = ascii_lower(field.substr(open + 1, field.size() - open - 2));
    std::ranges::replace(header, '-', '_');
    names.push_back(std::move(header));
  }
  const std::string lower = ascii_lower(field);
  for (const std::string_view prefix : {"cs-", "sc-", "rs-", "sr-", "c-", "s-", "r-", "x-"}) {
    if (lower.starts_with(prefix)) {
      names.push_back(lower.substr(prefix.size()));
      break;
    }
  }
  if (lower == "c-dns" || lower == "c-host") {
    names.emplace_back("ip");  // the name of a visitor's host is as personal as its address
  }
  return names;
}

std::vector<std::string> names_of_zeek(std::string_view field, std::string_view type) {
  std::vector<std::string> names{std::string{field}};
  if (const std::size_t dot = field.rfind('.'); dot != std::string_view::npos) {
    names.emplace_back(field.substr(dot + 1));
  }
  if (type == "addr") {
    names.emplace_back("ip");
  }
  return names;
}

/// "\x09": a byte, as Zeek writes it.
char separator_in(std::string_view value) {
  if (value.size() == 4 && value.starts_with("\\x") && character::is_hex(value[2]) &&
      character::is_hex(value[3])) {
    return static_cast<char>(character::hex_value(value[2]) * 16 + character::hex_value(value[3]));
  }
  return value.size() == 1 ? value[0] : '\t';
}

class ColumnLogReader : public RecordReader {
 public:
  ColumnLogReader(const FieldRules& rules, Format format) : rules_(rules), format_(format) {}

  void begin(std::string_view directives) override {
    if (directives == in_force_) {
      return;
    }
    in_force_ = directives;
    rules_of_columns_.clear();
    unset_ = "-";
    empty_ = "(empty)";
    divider_ = format_ == Format::w3c ? ' ' : '\t';
    while (!directives.empty()) {
      const std::size_t end = std::min(directives.find('\n'), directives.size());
      directive(directives.substr(0, end));
      directives.remove_prefix(std::min(end + 1, directives.size()));
    }
  }

  bool read(std::string_view record, std::vector<FieldValue>& out) override {
    if (record.empty()) {
      return true;
    }
    if (is_directive(record)) {
      Directives next;
      next.read(in_force_);
      next.read_line(record);
      const auto text = next.text();
      begin(text ? std::string_view{*text} : std::string_view{});
      return true;
    }
    if (rules_of_columns_.empty()) {
      return false;
    }
    split(record, divider_, format_ == Format::w3c, fields_);
    // Some servers end every line with a divider.
    if (fields_.size() == rules_of_columns_.size() + 1 &&
        fields_.back().begin == fields_.back().end) {
      fields_.pop_back();
    }
    if (fields_.size() != rules_of_columns_.size()) {
      return false;
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      put(record, fields_[i], rules_of_columns_[i], out);
    }
    return true;
  }

  [[nodiscard]] std::string_view dividers() const override { return {&divider_, 1}; }

  void divisions(std::string_view record, std::vector<std::uint32_t>& places) override {
    if (is_directive(record)) {
      return;
    }
    split(record, divider_, format_ == Format::w3c, fields_);
    for (const Span& field : fields_) {
      places.push_back(field.end);
    }
  }

 private:
  void directive(std::string_view line) {
    if (format_ == Format::zeek) {
      zeek_directive(line);
      return;
    }
    const std::string_view value = directive_value(line, "#Fields:");
    if (value.empty()) {
      return;
    }
    // Exchange divides by commas, a few by tabulators, CloudFront its records only.
    const bool commas = value.find(',') != std::string_view::npos;
    if (format_ == Format::w3c) {
      divider_ = commas ? ',' : value.find('\t') != std::string_view::npos ? '\t' : ' ';
    }
    for (const std::string_view name : words(value, commas ? "," : " \t")) {
      rules_of_columns_.push_back(
          rules_.for_names(names_of_w3c(name), rules_of_columns_.size() + 1));
    }
  }

  void zeek_directive(std::string_view line) {
    if (const auto separator = directive_value(line, "#separator"); !separator.empty()) {
      divider_ = separator_in(separator);
    } else if (const auto unset = directive_value(line, "#unset_field"); !unset.empty()) {
      unset_ = unset;
    } else if (const auto empty = directive_value(line, "#empty_field"); !empty.empty()) {
      empty_ = empty;
    } else if (const auto names = directive_value(line, "#fields"); !names.empty()) {
      names_.clear();
      rules_of_columns_.clear();
      for (const std::string_view name : words(names, {&divider_, 1})) {
        names_.emplace_back(name);
        rules_of_columns_.push_back(zeek_rule(name, {}, rules_of_columns_.size() + 1));
      }
    } else if (const auto types = directive_value(line, "#types"); !types.empty()) {
      const auto each = words(types, {&divider_, 1});
      for (std::size_t i = 0; i < each.size() && i < names_.size(); ++i) {
        rules_of_columns_[i] = zeek_rule(names_[i], each[i], i + 1);
      }
    }
  }

  /// A uid of Zeek is a connection's and joins its logs; elsewhere the name is a user's.
  [[nodiscard]] FieldRules::Rule zeek_rule(std::string_view name, std::string_view type,
                                           std::size_t column) const {
    const FieldRules::Rule rule = rules_.for_names(names_of_zeek(name, type), column);
    return rule.kind == Kind::id && name == "uid" ? FieldRules::Rule{} : rule;
  }

  void put(std::string_view record, Span field, const FieldRules::Rule& rule,
           std::vector<FieldValue>& out) const {
    if (rule.transform == nullptr) {
      return;
    }
    const bool quoted = format_ == Format::w3c && field.end - field.begin >= 2 &&
                        record[field.begin] == '"' && record[field.end - 1] == '"';
    field.begin += quoted ? 1 : 0;
    field.end -= quoted ? 1 : 0;
    const std::string_view value = record.substr(field.begin, field.end - field.begin);
    if (value.empty() || value == unset_ || value == empty_ || value == "-") {
      return;
    }
    out.push_back({.begin = field.begin,
                   .end = field.end,
                   .quoting = quoted ? Quoting::csv_quoted : Quoting::bare,
                   .rule = rule});
  }

  const FieldRules& rules_;
  Format format_;
  std::string in_force_;  ///< the directives
  char divider_ = ' ';
  std::string unset_ = "-";
  std::string empty_ = "(empty)";
  std::vector<std::string> names_;  ///< Zeek's, which wait for their types
  std::vector<FieldRules::Rule> rules_of_columns_;
  std::vector<Span> fields_;  ///< of the record at hand
};

}  // namespace

std::unique_ptr<RecordReader> make_column_log_reader(const FieldRules& rules, Format format) {
  return std::make_unique<ColumnLogReader>(rules, format);
}

}  // namespace trackier::anonymize
