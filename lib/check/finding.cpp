#include "check/finding.hpp"

#include <algorithm>
#include <array>

#include "core/error.hpp"

namespace trackier::check {
namespace {

constexpr std::array<std::string_view, status_count> words{
    "fail", "error", "not_checked", "manual", "not_applicable", "pass"};

constexpr std::array<Check, 24> checks{{
    {"files.settings", "owner and mode of the settings file and of the directories above it"},
    {"files.keys", "owner and mode of each key, password and passfile the settings name"},
    {"files.keyring", "owner and mode of the keyring"},
    {"files.state", "owner and mode of everything in the state directory"},
    {"files.store", "owner and mode of the store of backups"},
    {"memory.swap", "swap is off, or on an encrypted device"},
    {"memory.core_dumps", "no core dump of a process is kept"},
    {"confinement.files", "a run that reads what others wrote is kept to its own files"},
    {"confinement.calls", "such a run opens no socket and starts no program"},
    {"clock.synchronised", "the kernel says that the clock is synchronised, and how well"},
    {"postgres.sslmode", "the connection of a source checks which server it talks to"},
    {"postgres.tls", "a connection as of the settings, with TLS, is made"},
    {"postgres.plaintext", "a connection without TLS, over TCP, is refused"},
    {"postgres.rules", "no rule of pg_hba_file_rules lets a client in without TLS"},
    {"endpoints.plain_http", "plain HTTP is refused"},
    {"endpoints.tls", "TLS 1.2 or later is offered, TLS 1.1 and earlier refused"},
    {"endpoints.certificate", "the certificate is trusted, and for how many days still"},
    {"ssh.root", "sshd -T: root does not log in with a password"},
    {"ssh.password", "sshd -T: an account does not log in with a password"},
    {"ssh.keys", "each key of an account is restricted, to an address and to a command"},
    {"backups.age", "the newest sound backup of each source is as young as its schedule wants"},
    {"backups.drill", "a backup of each source has been restored and was as it has to be"},
    {"keys.age", "age of the keys in use"},
    {"logrotate.audit", "no rule of log rotation touches the audit log"},
}};

}  // namespace

std::string_view to_text(Status status) {
  return words.at(static_cast<std::size_t>(status));
}

std::span<const Check> all_checks() {
  return checks;
}

std::string_view group_of(std::string_view id) {
  return id.substr(0, id.find('.'));
}

void sort_worst_first(Findings& findings) {
  std::ranges::stable_sort(findings, {}, &Finding::status);
}

bool is_well(const Findings& findings) {
  return std::ranges::any_of(findings,
                             [](const auto& each) { return each.status == Status::pass; }) &&
         std::ranges::all_of(findings, [](const auto& each) {
           return each.status == Status::pass ||
                  (each.status == Status::not_applicable && !each.found.empty());
         });
}

}  // namespace trackier::check
