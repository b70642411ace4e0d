#pragma once
/// How accounts log in over SSH: what sshd says it would do, and what their keys are good for.

#include <string>
#include <vector>

#include "check/host.hpp"

namespace trackier::check {

struct SshSubject {
  std::vector<std::string> accounts;  ///< that others log in to
  /// From where sshd is asked about: an address that no rule lets in on purpose. RFC 5737 keeps
  /// this one for documentation.
  std::string from = "203.0.113.1";
};

/// Each key in the files that sshd would read has to have `restrict`, `from=` and `command=`, see
/// AUTHORIZED_KEYS FILE FORMAT in sshd(8); what cannot be looked at, as a command that prints keys,
/// is not_checked.
Findings check_ssh(const Host& host, const SshSubject& subject);

}  // namespace trackier::check
