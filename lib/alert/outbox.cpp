#include "alert/outbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "os/patient_lock.hpp"
#include "os/signals.hpp"

namespace trackier::alert {
namespace {

constexpr std::size_t most_at_once = 50;     // in a message
constexpr std::size_t most_in_digest = 500;  // about 50 KiB of text
constexpr std::chrono::hours a_day{24};
constexpr unsigned private_directory = 0700;
constexpr unsigned private_file = 0600;

/// A record that claims a later time than now does not wait for it: a clock that was ahead for a
/// while delays nothing.
bool is_of_hour_that_is_over(const audit::Record& record, Time now) {
  constexpr std::chrono::minutes leeway{1};
  return record.at < std::chrono::floor<std::chrono::hours>(now) || record.at > now + leeway;
}

/// So far that reading it again at every run would take longer than noting it.
bool is_far(const std::optional<audit::Place>& from, const audit::Place& to) {
  constexpr std::uint64_t records = 1000;
  return !from || to.seq - from->seq > records;
}

}  // namespace

/// Records that go into one message, and how far was looked for them.
struct Outbox::Batch {
  std::vector<Activity> activities;
  std::vector<audit::OpenOperation> open;
  std::optional<audit::Place> last;
  audit::Followed end = audit::Followed::all;
};

Outbox::Outbox(os::FileSystem& files, OutboxPlace place, Subscription subscription)
    : files_(files), place_(std::move(place)), subscription_(std::move(subscription)) {}

bool Outbox::flush(What what, Time now, const Deliver& deliver, const std::stop_token& stop) {
  files_.create_directories(place_.directory, private_directory);
  const auto lock = hold(stop);
  Cursor known = begun(now, stop);
  bool has_told = false;
  std::optional<std::uint64_t> broken_after;
  const auto tell = [&](Kind kind, std::optional<audit::Place> Cursor::*place) {
    const auto hand_over = [&](const Batch& batch) {
      if (!batch.activities.empty()) {
        deliver(compose(kind, origin(), batch.activities, batch.open, now));
        has_told = true;
      }
      const bool is_further = known.*place != batch.last;
      const bool is_worth_it = !batch.activities.empty() || what == What::all ||
                               (is_further && is_far(known.*place, *batch.last));
      known.*place = batch.last;
      if (is_further && is_worth_it) {
        note(known);
      }
      return is_further;
    };
    for (;;) {
      const Batch batch = next(kind, known.*place, now, stop);
      hand_over(batch);
      if (batch.end == audit::Followed::replaced) {
        tell_replaced(known, now, deliver, stop);
        has_told = true;
      } else if (batch.end == audit::Followed::broken) {
        broken_after = batch.last ? batch.last->seq : 0;
        has_told = tell_break(known, *broken_after, now, deliver) || has_told;
        if (!hand_over(read_batch(kind, known.*place, audit::Breaks::skip, now, stop))) {
          return;
        }
      } else if (batch.activities.empty()) {
        return;
      }
    }
  };
  tell(Kind::alert, &Cursor::at_once);
  if (what == What::all) {
    tell(Kind::digest, &Cursor::digest);
  }
  if (broken_after) {
    throw Error{Code::data,
                fmt::format("the audit log does not go on after record {}", *broken_after),
                "trackier-ctl audit verify says what is wrong"};
  }
  return has_told;
}

Pending Outbox::pending(Time now, const std::stop_token& stop) {
  Pending made;
  const Cursor known = cursor(now, stop);
  const auto count = [&](Kind kind, const std::optional<audit::Place>& after,
                         std::optional<audit::Milliseconds>& oldest) {
    std::uint64_t waiting = 0;
    const audit::Visitor visitor = [&](const audit::Record& record, const audit::Place&) {
      if (is_due(kind, record, now)) {
        ++waiting;
        oldest = oldest ? std::min(*oldest, record.at) : record.at;
      }
      return true;
    };
    auto end = audit::follow(files_, place_.log, after, visitor, stop);
    if (end == audit::Followed::broken) {
      made.is_damaged = true;
      waiting = 0;
      end = audit::follow(files_, place_.log, after, visitor, stop, audit::Breaks::skip);
    }
    made.is_damaged = made.is_damaged || end == audit::Followed::replaced;
    return waiting;
  };
  made.at_once = count(Kind::alert, known.at_once, made.oldest_at_once);
  made.digest = count(Kind::digest, known.digest, made.oldest_digest);
  return made;
}

std::filesystem::path Outbox::file(std::string_view suffix) const {
  return place_.directory / fmt::format("{}{}", place_.channel, suffix);
}

std::unique_ptr<os::File> Outbox::hold(const std::stop_token& stop) {
  auto held = os::lock_with_patience(files_, file(".lock"), private_file, place_.patience, stop);
  if (!held) {
    os::throw_if_stopped(stop);
    throw Error{Code::busy, fmt::format("another run tells {}", place_.channel),
                "what waits is told by it, or by the next one"};
  }
  return held;
}

/// Noted before anything is told: what waits now will wait until it is told.
Cursor Outbox::begun(Time now, const std::stop_token& stop) {
  const Cursor known = cursor(now, stop);
  if (!files_.entry(file(".cursor"))) {
    note(known);
  }
  return known;
}

Cursor Outbox::cursor(Time now, const std::stop_token& stop) {
  if (const auto known = read_cursor(files_, file(".cursor"))) {
    return *known;
  }
  Cursor begun;
  audit::follow(
      files_, place_.log, std::nullopt,
      [&](const audit::Record& record, const audit::Place& place) {
        if (record.at >= now - a_day) {
          return false;
        }
        begun.at_once = place;
        return true;
      },
      stop);
  begun.digest = begun.at_once;
  return begun;
}

Origin Outbox::origin() {
  constexpr std::size_t digits = 16;
  Origin made{.log = std::string(digits, '0'), .host = place_.host};
  audit::follow(files_, place_.log, std::nullopt,
                [&](const audit::Record& /*record*/, const audit::Place& place) {
                  made.log = hexadecimal(place.leaf).substr(0, digits);
                  return false;
                });
  return made;
}

bool Outbox::is_due(Kind kind, const audit::Record& record, Time now) const {
  const auto event = event_of(record);
  if (!event) {
    return false;
  }
  return kind == Kind::alert ? subscription_.at_once.contains(*event)
                             : subscription_.digest && is_of_hour_that_is_over(record, now);
}

Outbox::Batch Outbox::next(Kind kind, const std::optional<audit::Place>& after, Time now,
                           const std::stop_token& stop) {
  const auto read = [&] { return read_batch(kind, after, audit::Breaks::end, now, stop); };
  Batch made = read();
  // What another run was mending at this moment is whole the next time.
  return made.end == audit::Followed::broken ? read() : made;
}

Outbox::Batch Outbox::read_batch(Kind kind, const std::optional<audit::Place>& after,
                                 audit::Breaks breaks, Time now, const std::stop_token& stop) {
  const std::size_t most = kind == Kind::alert ? most_at_once : most_in_digest;
  Batch made{.activities = {}, .open = {}, .last = after};
  made.end = audit::follow(
      files_, place_.log, after,
      [&](const audit::Record& record, const audit::Place& place) {
        const bool has_to_wait = kind == Kind::digest && !is_of_hour_that_is_over(record, now);
        if (made.activities.size() == most || has_to_wait) {
          return false;
        }
        if (is_due(kind, record, now)) {
          made.activities.push_back(activity_of(record, *event_of(record)));
        }
        if (kind == Kind::digest) {
          made.open = audit::open_after(record);
        }
        made.last = place;
        return true;
      },
      stop, breaks);
  return made;
}

void Outbox::note(const Cursor& cursor) {
  write_cursor(files_, file(".cursor"), cursor);
}

/// What there is now is told of from the last day on.
void Outbox::tell_replaced(Cursor& known, Time now, const Deliver& deliver,
                           const std::stop_token& stop) {
  const auto& place = known.at_once ? known.at_once : known.digest;
  deliver(compose_damaged(origin(), place ? place->seq : 0,
                          "It is no longer where it was: the log was cut, moved or written anew",
                          now));
  files_.remove(file(".cursor"));
  known = begun(now, stop);
}

bool Outbox::tell_break(Cursor& known, std::uint64_t after, Time now, const Deliver& deliver) {
  if (known.damage_told == after) {
    return false;
  }
  deliver(compose_damaged(origin(), after, "What follows is no record of this log", now));
  known.damage_told = after;
  note(known);
  return true;
}

}  // namespace trackier::alert
