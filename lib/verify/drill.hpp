#pragma once
/// A drill: a backup checked as deeply as was asked for, and the record of it.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "content/content.hpp"
#include "core/time.hpp"
#include "crypto/mac.hpp"
#include "crypto/secret.hpp"
#include "os/file.hpp"
#include "postgres/logical_dump.hpp"
#include "postgres/scratch_server.hpp"
#include "proof/proof.hpp"
#include "store/directory.hpp"

namespace trackier::verify {

/// A statement of the operator, and what it gives where all is well.
struct Expectation {
  std::string name;
  std::string sql;  ///< $1 is the slot of the backup, $2 when it was taken, as RFC 3339
  std::string result;
  std::string database;  ///< of a cluster; empty: postgres
};

struct DrillOptions {
  proof::Level level = proof::Level::content;
  unsigned workers = 1;
  /// Of the packs, 0 to 1, that the level `data` reads; none: all pages, and their root.
  std::optional<double> sample;
  std::vector<std::string> sampled_before;  ///< packs in the order of their last sample
  std::vector<Expectation> expectations;
  /// Describes the database that was backed up, as it is now; empty: it is left alone.
  std::function<content::Content(const crypto::MacKey& key, const std::set<std::string>& skip)>
      live;
  std::vector<std::string> environment;  ///< NAME=VALUE, of PostgreSQL's tools
  postgres::ToolSearch tools;
  std::optional<postgres::ScratchAccount> account;  ///< whom root has PostgreSQL run as
  std::string no_account_because;                   ///< empty: it is there, or not needed
  std::filesystem::path scratch;                    ///< directory in which each drill makes its own
  std::string host;
  std::string by;
  std::string tool;
  std::string tool_digest;
};

struct DrillPlace {
  os::FileSystem& files;
  const store::SourceDirectory& source;
  const store::Listing& listing;
  std::function<crypto::Secret()> chain_key;  ///< of the chain of the backup; asked for when needed
  std::function<Time()> now;
  /// `chain_key` as its envelope in the store gives it: who reads with a key that this host keeps
  /// has not seen that another host could read. Empty: nobody here opens envelopes. Throws what
  /// backup::open_chain throws, Error{Code::no_permission} without an identity.
  std::function<crypto::Secret()> enveloped_key = {};
};

struct DrillEvents {
  std::function<void(const proof::Check&)> checked = [](const proof::Check&) {};
  std::function<void(std::uint64_t)> read = [](std::uint64_t) {};  ///< bytes so far
  /// Something that an operator has to see to, and that says nothing of the backup.
  std::function<void(const std::string&)> warned = [](const std::string&) {};
};

/// Runs all checks up to the level; what is found is in the proof, whose verdict is the worst of
/// them. After a check that deeper ones build on has not passed, those are not run, and the proof
/// says so. Throws Interrupted, and Error{Code::bug}; nothing is left in the scratch place then.
proof::Proof drill(const store::SignedManifest& backup, const DrillPlace& place,
                   const DrillOptions& options, const DrillEvents& events,
                   const std::stop_token& stop);

}  // namespace trackier::verify
