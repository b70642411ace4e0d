#pragma once
/// Days, weeks and months of UTC, one after another: 2026-11-27, 2026-W48 (ISO 8601), 2026-11.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace trackier {

enum class PeriodUnit : std::uint8_t { day, week, month };

std::string_view name_of(PeriodUnit unit);
std::optional<PeriodUnit> period_unit_named(std::string_view name);

struct Period {
  PeriodUnit unit = PeriodUnit::day;
  std::int64_t number = 0;  ///< of the unit; the one that 1970-01-01 is in is 0

  friend auto operator<=>(const Period&, const Period&) = default;  // NOLINT(modernize-use-nullptr)
};

/// The period that `time` is in.
Period period_of(PeriodUnit unit, Time time);

/// Its first second.
Time begin_of(const Period& period);

/// Throws Error{Code::bug} for a year before 0000 or after 9999.
std::string to_text(const Period& period);

/// None for what to_text() would not have written.
std::optional<Period> parse_period(std::string_view text);

}  // namespace trackier
