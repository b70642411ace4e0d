#pragma once
/// A report as one page of HTML: no script, nothing from a network, prints on A4. The document is
/// in it as data, and the page is written from that alone.

#include <optional>
#include <string>
#include <string_view>

#include "report/document.hpp"

namespace trackier::report {

/// With a line end.
std::string html_document(const Sealed& sealed);

/// The JSON document that is inside; none: it is no page of ours.
std::optional<std::string> document_in_html(std::string_view file);

}  // namespace trackier::report
