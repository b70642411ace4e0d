#pragma once
/// The audit log: a directory of files that are only added to, one record a line.
///
/// A record is durable when the call that makes it returns: one write and one sync, under a lock
/// that is waited for with patience and not for ever. What an append costs does not depend on how
/// long the log is. What has begun and not ended is told by the last record (Record::open), so that
/// there is nothing beside the log that could get lost. trackier-audit(5), WRITING.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "audit/record.hpp"
#include "audit/tail.hpp"
#include "os/file.hpp"

namespace trackier::audit {

/// What the clocks say.
struct Stamp {
  Milliseconds at{};
  std::uint64_t boot_us = 0;
};

/// Who writes: what the kernel knows of this process, and how to ask it.
struct Writer {
  Actor actor;
  Process process;
  std::string host;  ///< a word, see escaped()
  std::function<Stamp()> now;

  /// Whether that process is certainly no more: of an earlier boot, or of the same namespace and
  /// not there, or there with another start. False whenever it cannot be told.
  std::function<bool(const Process&)> is_gone;
};

struct LogOptions {
  std::filesystem::path directory;                         ///< made, 0700, when it is not there
  std::uint64_t segment_bytes = std::uint64_t{64} << 20U;  ///< a segment is no longer
  std::chrono::milliseconds patience{10'000};              ///< for other runs
  std::stop_token stop;  ///< ends the waiting of begin(); what has begun is recorded to its end
};

/// Not thread-safe: one for each thread, as for each process.
class Log {
 public:
  /// Throws Error{Code::no_permission} when others may write into the directory, or it is a link.
  Log(os::FileSystem& files, LogOptions options, Writer writer);

  /// Records that `operation` is about to be done. When this throws, nothing may be done:
  /// Error{Code::io} when it could not be recorded, Error{Code::busy} when the log is held by
  /// another run or too much is open, Error{Code::data} when the end of the log is no log.
  /// Before that it records, for each operation whose process is gone, that it did not end, and
  /// mends the end of the log when it was cut short; the bytes are kept as `torn-SEQ`.
  OperationId begin(const std::string& operation, Values args, const std::string& tenant = {});

  /// Records how it ended. Throws as begin(); Error{Code::io} says that the end of what was done is
  /// not recorded, and the next run will record that it did not end.
  void end(const OperationId& id, const std::string& operation, Result result, Values args = {},
           const std::string& tenant = {});

  /// Records that a checkpoint was cosigned.
  void anchored(std::uint64_t size, const Hash& root, std::uint64_t witnesses);

  /// Records that an open operation will not end, because a person says so. False when it is not
  /// open.
  bool give_up(const OperationId& id);

  /// What is open now.
  [[nodiscard]] std::vector<OpenOperation> open_operations();

  [[nodiscard]] const LogOptions& options() const noexcept { return options_; }
  [[nodiscard]] os::FileSystem& files() const noexcept { return files_; }

 private:
  [[nodiscard]] Record draft(Phase phase, const std::string& operation, const OperationId& id,
                             const std::vector<OpenOperation>& open) const;
  void append(Tail& tail, Record record);
  void write_line(Tail& tail, const std::string& line);
  void mend(Tail& tail);
  void recover_gone(Tail& tail);
  [[nodiscard]] std::unique_ptr<os::File> hold(bool may_stop);
  void expect_usable() const;

  os::FileSystem& files_;
  LogOptions options_;
  Writer writer_;
  bool failed_ = false;  ///< a write or sync failed: what is on the disk is unknown
};

}  // namespace trackier::audit
