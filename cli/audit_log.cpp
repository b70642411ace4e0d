#include "audit_log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "backup_sources.hpp"
#include "core/error.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/ed25519.hpp"
#include "os/process_identity.hpp"
#include "os/whole_file.hpp"

namespace trackier::cli {
namespace {

os::ProcessIdentity identity_of(const audit::Process& process) {
  return {.boot = process.boot, .space = process.space, .pid = process.pid, .start = process.start};
}

/// A file that cannot be read says nothing: who ran the command is told by the kernel as well.
std::string ssh_key(Context& context) {
  constexpr std::size_t most = std::size_t{64} * 1024;
  const auto& path = context.environment().ssh_user_auth;
  if (!path) {
    return {};
  }
  try {
    const auto status = context.files().entry(*path);
    const bool is_of_sshd = status && status->kind == os::FileStatus::Kind::regular;
    return is_of_sshd ? ssh_fingerprint(os::read_whole(context.files(), *path, most)) : "";
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error&) {
    return {};
  }
}

audit::Actor actor(Context& context) {
  audit::Actor made{
      .uid = ::getuid(), .login = std::nullopt, .ssh_key = ssh_key(context), .claims = {}};
  if (const auto login = os::login_account(context.files())) {
    made.login = *login;
  }
  if (const auto& claimed = context.environment().sudo_user) {
    made.claims.emplace_back("sudo_user", audit::escaped(*claimed));
  }
  return made;
}

audit::Stamp stamp() {
  constexpr std::uint64_t us_per_second = 1'000'000;
  constexpr std::uint64_t ns_per_us = 1'000;
  timespec since_boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return {.at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()),
          .boot_us = static_cast<std::uint64_t>(since_boot.tv_sec) * us_per_second +
                     static_cast<std::uint64_t>(since_boot.tv_nsec) / ns_per_us};
}

audit::NoteKey own_key(Context& context, audit::KeyKind kind) {
  return {.name = audit_origin(context),
          .kind = kind,
          .key = crypto::ed25519_public(audit_signing_key(context))};
}

}  // namespace

std::filesystem::path audit_directory(Context& context) {
  const std::string& named = context.settings().audit.directory;
  return named.empty() ? context.environment().state_directory() / "audit"
                       : std::filesystem::path{named};
}

std::string audit_origin(Context& context) {
  const std::string& named = context.settings().audit.origin;
  return named.empty() ? audit::escaped(host_name()) : named;
}

crypto::Secret audit_signing_key(Context& context) {
  return manifest_signing_key(context);
}

audit::NoteKey audit_log_key(Context& context) {
  return own_key(context, audit::KeyKind::ed25519);
}

audit::NoteKey audit_witness_key(Context& context) {
  return own_key(context, audit::KeyKind::cosignature);
}

audit::Policy audit_policy(Context& context) {
  const config::Audit& settings = context.settings().audit;
  audit::Policy made{.log = {audit_log_key(context)}, .witnesses = {}, .quorum = settings.quorum};
  for (const auto& each : settings.witnesses) {
    made.witnesses.push_back(each.key);
  }
  return made;
}

audit::Veil audit_veil(Context& context) {
  constexpr unsigned private_directory = 0700;
  const auto directory = context.environment().state_directory();
  context.files().create_directories(directory, private_directory);
  return audit::Veil{audit::veil_key(context.files(), directory / "audit-values.key")};
}

audit::Writer audit_writer(Context& context) {
  os::FileSystem& files = context.files();
  const os::ProcessIdentity self = os::this_process(files);
  return {.actor = actor(context),
          .process = {.boot = self.boot, .space = self.space, .pid = self.pid, .start = self.start},
          .host = audit::escaped(host_name()),
          .now = stamp,
          .is_gone = [&files, self](const audit::Process& other) {
            return os::is_gone(files, self, identity_of(other));
          }};
}

audit::Log audit_log(Context& context) {
  return audit::Log{context.files(),
                    {.directory = audit_directory(context), .stop = context.interrupt().token()},
                    audit_writer(context)};
}

std::string ssh_fingerprint(std::string_view text) {
  constexpr std::string_view method = "publickey ";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(method)) {
      continue;
    }
    line.remove_prefix(method.size());
    const std::size_t blank = std::min(line.find(' '), line.size());
    const auto blob =
        crypto::bytes_from_padded_base64(line.substr(std::min(blank + 1, line.size())));
    if (blob && !blob->empty() && !line.substr(0, blank).ends_with("-cert-v01@openssh.com")) {
      return "SHA256:" + crypto::base64(crypto::sha256(as_bytes(*blob)));
    }
  }
  return {};
}

}  // namespace trackier::cli
