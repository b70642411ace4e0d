#pragma once
/// The formats: how a chunk is divided into records, and where in a record the fields are that a
/// rule holds for.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anonymize/field_rules.hpp"
#include "anonymize/match.hpp"

namespace trackier::anonymize {

/// How the value of a field is written in the record, so that what replaces it is written the same
/// way.
enum class Quoting : std::uint8_t {
  bare,         ///< as it is
  json_string,  ///< between the quotes of a JSON string
  json_number,  ///< a JSON number, true or false; what is no number in its place is a string
  csv_quoted,   ///< between the quotes of a CSV field, quotes doubled
  backslashed,  ///< between quotes, with backslashes before quotes (logfmt, access logs)
  undone,       ///< an encoding that was undone: nothing that some format has a meaning for
};

/// Whether its records are divided by delimiters, with quotes around fields: csv and tsv.
constexpr bool is_delimited(Format format) {
  return format == Format::csv || format == Format::tsv;
}

/// A field that a rule holds for. A null transform marks a JSON number that is to be replaced as a
/// whole if a detector finds something in it.
struct FieldValue {
  std::uint32_t begin = 0;  ///< in the record
  std::uint32_t end = 0;
  Quoting quoting = Quoting::bare;
  Form form = Form::plain;  ///< of an address
  std::uint8_t nested = 0;  ///< in so many strings of JSON; quoting is that in the innermost text
  FieldRules::Rule rule;
};

/// One per thread; what it remembers from record to record saves work and changes nothing.
class RecordReader {
 public:
  RecordReader() = default;
  RecordReader(const RecordReader&) = delete;
  RecordReader& operator=(const RecordReader&) = delete;
  RecordReader(RecordReader&&) = delete;
  RecordReader& operator=(RecordReader&&) = delete;
  virtual ~RecordReader() = default;

  /// Appends the fields of `record` (without its line end) that rules hold for, in order, and
  /// returns whether the record is of this format.
  virtual bool read(std::string_view record, std::vector<FieldValue>& fields) = 0;

  /// A chunk begins, with what the directives before it have said of its columns; see Directives.
  virtual void begin(std::string_view /*directives*/) {}

  /// For a reader that looks for quotes: where in `chunk` every '"' is. Both must stay until its
  /// records have been read, or another chunk is told of. Records of other texts may be read, too.
  virtual void know_quotes(std::string_view /*chunk*/, std::span<const std::uint32_t> /*quotes*/) {}

  /// The bytes that divide fields, where no value reaches over such a division; empty for formats
  /// in which one may.
  [[nodiscard]] virtual std::string_view dividers() const { return {}; }

  /// Appends the places in `record` where fields are divided. Asked only of records that read() has
  /// called its own, right behind it.
  virtual void divisions(std::string_view /*record*/, std::vector<std::uint32_t>& /*places*/) {}

  /// Whether the record may go unread: plain text without rules.
  [[nodiscard]] virtual bool reads_nothing() const { return false; }
};

/// What the beginning of the input, or the operator, tells of a format.
struct Columns {
  char delimiter = ',';
  std::vector<std::string> names;  ///< empty when there is no header
  std::size_t count = 0;           ///< fields in a record
  bool documents = false;          ///< json: records are documents, not lines
  std::string log_format;          ///< of Format::log_format
};

/// rules must outlive the reader. Throws Error{Code::config} for a log_format that is none.
std::unique_ptr<RecordReader> make_reader(Format format, const FieldRules& rules,
                                          const Columns& columns);

std::unique_ptr<RecordReader> make_access_log_reader(const FieldRules& rules, bool combined);
std::unique_ptr<RecordReader> make_json_reader(const FieldRules& rules, bool documents);
std::unique_ptr<RecordReader> make_column_log_reader(const FieldRules& rules, Format format);
std::unique_ptr<RecordReader> make_log_format_reader(const FieldRules& rules,
                                                     const std::string& log_format);
std::unique_ptr<RecordReader> make_balancer_reader(const FieldRules& rules, Format format);
std::unique_ptr<RecordReader> make_delimited_reader(const FieldRules& rules,
                                                    const Columns& columns);
std::unique_ptr<RecordReader> make_logfmt_reader(const FieldRules& rules);
std::unique_ptr<RecordReader> make_syslog_reader(const FieldRules& rules);

/// Fields of a delimited record, quotes included in the range. False when a quote is left open or
/// text follows a closing quote (RFC 4180).
struct DelimitedField {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool quoted = false;
};
bool split_delimited(std::string_view record, char delimiter, std::vector<DelimitedField>& fields);

/// The end of the first delimited record in `text`, line end included: a line end inside quotes
/// does not count. npos when the record is not complete.
std::size_t delimited_record_end(std::string_view text, char delimiter);

/// Finds the ends of delimited records in text that grows: looks at each byte once.
class DelimitedScan {
 public:
  explicit DelimitedScan(char delimiter) : delimiter_(delimiter) {}

  /// text: the record's, from its first byte, at least as much as at the call before. The end of
  /// the record, line end included, and the next call is about another record; npos while it is not
  /// complete.
  std::size_t record_end(std::string_view text);

  /// The record at hand, none of which has been looked at, begins with `bytes` that do not count.
  void pass_over(std::size_t bytes) { at_ = bytes; }

 private:
  enum class State : std::uint8_t { begin, bare, quoted, perhaps_closed };

  char delimiter_;
  State state_ = State::begin;
  std::size_t at_ = 0;
};

/// Appends to `ends` where the fields without quotes end that may hold the query of a URL.
void ends_of_queries(std::string_view record, char delimiter, std::vector<std::uint32_t>& ends);

/// What is found in a record does not reach from one field into another: of a match that does, each
/// field's part is one of its own. record: begins at `offset` in the text of the matches, which are
/// all in it.
std::vector<Match> cut_at_fields(std::string_view record, std::uint32_t offset, char delimiter,
                                 std::span<const Match> matches);

/// The same for a record that is no table's: the marks that divide it stay, whatever they mean, so
/// that it ends where it ended. text: that of the matches.
std::vector<Match> cut_at_marks(std::string_view text, char delimiter,
                                std::span<const Match> matches);

/// A field's text without quotes, doubled quotes made single.
std::string unquoted(std::string_view field);

}  // namespace trackier::anonymize
