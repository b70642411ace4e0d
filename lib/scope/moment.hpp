#pragma once
/// When a record says it was written.

#include <chrono>
#include <optional>

#include "scope/record.hpp"

namespace trackier::scope {

/// UTC; trackier::Time becomes one by itself.
using Moment = std::chrono::sys_time<std::chrono::microseconds>;

/// Reads
/// - RFC 3339 with any offset and any fraction; a space for the T and small letters will do; second
///   60 is the first of the next minute. Without an offset it is not known when that was: none.
/// - what access logs write: "27/Nov/2026:22:47:31 +0530", in brackets or not
/// - seconds since 1970, or milliseconds, microseconds, nanoseconds: below 10^11 they are seconds
///   (until the year 5138), below 10^14 milliseconds, below 10^17 microseconds. With or without
///   fractions, as a number or as a text.
/// Finer than microseconds is cut off, towards the past. None for all else, and for years that are
/// not 0000 to 9999.
std::optional<Moment> read_moment(const Value& value);

}  // namespace trackier::scope
