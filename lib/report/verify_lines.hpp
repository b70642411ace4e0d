#pragma once
/// Lines held against their records. Of interest inside this area only.

#include <cstdint>
#include <map>

#include "audit/record.hpp"
#include "report/report.hpp"

namespace trackier::report {

using CitedRecords = std::map<std::uint64_t, audit::Record>;

/// Throws Error{Code::data} for the first line that says something else than its record, or than
/// follows from its own times.
void check_lines(const Item& item, const Report& report, const CitedRecords& records);

}  // namespace trackier::report
