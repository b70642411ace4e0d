#include "anonymize/detect_format.hpp"

#include <algorithm>
#include <array>

#include "anonymize/characters.hpp"
#include "anonymize/detector.hpp"
#include "anonymize/json_documents.hpp"
#include "core/error.hpp"

namespace trackier::anonymize {

namespace {

constexpr std::size_t most_records = 200;

std::string_view without_mark(std::string_view text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

/// The first records of `text`, without line ends, but for a last one that is cut off.
std::vector<std::string_view> first_records(std::string_view text, bool whole,
                                            const Columns* columns) {
  std::vector<std::string_view> records;
  while (!text.empty() && records.size() < most_records) {
    const std::size_t line = text.find('\n');
    std::size_t end = columns != nullptr && columns->documents ? document_end(text)
                      : columns != nullptr ? delimited_record_end(text, columns->delimiter)
                      : line == std::string_view::npos ? line
                                                       : line + 1;
    if (end == std::string_view::npos) {
      if (!whole) {
        break;
      }
      end = text.size();
    }
    std::string_view record = text.substr(0, end);
    record.remove_suffix(record.ends_with('\n') ? 1 : 0);
    record.remove_suffix(record.ends_with('\r') ? 1 : 0);
    if (!record.empty()) {
      records.push_back(record);
    }
    text.remove_prefix(end);
  }
  return records;
}

/// A header is a record of names: no value that a detector knows, no number, nothing empty, nothing
/// twice.
std::vector<std::string> header_names(std::string_view record, char delimiter) {
  std::vector<DelimitedField> fields;
  if (!split_delimited(record, delimiter, fields)) {
    return {};
  }
  std::vector<std::string> names;
  for (const DelimitedField& field : fields) {
    std::string name = unquoted(record.substr(field.begin, field.end - field.begin));
    const bool begins_like_a_name =
        !name.empty() && (character::is_letter(name[0]) || name[0] == '_' || name[0] == '#' ||
                          character::is(name[0], character::high));
    const bool value_like = name.find_first_of("@:/=") != std::string::npos;
    if (!begins_like_a_name || value_like || name.size() > 64 ||
        std::ranges::find(names, name) != names.end()) {
      return {};
    }
    names.push_back(std::move(name));
  }
  PerKind<bool> all;
  all.fill(true);
  Detector detector{all, false, false};
  return detector.find(record).empty() ? names : std::vector<std::string>{};
}

FormatGuess try_delimiter(char delimiter, std::string_view text, bool whole) {
  FormatGuess guess{.format = delimiter == '\t' ? Format::tsv : Format::csv, .share = 0};
  guess.columns.delimiter = delimiter;
  const auto records = first_records(text, whole, &guess.columns);
  guess.records = records.size();
  std::vector<DelimitedField> fields;
  if (records.empty()) {
    return guess;
  }
  split_delimited(records[0], delimiter, fields);
  guess.columns.count = fields.size();
  guess.columns.names = header_names(records[0], delimiter);
  const auto fitting = std::ranges::count_if(records, [&](std::string_view record) {
    return split_delimited(record, delimiter, fields) && fields.size() == guess.columns.count;
  });
  guess.share = static_cast<double>(fitting) / static_cast<double>(records.size());
  return guess;
}

/// Of the first line that has one.
char delimiter_of(Format format, std::string_view text) {
  if (format == Format::tsv) {
    return '\t';
  }
  const std::size_t begin = std::min(text.find_first_not_of("\r\n"), text.size());
  const std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  return std::ranges::count(line, ';') > std::ranges::count(line, ',') ? ';' : ',';
}

/// The beginning of a JSON text, cut at its last comma and closed there: JSON if the text may be.
std::string closed_json(std::string_view cut) {
  std::string closers;           // of what is open, from the outside in
  std::string closers_at_comma;  // the same where the text is to be cut
  std::size_t end = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < cut.size(); ++i) {
    const char c = cut[i];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      i += c == '\\' ? 1U : 0U;
    } else if (c == '{' || c == '[') {
      closers.push_back(c == '{' ? '}' : ']');
    } else if ((c == '}' || c == ']') && !closers.empty()) {
      closers.pop_back();
    }
    const bool opens_first = closers.size() == 1 && end == 0;
    if (!in_string && (c == ',' || opens_first)) {
      end = i + (opens_first ? 1 : 0);
      closers_at_comma = closers;
    }
  }
  return std::string{cut.substr(0, end)}.append(closers_at_comma.rbegin(), closers_at_comma.rend());
}

/// Whether an object begins there that is cut off and would be JSON.
bool begins_as_json(std::string_view cut) {
  const std::size_t begin = std::min(cut.find_first_not_of(" \t\r\n\x1E["), cut.size());
  const std::size_t inside = std::min(cut.find_first_not_of(" \t\r\n", begin + 1), cut.size());
  if (!cut.substr(begin).starts_with('{') || !cut.substr(inside).starts_with('"')) {
    return false;
  }
  const Profile nothing{.known_names = false};
  const FieldRules rules{nothing};
  std::vector<FieldValue> fields;
  return make_json_reader(rules, true)->read(closed_json(cut.substr(begin)), fields);
}

/// Whole texts rather than lines; a record has to be an object, so that columns of numbers are
/// none.
FormatGuess try_documents(std::string_view text, bool whole) {
  FormatGuess guess{.format = Format::json, .share = 0};
  guess.columns.documents = true;
  auto records = first_records(text, whole, &guess.columns);
  std::erase_if(records, [](std::string_view record) {
    const DocumentRange range = document_in(record);
    return range.begin == range.end;
  });
  guess.records = records.size();
  if (records.empty()) {
    guess.records = !whole && begins_as_json(text) ? 1 : 0;
    guess.share = static_cast<double>(guess.records);
    return guess;
  }
  const Profile nothing{.known_names = false};
  const FieldRules rules{nothing};
  const auto reader = make_json_reader(rules, true);
  std::vector<FieldValue> fields;
  const auto fitting = std::ranges::count_if(records, [&](std::string_view record) {
    fields.clear();
    return record[document_in(record).begin] == '{' && reader->read(record, fields);
  });
  guess.share = static_cast<double>(fitting) / static_cast<double>(records.size());
  return guess;
}

/// A text without a line end is a line that is cut off, if one object is all there is of it.
FormatGuess try_cut_json(std::string_view text) {
  const bool is_line = text.starts_with('{') && document_end(text) == std::string_view::npos;
  FormatGuess guess = try_documents(text, false);
  guess.columns.documents = !is_line && guess.share > 0;
  return guess;
}

}  // namespace

