#pragma once
/// One run for one source: decides whether something is due, which chain it belongs to, takes the
/// backup, publishes it.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "backup/host_state.hpp"
#include "backup/snapshot.hpp"
#include "backup/take.hpp"
#include "core/time.hpp"
#include "crypto/secret.hpp"
#include "envelope/recipient.hpp"
#include "os/file.hpp"
#include "store/directory.hpp"

namespace trackier::backup {

struct RunOptions {
  std::string tenant;
  std::chrono::minutes period{60};
  std::chrono::hours chain_length{7 * 24};
  std::chrono::hours scan_every{24};   ///< a mark is not trusted for longer
  std::chrono::hours check_every{24};  ///< how often the source checks itself; 0: at every backup
  bool check = true;                   ///< whether it does at all
  /// How often digests are taken; 0: at every backup, as always where they cost little.
  std::chrono::hours digest_every{24};
  bool digest = true;   ///< whether they are at all
  bool if_due = false;  ///< only when the slot has no good backup yet
  bool new_chain = false;
  unsigned workers = 1;
  envelope::Recipients recipients;  ///< of a new chain
  std::string sealed_for;           ///< as in Chain
  std::string host;
  std::string tool;
};

struct RunEvents {
  std::function<void(const std::string&)> warn = [](const std::string&) {};
  TakeEvents take;
};

struct RunResult {
  bool was_due = true;  ///< otherwise nothing was done, and the rest says nothing
  store::Manifest manifest;
  std::string digest;             ///< of the manifest
  std::string new_chain_because;  ///< empty: the chain goes on
};

/// What a run works with.
struct RunPlace {
  os::FileSystem& files;
  const store::SourceDirectory& source;
  const HostState& state;
  const ChainFile& chain_file;
  const crypto::Secret& signing_key;
  std::function<std::int64_t()> now_ns;  ///< nanoseconds since 1970
};

/// The caller has the source's write lock. Throws what databases, stores and writing throw; the
/// backups that are there already are untouched then. Interrupted when `stop` is requested.
RunResult back_up(Database& database, const RunPlace& place, const RunOptions& options,
                  const RunEvents& events, const std::stop_token& stop);

}  // namespace trackier::backup
