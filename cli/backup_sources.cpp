#include "backup_sources.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <thread>

#include "backup/postgres_source.hpp"
#include "backup/sqlite_source.hpp"
#include "config/names.hpp"
#include "core/text.hpp"
#include "keyring_access.hpp"
#include "os/replace_file.hpp"
#include "os/signals.hpp"
#include "os/whole_file.hpp"
#include "proof/proof_directory.hpp"

namespace trackier::cli {
namespace {

using config::Source;

std::filesystem::path backup_state(const Context& context) {
  return context.environment().state_directory() / "backup";
}

void trust_signers(Context& context, store::StoreDirectory& store) {
  store.trust(trusted_signers(context));
}

constexpr unsigned private_directory = 0700;

/// Held while what all runs of the host have in common is made; it takes moments.
std::unique_ptr<os::File> host_lock(Context& context) {
  constexpr int most_tries = 300;
  constexpr std::chrono::milliseconds between_tries{100};
  os::FileSystem& files = context.files();
  files.create_directories(backup_state(context), private_directory);
  const auto path = backup_state(context) / "lock";
  auto file = files.create_exclusive(path, 0600);
  if (!file) {
    file = files.open_for_update(path);
  }
  for (int tries = 0; !file->try_lock(0, 1); ++tries) {
    if (tries == most_tries) {
      throw Error{Code::busy, fmt::format("{} is held by another run", printable(path.native()))};
    }
    os::throw_if_interrupted();
    std::this_thread::sleep_for(between_tries);
  }
  return file;
}

/// Throws when this host has written to a store there.
void refuse_missing_store(os::FileSystem& files, const std::filesystem::path& states,
                          const std::filesystem::path& path) {
  constexpr std::size_t longest_path = 8192;
  for (const auto& id : files.list(states)) {
    const auto place = states / id / "place";
    if (files.status(place) && os::read_whole(files, place, longest_path) == path.native()) {
      throw Error{Code::no_input,
                  fmt::format("{}: the store is gone that this host has written to",
                              printable(path.native())),
                  fmt::format("is its disk mounted? To begin a new one, remove {}",
                              printable(place.native()))};
    }
  }
}

}  // namespace

void add_store_option(Command& command, StoreOptions& options) {
  command.option("--store", options.store, "DIR", "the store; otherwise as the settings say")
      .offers(Offer::directories);
}

std::filesystem::path store_path(Context& context, const StoreOptions& options) {
  const std::string path = options.store.value_or(context.settings().backup.store);
  if (path.empty()) {
    throw Error{Code::usage, "nothing says where the store is",
                "pass --store, or set backup.store"};
  }
  return path;
}

store::StoreDirectory open_store(Context& context, const StoreOptions& options) {
  auto store = store::StoreDirectory::open(context.files(), store_path(context, options));
  trust_signers(context, store);
  return store;
}

store::StoreDirectory open_or_create_store(Context& context, const StoreOptions& options) {
  os::FileSystem& files = context.files();
  const auto path = std::filesystem::absolute(store_path(context, options)).lexically_normal();
  const auto lock = host_lock(context);
  const auto states = backup_state(context);
  if (!files.status(path / store::StoreDirectory::marker)) {
    refuse_missing_store(files, states, path);
  }
  auto store = store::StoreDirectory::open_or_create(files, path);
  backup::sweep_temporaries(files, path);
  backup::sweep_temporaries(files, states);
  backup::sweep_temporaries(files, states / store.id());
  const auto place = states / store.id() / "place";
  if (!files.status(place)) {
    files.create_directories(place.parent_path(), private_directory);
    os::ReplaceFile file{files, place, {.replace = true}};
    file.write(as_bytes(path.native()));
    file.finish();
  }
  backup::signing_key(files, states / "signing.key");
  trust_signers(context, store);
  return store;
}

std::vector<config::Source> sources_named(Context& context, const std::vector<std::string>& names) {
  const auto& all = context.settings().sources;
  if (all.empty()) {
    throw Error{Code::usage, "the settings name no source",
                "describe each database in a [[source]]; see trackier-ctl.toml(5)"};
  }
  if (names.empty()) {
    return all;
  }
  std::vector<config::Source> found;
  for (const std::string& name : names) {
    const auto source = std::ranges::find(all, name, &config::Source::name);
    if (source == all.end()) {
      std::vector<std::string> known;
      std::ranges::transform(all, std::back_inserter(known), &config::Source::name);
      throw Error{Code::usage, fmt::format("the settings name no source {}", printable(name)),
                  config::suggestion(name, known)};
    }
    if (std::ranges::find(found, name, &config::Source::name) == found.end()) {
      found.push_back(*source);
    }
  }
  return found;
}

std::vector<std::string> stored_sources(Context& context, const store::StoreDirectory& store,
                                        const std::vector<std::string>& names) {
  const auto there = store.sources();
  if (names.empty()) {
    std::vector<std::string> all = there;
    for (const auto& source : context.settings().sources) {
      if (std::ranges::find(all, source.name) == all.end()) {
        all.push_back(source.name);
      }
    }
    return all;
  }
  for (const std::string& name : names) {
    const bool in_settings =
        std::ranges::find(context.settings().sources, name, &config::Source::name) !=
        context.settings().sources.end();
    if (!in_settings && std::ranges::find(there, name) == there.end()) {
      throw Error{Code::no_input,
                  fmt::format("{}: there are no backups of a source {}",
                              printable(store.path().native()), printable(name)),
                  there.empty() ? "" : config::suggestion(name, there)};
    }
  }
  return names;
}

backup::HostState host_state(Context& context, const store::StoreDirectory& store,
                             const std::string& source) {
  return {context.files(), backup_state(context) / store.id() / source};
}

backup::ChainFile chain_file(Context& context, const backup::HostState& state) {
  const std::string& reference = context.settings().backup.state_key;
  return {context.files(), state.chain_file(),
          reference.empty()
              ? nullptr
              : std::make_shared<const crypto::Secret>(load_named_key(context, reference))};
}

crypto::Secret manifest_signing_key(Context& context) {
  const auto lock = host_lock(context);
  return backup::signing_key(context.files(), backup_state(context) / "signing.key");
}

std::vector<crypto::Ed25519Public> trusted_signers(Context& context) {
  std::vector<crypto::Ed25519Public> signers;
  for (const std::string& text : context.settings().backup.signers) {
    signers.push_back(*keyring::parse_signer(text));  // the reader of settings has checked it
  }
  return signers;
}

std::set<std::string> verified_backups(Context& context, const store::SourceDirectory& source,
                                       proof::Lost lost) {
  const proof::ProofDirectory proofs{context.files(), source, trusted_signers(context)};
  const auto listing = proofs.list();
  const auto proved = proof::proved_manifests(listing, lost);
  std::set<std::string> ids;
  for (const auto& each : listing.proofs) {
    if (proved.contains(each.proof.manifest)) {
      ids.insert(each.proof.backup);
    }
  }
  return ids;
}

std::unique_ptr<os::File> reading_lock(const store::SourceDirectory& source) {
  constexpr int most_tries = 100;
  constexpr std::chrono::milliseconds between_tries{100};
  for (int tries = 0; tries < most_tries; ++tries) {
    if (auto lock = source.try_lock(store::Lock::read)) {
      return lock;
    }
    os::throw_if_interrupted();
    std::this_thread::sleep_for(between_tries);
  }
  return source.lock(store::Lock::read);
}

crypto::Secret chain_key(Context& context, const store::SourceDirectory& source,
                         const backup::HostState& state, const std::string& chain,
                         const IdentityOptions& identities) {
  if (identities.any()) {
    return backup::open_chain(context.files(), source, chain, identities_of(context, identities));
  }
  std::optional<Error> why_not_here;
  try {
    auto current = chain_file(context, state).load();
    if (current && current->id == chain) {
      return std::move(current->key);
    }
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    why_not_here = error;
  }
  const config::Keyring& keyring = context.settings().keyring;
  if (why_not_here && keyring.path.empty() && keyring.unlock.empty()) {
    throw Error{*why_not_here};
  }
  return backup::open_chain(context.files(), source, chain, identities_of(context, identities));
}

std::unique_ptr<backup::Database> database_of(Context& context, const Source& source,
                                              const backup::HostState& state) {
  if (source.kind == Source::Kind::postgres) {
    const auto options = postgres_options(context, source.conninfo, source.passfile, source.tools);
    using Checkpoint = postgres::BaseBackupOptions::Checkpoint;
    const std::set<std::string> skip{source.digest_skip.begin(), source.digest_skip.end()};
    return source.mode == Source::Mode::physical
               ? backup::postgres_cluster(
                     options.connection,
                     {.checkpoint = source.checkpoint == Source::Checkpoint::fast
                                        ? Checkpoint::fast
                                        : Checkpoint::spread},
                     skip)
               : backup::postgres_dump(options, skip);
  }
  const auto method = source.method == Source::Method::copy ? sqlite::SnapshotMethod::copy
                                                            : sqlite::SnapshotMethod::direct;
  return backup::sqlite_database(
      context.files(),
      {.path = source.path,
       .snapshot = {.method = method, .scratch = state.directory(), .patience = source.lock_wait},
       .skip = {source.digest_skip.begin(), source.digest_skip.end()}});
}

postgres::LogicalOptions postgres_options(Context& context, const std::string& conninfo,
                                          const std::string& passfile,
                                          const std::string& directory) {
  postgres::LogicalOptions made{.connection = {.conninfo = conninfo, .passfile = passfile},
                                .environment = {},
                                .tools = {.directory = directory, .path = {}}};
  constexpr std::string_view path = "PATH=";
  for (char* const* variable = context.environment().variables; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    made.environment.emplace_back(text);
    if (!text.starts_with(path)) {
      continue;
    }
    for (std::string_view rest = text.substr(path.size()); !rest.empty();) {
      const std::size_t end = std::min(rest.find(':'), rest.size());
      made.tools.path.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return made;
}

unsigned backup_workers(Context& context, std::optional<unsigned> asked) {
  // More than this take memory and gain nothing: disks are the limit.
  constexpr unsigned most_workers = 4;
  const unsigned chosen = asked.value_or(context.settings().backup.threads);
  return chosen != 0 ? chosen : std::clamp(std::thread::hardware_concurrency(), 1U, most_workers);
}

std::string host_name() {
  constexpr std::size_t longest = 256;
  std::array<char, longest> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? printable(name.data()) : "";
}

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace trackier::cli
