#pragma once
/// What a channel is given: an event or several that are told at once, or the digest of an hour.
/// Times, numbers, and names of commands and events are in it, and nothing that names a person.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "alert/event.hpp"
#include "audit/record.hpp"
#include "core/time.hpp"

namespace trackier::alert {

/// What a record tells of.
struct Activity {
  std::uint64_t seq = 0;
  audit::Milliseconds at{};
  Event event = Event::activity;
  std::string operation;
  std::string result;        ///< "ok (0)"; empty: the record is of no end
  std::string operation_id;  ///< 32 hexadecimal digits
  std::uint64_t uid = 0;
};

Activity activity_of(const audit::Record& record, Event event);

enum class Kind : std::uint8_t { alert, digest, test };

struct Origin {
  std::string log;   ///< 16 hexadecimal digits: which audit log
  std::string host;  ///< a word, see audit::escaped()
};

struct Message {
  std::string id;       ///< letters, digits, - and . ; the same when the same is told again
  std::string subject;  ///< of a fixed list, nothing else
  std::string text;     ///< for people; lines end with a line feed
  std::string json;     ///< for programs: trackier-ctl-alert(1), MESSAGES
  Time date;
};

/// activities: at least one, in order. open: operations that have begun and not ended, of a digest.
Message compose(Kind kind, const Origin& origin, const std::vector<Activity>& activities,
                const std::vector<audit::OpenOperation>& open, Time now);

/// That the log is not what it was. seq: of the last record that was told of.
Message compose_damaged(const Origin& origin, std::uint64_t seq, std::string_view what, Time now);

Message compose_test(const Origin& origin, Time now);

}  // namespace trackier::alert
