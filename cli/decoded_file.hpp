#pragma once
/// A compressed file as the file it was made of.

#include <memory>

#include "os/file.hpp"

namespace trackier::cli {

/// file: gzip, zstd or neither. The result reads its content; reading on where the last read ended
/// is cheap, reading what lies before decodes anew. Its status is that of `file`, with the size of
/// the content, for which all of it is decoded once. Calls that write throw Error{Code::bug}.
/// Throws Error{Code::data} when it is damaged.
std::unique_ptr<os::File> decoded(std::unique_ptr<os::File> file);

}  // namespace trackier::cli
