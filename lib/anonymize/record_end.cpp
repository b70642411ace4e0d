#include "anonymize/record_end.hpp"

#include <algorithm>

#include "anonymize/json_documents.hpp"

namespace trackier::anonymize {

std::size_t record_size(std::string_view rest, Format format, const Columns& columns, bool lines) {
  const bool documents = columns.documents && format == Format::json;
  std::size_t end = std::string_view::npos;
  if (documents) {
    end = document_end(rest);
  } else if (is_delimited(format) && !lines) {
    end = delimited_record_end(rest, columns.delimiter);
  } else {
    const std::size_t line_end = rest.find('\n');
    end = line_end == std::string_view::npos ? rest.size() : line_end + 1;
  }
  return std::min(end, rest.size());
}

}  // namespace trackier::anonymize
