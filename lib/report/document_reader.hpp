#pragma once
/// The members of a document, read. Of interest inside this area only: parse_document() holds what
/// is written anew against the text, so that members nobody reads here cannot say something else.

#include <string_view>

#include "report/document.hpp"

namespace trackier::report {

/// Throws Error{Code::data} for what is no such document.
Sealed read_document(std::string_view text, std::string_view format_name);

}  // namespace trackier::report
