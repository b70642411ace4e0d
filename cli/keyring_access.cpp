#include "keyring_access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <mutex>
#include <set>
#include <utility>

#include "core/text.hpp"
#include "envelope/recipient.hpp"
#include "keyring/shred_half.hpp"
#include "passphrase.hpp"

namespace trackier::cli {
namespace {

using Path = std::filesystem::path;

constexpr std::string_view passphrase_word = "passphrase";

/// By their names alone; what links say, a census finds out.
bool is_below(const Path& path, const Path& root) {
  const Path inner = std::filesystem::absolute(path).lexically_normal();
  const Path outer = std::filesystem::absolute(root / "").lexically_normal().parent_path();
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

/// A path alone is a file; what looks like a key itself is not repeated as the name of one.
keys::Reference reference_in(const std::string& text) {
  constexpr std::array schemes{"file:", "fd:", "credential:", "command:", "keyring:"};
  const bool has_scheme = std::ranges::any_of(
      schemes, [&text](std::string_view scheme) { return text.starts_with(scheme); });
  const bool is_key = text.size() == 64 && std::ranges::all_of(text, [](char c) {
                        return std::isxdigit(static_cast<unsigned char>(c)) != 0;
                      });
  if (has_scheme || is_key || text.empty()) {
    return keys::parse_reference(text);
  }
  return {.scheme = keys::Reference::Scheme::file, .value = text};
}

keys::Surroundings surroundings_of(const Context& context) {
  const Environment& environment = context.environment();
  return {.files = context.files(),
          .credentials_directory = environment.credentials_directory,
          .environment = environment.variables};
}

/// A keyring and the identities that refer to it.
struct OpenKeyring {
  explicit OpenKeyring(keyring::KeyringFile opened) : file(std::move(opened)) {}

  keyring::KeyringFile file;
  envelope::Identities identities;
  std::mutex warning;
  std::set<keyring::KeyName> warned;
};

}  // namespace

Time now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

void add_keyring_options(Command& command, KeyringOptions& options) {
  command.option("--keyring", options.path, "FILE", "the keyring").offers(Offer::files);
  command.option("--unlock", options.unlock, "REFERENCE",
                 "what opens the keyring: file:, credential:, fd:, command: or passphrase; may be "
                 "repeated");
  command.flag("--accept-rollback", options.accept_rollback,
               "open a keyring that is older than the one used last");
}

std::vector<std::string> unlocks_of(Context& context, const KeyringOptions& options) {
  if (!options.unlock.empty()) {
    return options.unlock;
  }
  const auto& settings = context.settings().keyring.unlock;
  return settings.empty() ? std::vector{std::string{passphrase_word}} : settings;
}

std::vector<Path> all_roots(Context& context, const std::vector<std::string>& paths, Store store) {
  std::vector<Path> roots{paths.begin(), paths.end()};
  const config::Settings& settings = context.settings();
  roots.insert(roots.end(), settings.keyring.roots.begin(), settings.keyring.roots.end());
  const Path backups = settings.backup.store;
  const auto holds_backups = [&](const Path& root) { return is_below(backups, root); };
  if (store == Store::included && !backups.empty() && std::ranges::none_of(roots, holds_backups)) {
    roots.push_back(backups);
  }
  if (roots.empty()) {
    throw Error{Code::usage, "nothing says where envelopes are",
                "name files and directories, or set keyring.roots"};
  }
  return roots;
}

std::vector<Path> paths_or_roots(Context& context, const std::vector<std::string>& paths,
                                 Store store) {
  return paths.empty() ? all_roots(context, paths, store)
                       : std::vector<Path>{paths.begin(), paths.end()};
}

std::optional<std::filesystem::path> key_file_of(const std::string& text) {
  keys::Reference reference = reference_in(text);
  return reference.scheme == keys::Reference::Scheme::file
             ? std::optional<std::filesystem::path>{std::move(reference.value)}
             : std::nullopt;
}

crypto::Secret load_named_key(Context& context, const std::string& text) {
  return keys::load_key(reference_in(text), surroundings_of(context));
}

crypto::Secret load_named_password(Context& context, const std::string& text) {
  return keys::load_password(keys::parse_reference(text), surroundings_of(context));
}

namespace {

bool is_there(Context& context, const keyring::KeyringPlace& place) {
  return context.files().status(place.path).has_value();
}

/// series: of the key that was looked for, which makes the keyring.
Error no_keyring(const keyring::KeyringPlace& place, std::string_view series) {
  return Error{Code::no_input,
               fmt::format("{}: there is no keyring", printable(place.path.native())),
               fmt::format("trackier-ctl keys new {} makes one", series)};
}

keys::Surroundings with_keyring(Context& context, const KeyringOptions& options) {
  keys::Surroundings surroundings = surroundings_of(context);
  surroundings.keyring = [&context, &options](const std::string& name) {
    const keyring::KeyringPlace place = keyring_place(context, options);
    const std::string series = to_text(keyring::series_named(name));
    if (!is_there(context, place)) {
      throw no_keyring(place, series);
    }
    const keyring::KeyringFile file = open_keyring(context, options, keyring::Access::read);
    const keyring::Key& key = file.keyring().named(name);
    keyring::OpenedSecret opened = file.keyring().secret_of(key.name);
    if (opened.compromised) {
      context.out().warning(fmt::format("{} is compromised", to_text(key.name)));
    }
    return std::move(opened.secret);
  };
  return surroundings;
}

}  // namespace

crypto::Secret load_key_of(Context& context, const keys::Reference& reference,
                           const KeyringOptions& options) {
  return keys::load_key(reference, with_keyring(context, options));
}

keys::AnyKey load_any_key_of(Context& context, const keys::Reference& reference) {
  const KeyringOptions usual;
  return keys::load_any_key(reference, with_keyring(context, usual));
}

keys::AnyKey load_any_named_key(Context& context, const std::string& text) {
  return load_any_key_of(context, reference_in(text));
}

keyring::KeyringPlace keyring_place(Context& context, const KeyringOptions& options) {
  const std::filesystem::path state = context.environment().state_directory();
  const std::string& settings = context.settings().keyring.path;
  const std::filesystem::path usual =
      settings.empty() ? state / "keyring.tke" : std::filesystem::path{settings};
  return {.path = options.path ? std::filesystem::path{*options.path} : usual,
          .state_directory = state};
}

keyring::NewUnlock new_unlock(Context& context, const std::string& text,
                              const std::optional<std::string>& label) {
  if (text == passphrase_word) {
    return {.recipient = envelope::passphrase_recipient(ask_new_passphrase(context)),
            .label = label.value_or(std::string{passphrase_word})};
  }
  return {.recipient = envelope::wrapping_key_recipient(load_named_key(context, text)),
          .label = label.value_or(keys::to_string(reference_in(text)))};
}

keyring::KeyringFile open_keyring(Context& context, const KeyringOptions& options,
                                  keyring::Access access) {
  const keyring::KeyringPlace place = keyring_place(context, options);
  if (!is_there(context, place)) {
    throw no_keyring(place, "house/encrypt");
  }
  envelope::Identities identities;
  const std::vector<std::string> unlocks = unlocks_of(context, options);
  for (const std::string& text : unlocks) {
    if (text != passphrase_word) {
      identities.push_back(envelope::wrapping_key_identity(load_named_key(context, text)));
    }
  }
  if (std::ranges::count(unlocks, passphrase_word) > 0) {
    identities.push_back(envelope::passphrase_identity(
        [&context] { return ask_passphrase(context, "Passphrase of the keyring: "); }));
  }
  if (access == keyring::Access::change) {
    context.files().create_directories(place.state_directory);
  }
  const bool nothing_named = options.unlock.empty() && context.settings().keyring.unlock.empty();
  auto file = [&] {
    try {
      return keyring::KeyringFile::open(
          context.files(), place, identities,
          {.access = access, .accept_rollback = options.accept_rollback},
          keyring::halves_in_places(context.files()));
    } catch (const NoPassphrase&) {
      throw;
    } catch (const Error& error) {
      if (error.code() == Code::no_permission && nothing_named) {
        throw Error{error.code(), error.what(),
                    "name what opens it with --unlock, or set keyring.unlock"};
      }
      throw;
    }
  }();
  if (const auto& problem = file.seen_problem()) {
    context.out().warning(
        fmt::format("a rollback of the keyring would not be noticed: {}", problem->what()));
  }
  const auto& days = context.settings().keyring.quarantine_days;
  if (access == keyring::Access::change && days &&
      *days != file.keyring().document().quarantine_days) {
    file.keyring().set_quarantine(*days);
  }
  return file;
}

void save_keyring(Context& context, keyring::KeyringFile& file, const std::function<void()>& undo) {
  file.save(now(), undo);
  if (const auto& problem = file.seen_problem()) {
    context.out().warning(
        fmt::format("the keyring is saved, but an older one in its place would not be noticed: {}",
                    problem->what()));
  }
}

envelope::Identities keyring_identities(Context& context, const KeyringOptions& options) {
  const auto open =
      std::make_shared<OpenKeyring>(open_keyring(context, options, keyring::Access::read));
  for (const keyring::Tenant& tenant : open->file.keyring().document().tenants) {
    if (tenant.half) {
      context.read_later().insert(context.read_later().end(), tenant.half->places.begin(),
                                  tenant.half->places.end());
    }
  }
  OpenKeyring* const raw = open.get();  // the identities are kept by it, not the reverse
  open->identities = open->file.keyring().identities(
      {.allow_suspended = options.allow_suspended,
       .used = [&context, raw](const keyring::Key& key) {
         const std::scoped_lock lock{raw->warning};
         if (key.state == keyring::State::compromised && raw->warned.insert(key.name).second) {
           context.out().warning(
               fmt::format("{} is compromised: encrypt anew what it protects", to_text(key.name)));
         }
       }});
  envelope::Identities kept;
  for (const auto& identity : open->identities) {
    kept.emplace_back(open, identity.get());
  }
  return kept;
}

}  // namespace trackier::cli
