#pragma once
/// The head of a log at some size, as the text of a signed note: c2sp.org/tlog-checkpoint.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/merkle.hpp"

namespace trackier::audit {

struct Checkpoint {
  std::string origin;  ///< which log; not empty, one line
  std::uint64_t size = 0;
  Hash root{};
  std::vector<std::string> extensions;  ///< lines nobody looks at; none of ours

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// Throws Error{Code::bug} for an origin or an extension that is empty or has a line end.
std::string to_text(const Checkpoint& checkpoint);

/// text: of a note. Exactly what to_text() writes. Throws Error{Code::data}.
Checkpoint parse_checkpoint(std::string_view text);

}  // namespace trackier::audit
