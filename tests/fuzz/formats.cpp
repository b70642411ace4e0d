// The format readers and the detector, each with everything behind it.
#include <algorithm>
#include <vector>

#include "anonymize/detect_format.hpp"
#include "anonymize/log_format.hpp"
#include "core/error.hpp"
#include "json_shape.hpp"
#include "promises.hpp"
#include "targets.hpp"

namespace trackier::fuzz {

using anonymize::Format;

void plain(std::string_view input) {
  keeps_promises(input, {.format = Format::plain});
}

void access_log(std::string_view input) {
  keeps_promises(input, {.format = Format::common});
  keeps_promises(input, {.format = Format::combined});
}

void logfmt(std::string_view input) {
  keeps_promises(input, {.format = Format::logfmt});
}

void syslog(std::string_view input) {
  keeps_promises(input, {.format = Format::syslog});
}

void column_log(std::string_view input) {
  for (const Format format : {Format::w3c, Format::cloudfront, Format::zeek}) {
    keeps_promises(input, {.format = format});
  }
}

void balancer(std::string_view input) {
  for (const Format format : {Format::elb, Format::alb, Format::haproxy}) {
    keeps_promises(input, {.format = format});
  }
}

/// The first line is the string, the others are the log.
void log_format(std::string_view input) {
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::string string{input.substr(0, line)};
  try {
    const auto compiled = anonymize::compile_log_format(string);
    require(!compiled.variables.empty(), "a format has variables");
    for (std::size_t i = 0; i + 1 < compiled.variables.size(); ++i) {
      require(!compiled.variables[i].behind.empty(), "something stands between two variables");
    }
  } catch (const Error& error) {
    require(error.code() == Code::config, "a string that is no format is refused as a setting");
    return;
  }
  input.remove_prefix(std::min(line + 1, input.size()));
  anonymize::Columns columns;
  columns.log_format = string;
  keeps_promises(input, {.format = Format::log_format, .columns = columns});
}

/// Whole texts: cut anywhere they give the same, and what was valid stays so.
void json_documents(std::string_view input) {
  anonymize::Columns columns;
  columns.documents = true;
  const std::string output = keeps_promises(input, {.format = Format::json, .columns = columns});
  if (const auto shape = json_shape(input)) {
    const auto shape_after = json_shape(output);
    require(shape_after.has_value(), "a text that was valid JSON is valid JSON afterwards");
    require(same_shape(*shape, *shape_after), "JSON values keep their types and places");
  }
}

namespace {

std::ptrdiff_t count_of(std::string_view text, std::string_view wanted) {
  std::ptrdiff_t count = 0;
  for (std::size_t at = text.find(wanted); at != std::string_view::npos;
       at = text.find(wanted, at + wanted.size())) {
    ++count;
  }
  return count;
}

}  // namespace

void delimited(std::string_view input) {
  for (const Format format : {Format::csv, Format::tsv}) {
    const auto guess = anonymize::try_format(format, input, true);
    const Way way{.format = format, .columns = guess.columns};
    const std::string output = keeps_promises(input, way);
    // Values are replaced, the table stays; but a carriage return that ends no line may be a
    // value's or the table's.
    const bool stray = std::ranges::count(input, '\r') != count_of(input, "\r\n");
    if (stray) {
      continue;
    }
    const auto after = anonymize::try_format(format, output, true);
    if (guess.share == 1.0 && guess.columns.delimiter == after.columns.delimiter) {
      require(after.columns.count == guess.columns.count, "a table keeps its columns");
      require(after.share == 1.0, "a table stays one");
    }
  }
}

void json_lines(std::string_view input) {
  const std::string output = keeps_promises(input, {.format = Format::json});
  std::string_view before = input;
  std::string_view after = output;
  while (!before.empty()) {
    const std::size_t end_before = std::min(before.find('\n'), before.size());
    const std::size_t end_after = std::min(after.find('\n'), after.size());
    const std::string_view line = before.substr(0, end_before);
    if (const auto shape = json_shape(line)) {
      const auto shape_after = json_shape(after.substr(0, end_after));
      require(shape_after.has_value(), "a line that was valid JSON is valid JSON afterwards");
      require(same_shape(*shape, *shape_after), "JSON values keep their types and places");
    }
    before.remove_prefix(std::min(end_before + 1, before.size()));
    after.remove_prefix(std::min(end_after + 1, after.size()));
  }
}

}  // namespace trackier::fuzz
