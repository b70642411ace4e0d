#pragma once
/// What of the memory of a process may reach a disk: swap and core dumps.

#include <cstdint>
#include <optional>

#include "check/host.hpp"

namespace trackier::check {

struct CoreLimit {
  std::uint64_t hard = 0;  ///< bytes; RLIM_INFINITY as it is
};

/// Of this process, which is that of the session or service it was started in.
std::optional<CoreLimit> core_limit();

Findings check_memory(const Host& host, const std::optional<CoreLimit>& limit);

}  // namespace trackier::check
