#include "postgres/server_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace trackier::postgres {
namespace {

constexpr std::size_t sqlstate_length = 5;
constexpr std::size_t most_text = 500;

struct Meaning {
  std::string_view sqlstate;  ///< or the beginning of one
  Code code;
  const char* hint;
  const char* replication_hint = nullptr;  ///< null: the same
};

constexpr std::array<Meaning, 14> meanings{{
    {"28P01", Code::no_permission,
     "put the password into ~/.pgpass (mode 0600, lines host:port:database:user:password) or "
     "another file that passfile names"},
    {"28", Code::no_permission, "pg_hba.conf on the server decides who may connect, and how",
     "pg_hba.conf on the server decides who may connect; this needs a line for the database "
     "\"replication\""},
    {"42501", Code::no_permission,
     "GRANT pg_read_all_data TO the role (PostgreSQL 14 and later), which is for all but large "
     "objects, or back up as the owner",
     "ALTER ROLE ... REPLICATION gives the role the right"},
    {"3D000", Code::no_input, "psql --list shows the databases there are"},
    {"57P03", Code::unavailable, "the server is starting, stopping or recovering: try later"},
    {"53300", Code::unavailable, "all connections are taken: see max_connections",
     "all senders are taken: see max_wal_senders"},
    {"55000", Code::unavailable, "", "see wal_level and max_wal_senders of the server"},
    {"55P03", Code::busy, "somebody holds the lock, a migration for instance: try later"},
    {"57014", Code::unavailable, ""},
    {"XX001", Code::data, "the database is damaged: look with pg_amcheck, restore a good backup"},
    {"XX002", Code::data, "the database is damaged: look with pg_amcheck, then REINDEX"},
    {"53", Code::io, "the server has run out of disk or memory"},
    {"58", Code::io, "the server's disk or file system fails: look at its log"},
    {"", Code::unavailable, ""},
}};

bool is_sqlstate(std::string_view text) {
  return std::ranges::all_of(text, [](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z');
  });
}

}  // namespace

ServerComplaint parse_startup_complaint(std::string_view text) {
  // "connection to server at ... failed: FATAL:  28P01: password authentication failed ...", the
  // word FATAL in the language of the server. Several hosts have a line each.
  for (std::size_t at = text.find(":  "); at != std::string_view::npos;
       at = text.find(":  ", at + 1)) {
    const std::string_view rest = text.substr(at + 3);
    if (rest.size() > sqlstate_length && rest.substr(sqlstate_length).starts_with(": ") &&
        is_sqlstate(rest.substr(0, sqlstate_length))) {
      const std::string_view message = rest.substr(sqlstate_length + 2);
      return {.sqlstate = std::string{rest.substr(0, sqlstate_length)},
              .text = std::string{message.substr(0, message.find('\n'))}};
    }
  }
  return {.sqlstate = {}, .text = std::string{text.substr(0, text.find('\n'))}};
}

Error server_error(const ServerComplaint& complaint, bool replication) {
  const Meaning& meaning = *std::ranges::find_if(
      meanings, [&](const Meaning& each) { return complaint.sqlstate.starts_with(each.sqlstate); });
  const char* const hint =
      replication && meaning.replication_hint != nullptr ? meaning.replication_hint : meaning.hint;
  const std::string text = printable(complaint.text, most_text);
  return Error{
      meaning.code,
      complaint.sqlstate.empty() ? text : fmt::format("{} (SQLSTATE {})", text, complaint.sqlstate),
      hint};
}

Code code_of_tool(std::string_view complaint) {
  for (const std::string_view refused :
       {"permission denied", "must be owner", "must be superuser", "row-level security",
        "authentication failed", "no password supplied", "pg_hba.conf"}) {
    if (complaint.find(refused) != std::string_view::npos) {
      return Code::no_permission;
    }
  }
  return Code::unavailable;
}

}  // namespace trackier::postgres
