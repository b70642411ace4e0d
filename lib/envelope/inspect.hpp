#pragma once
/// What can be said of an envelope without any key.

#include <cstdint>
#include <optional>
#include <string>

#include "envelope/head.hpp"
#include "os/file.hpp"

namespace trackier::envelope {

struct Inspection {
  Head head;
  std::uint64_t envelope_bytes = 0;
  std::uint64_t plain_bytes = 0;   ///< by the length of the file
  bool complete = false;           ///< the length is one an envelope can have, and the one it names
  std::string incomplete_because;  ///< when it is not
};

/// Looks at a regular file. Throws as parse_head does.
Inspection inspect(os::File& file, const std::string& name);

}  // namespace trackier::envelope
