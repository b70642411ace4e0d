#include "check/postgres.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "check/host.hpp"
#include "core/text.hpp"
#include "postgres/plain_probe.hpp"

namespace trackier::check {
namespace {

using Outcome = postgres::PlainProbe::Outcome;

bool has(const std::vector<std::string>& all, std::string_view one) {
  return std::ranges::find(all, one) != all.end();
}

/// No network is between the two: they are the same machine.
bool is_loopback(const HbaRule& rule) {
  return (rule.address == "127.0.0.1" && rule.netmask == "255.255.255.255") ||
         (rule.address == "127.0.0.0" && rule.netmask == "255.0.0.0") ||
         (rule.address == "::1" && rule.netmask == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") ||
         rule.address == "samehost";
}

bool takes_plain_text(const HbaRule& rule) {
  return rule.type == "host" || rule.type == "hostnossl" || rule.type == "hostnogssenc";
}

/// Which addresses nobody gets in from any more.
struct Rejected {
  bool v4 = false;
  bool v6 = false;

  void add(const HbaRule& rule) {
    v4 = v4 || rule.address == "all" || (rule.address == "0.0.0.0" && rule.netmask == "0.0.0.0");
    v6 = v6 || rule.address == "all" || (rule.address == "::" && rule.netmask == "::");
  }
  [[nodiscard]] bool all() const { return v4 && v6; }
};

Finding look_at_sslmode(Finding finding, const postgres::ConnectionOptions& options) {
  if (postgres::is_local_socket(options)) {
    finding.status = Status::not_applicable;
    finding.found = "the connection goes through a socket of the machine";
    return finding;
  }
  try {
    const auto parameters = postgres::connection_parameters(options);
    finding.status = Status::pass;
    finding.found = "sslmode is " + printable(parameters.at("sslmode"));
  } catch (const Error& error) {
    if (error.code() != Code::config) {
      throw;
    }
    finding.status = Status::fail;
    finding.found = error.what();
    finding.cure = error.hint();
  }
  return finding;
}

Finding look_at_plaintext(Finding finding, const postgres::ConnectionOptions& options) {
  const auto probe = postgres::probe_plaintext(options);
  finding.found = probe.said;
  switch (probe.outcome) {
    case Outcome::refused:
      finding.status = Status::pass;
      break;
    case Outcome::accepted:
      finding.status = Status::fail;
      finding.found = "the server goes on without TLS: " + probe.said;
      finding.cure =
          "hostssl instead of host in pg_hba.conf, in every line that may match; then "
          "SELECT pg_reload_conf()";
      break;
    case Outcome::local_socket:
      finding.status = Status::not_applicable;
      break;
    case Outcome::unknown:
      finding.status = Status::error;
      finding.found = "the server says neither yes nor no: " + probe.said;
      finding.cure = "see whether it runs, and what its log says";
      break;
  }
  return finding;
}

/// An array of text as PostgreSQL prints it, {a,"b c"}.
std::vector<std::string> parse_array(const std::string& text) {
  std::vector<std::string> all;
  std::string word;
  bool is_quoted = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      word += text[++i];
    } else if (text[i] == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && (text[i] == ',' || text[i] == '}')) {
      all.push_back(std::move(word));
      word.clear();
    } else {
      word += text[i];
    }
  }
  return all;
}

std::vector<HbaRule> read_rules(postgres::Connection& connection) {
  constexpr int with_includes = 160000;  // files can include others
  const bool has_files = connection.server_version() >= with_includes;
  const std::string sql = fmt::format(
      "SELECT {}line_number::text, type, database::text, user_name::text, address, netmask, "
      "auth_method, error FROM pg_catalog.pg_hba_file_rules ORDER BY {}",
      has_files ? "file_name || ':' || " : "", has_files ? "rule_number, 1" : "line_number");
  std::vector<HbaRule> rules;
  for (const auto& row : connection.query(sql)) {
    const auto text = [&row](std::size_t column) { return row.at(column).value_or(""); };
    rules.push_back({.line = text(0),
                     .type = text(1),
                     .databases = parse_array(text(2)),
                     .users = parse_array(text(3)),
                     .address = text(4),
                     .netmask = text(5),
                     .method = text(6),
                     .error = text(7)});
  }
  return rules;
}

std::string shown(const HbaRule& rule) {
  return printable(fmt::format(
      "{} {} {} {} {}", rule.type, fmt::join(rule.databases, ","), fmt::join(rule.users, ","),
      rule.netmask.empty() ? rule.address : rule.address + " " + rule.netmask, rule.method));
}

Finding look_at_rules(Finding finding, postgres::Connection& connection) {
  std::vector<HbaRule> rules;
  try {
    rules = read_rules(connection);
  } catch (const Error& error) {
    if (error.code() != Code::no_permission) {
      throw;
    }
    const std::string role = printable(connection.user());
    finding.status = Status::not_checked;
    finding.found = error.what();
    finding.cure = fmt::format(
        "as superuser, in this database: GRANT SELECT ON pg_hba_file_rules TO \"{0}\"; GRANT "
        "EXECUTE ON FUNCTION pg_hba_file_rules() TO \"{0}\"",
        role);
    return finding;
  }
  if (rules.empty()) {
    throw Error{Code::data, "pg_hba_file_rules is empty, which no server lives with"};
  }
  if (const HbaRule* const open = open_rule(rules)) {
    finding.status = Status::fail;
    finding.found =
        fmt::format("line {} lets clients in without TLS: {}", printable(open->line), shown(*open));
    finding.cure = "hostssl instead of host in that line; then SELECT pg_reload_conf()";
    return finding;
  }
  finding.status = Status::pass;
  finding.found =
      fmt::format("{} rules, none lets a client in over a network without TLS", rules.size());
  return finding;
}

void one_source(Findings& findings, const PostgresSubject& subject) {
  const auto named = [&](const char* id, const char* probed) {
    return Finding{.id = id, .subject = printable(subject.source), .probed = probed};
  };
  const Finding sslmode = named("postgres.sslmode", "conninfo of the source, and PGSSLMODE");
  looking(findings, sslmode, [&] { return look_at_sslmode(sslmode, subject.connection); });
  const Finding plain = named("postgres.plaintext", "a connection with sslmode=disable");
  looking(findings, plain, [&] { return look_at_plaintext(plain, subject.connection); });
  std::optional<postgres::Connection> connection;
  const Finding tls = named("postgres.tls", "a connection as of the settings");
  looking(findings, tls, [&] {
    connection.emplace(subject.connection);
    Finding made = tls;
    const bool is_local = connection->is_local_socket();
    made.status = is_local ? Status::not_applicable : Status::pass;
    made.found = is_local ? "the connection goes through a socket of the machine"
                          : "it is encrypted, and the server has proved who it is";
    return made;
  });
  const Finding rules = named("postgres.rules", "pg_hba_file_rules");
  looking(findings, rules, [&] {
    if (connection) {
      return look_at_rules(rules, *connection);
    }
    Finding made = rules;
    made.status = Status::not_checked;
    made.found = "there is no connection to read them by";
    made.cure = "see postgres.tls";
    return made;
  });
}

}  // namespace

