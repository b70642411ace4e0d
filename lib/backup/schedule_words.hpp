#pragma once
/// What the texts of schedule_text.hpp have in common: what neither of them can say, and the
/// command that both start.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backup/schedule_text.hpp"
#include "core/error.hpp"

namespace trackier::backup {

/// Error{Code::config}: "what: text", the text made printable.
Error refused(const std::string& what, std::string_view text, std::string hint = {});

/// Throws what crontab() and systemd_units() both promise to.
void check_schedule(std::span<const ScheduledSource> sources, const ScheduleOptions& options);

/// The words that back up a source, the program first.
std::vector<std::string> backup_command(const ScheduledSource& source,
                                        const ScheduleOptions& options);

/// An ASCII letter, a digit, or one of `others`.
bool is_among(char letter, std::string_view others);

/// Whether a word needs no quotes, neither for the shell nor for cron nor for systemd.
bool is_plain(std::string_view word);

}  // namespace trackier::backup
