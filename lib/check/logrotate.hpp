#pragma once
/// Log rotation truncates, renames and removes: no rule of it may be about the audit log.

#include <filesystem>

#include "check/host.hpp"

namespace trackier::check {

/// Reads etc/logrotate.conf, what it includes, and etc/logrotate.d. A rule touches the audit log
/// when one of its patterns can be a file in the directory or below, whatever the file is called.
/// What cannot be read as logrotate would is an error, never a pass.
Findings check_logrotate(const Host& host, const std::filesystem::path& audit);

}  // namespace trackier::check
