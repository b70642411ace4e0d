#pragma once
/// A report as OSCAL assessment results, NIST's format for programs that collect such things:
/// https://pages.nist.gov/OSCAL. The whole document is in it too, as a resource, so that it can be
/// checked as the others can.

#include <optional>
#include <string>
#include <string_view>

#include "report/document.hpp"

namespace trackier::report {

/// With a line end. One observation for each item; a finding for each that passed, failed or could
/// not be told, satisfied only where it passed.
std::string oscal_document(const Sealed& sealed);

/// The JSON document that is inside; none: it is no OSCAL of ours.
std::optional<std::string> document_in_oscal(std::string_view file);

}  // namespace trackier::report
