// The command that tells people what the audit log says.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "alert/event.hpp"
#include "alert_channel.hpp"
#include "attempt_each.hpp"
#include "audit_log.hpp"
#include "backup_sources.hpp"
#include "commands.hpp"
#include "core/text.hpp"
#include "durations.hpp"
#include "json_line.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> channels;
  bool at_once = false;
  bool json = false;
};

/// Those that are named, or all. Throws Error{Code::config} when there is none.
std::vector<AlertChannel> channels_named(Context& context, const std::vector<std::string>& names) {
  const auto& all = context.settings().alerts.channels;
  if (all.empty()) {
    throw Error{Code::config, "the settings name nobody who is told",
                "describe somebody in [[alerts.channel]]: see trackier-ctl-alert(1)"};
  }
  if (names.empty()) {
    return all;
  }
  std::vector<AlertChannel> made;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(all, name, &AlertChannel::name);
    if (found == all.end()) {
      std::vector<std::string> known;
      for (const AlertChannel& each : all) {
        known.push_back(each.name);
      }
      const auto near = closest(name, known);
      throw Error{Code::usage, fmt::format("there is no channel {}", printable(name)),
                  near ? fmt::format("did you mean {}?", *near)
                       : fmt::format("there are {}", fmt::join(known, ", "))};
    }
    made.push_back(*found);
  }
  return made;
}

int flush(Context& context, const Options& options) {
  const auto what = options.at_once ? alert::Outbox::What::at_once : alert::Outbox::What::all;
  return attempt_each(
      context, channels_named(context, options.channels), [&](const AlertChannel& channel) {
        doing(channel.name, [&] {
          alert_outbox(context, channel)
              .flush(
                  what, now(),
                  [&](const alert::Message& message) {
                    deliver(context, channel, message, channel.timeout);
                    context.out().detail(fmt::format("{}: {} delivered", channel.name, message.id));
                  },
                  context.interrupt().token());
        });
        return Code::ok;
      });
}

int test(Context& context, const Options& options) {
  const alert::Origin origin{.log = "0", .host = audit::escaped(host_name())};
  return attempt_each(
      context, channels_named(context, options.channels), [&](const AlertChannel& channel) {
        doing(channel.name, [&] {
          deliver(context, channel, alert::compose_test(origin, now()), channel.timeout);
        });
        context.out().summary(fmt::format("{}: a test was delivered", channel.name));
        return Code::ok;
      });
}

void tell(Context& context, const AlertChannel& channel, const alert::Pending& waiting, bool json) {
  if (json) {
    context.out().result(json_line(
        Json{{"channel", channel.name},
             {"at_once", waiting.at_once},
             {"digest", waiting.digest},
             {"oldest", waiting.oldest() ? Json(audit::to_text(*waiting.oldest())) : Json()},
             {"damaged", waiting.is_damaged}}));
    return;
  }
  context.out().result(fmt::format(
      "{}: {} to be told at once, {} for the digest{}{}\n", channel.name, waiting.at_once,
      waiting.digest,
      waiting.oldest() ? fmt::format(", the oldest of {}", audit::to_text(*waiting.oldest())) : "",
      waiting.is_damaged ? "; the audit log does not go on from what was told" : ""));
}

int queue(Context& context, const Options& options) {
  return attempt_each(
      context, channels_named(context, options.channels), [&](const AlertChannel& channel) {
        const alert::Pending waiting =
            alert_outbox(context, channel).pending(now(), context.interrupt().token());
        tell(context, channel, waiting, options.json);
        return waiting.at_once > 0 || waiting.is_damaged ? Code::verdict : Code::ok;
      });
}

int events(Context& context, const Options& options) {
  for (const alert::EventKind& each : alert::all_events()) {
    context.out().result(
        options.json
            ? json_line(Json{
                  {"event", each.name}, {"subject", each.subject}, {"critical", each.is_critical}})
            : fmt::format("{:14}  {:8}  {}\n", each.name, each.is_critical ? "critical" : "",
                          each.subject));
  }
  return 0;
}

Command verb(const char* name, const char* summary, std::shared_ptr<Options> options,
             int (*action)(Context&, const Options&)) {
  Command command{name, summary};
  command.positionals("CHANNEL", options->channels, "names from the settings; all without any");
  command.run([options, action](Context& context) { return action(context, *options); });
  return command;
}

Command make_flush() {
  auto options = std::make_shared<Options>();
  Command command =
      verb("flush", "deliver what waits: events at once, digests by the hour", options, flush);
  command.about(
      "For a timer, every minute. Silent when all is delivered. What cannot be delivered waits,\n"
      "and is tried again the next time; other channels are served all the same.");
  command.flag("--at-once", options->at_once, "events alone, no digests");
  return command;
}

Command make_queue() {
  auto options = std::make_shared<Options>();
  Command command =
      verb("queue", "say how much waits; exit 1 when it should have been told", options, queue);
  command.flag("--json", options->json, "print a line of JSON for each");
  return command;
}

Command make_events() {
  auto options = std::make_shared<Options>();
  Command command{"events", "print what can be told, and what is critical"};
  command.flag("--json", options->json, "print a line of JSON for each");
  command.run([options](Context& context) { return events(context, *options); });
  return command;
}

}  // namespace

Command alert() {
  Command command{"alert", "tell people what the audit log says: by mail, webhook or command"};
  command.about(
      "What commands did is in the audit log, which is the queue as well: each channel of the\n"
      "settings is told of events at once, and of every activity once an hour. A crash makes it\n"
      "tell something twice, never not at all.");
  command.add(make_flush());
  command.add(make_queue());
  command.add(verb("test", "deliver a message that says nothing happened",
                   std::make_shared<Options>(), test));
  command.add(make_events());
  command.example("trackier-ctl alert flush");
  command.example("trackier-ctl alert queue");
  command.example("trackier-ctl alert test ops");
  return command;
}

}  // namespace trackier::cli
