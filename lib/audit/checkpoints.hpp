#pragma once
/// Checkpoints of a log: signed by the host, cosigned by witnesses, kept beside the log.

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "audit/log.hpp"
#include "audit/tlog_proof.hpp"
#include "os/file.hpp"

namespace trackier::audit {

class Checkpoints {
 public:
  /// log: of this run; outlives this.
  explicit Checkpoints(Log& log) : log_(log) {}

  /// Signs the log as it is now, and puts the note into `checkpoint`. origin: the name of the log,
  /// and of its key. Costs what was added since the last time.
  /// "A log MUST not sign any checkpoint which is inconsistent with any checkpoint it previously
  /// signed" (c2sp.org/tlog-checkpoint): throws Error{Code::data} when the log no longer has what
  /// `checkpoint` says.
  std::string sign(const std::string& origin, const crypto::Secret& key);

  /// What witnesses have made of such a note: adds it to `checkpoints`, and records an anchor.
  /// Throws Error{Code::data} when it is not of this log, or a signature is wrong, and
  /// Error{Code::verdict} when fewer witnesses than the quorum of `policy` have signed.
  Anchor keep(std::string_view note, const Policy& policy);

  /// That the log only grew between two sizes, for a witness. Throws Error{Code::usage} for sizes
  /// the log does not have.
  std::vector<Hash> consistency(std::uint64_t old_size, std::uint64_t size);

  /// The proof of a record under the newest note that was kept and covers it, or else under
  /// `checkpoint`. Throws Error{Code::verdict} when none covers it yet.
  TlogProof prove(std::uint64_t index);

 private:
  Log& log_;
};

/// The text of `checkpoint`; none: nothing was signed yet.
std::optional<std::string> newest_checkpoint(os::FileSystem& files,
                                             const std::filesystem::path& directory);

/// The notes in `checkpoints`, in order. Throws Error{Code::data} when it is no such file.
std::vector<std::string> kept_checkpoints(os::FileSystem& files,
                                          const std::filesystem::path& directory);

}  // namespace trackier::audit
