#pragma once
/// Telling the format of a log by its first lines.

#include <string_view>

#include "anonymize/record_reader.hpp"

namespace trackier::anonymize {

struct FormatGuess {
  Format format = Format::plain;
  Columns columns;
  double share = 1.0;       ///< of the records looked at, so many are of the format
  std::size_t records = 0;  ///< looked at
};

/// The format that most of the first records are of, when at least `min_share` are; plain
/// otherwise. beginning: the first bytes of the input; whole: they are all of it. A record that is
/// cut off at the end of the beginning does not count; but when there is no other, it is JSON if it
/// is the beginning of JSON.
FormatGuess guess_format(std::string_view beginning, bool whole, double min_share);

/// How well `format` fits, with what the beginning tells of its columns.
/// log_format: the string of Format::log_format; throws Error{Code::config} if it is none.
FormatGuess try_format(Format format, std::string_view beginning, bool whole,
                       const std::string& log_format = {});

/// The columns of a csv or tsv log, from its first record alone; a comma or a semicolon is told by
/// its first line. beginning: the first bytes of the input, that record among them.
Columns columns_of_first_record(Format format, std::string_view beginning);

/// Where that record ends, its line end and what stands before it included; npos when it does not.
std::size_t first_record_end(Format format, std::string_view beginning);

}  // namespace trackier::anonymize