FormatGuess try_format(Format format, std::string_view beginning, bool whole,
                       const std::string& log_format) {
  const std::string_view text = without_mark(beginning);
  if (format == Format::tsv) {
    return try_delimiter('\t', text, whole);
  }
  if (format == Format::csv) {
    const FormatGuess commas = try_delimiter(',', text, whole);
    const FormatGuess semicolons = try_delimiter(';', text, whole);
    return semicolons.columns.count > commas.columns.count && semicolons.share >= commas.share
               ? semicolons
               : commas;
  }
  FormatGuess guess{.format = format};
  guess.columns.log_format = log_format;
  const auto records = first_records(text, whole, nullptr);
  guess.records = records.size();
  if (records.empty() && !whole && format == Format::json) {
    return try_cut_json(text);
  }
  if (records.empty() || format == Format::plain) {
    return guess;
  }
  const Profile nothing{.known_names = false};
  const FieldRules rules{nothing};
  // The access log reader looks at the later fields only where a rule wants them; here they tell
  // common from combined.
  Profile every_field{.known_names = false};
  every_field.fields.push_back({.selector = "user_agent", .transform = {.action = Action::keep}});
  every_field.fields.push_back({.selector = "request", .transform = {.action = Action::keep}});
  const FieldRules strict_rules{every_field};
  const bool access_log = format == Format::common || format == Format::combined;
  const auto reader = make_reader(format, access_log ? strict_rules : rules, guess.columns);
  std::vector<FieldValue> fields;
  const auto fitting = std::ranges::count_if(records, [&](std::string_view record) {
    fields.clear();
    return reader->read(record, fields);
  });
  guess.share = static_cast<double>(fitting) / static_cast<double>(records.size());
  constexpr double lines_enough = 0.9;  // some may be cut off
  if (format == Format::json && guess.share < lines_enough) {
    FormatGuess documents = try_documents(text, whole);
    return documents.share > guess.share ? documents : guess;
  }
  return guess;
}

FormatGuess guess_format(std::string_view beginning, bool whole, double min_share) {
  for (const Format format :
       {Format::json, Format::zeek, Format::cloudfront, Format::w3c, Format::alb, Format::elb,
        Format::haproxy, Format::combined, Format::common, Format::syslog, Format::logfmt}) {
    FormatGuess guess = try_format(format, beginning, whole);
    if (guess.records > 0 && guess.share >= min_share) {
      return guess;
    }
  }
  for (const Format format : {Format::tsv, Format::csv}) {
    FormatGuess guess = try_format(format, beginning, whole);
    // Sentences have commas too: a table has a header, or many columns in every line.
    const bool table =
        guess.columns.count >= 2 && !guess.columns.names.empty() && guess.records >= 2;
    const bool wide = guess.columns.count >= 4 && guess.records >= 3 && guess.share == 1.0;
    if (guess.share >= min_share && (table || wide)) {
      return guess;
    }
  }
  FormatGuess plain;
  plain.records = first_records(beginning, whole, nullptr).size();
  return plain;
}

std::size_t first_record_end(Format format, std::string_view beginning) {
  const std::string_view text = without_mark(beginning);
  const std::size_t begin = text.find_first_not_of("\r\n");
  if (begin == std::string_view::npos) {
    return begin;
  }
  const std::size_t size = delimited_record_end(text.substr(begin), delimiter_of(format, text));
  return size == std::string_view::npos ? size : beginning.size() - text.size() + begin + size;
}

Columns columns_of_first_record(Format format, std::string_view beginning) {
  const std::string_view text = without_mark(beginning);
  const std::size_t end = first_record_end(format, text);
  return try_delimiter(delimiter_of(format, text), text.substr(0, end), true).columns;
}

}  // namespace trackier::anonymize
