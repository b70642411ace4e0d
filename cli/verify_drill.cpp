#include "verify_drill.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>

#include "backup/chain.hpp"
#include "backup/postgres_source.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/digest.hpp"
#include "os/signals.hpp"
#include "postgres/content.hpp"
#include "sqlite/database_snapshot.hpp"
#include "verify/drill.hpp"

namespace trackier::cli {
namespace {

using config::Source;

const Source* source_of(Context& context, const std::string& name) {
  const auto& sources = context.settings().sources;
  const auto found = std::ranges::find(sources, name, &Source::name);
  return found == sources.end() ? nullptr : &*found;
}

/// "uid 1000 (deploy)": the number is the kernel's word.
std::string current_user() {
  const ::uid_t uid = ::getuid();
  const ::passwd* const entry = ::getpwuid(uid);  // NOLINT(concurrency-mt-unsafe) one thread
  return entry == nullptr ? fmt::format("uid {}", uid)
                          : fmt::format("uid {} ({})", uid, printable(entry->pw_name));
}

/// SHA-256 of the program that runs; empty where the system does not show it.
std::string program_digest(os::FileSystem& files) {
  constexpr std::size_t buffer_bytes = std::size_t{1} << 18U;
  try {
    const auto file = files.open("/proc/self/exe");
    crypto::Sha256 digest;
    std::vector<std::byte> buffer(buffer_bytes);
    while (const std::size_t count = file->read(buffer)) {
      digest.add(Bytes{buffer}.first(count));
    }
    return hexadecimal(digest.finish());
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error&) {
    return {};
  }
}

/// PostgreSQL does not run as root.
void name_account(Context& context, verify::DrillOptions& options) {
  if (::geteuid() != 0) {
    return;
  }
  const std::string& name = context.settings().verify.user;
  const ::passwd* const entry =
      ::getpwnam(name.c_str());  // NOLINT(concurrency-mt-unsafe) one thread
  if (entry == nullptr) {
    options.no_account_because =
        fmt::format("PostgreSQL does not run as root, and there is no user {}", printable(name));
    return;
  }
  options.account =
      postgres::ScratchAccount{.uid = entry->pw_uid, .gid = entry->pw_gid, .name = name};
}

/// Beside the state directory for root, whose PostgreSQL runs as somebody who may not look into it.
std::filesystem::path scratch_place(Context& context, const DrillRequest& request) {
  if (request.scratch) {
    return std::filesystem::absolute(*request.scratch);
  }
  if (!context.settings().verify.scratch.empty()) {
    return context.settings().verify.scratch;
  }
  const auto state = context.environment().state_directory();
  return ::geteuid() == 0 ? std::filesystem::path{state} += "-scratch" : state / "scratch";
}

content::Content live_content(Context& context, const Source& source, const crypto::MacKey& key,
                              const std::set<std::string>& skip) {
  if (source.kind == Source::Kind::sqlite) {
    sqlite::DatabaseSnapshot snapshot{
        context.files(), source.path, {.patience = source.lock_wait}, context.interrupt().token()};
    return snapshot.content(key, {.skip = skip});
  }
  const auto options = postgres_options(context, source.conninfo, source.passfile, source.tools);
  const bool is_dump = source.mode == Source::Mode::logical;
  return backup::postgres_content(options.connection, key, skip, is_dump);
}

verify::DrillOptions drill_options(Context& context, const store::SignedManifest& backup,
                                   const DrillRequest& request,
                                   const proof::ProofDirectory& proofs) {
  const Source* const source = source_of(context, backup.manifest.source);
  const auto tools = postgres_options(context, "", "", source == nullptr ? "" : source->tools);
  verify::DrillOptions made{.level = request.level,
                            .workers = backup_workers(context, request.threads),
                            .sample = request.sample,
                            .environment = tools.environment,
                            .tools = tools.tools,
                            .scratch = scratch_place(context, request),
                            .host = host_name(),
                            .by = current_user(),
                            .tool = "trackier-ctl " TRACKIER_VERSION,
                            .tool_digest = program_digest(context.files())};
  name_account(context, made);
  if (request.sample) {
    made.sampled_before = proof::sampled_packs(proofs.list());
  }
  if (source != nullptr) {
    for (const config::Expectation& each : source->expectations) {
      made.expectations.push_back(
          {.name = each.name, .sql = each.sql, .result = each.result, .database = each.database});
    }
  }
  if (request.against_live) {
    if (source == nullptr) {
      throw Error{
          Code::usage,
          fmt::format("the settings name no source {}: there is nothing live to compare with",
                      printable(backup.manifest.source))};
    }
    made.live = [&context, source](const crypto::MacKey& key, const std::set<std::string>& skip) {
      return live_content(context, *source, key, skip);
    };
  }
  return made;
}

/// The key of a chain out of its envelope, which is opened once: a passphrase may be asked for.
class EnvelopedKey {
 public:
  EnvelopedKey(Context& context, const store::SourceDirectory& source, std::string chain,
               const IdentityOptions& identities)
      : context_(context), source_(source), chain_(std::move(chain)), options_(identities) {}

