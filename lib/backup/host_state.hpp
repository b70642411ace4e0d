#pragma once
/// What the host remembers of a source between runs, in a private directory: the key of the chain
/// it writes, the state of the last backup, by which mark "nothing has changed" is known, and how
/// its runs went. All of it but the key can be lost without harm.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backup/chain.hpp"
#include "backup/slots.hpp"
#include "core/time.hpp"
#include "os/file.hpp"

namespace trackier::backup {

/// By which a source without changes is known.
struct Mark {
  std::string manifest;  ///< digest of the manifest it was taken with
  std::string text;      ///< as of Database::mark
  Time scanned;          ///< when all of the source was read last
};

class HostState {
 public:
  /// directory: of this source in this store.
  HostState(os::FileSystem& files, std::filesystem::path directory);

  /// Makes the directory when it is missing, 0700. Before anything is written.
  void create() const;

  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
  [[nodiscard]] std::filesystem::path chain_file() const { return directory_ / "chain"; }

  [[nodiscard]] std::optional<Mark> mark() const;
  void set_mark(const Mark& mark) const;

  /// Notes that a run has begun; what it becomes is noted by the next call.
  void begin_attempt(Time started) const;
  void end_attempt(Time started, Time ended, Attempt::Outcome outcome,
                   const std::string& message) const;
  /// Those of the last 40 days. What cannot be read is passed over.
  [[nodiscard]] std::vector<Attempt> attempts() const;
  /// Forgets what is older than 40 days.
  void trim_attempts(Time now) const;

  /// Takes away what a run that was killed has left. The caller has the source's write lock.
  void sweep() const;

 private:
  void append(const std::string& line) const;

  os::FileSystem& files_;
  std::filesystem::path directory_;
};

/// Removes what killed runs have left in a directory. The caller knows that none is at it.
void sweep_temporaries(os::FileSystem& files, const std::filesystem::path& directory);

/// The key that signs manifests on this host, made when it is missing.
crypto::Secret signing_key(os::FileSystem& files, const std::filesystem::path& path);

}  // namespace trackier::backup
