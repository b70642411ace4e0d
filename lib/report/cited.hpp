#pragma once
/// What a line of a report may say, given the record that it names: used when lines are made and
/// when they are checked, so that both go by the same rules.

#include <optional>
#include <string>
#include <string_view>

#include "audit/record.hpp"
#include "report/report.hpp"

namespace trackier::report {

/// Whether a record is a line of an item of runs, or of access: an outcome of its commands, or that
/// one did not end.
bool belongs(std::string_view item, const audit::Record& record);

/// The line it is. Throws Error{Code::bug} for a record of another phase.
Line run_line(const audit::Record& record);

/// Whether the outcome of a run names `digest` as `name`, or as one of further ones: "backup.2".
bool names(const audit::Record& record, std::string_view name, std::string_view digest);

/// What the outcome of a run of `check` says of the check of an item, "check.ssh.root"; none: it
/// was not among those.
std::optional<Line> check_line(std::string_view item, const audit::Record& record);

/// That all records before the end of the period follow from each other. size: how many.
Line intact_line(std::uint64_t size);

/// That others have signed. of: records that their checkpoint covers; seen: when enough of them had
/// signed.
Line anchor_line(std::uint64_t of, std::uint64_t size, std::size_t witnesses, Time seen, Time to);

/// A key that was in use at `to`.
Line age_line(std::string subject, Time since, std::uint64_t most_days, Time to);

/// When customers were told. sent: none: not before `to`.
Line incident_line(std::string subject, Time due, std::optional<Time> sent, Time to);

/// To the second, as lines have it.
Time second_of(const audit::Record& record);

}  // namespace trackier::report