  /// Whether it can be opened without asking somebody who may not be there.
  [[nodiscard]] bool can_be_opened() const {
    const config::Keyring& keyring = context_.settings().keyring;
    return options_.any() ||
           (!keyring.path.empty() && !keyring.unlock.empty() &&
            std::ranges::find(keyring.unlock, "passphrase") == keyring.unlock.end());
  }

  crypto::Secret get() {
    if (!key_ && !failure_) {
      open();
    }
    if (failure_) {
      throw Error{*failure_};
    }
    return crypto::Secret::copy_of(key_->bytes());
  }

 private:
  void open() {
    try {
      key_ = backup::open_chain(context_.files(), source_, chain_, identities());
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      failure_ = error;
    }
  }

  /// A damaged keyring says nothing of the envelope.
  [[nodiscard]] envelope::Identities identities() const {
    try {
      return identities_of(context_, options_);
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      throw Error{Code::unavailable, error.what(), error.hint()};
    }
  }

  Context& context_;
  const store::SourceDirectory& source_;
  std::string chain_;
  const IdentityOptions& options_;
  std::optional<crypto::Secret> key_;
  std::optional<Error> failure_;
};

}  // namespace

proof::ProofDirectory proof_directory(Context& context, const store::SourceDirectory& source) {
  return {context.files(), source, trusted_signers(context)};
}

std::optional<proof::SignedProof> run_drill(Context& context, const store::StoreDirectory& store,
                                            const std::string& source,
                                            const store::SignedManifest& backup,
                                            const DrillRequest& request,
                                            const IdentityOptions& identities) {
  const store::SourceDirectory directory = store.source(source);
  directory.create();
  const auto proving = directory.lock(store::Lock::prove);
  const auto reading = reading_lock(directory);
  const store::Listing listing = directory.list();
  if (std::ranges::find(listing.manifests, backup.digest, &store::SignedManifest::digest) ==
      listing.manifests.end()) {
    return std::nullopt;
  }
  const backup::HostState state = host_state(context, store, source);
  const proof::ProofDirectory proofs = proof_directory(context, directory);
  const auto options = drill_options(context, backup, request, proofs);
  Progress& progress = context.progress();
  progress.begin(source, backup.manifest.source_bytes);
  EnvelopedKey enveloped{context, directory, backup.manifest.chain, identities};
  verify::DrillPlace place{.files = context.files(),
                           .source = directory,
                           .listing = listing,
                           .chain_key =
                               [&] {
                                 return identities.any()
                                            ? enveloped.get()
                                            : chain_key(context, directory, state,
                                                        backup.manifest.chain, identities);
                               },
                           .now = now};
  if (enveloped.can_be_opened()) {
    place.enveloped_key = [&enveloped] { return enveloped.get(); };
  }
  const verify::DrillEvents events{
      .checked = [](const proof::Check& /*check*/) {},
      .read = [&progress](std::uint64_t bytes) { progress.advance(bytes, bytes); },
      .warned = [&context](const std::string& what) { context.out().warning(what); }};
  proof::Proof proof = verify::drill(backup, place, options, events, context.interrupt().token());
  progress.clear();
  return proofs.append(std::move(proof), manifest_signing_key(context));
}

}  // namespace trackier::cli
