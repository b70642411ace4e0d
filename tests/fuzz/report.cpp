// What an auditor is given, and what somebody may have made of it.
#include <string>

#include "core/error.hpp"
#include "report/document_reader.hpp"
#include "report/judge.hpp"
#include "report/verify.hpp"
#include "targets.hpp"

namespace trackier::fuzz {
namespace {

void refused_or_sound(std::string_view file) {
  try {
    static_cast<void>(report::verify(file, {}));
    require(false, "a report that no known key has signed is not sound");
  } catch (const Error& error) {
    require(error.code() == Code::data, "a report that is none is bad data");
  }
}

}  // namespace

/// The members of a document of JSON, whether or not they fit together: each form that is written
/// of them has them in it, and is refused for want of a key.
void sealed_report(std::string_view input) {
  refused_or_sound(input);
  report::Sealed sealed;
  try {
    sealed = report::read_document(input, "trackier-report/1");
  } catch (const Error& error) {
    require(error.code() == Code::data, "a report that is none is bad data");
    return;
  }
  for (report::Item& each : sealed.report.items) {
    report::judge(each, sealed.report);
  }
  const std::string document = report::json_document(sealed);
  for (const report::Format format :
       {report::Format::html, report::Format::json, report::Format::oscal}) {
    const std::string file = report::written(sealed, format);
    const report::Opened again = report::opened(file);
    require(again.format == format, "a form of a report is known by itself");
    require_equal(report::json_document(again.sealed), document, "each form has all of a report");
    refused_or_sound(file);
  }
}

}  // namespace trackier::fuzz
