#pragma once
/// What the settings and this host give the checks to look at.

#include <vector>

#include "check/backups.hpp"
#include "check/endpoints.hpp"
#include "check/files.hpp"
#include "check/postgres.hpp"
#include "context.hpp"

namespace trackier::cli {

check::FilesSubject files_to_check(Context& context);
check::EndpointsSubject endpoints_to_check(Context& context);
std::vector<check::PostgresSubject> postgres_to_check(Context& context);

/// Opens the store, and no backup. What cannot be opened is a problem of each source.
std::vector<check::BackupStanding> backups_to_check(Context& context);

/// Keys of the keyring, if it opens without anybody being asked, and keys in files.
std::vector<check::KeyStanding> keys_to_check(Context& context);

}  // namespace trackier::cli
