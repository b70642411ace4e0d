#pragma once
/// A report checked from its file alone, without the audit log, the store or a network: what it
/// shows is what its lines add up to, its lines are what their records say, its records are in the
/// log, and the log's key signed it all.

#include <cstdint>
#include <string_view>

#include "audit/tlog_proof.hpp"
#include "report/format.hpp"
#include "report/judge.hpp"

namespace trackier::report {

struct Verified {
  Format format = Format::json;
  Report report;
  Counts counts;
  std::uint64_t log_records = 0;       ///< that the log had at the end of the period
  std::uint64_t anchored_records = 0;  ///< of them, that witnesses of the policy have signed
};

/// file: as it is. policy: whose signature counts, and which witnesses' (the quorum is not looked
/// at). Throws Error{Code::data} naming the first thing that is wrong.
Verified verify(std::string_view file, const audit::Policy& policy);

}  // namespace trackier::report
