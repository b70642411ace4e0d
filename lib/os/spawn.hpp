#pragma once
/// Starting another program and waiting for it. Of interest inside this area only.

#include <spawn.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace trackier::os {

/// Descriptors that become 0, 1 and 2 of the program. None of them may be 0, 1 or 2 itself, which
/// occupy_standard_descriptors() sees to.
struct SpawnStreams {
  std::optional<int> input;  ///< none: /dev/null
  int output = -1;
  std::optional<int> errors;  ///< none: our standard error
};

/// What posix_spawn needs to know, destroyed however the call ends. The program has default signal
/// handling, nothing blocked, and of our descriptors only the streams: all others are O_CLOEXEC.
class SpawnPlan {
 public:
  /// Whether the program shares our terminal and the Ctrl-C typed there, or leads a session and a
  /// process group of its own.
  enum class Session : bool { ours, own };

  SpawnPlan(const SpawnStreams& streams, Session session);
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  SpawnPlan(SpawnPlan&&) = delete;
  SpawnPlan& operator=(SpawnPlan&&) = delete;
  ~SpawnPlan();

  /// Has the program begin in another working directory.
  void begin_in(const std::filesystem::path& directory);

  /// arguments: the first is what the program is told it is called. environment: as of execve; null
  /// for an empty one. Throws Error{Code::no_input} when the program cannot be started.
  pid_t start(const std::filesystem::path& program, std::vector<std::string> arguments,
              char* const* environment) const;

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

/// A program that runs; ended by SIGTERM and awaited when nobody asked how it went.
class Child {
 public:
  /// A program with a session of its own is ended with its whole process group.
  Child(pid_t process, SpawnPlan::Session session) : process_(process), session_(session) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child(Child&&) = delete;
  Child& operator=(Child&&) = delete;
  ~Child();

  /// Waits, whatever signals come, and returns the status as of waitpid. Once.
  int wait();

  /// Whether it has ended; `wait` returns at once then.
  [[nodiscard]] bool has_ended() const;

  /// Waits until it has ended. Throws Interrupted when a signal asks the run to end.
  void wait_for_end() const;

  /// SIGTERM; SIGKILL to what is there after `patience`.
  void end(std::chrono::milliseconds patience) noexcept;

 private:
  void send(int signal) const noexcept;

  pid_t process_;
  SpawnPlan::Session session_;
};

}  // namespace trackier::os
