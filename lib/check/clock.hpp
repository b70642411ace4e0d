#pragma once
/// Whether the clock is right: entries of logs, slots of backups and deadlines stand on it.

#include <cstdint>
#include <optional>
#include <string>

#include "check/host.hpp"

namespace trackier::check {

/// What the kernel says of its clock: adjtimex(2).
struct KernelClock {
  bool is_synchronised = false;   ///< neither TIME_ERROR nor STA_UNSYNC
  std::int64_t offset_us = 0;     ///< what is being slewed away
  std::int64_t max_error_us = 0;  ///< grows while nobody corrects
};

/// None when the kernel does not tell, as in some containers.
std::optional<KernelClock> kernel_clock();

Findings check_clock(const Host& host, const std::optional<KernelClock>& clock);

}  // namespace trackier::check