const HbaRule* open_rule(const std::vector<HbaRule>& rules) {
  Rejected others;  // "all" means all databases, and not replication
  Rejected replication;
  for (const HbaRule& rule : rules) {
    if (!rule.error.empty()) {
      throw Error{
          Code::data,
          fmt::format("pg_hba.conf, line {}: {}", printable(rule.line), printable(rule.error)),
          "the server goes on with the rules it had before: mend the line"};
    }
    if (!takes_plain_text(rule) || is_loopback(rule)) {
      continue;
    }
    const bool for_replication = has(rule.databases, "replication");
    const bool for_others = rule.databases.size() > (for_replication ? 1U : 0U);
    if (rule.method != "reject") {
      if ((for_others && !others.all()) || (for_replication && !replication.all())) {
        return &rule;
      }
    } else if (has(rule.users, "all")) {
      if (has(rule.databases, "all")) {
        others.add(rule);
      }
      if (for_replication) {
        replication.add(rule);
      }
    }
  }
  return nullptr;
}

Findings check_postgres(const std::vector<PostgresSubject>& sources) {
  Findings findings;
  for (const PostgresSubject& each : sources) {
    one_source(findings, each);
  }
  if (sources.empty()) {
    for (const char* const id :
         {"postgres.sslmode", "postgres.tls", "postgres.plaintext", "postgres.rules"}) {
      findings.push_back({.id = id,
                          .status = Status::not_applicable,
                          .probed = "the settings",
                          .found = "the settings name no source of PostgreSQL"});
    }
  }
  return findings;
}

}  // namespace trackier::check
