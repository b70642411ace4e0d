#include "config/alerts_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "config/encrypt_reader.hpp"
#include "config/names.hpp"
#include "config/toml_string.hpp"
#include "config/values.hpp"
#include "core/text.hpp"
#include "mail/mail.hpp"
#include "net/webhook.hpp"

namespace trackier::config {
namespace {

using Channel = Alerts::Channel;
using Kind = Channel::Kind;

/// A member that says of what kind a channel is.
struct Way {
  std::string_view key;
  Kind kind;
};
constexpr std::array<Way, 3> ways{
    {{"to", Kind::smtp}, {"webhook", Kind::webhook}, {"command", Kind::command}}};

Error wrong(const Table& table, std::string_view key, const std::string& what,
            const std::string& hint) {
  return table.error(key, fmt::format("{}: {}", table.full_name(key), what), hint);
}

Kind read_kind(const Table& table) {
  std::vector<Kind> found;
  for (const Way& way : ways) {
    if (table.has(way.key)) {
      found.push_back(way.kind);
    }
  }
  if (found.size() != 1) {
    throw wrong(table, "name", found.empty() ? "it leads nowhere" : "it leads to several places",
                "give it one of to = [\"ops@example.org\"], webhook = \"https://...\" and "
                "command = [\"/path\"]");
  }
  return found.front();
}

void expect_address(const Table& table, std::string_view key, const std::string& address) {
  try {
    mail::check_address(address, "address");
  } catch (const Error& error) {
    throw wrong(table, key, error.what(), error.hint());
  }
}

void read_mail(Table& table, Channel& made, const Smtp& smtp) {
  made.to = table.one_or_more_texts("to");
  if (made.to.empty()) {
    throw wrong(table, "to", "it is to nobody", "write to = [\"ops@example.org\"]");
  }
  for (const std::string& each : made.to) {
    expect_address(table, "to", each);
  }
  made.from = table.text("from").value_or("");
  if (made.from.empty()) {
    throw wrong(table, "from", "it is missing", "write from = \"trackier-ctl@example.org\"");
  }
  expect_address(table, "from", made.from);
  if (smtp.server.empty()) {
    throw wrong(table, "to", "there is no mail server", "describe it in a section [smtp]");
  }
}

void read_webhook(Table& table, Channel& made) {
  made.webhook = *table.text("webhook");
  if (!net::is_https_url(made.webhook)) {
    if (made.webhook.find("://") != std::string::npos) {
      throw wrong(
          table, "webhook", "this is no address of HTTPS that can be used",
          "write \"https://HOST/...\" without login, blanks and #, or file:PATH for an address "
          "that is a secret; there is no sending in plain text");
    }
    expect_secret_reference(table, "webhook", made.webhook, "secret");
  }
  made.key = table.text("key").value_or("");
  if (!made.key.empty()) {
    expect_secret_reference(table, "key", made.key, "secret");
  }
  if (const auto path = table.path("ca_file")) {
    made.ca_file = *path;
  }
}

void read_command(Table& table, Channel& made) {
  made.command = table.texts("command").value_or(std::vector<std::string>{});
  if (made.command.empty()) {
    throw wrong(table, "command", "it is empty", "write command = [\"/usr/local/bin/page\"]");
  }
  table.expect_absolute("command", made.command.front());
  const std::string input = table.text("input").value_or("text");
  if (input != "text" && input != "json") {
    throw wrong(table, "input", fmt::format("there is no {}", printable(input)),
                "it is \"text\", for people, or \"json\"");
  }
  made.takes_json = input == "json";
}

std::set<alert::Event> read_events(Table& table) {
  const auto names = table.texts("at_once");
  if (!names) {
    return alert::critical_events();
  }
  std::set<alert::Event> made;
  std::vector<std::string> known;
  for (const alert::EventKind& each : alert::all_events()) {
    known.emplace_back(each.name);
  }
  for (const std::string& name : *names) {
    const auto event = alert::parse_event(name);
    if (!event) {
      throw wrong(table, "at_once", fmt::format("there is no event {}", printable(name)),
                  suggestion(name, known));
    }
    made.insert(*event);
  }
  return made;
}

void note(Origins& origins, const Table& table, const Channel& made) {
  std::vector<std::string> events;
  for (const alert::Event each : made.at_once) {
    events.emplace_back(alert::kind_of(each).name);
  }
  switch (made.kind) {
    case Kind::smtp:
      origins.note(table, "to", toml_list(made.to));
      origins.note(table, "from", toml_string(made.from));
      break;
    case Kind::webhook:
      origins.note(table, "webhook", toml_string(made.webhook));
      origins.note(table, "key", toml_string(made.key));
      origins.note(table, "ca_file", toml_string(made.ca_file));
      break;
    case Kind::command:
      origins.note(table, "command", toml_list(made.command));
      origins.note(table, "input", toml_string(made.takes_json ? "json" : "text"));
      break;
  }
  origins.note(table, "at_once", toml_list(events));
  origins.note(table, "digest", made.digest ? "true" : "false");
  origins.note(table, "timeout", toml_string(fmt::format("{}s", made.timeout.count())));
}

Channel read_channel(Table& table, const Smtp& smtp, Origins& origins) {
  Channel made;
  made.name = table.text("name").value_or("");
  if (made.name.empty()) {
    throw wrong(table, "name", "it is missing", "write name = \"ops\"");
  }
  if (!is_name(made.name)) {
    throw wrong(table, "name", fmt::format("{} is no name", printable(made.name)), what_a_name_is);
  }
  table.rename("alerts.channel." + made.name);
  made.kind = read_kind(table);
  switch (made.kind) {
    case Kind::smtp:
      read_mail(table, made, smtp);
      break;
    case Kind::webhook:
      read_webhook(table, made);
      break;
    case Kind::command:
      read_command(table, made);
      break;
  }
  made.at_once = read_events(table);
  made.digest = table.boolean("digest").value_or(made.digest);
  made.timeout = read_timeout(table, made.timeout, std::chrono::minutes{10});
  table.refuse_others();
  note(origins, table, made);
  return made;
}

}  // namespace

Alerts read_alerts(Table& root, const Smtp& smtp, Origins& origins) {
  Alerts made;
  auto table = root.table("alerts");
  if (!table) {
    origins.note_default("alerts.after_runs", "true");
    return made;
  }
  made.after_runs = table->boolean("after_runs").value_or(made.after_runs);
  for (Table& each : table->tables("channel")) {
    Channel channel = read_channel(each, smtp, origins);
    if (std::ranges::find(made.channels, channel.name, &Channel::name) != made.channels.end()) {
      throw each.error("name", fmt::format("{} is there twice", each.full_name("name")));
    }
    made.channels.push_back(std::move(channel));
  }
  table->refuse_others();
  origins.note(*table, "after_runs", made.after_runs ? "true" : "false");
  return made;
}

}  // namespace trackier::config
