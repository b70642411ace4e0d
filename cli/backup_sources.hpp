#pragma once
/// What the commands about backups have in common: the store, the sources of the settings, and what
/// the host remembers of them.

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "attempt_each.hpp"
#include "backup/chain.hpp"
#include "backup/host_state.hpp"
#include "backup/snapshot.hpp"
#include "context.hpp"
#include "identities.hpp"
#include "postgres/logical_dump.hpp"
#include "proof/proof_directory.hpp"
#include "store/directory.hpp"

namespace trackier::cli {

struct StoreOptions {
  std::optional<std::string> store;  ///< otherwise as the settings say
};

void add_store_option(Command& command, StoreOptions& options);

/// Where the store is. Throws Error{Code::usage} when nothing says it.
std::filesystem::path store_path(Context& context, const StoreOptions& options);

store::StoreDirectory open_store(Context& context, const StoreOptions& options);

/// The same for who writes: one that is missing is made, unless this host has written to a store
/// there before: then its disk is not mounted, Error{Code::no_input}.
store::StoreDirectory open_or_create_store(Context& context, const StoreOptions& options);

/// The sources of these names, of the settings; all without any. Throws Error{Code::usage} for one
/// that is not there, with a suggestion, and when there is none at all.
std::vector<config::Source> sources_named(Context& context, const std::vector<std::string>& names);

/// The names of sources in the store, those given or all. Throws Error{Code::no_input} for one that
/// has nothing there.
std::vector<std::string> stored_sources(Context& context, const store::StoreDirectory& store,
                                        const std::vector<std::string>& names);

backup::HostState host_state(Context& context, const store::StoreDirectory& store,
                             const std::string& source);
backup::ChainFile chain_file(Context& context, const backup::HostState& state);

/// What signs manifests on this host.
crypto::Secret manifest_signing_key(Context& context);

/// Whose signatures count; empty: everybody's.
std::vector<crypto::Ed25519Public> trusted_signers(Context& context);

/// Keeps packs from being removed while they are read. That takes moments, and is waited for.
std::unique_ptr<os::File> reading_lock(const store::SourceDirectory& source);

/// Ids of the source's backups that came back as they were when they were verified.
std::set<std::string> verified_backups(Context& context, const store::SourceDirectory& source,
                                       proof::Lost lost = proof::Lost::failure);

/// The key of a chain: by the identities that are named; else of the chain that this host is
/// writing, if it is that one; else by the keyring of the settings.
crypto::Secret chain_key(Context& context, const store::SourceDirectory& source,
                         const backup::HostState& state, const std::string& chain,
                         const IdentityOptions& identities);

/// What a source of the settings is to the library. state: where copies can be made.
std::unique_ptr<backup::Database> database_of(Context& context, const config::Source& source,
                                              const backup::HostState& state);

/// How PostgreSQL's tools are found and what they are started with. directory: where they are;
/// empty: looked for.
postgres::LogicalOptions postgres_options(Context& context, const std::string& conninfo,
                                          const std::string& passfile,
                                          const std::string& directory);

/// Worker threads for backing up and restoring. asked: --threads; 0: as many as are useful.
unsigned backup_workers(Context& context, std::optional<unsigned> asked);

/// What this machine is called; empty when it does not know.
std::string host_name();

/// What time it is, in nanoseconds since 1970.
std::int64_t now_ns();

}  // namespace trackier::cli
