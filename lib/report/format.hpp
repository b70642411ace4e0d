#pragma once
/// The forms of a report. Each has the whole document in it, and is written from nothing else.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "report/document.hpp"

namespace trackier::report {

enum class Format : std::uint8_t { html, json, oscal };

std::string_view to_text(Format format);

/// The same bytes for the same document.
std::string written(const Sealed& sealed, Format format);

/// Which form a file has, and the document in it. Not yet held against what written() gives. Throws
/// Error{Code::data} for what is no report.
struct Opened {
  Format format = Format::json;
  Sealed sealed;
};
Opened opened(std::string_view file);

}  // namespace trackier::report
