// CSV (RFC 4180) and TSV, with or without a header.
#include <algorithm>
#include <array>
#include <utility>

#include "anonymize/characters.hpp"
#include "anonymize/record_reader.hpp"

namespace trackier::anonymize {

namespace {

class DelimitedReader : public RecordReader {
 public:
  DelimitedReader(const FieldRules& rules, const Columns& columns)
      : delimiter_(columns.delimiter), count_(columns.count) {
    for (std::size_t i = 0; i < columns.count; ++i) {
      const std::string_view name =
          i < columns.names.size() ? std::string_view{columns.names[i]} : std::string_view{};
      rules_.push_back(rules.for_name(name, i + 1));
    }
  }

  bool read(std::string_view record, std::vector<FieldValue>& out) override {
    if (record.empty()) {
      return true;
    }
    if (!split_delimited(record, delimiter_, fields_) || fields_.size() != count_) {
      return false;
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const DelimitedField& field = fields_[i];
      const std::uint32_t quote = field.quoted ? 1 : 0;
      const std::string_view value =
          record.substr(field.begin + quote, field.end - field.begin - 2 * quote);
      if (rules_[i].transform == nullptr || value.empty() || value == "-") {
        continue;
      }
      out.push_back({.begin = field.begin + quote,
                     .end = field.end - quote,
                     .quoting = field.quoted ? Quoting::csv_quoted : Quoting::bare,
                     .rule = rules_[i]});
    }
    return true;
  }

 private:
  char delimiter_;
  std::size_t count_;
  std::vector<FieldRules::Rule> rules_;
  std::vector<DelimitedField> fields_;  // of the record at hand
};

/// Where a field of a record, which is without its line end, ends: at its delimiter, a line feed or
/// the end of the record. `open` tells whether a quote is left open, `clean` whether the quotes are
/// where RFC 4180 wants them.
struct FieldEnd {
  std::size_t end;
  bool open;
  bool clean;
};

FieldEnd field_end(std::string_view text, std::size_t begin, char delimiter) {
  std::size_t i = begin;
  bool clean = true;
  if (character::at(text, i) == '"') {
    ++i;
    for (;;) {
      i = text.find('"', i);
      if (i == std::string_view::npos) {
        return {text.size(), true, false};
      }
      if (character::at(text, i + 1) != '"') {
        break;
      }
      i += 2;
    }
    ++i;
    clean = i == text.size() || text[i] == delimiter;
  }
  while (i < text.size() && text[i] != delimiter && text[i] != '\n') {
    ++i;
  }
  return {i, false, clean};
}

}  // namespace

bool split_delimited(std::string_view record, char delimiter, std::vector<DelimitedField>& fields) {
  fields.clear();
  bool clean = true;
  for (std::size_t begin = 0;;) {
    const FieldEnd found = field_end(record, begin, delimiter);
    clean = clean && found.clean && !found.open;
    fields.push_back({.begin = static_cast<std::uint32_t>(begin),
                      .end = static_cast<std::uint32_t>(found.end),
                      .quoted = found.clean && character::at(record, begin) == '"'});
    if (found.end >= record.size() || record[found.end] != delimiter) {
      return clean && found.end >= record.size();
    }
    begin = found.end + 1;
  }
}

std::size_t DelimitedScan::record_end(std::string_view text) {
  while (at_ < text.size()) {
    const char c = text[at_];
    if (state_ == State::quoted) {
      at_ = std::min(text.find('"', at_), text.size());
      if (at_ < text.size()) {
        state_ = State::perhaps_closed;
        ++at_;
      }
      continue;
    }
    ++at_;
    if (c == '"' && state_ != State::bare) {  // opens a field, or is doubled inside of one
      state_ = State::quoted;
    } else if (c == delimiter_) {
      state_ = State::begin;
    } else if (c == '\n') {
      state_ = State::begin;
      return std::exchange(at_, 0);
    } else {
      state_ = State::bare;
    }
  }
  return std::string_view::npos;
}

std::size_t delimited_record_end(std::string_view text, char delimiter) {
  return DelimitedScan{delimiter}.record_end(text);
}

void ends_of_queries(std::string_view record, char delimiter, std::vector<std::uint32_t>& ends) {
  std::vector<DelimitedField> fields;
  split_delimited(record, delimiter, fields);
  for (const DelimitedField& field : fields) {
    const std::string_view text = record.substr(field.begin, field.end - field.begin);
    if (!field.quoted && text.find_first_of("?&") != std::string_view::npos) {
      ends.push_back(field.end);
    }
  }
}

std::vector<Match> cut_at_fields(std::string_view record, std::uint32_t offset, char delimiter,
                                 std::span<const Match> matches) {
  std::vector<DelimitedField> fields;
  split_delimited(record, delimiter, fields);
  std::vector<Match> parts;
  for (const Match& match : matches) {
    for (const DelimitedField& field : fields) {
      const std::uint32_t quote = field.quoted ? 1 : 0;
      const std::uint32_t begin = std::max(match.begin, offset + field.begin + quote);
      const std::uint32_t end = std::min(match.end, offset + field.end - quote);
      if (begin == match.begin && end == match.end) {
        parts.push_back(match);
      } else if (begin < end) {
        parts.push_back({.begin = begin, .end = end, .kind = match.kind});
      }
    }
  }
  return parts;
}

std::vector<Match> cut_at_marks(std::string_view text, char delimiter,
                                std::span<const Match> matches) {
  const std::array<char, 2> marks{delimiter, '"'};
  std::vector<Match> parts;
  for (const Match& match : matches) {
    const std::string_view value = text.substr(match.begin, match.end - match.begin);
    if (value.find_first_of(marks.data(), 0, marks.size()) == std::string_view::npos) {
      parts.push_back(match);
      continue;
    }
    std::size_t begin = 0;
    while (begin < value.size()) {
      const std::size_t end =
          std::min(value.find_first_of(marks.data(), begin, marks.size()), value.size());
      if (begin < end) {
        parts.push_back({.begin = match.begin + static_cast<std::uint32_t>(begin),
                         .end = match.begin + static_cast<std::uint32_t>(end),
                         .kind = match.kind});
      }
      begin = end + 1;
    }
  }
  return parts;
}

std::string unquoted(std::string_view field) {
  if (field.size() < 2 || field.front() != '"' || field.back() != '"') {
    return std::string{field};
  }
  std::string text;
  for (std::size_t i = 1; i + 1 < field.size(); ++i) {
    text.push_back(field[i]);
    i += field[i] == '"' ? 1U : 0U;
  }
  return text;
}

std::unique_ptr<RecordReader> make_delimited_reader(const FieldRules& rules,
                                                    const Columns& columns) {
  return std::make_unique<DelimitedReader>(rules, columns);
}

}  // namespace trackier::anonymize
