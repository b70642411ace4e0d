#pragma once
/// The audit log as the outbox of a channel: what was recorded is told in order, and how far is
/// noted once the channel has taken it. A crash between the two tells something twice, under the
/// same id, and never loses it. trackier-ctl-alert(1), DELIVERY.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "alert/cursor.hpp"
#include "alert/event.hpp"
#include "alert/message.hpp"
#include "os/file.hpp"

namespace trackier::alert {

/// What a channel wants to be told.
struct Subscription {
  std::set<Event> at_once;
  bool digest = true;  ///< every activity, once its hour is over
};

struct OutboxPlace {
  std::filesystem::path log;                   ///< directory of the audit log
  std::filesystem::path directory;             ///< of the cursors; made, 0700, when it is not there
  std::string channel;                         ///< a name that can be one of a file
  std::string host;                            ///< a word, see audit::escaped()
  std::chrono::milliseconds patience{10'000};  ///< for another run that tells the channel
};

/// What is waiting.
struct Pending {
  std::uint64_t at_once = 0;
  std::uint64_t digest = 0;  ///< of hours that are over
  std::optional<audit::Milliseconds> oldest_at_once;
  std::optional<audit::Milliseconds> oldest_digest;
  bool is_damaged = false;  ///< the log does not go on from where the channel was told of it

  [[nodiscard]] std::optional<audit::Milliseconds> oldest() const {
    return oldest_at_once && oldest_digest ? std::min(oldest_at_once, oldest_digest)
           : oldest_at_once                ? oldest_at_once
                                           : oldest_digest;
  }
};

/// Hands a message over. Throws when the channel has not taken it.
using Deliver = std::function<void(const Message& message)>;

/// One at a time for each channel. A channel that was never told anything begins with the records
/// of the last day.
class Outbox {
 public:
  Outbox(os::FileSystem& files, OutboxPlace place, Subscription subscription);

  enum class What : std::uint8_t { at_once, all };

  /// Tells what is to be told by now; true when anything was. A log that is broken is told of once,
  /// and so is what follows the break. Throws what `deliver` throws, Error{Code::busy} when another
  /// run is at it for longer than the patience, and Error{Code::data} in the end when it came upon
  /// a break.
  bool flush(What what, Time now, const Deliver& deliver, const std::stop_token& stop);

  [[nodiscard]] Pending pending(Time now, const std::stop_token& stop);

 private:
  struct Batch;

  [[nodiscard]] std::filesystem::path file(std::string_view suffix) const;
  [[nodiscard]] std::unique_ptr<os::File> hold(const std::stop_token& stop);
  [[nodiscard]] Cursor cursor(Time now, const std::stop_token& stop);
  [[nodiscard]] Origin origin();
  [[nodiscard]] Batch next(Kind kind, const std::optional<audit::Place>& after, Time now,
                           const std::stop_token& stop);
  [[nodiscard]] Batch read_batch(Kind kind, const std::optional<audit::Place>& after,
                                 audit::Breaks breaks, Time now, const std::stop_token& stop);
  [[nodiscard]] bool is_due(Kind kind, const audit::Record& record, Time now) const;
  void note(const Cursor& cursor);
  [[nodiscard]] Cursor begun(Time now, const std::stop_token& stop);
  void tell_replaced(Cursor& cursor, Time now, const Deliver& deliver, const std::stop_token& stop);
  bool tell_break(Cursor& cursor, std::uint64_t after, Time now, const Deliver& deliver);

  os::FileSystem& files_;
  OutboxPlace place_;
  Subscription subscription_;
};

}  // namespace trackier::alert
