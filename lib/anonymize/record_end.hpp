#pragma once
/// Where records end in a chunk of whole ones.

#include <cstddef>
#include <string_view>

#include "anonymize/record_reader.hpp"

namespace trackier::anonymize {

/// How long the record is that `rest` begins with, its line end included. lines: every line is a
/// record, see Chunk.
std::size_t record_size(std::string_view rest, Format format, const Columns& columns, bool lines);

}  // namespace trackier::anonymize
