#include "alert/message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/hexadecimal.hpp"

namespace trackier::alert {
namespace {

using Json = nlohmann::ordered_json;

std::string_view type_of(Kind kind) {
  switch (kind) {
    case Kind::alert:
      return "trackier.alert";
    case Kind::digest:
      return "trackier.digest";
    case Kind::test:
      return "trackier.test";
  }
  return "";
}

std::string line_of(const Activity& each) {
  return fmt::format("{}  {}{}{}  {}  uid {}  record {} [{}]\n", audit::to_text(each.at),
                     each.operation, each.result.empty() ? "" : "  ", each.result,
                     kind_of(each.event).name, each.uid, each.seq, each.operation_id.substr(0, 8));
}

Json json_of(const Activity& each) {
  return {{"seq", each.seq},
          {"at", audit::to_text(each.at)},
          {"event", kind_of(each.event).name},
          {"operation", each.operation},
          {"result", each.result.empty() ? Json() : Json(each.result)},
          {"oid", each.operation_id},
          {"uid", each.uid}};
}

/// "2 backup-failed, 1 unfinished", the gravest first.
std::string counted(const std::vector<Activity>& activities) {
  std::map<Event, std::size_t> counts;
  for (const Activity& each : activities) {
    ++counts[each.event];
  }
  std::string text;
  for (const auto& [event, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, kind_of(event).name);
  }
  return text;
}

std::string_view subject_of(Kind kind, const std::vector<Activity>& activities) {
  if (kind == Kind::digest) {
    return "what commands did";
  }
  return kind_of(std::ranges::min(activities, {}, &Activity::event).event).subject;
}

struct Words {
  std::string_view subject;
  std::string headline;  ///< what chat programs show
  std::string text;      ///< below the headline
};

Message message_of(Kind kind, const Origin& origin, std::string_view id, const Words& words,
                   Time now, Json data) {
  data["host"] = origin.host;
  data["log"] = origin.log;
  return {.id = fmt::format("{}.{}", id, origin.log),
          .subject = fmt::format("trackier-ctl: {}", words.subject),
          .text = fmt::format("{}\n\n{}", words.headline, words.text),
          .json = Json{{"type", type_of(kind)},
                       {"timestamp", to_rfc3339(now)},
                       {"text", words.headline},
                       {"data", std::move(data)}}
                      .dump(),
          .date = now};
}

}  // namespace

Activity activity_of(const audit::Record& record, Event event) {
  return {.seq = record.seq,
          .at = record.at,
          .event = event,
          .operation = record.operation,
          .result = record.result ? fmt::format("{} ({})", record.result->code, record.result->exit)
                                  : std::string{},
          .operation_id = hexadecimal(record.id),
          .uid = record.actor.uid};
}

Message compose(Kind kind, const Origin& origin, const std::vector<Activity>& activities,
                const std::vector<audit::OpenOperation>& open, Time now) {
  Json listed = Json::array();
  std::string lines;
  for (const Activity& each : activities) {
    listed.push_back(json_of(each));
    lines += line_of(each);
  }
  Json begun = Json::array();
  for (const audit::OpenOperation& each : open) {
    begun.push_back({{"operation", each.operation}, {"oid", hexadecimal(each.id)}});
    lines += fmt::format("begun, and not ended: {} [{}]\n", each.operation,
                         hexadecimal(each.id).substr(0, 8));
  }
  const std::uint64_t first = activities.front().seq;
  const std::uint64_t last = activities.back().seq;
  const std::string_view subject = subject_of(kind, activities);
  const auto since = std::chrono::floor<std::chrono::seconds>(activities.front().at);
  return message_of(
      kind, origin, fmt::format("{}-{}-{}", kind == Kind::digest ? "digest" : "alert", first, last),
      {.subject = subject,
       .headline = fmt::format("{} on {}: {}", subject, origin.host, counted(activities)),
       .text = fmt::format("{}\nWhat else is known of it: trackier-ctl audit log --since {}\n",
                           lines, to_rfc3339(since))},
      now, {{"first", first}, {"last", last}, {"activities", listed}, {"open", begun}});
}

Message compose_damaged(const Origin& origin, std::uint64_t seq, std::string_view what, Time now) {
  const EventKind& kind = kind_of(Event::log_damaged);
  return message_of(
      Kind::alert, origin, fmt::format("damaged-{}", seq),
      {.subject = kind.subject,
       .headline = fmt::format("{} on {}", kind.subject, origin.host),
       .text = fmt::format("Record {} was the last that was told of. {}.\n\nTake a copy of the "
                           "directory before anything else is done, and look: trackier-ctl audit "
                           "verify\n",
                           seq, what)},
      now, {{"first", seq}, {"last", seq}, {"event", kind.name}, {"what", what}});
}

Message compose_test(const Origin& origin, Time now) {
  return message_of(Kind::test, origin, fmt::format("test-{}", now.time_since_epoch().count()),
                    {.subject = "a test",
                     .headline = fmt::format("a test on {}", origin.host),
                     .text = "Nothing has happened. Messages reach you.\n"},
                    now, Json::object());
}

}  // namespace trackier::alert
