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
  enum class Unit : std::uint8_t { bytes, files };

  /// drawn: whether to draw without being asked.
  explicit Progress(bool drawn) : drawn_(drawn) {}

  /// A new piece of work begins. name: printable. total: of the input, in `unit`; 0 when unknown.
  void begin(std::string name, std::uint64_t total, Unit unit = Unit::bytes);

  /// Whether somebody sees it without asking: then it may be worth to find out the total.
  [[nodiscard]] bool is_drawn() const { return drawn_; }

  /// consumed: of the input, bytes in its own encoding; produced: bytes after decompression.
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
  mutable std::mutex lock_;  ///< name_, total_, unit_, started_: answer() comes from another thread
  std::string name_;
  std::uint64_t total_ = 0;
  Unit unit_ = Unit::bytes;
  Clock::time_point started_;
  Clock::time_point last_;
  std::atomic<std::uint64_t> consumed_ = 0;
  std::atomic<std::uint64_t> produced_ = 0;
};

}  // namespace trackier::cli
