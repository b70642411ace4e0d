#include "check_subjects.hpp"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <string_view>

#include "backup_sources.hpp"
#include "backup_standing.hpp"
#include "core/text.hpp"
#include "keyring_access.hpp"
#include "net/webhook.hpp"
#include "verify_drill.hpp"

namespace trackier::cli {
namespace {

constexpr std::string_view passphrase_word = "passphrase";

/// The file that a reference names, if it names one.
void add_file(std::vector<check::NamedFile>& files, const std::string& name,
              const std::string& reference) {
  if (reference.empty()) {
    return;
  }
  if (auto path = key_file_of(reference)) {
    files.push_back({.name = name, .path = std::move(*path)});
  }
}

/// Keys that the settings name in files, without what opens the keyring.
std::vector<check::NamedFile> key_files(Context& context) {
  const config::Settings& settings = context.settings();
  std::vector<check::NamedFile> files;
  for (const auto& [name, reference] : settings.keys) {
    add_file(files, "keys." + name, reference);
  }
  add_file(files, "backup.state_key", settings.backup.state_key);
  return files;
}

check::KeyStanding age_of_file(Context& context, const check::NamedFile& file) {
  check::KeyStanding made{.name = file.name,
                          .probed = "when " + printable(file.path.native()) + " was written",
                          .cure = "put it there, or correct the settings"};
  try {
    if (const auto status = context.files().status(file.path)) {
      made.since = Time{
          std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds{status->modified_ns})};
    } else {
      made.problem = printable(file.path.native()) + " is not there";
    }
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    made.problem = error.what();
  }
  return made;
}

void add_keyring(Context& context, std::vector<check::KeyStanding>& keys) {
  const KeyringOptions usual;
  const auto place = keyring_place(context, usual);
  check::KeyStanding whole{.name = "keyring",
                           .probed = "the keyring " + printable(place.path.native())};
  try {
    if (!context.files().status(place.path)) {
      return;
    }
    KeyringOptions options;
    for (const std::string& each : context.settings().keyring.unlock) {
      if (each != passphrase_word) {
        options.unlock.push_back(each);
      }
    }
    if (options.unlock.empty()) {
      whole.problem = "nothing opens the keyring without a passphrase";
      whole.cure = "name what opens it in keyring.unlock, or look yourself: trackier-ctl keys list";
      keys.push_back(std::move(whole));
      return;
    }
    const auto file = open_keyring(context, options, keyring::Access::read);
    for (const keyring::Key& key : file.keyring().document().keys) {
      keys.push_back({.name = to_text(key.name),
                      .state = std::string{to_text(key.state)},
                      .is_in_use = key.state == keyring::State::active,
                      .probed = whole.probed,
                      .since = key.created});
    }
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    whole.problem = error.what();
    whole.cure = error.hint();
    keys.push_back(std::move(whole));
  }
}

}  // namespace

check::FilesSubject files_to_check(Context& context) {
  const config::Settings& settings = context.settings();
  check::FilesSubject made{.settings = settings.file,
                           .secrets = key_files(context),
                           .keyring = keyring_place(context, {}).path,
                           .state = context.environment().state_directory(),
                           .store = settings.backup.store};
  for (const std::string& each : settings.keyring.unlock) {
    if (each != passphrase_word) {
      add_file(made.secrets, "keyring.unlock", each);
    }
  }
  add_file(made.secrets, "smtp.password", settings.smtp.password);
  for (const config::Alerts::Channel& each : settings.alerts.channels) {
    if (!net::is_https_url(each.webhook)) {
      add_file(made.secrets, fmt::format("alerts.channel.{}.webhook", each.name), each.webhook);
    }
    add_file(made.secrets, fmt::format("alerts.channel.{}.key", each.name), each.key);
  }
  for (const config::Source& each : settings.sources) {
    if (!each.passfile.empty()) {
      made.secrets.push_back(
          {.name = fmt::format("source.{}.passfile", each.name), .path = each.passfile});
    }
  }
  return made;
}

check::EndpointsSubject endpoints_to_check(Context& context) {
  const config::Check& settings = context.settings().check;
  check::EndpointsSubject made{.plain_port = settings.plain_port,
                               .may_redirect = settings.may_redirect,
                               .certificate_days = settings.certificate_days,
                               .ca_file = settings.ca_file};
  for (const auto& each : settings.endpoints) {
    made.endpoints.push_back(
        {.url = printable(each.url), .host = each.host, .port = each.port, .path = each.path});
  }
  return made;
}

std::vector<check::PostgresSubject> postgres_to_check(Context& context) {
  std::vector<check::PostgresSubject> made;
  for (const config::Source& each : context.settings().sources) {
    if (each.kind == config::Source::Kind::postgres) {
      made.push_back({.source = each.name,
                      .connection = {.conninfo = each.conninfo, .passfile = each.passfile}});
    }
  }
  return made;
}

std::vector<check::BackupStanding> backups_to_check(Context& context) {
  std::vector<check::BackupStanding> made;
  for (const config::Source& each : context.settings().sources) {
    check::BackupStanding standing{.source = each.name, .every = each.every};
    try {
      const auto store = open_store(context, {});
      const store::SourceDirectory directory = store.source(each.name);
      const auto listing = directory.list();
      if (const auto* const newest = newest_sound(listing)) {
        standing.taken = newest->manifest.taken;
      }
      const auto proofs = proof_directory(context, directory).list();
      if (const auto* const last = last_passed(proofs)) {
        standing.proved = last->proof.finished;
      }
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      standing.problem = error.what();
    }
    made.push_back(std::move(standing));
  }
  return made;
}

std::vector<check::KeyStanding> keys_to_check(Context& context) {
  std::vector<check::KeyStanding> made;
  add_keyring(context, made);
  for (const check::NamedFile& each : key_files(context)) {
    made.push_back(age_of_file(context, each));
  }
  return made;
}

}  // namespace trackier::cli
