#pragma once
/// A PostgreSQL server on restored files, or on a new cluster, for as long as a drill takes. It
/// disturbs nobody: it listens on a socket in a private directory alone, archives, replicates and
/// preloads nothing, runs no background jobs, and reads its own settings, not those restored. It
/// dies with the thread that started it, whatever that dies of.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "os/program.hpp"
#include "postgres/tools.hpp"

namespace trackier::postgres {

/// Whom it runs as when we are root, which PostgreSQL refuses to be.
struct ScratchAccount {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string name;
};

struct ScratchOptions {
  std::filesystem::path data;       ///< the data directory
  std::filesystem::path directory;  ///< private, for the socket, the log and the settings
  ToolSearch tools;
  std::optional<ScratchAccount> account;  ///< owns both directories then
  std::string superuser = "postgres";     ///< a role of the cluster
  std::chrono::seconds patience{3600};    ///< for recovery
};

/// Gives a directory and all below it, links themselves, to the account. Throws Error{Code::io}.
void hand_over(const std::filesystem::path& path, const ScratchAccount& account);

/// The version a data directory is of, 15 for instance. Throws Error{Code::data}.
int major_of(const std::filesystem::path& data);

/// The program of exactly the version that a data directory needs. Throws Error{Code::unavailable}.
Tool find_cluster_tool(std::string_view name, const std::filesystem::path& data,
                       const ToolSearch& search);

/// One of the cluster's programs, run as the account. Its environment is empty but for what it
/// needs. Throws what run_program throws.
os::Printed run_cluster_tool(const Tool& tool, const ScratchOptions& options,
                             std::vector<std::string> arguments);

/// Where there was no room, a program has not judged. said: its complaints, in English. Throws
/// Error{Code::io} when they are about that.
void require_room_for(std::string_view said);

/// A new cluster in `data`, with the superuser, of version `major`: initdb, which takes a second,
/// and runs beside whatever is done before finish(). Ended when nobody waits for it.
class NewCluster {
 public:
  /// Throws Error{Code::unavailable} when the program is missing.
  NewCluster(const ScratchOptions& options, int major);

  /// Once. Throws Error{Code::unavailable} when it could not be made.
  void finish();

 private:
  os::RunningProgram program_;
};

class ScratchServer {
 public:
  /// Starts it and waits until it answers: what was restored is recovered first. Throws
  /// Error{Code::unavailable} when the program is missing, Error{Code::data} with the server's own
  /// words when it does not start, Interrupted.
  explicit ScratchServer(ScratchOptions options);
  ScratchServer(const ScratchServer&) = delete;
  ScratchServer& operator=(const ScratchServer&) = delete;
  ScratchServer(ScratchServer&&) = delete;
  ScratchServer& operator=(ScratchServer&&) = delete;
  /// Ends it with all its processes.
  ~ScratchServer();

  /// For a connection as the superuser.
  [[nodiscard]] std::string conninfo(const std::string& database) const;
  /// "postgres 15.18 on a private socket, ...", for people.
  [[nodiscard]] std::string description() const;
  [[nodiscard]] const ScratchOptions& options() const noexcept { return options_; }

  /// Shuts it down as it should be: the files are consistent then. Throws Error{Code::data} when it
  /// does not.
  void stop();

 private:
  [[nodiscard]] std::filesystem::path log() const { return options_.directory / "log"; }
  void write_settings() const;
  [[nodiscard]] std::vector<std::string> arguments() const;
  [[nodiscard]] std::string last_words() const;
  void wait_until_it_answers();

  ScratchOptions options_;
  Tool tool_;
  std::unique_ptr<os::RunningProgram> program_;
};

}  // namespace trackier::postgres
