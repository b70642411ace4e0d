#include "alert_channel.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "audit_log.hpp"
#include "backup_sources.hpp"
#include "keyring_access.hpp"
#include "mail/mail.hpp"
#include "mail_server.hpp"
#include "net/webhook.hpp"
#include "os/process.hpp"
#include "os/program.hpp"
#include "os/signals.hpp"

namespace trackier::cli {
namespace {

using Kind = AlertChannel::Kind;

void send_mail(Context& context, const AlertChannel& channel, const alert::Message& message,
               std::chrono::seconds patience) {
  net::MailServer server = mail_server(context, "describe it in a section [smtp]");
  server.timeout = std::min(server.timeout, patience);
  mail::Mail mail{.from_name = {},
                  .from_address = channel.from,
                  .to_name = {},
                  .to_address = channel.to.front(),
                  .more_to = {std::next(channel.to.begin()), channel.to.end()},
                  .subject = message.subject,
                  .plain = message.text,
                  .html = {},
                  .message_id = fmt::format("{}@{}", message.id,
                                            channel.from.substr(channel.from.find('@') + 1)),
                  .date = message.date,
                  .is_automatic = true};
  const std::string bytes = mail::to_eml(mail);
  net::send_mail(server, mail_password(context),
                 {.from = channel.from, .to = channel.to, .message = as_bytes(bytes)}, {},
                 context.interrupt().token());
}

void post(Context& context, const AlertChannel& channel, const alert::Message& message,
          std::chrono::seconds patience) {
  os::forbid_inspection();
  net::Webhook webhook{.url = net::is_https_url(channel.webhook)
                                  ? crypto::Secret::copy_of(as_bytes(channel.webhook))
                                  : load_named_password(context, channel.webhook),
                       .ca_file = channel.ca_file,
                       .key = {},
                       .timeout = patience};
  if (!channel.key.empty()) {
    webhook.key = net::webhook_key(load_named_password(context, channel.key));
  }
  net::post(webhook, {.id = message.id, .body = message.json}, now(),
            fmt::format("the webhook of {}", channel.name), context.interrupt().token());
}

void run_command(Context& context, const AlertChannel& channel, const alert::Message& message,
                 std::chrono::seconds patience) {
  constexpr std::size_t most_output = std::size_t{1} << 20U;  // which nobody looks at
  os::ProgramOptions options{
      .program = channel.command.front(),
      .arguments = {std::next(channel.command.begin()), channel.command.end()},
      .environment = {},
      .directory = "/",
      .patience = patience};
  for (char* const* each = context.environment().variables; *each != nullptr; ++each) {
    options.environment.emplace_back(*each);
  }
  options.environment.push_back("TRACKIER_ALERT_ID=" + message.id);
  options.environment.push_back("TRACKIER_ALERT_SUBJECT=" + message.subject);
  const std::string input = channel.takes_json ? message.json + '\n' : message.text;
  const os::Ended ended = os::exchange(options, as_bytes(input), most_output).ended;
  if (!ended.well()) {
    const std::string complaint = ended.last_line();
    throw Error{Code::unavailable,
                fmt::format("the command of {} {}{}{}", channel.name, ended.manner(),
                            complaint.empty() ? "" : ": ", complaint)};
  }
}

}  // namespace

alert::Outbox alert_outbox(Context& context, const AlertChannel& channel,
                           std::chrono::milliseconds patience) {
  return {context.files(),
          {.log = audit_directory(context),
           .directory = context.environment().state_directory() / "alerts",
           .channel = channel.name,
           .host = audit::escaped(host_name()),
           .patience = patience},
          {.at_once = channel.at_once, .digest = channel.digest}};
}

void deliver(Context& context, const AlertChannel& channel, const alert::Message& message,
             std::chrono::seconds patience) {
  patience = std::min(patience, channel.timeout);
  switch (channel.kind) {
    case Kind::smtp:
      return send_mail(context, channel, message, patience);
    case Kind::webhook:
      return post(context, channel, message, patience);
    case Kind::command:
      return run_command(context, channel, message, patience);
  }
}

void deliver_after_run(Context& context) {
  using std::chrono::seconds;
  using std::chrono::steady_clock;
  const config::Alerts& settings = context.settings().alerts;
  if (!settings.after_runs || context.is_confined() || context.interrupt().signal()) {
    return;
  }
  const auto deadline = steady_clock::now() + seconds{10};
  const auto left = [deadline] {
    const auto rest = std::chrono::floor<seconds>(deadline - steady_clock::now());
    if (rest < seconds{1}) {
      throw Error{Code::unavailable, "there was no time for it"};
    }
    return rest;
  };
  for (const AlertChannel& channel : settings.channels) {
    try {
      alert_outbox(context, channel, std::chrono::milliseconds{0})
          .flush(
              alert::Outbox::What::at_once, now(),
              [&](const alert::Message& message) { deliver(context, channel, message, left()); },
              context.interrupt().token());
    } catch (const os::Interrupted&) {
      return;
    } catch (const Error& error) {
      if (error.code() != Code::busy) {  // another run is at it
        context.out().warning(fmt::format("{}: an alert waits for trackier-ctl alert flush: {}",
                                          channel.name, error.what()));
      }
    }
  }
}

}  // namespace trackier::cli
