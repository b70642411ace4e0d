#pragma once
/// Which backup is meant by SOURCE@WHEN.

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "store/directory.hpp"

namespace trackier::backup {

/// "shop@latest" in two; without "@" the second is "latest".
struct NamedBackup {
  std::string source;
  std::string when;
};
NamedBackup parse_named_backup(std::string_view text);

/// when: "latest": the newest whose source was sound; "verified": the newest that has been
/// verified; a time as 2026-11-23T10:00Z or 2026-11-23T10:00:00Z: the newest sound one taken then
/// or before; otherwise the beginning of an id, 4 digits at least, or "#7", a sequence number, and
/// then a damaged one as well. verified: ids. Throws Error{Code::no_input} when there is none,
/// Error{Code::usage} when it is nothing of this.
const store::SignedManifest& select(const store::Listing& listing,
                                    const std::set<std::string>& verified, const std::string& when,
                                    const std::string& source);

/// A time on the command line: seconds may be left out, as everything after the day.
std::optional<Time> parse_moment(std::string_view text);

}  // namespace trackier::backup
