#include "report/format.hpp"

#include "core/error.hpp"
#include "report/html.hpp"
#include "report/oscal.hpp"

namespace trackier::report {

std::string_view to_text(Format format) {
  switch (format) {
    case Format::html:
      return "html";
    case Format::json:
      return "json";
    case Format::oscal:
      return "oscal";
  }
  return "";
}

std::string written(const Sealed& sealed, Format format) {
  switch (format) {
    case Format::html:
      return html_document(sealed);
    case Format::json:
      return json_document(sealed);
    case Format::oscal:
      return oscal_document(sealed);
  }
  throw Error{Code::bug, "a form of report that there is not"};
}

Opened opened(std::string_view file) {
  if (file.size() > most_document_bytes) {
    throw Error{Code::data, "larger than reports are"};
  }
  if (const auto document = document_in_html(file)) {
    return {.format = Format::html, .sealed = parse_document(*document)};
  }
  if (const auto document = document_in_oscal(file)) {
    return {.format = Format::oscal, .sealed = parse_document(*document)};
  }
  return {.format = Format::json, .sealed = parse_document(file)};
}

}  // namespace trackier::report
