#pragma once
/// How far a run is: a line on a terminal, ten times a second at most, and one line wherever
/// standard error goes when SIGUSR1 asks.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace trackier::cli {

class Progress {
 public:
  /// drawn: whether to draw without being asked.
  explicit Progress(bool drawn) : drawn_(drawn) {}

  /// A new piece of work begins. name: printable. bytes: of the input; 0 when unknown.
  void begin(std::string name, std::uint64_t bytes);

  /// consumed: bytes of the input, in its own encoding; produced: bytes after decompression.
  void advance(std::uint64_t consumed, std::uint64_t produced);

  /// Takes the line off the terminal, before something else is written there.
  void clear();

  /// One line, whether drawn or not. From any thread.
  void answer();

 private:
  [[nodiscard]] std::string line() const;

  using Clock = std::chrono::steady_clock;

  bool drawn_;
  bool visible_ = false;
  mutable std::mutex lock_;  ///< name_, bytes_, started_: answer() comes from another thread
  std::string name_;
  std::uint64_t bytes_ = 0;
  Clock::time_point started_;
  Clock::time_point last_;
  std::atomic<std::uint64_t> consumed_ = 0;
  std::atomic<std::uint64_t> produced_ = 0;
};

}  // namespace trackier::cli
