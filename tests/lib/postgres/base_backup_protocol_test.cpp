/// What a server may send that is not at hand: PostgreSQL 13 and 14, whose backups come in a COPY
/// for each tablespace, and servers that send what they should not.

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "fake_server.hpp"
#include "postgres/base_backup.hpp"
#include "support/errors.hpp"
#include "support/streams.hpp"

namespace trackier::postgres {
namespace {

using test::contains;
using test::copy_data;
using test::copy_of;
using test::error_of;
using test::FakeServer;
using test::message_of;
using test::table;
using namespace std::string_literals;

const std::string system_row = table(4, {{"7301234567890120707", "3", "0/5000000", ""}});
const std::string begin = table(2, {{"0/2000028", "3"}});
const std::string end = table(2, {{"0/2000138", "3"}});
const std::string one_space = table(3, {{"16385", "/srv/space", ""}, {"", "", ""}});
const std::string no_space = table(3, {{"", "", ""}});
const std::string refused = test::problem('E', "XX001", "checksum verification failure");

struct Taken {
  BackupStart start;
  std::vector<std::pair<Archive, std::string>> archives;
  BackupEnd end;
};

Taken take(const FakeServer& server, const BaseBackupOptions& options = {}) {
  Taken taken;
  BaseBackup backup{{.conninfo = server.conninfo()}, options};
  taken.start = backup.started();
  while (const std::optional<Archive> archive = backup.next()) {
    taken.archives.emplace_back(*archive, test::read_all(backup.content(), 3));
  }
  taken.end = backup.finish();
  return taken;
}

/// What becomes of an answer to BASE_BACKUP.
Error refusal(const std::string& version, const std::string& answer) {
  FakeServer server{version, {system_row, answer}};
  return error_of([&] { take(server); });
}

TEST_CASE("a backup of PostgreSQL 13 and 14 comes in a COPY for each tablespace") {
  FakeServer server{
      "14.9",
      {system_row, begin + one_space + copy_of({"spa", "ce"}) +
                       test::problem('N', "01000", "a warning") + copy_of({"cluster"}) +
                       copy_of({"{manifest", "}"}) + end + test::complete()}};
  const Taken taken = take(server, {.label = "it's"});
  CHECK(taken.start.system_identifier == "7301234567890120707");
  CHECK(taken.start.lsn == "0/2000028");
  CHECK(taken.start.timeline == 3);
  CHECK(taken.start.server_version == 140009);
  REQUIRE(taken.start.tablespaces.size() == 1);
  CHECK(taken.start.tablespaces[0].oid == "16385");
  CHECK(taken.start.tablespaces[0].location == "/srv/space");
  REQUIRE(taken.archives.size() == 3);
  CHECK(taken.archives[0].first.kind == Archive::Kind::tablespace);
  CHECK(taken.archives[0].first.oid == "16385");
  CHECK(taken.archives[0].first.location == "/srv/space");
  CHECK(taken.archives[0].second == "space");
  CHECK(taken.archives[1].first.kind == Archive::Kind::cluster);
  CHECK(taken.archives[1].second == "cluster");
  CHECK(taken.archives[2].first.kind == Archive::Kind::manifest);
  CHECK(taken.archives[2].second == "{manifest}");
  CHECK(taken.end.lsn == "0/2000138");
  CHECK(taken.end.warnings == std::vector<std::string>{"a warning"});
  // Grammar: src/backend/replication/repl_gram.y of PostgreSQL 14, base_backup_opt.
  CHECK(
      server.statements() ==
      std::vector<std::string>{"IDENTIFY_SYSTEM",
                               "BASE_BACKUP LABEL 'it''s' WAL NOWAIT TABLESPACE_MAP MANIFEST 'yes' "
                               "MANIFEST_CHECKSUMS 'SHA256'"});
}

TEST_CASE("a backup of later ones comes in one COPY") {
  FakeServer server{"16.1",
                    {system_row, begin + one_space +
                                     copy_of({"n16385.tar\0/srv/space\0"s, "dspa", "p12345678",
                                              "dce", "nbase.tar\0\0"s, "dcluster", "p12345678", "m",
                                              "d{manifest", "d}"}) +
                                     end + test::complete()}};
  const Taken taken = take(server, {.checkpoint = BaseBackupOptions::Checkpoint::fast});
  REQUIRE(taken.archives.size() == 3);
  CHECK(taken.archives[0].first.oid == "16385");
  CHECK(taken.archives[0].first.location == "/srv/space");
  CHECK(taken.archives[0].second == "space");
  CHECK(taken.archives[1].first.kind == Archive::Kind::cluster);
  CHECK(taken.archives[1].second == "cluster");
  CHECK(taken.archives[2].second == "{manifest}");
  CHECK(contains(server.statements().at(1), "TARGET 'client', CHECKPOINT 'fast', WAL, "));
}

TEST_CASE("an old server's backup that is not whole is none") {
  const std::string two = begin + no_space + copy_of({"cluster"});
  CHECK(message_of(refusal("13.4", two + end)) ==
        "not a backup as PostgreSQL sends it: an archive is missing");
  CHECK(refusal("13.4", two + copy_of({"{}"}) + copy_of({"?"}) + end).code() == Code::data);
  CHECK(refusal("13.4", two + copy_of({"{}"})).code() == Code::data);
  CHECK(refusal("13.4", two + copy_of({"{}"}) + end + refused).code() == Code::data);
  CHECK(refusal("13.4", two + refused).code() == Code::data);
  CHECK(refusal("13.4", begin + no_space + test::copy_begin() + copy_data("clu") +
                            test::problem('E', "58030", "could not read"))
            .code() == Code::io);
}

TEST_CASE("a backup that is not whole, or more than that, is none") {
  const std::string base = "nbase.tar\0\0"s;
  const auto copied = [](const std::vector<std::string>& pieces) {
    return refusal("15.4", begin + no_space + copy_of(pieces) + end + test::complete());
  };
  CHECK(contains(message_of(copied({base, "dx"})), "the manifest is missing"));
  CHECK(contains(message_of(copied({})), "the manifest is missing"));
  CHECK(contains(message_of(copied({"dx", base, "m"})), "content of no archive"));
  CHECK(contains(message_of(copied({base, "?"})), "a kind that is not known"));
  CHECK(contains(message_of(copied({base, "m", "d{}", base})), "after the manifest"));
  CHECK(contains(message_of(copied({"nbase.tar"})), "without a name"));
  CHECK(contains(message_of(copied({"nbase.tar\0"s})), "without a name"));
  CHECK(contains(message_of(copied({"n../x.tar\0/srv\0"s})), "named ../x.tar"));
  CHECK(contains(message_of(copied({"n.tar\0/srv\0"s})), "named .tar"));

  const std::string whole = begin + no_space + copy_of({base, "dx", "m", "d{}"});
  CHECK(contains(message_of(refusal("15.4", whole)), "no place where it ends"));
  CHECK(contains(message_of(refusal("15.4", whole + table(2, {}))), "no place where it ends"));
  CHECK(contains(message_of(refusal("15.4", whole + table(2, {{"0/1", "x"}}))), "a timeline x"));
  CHECK(contains(message_of(refusal("15.4", table(2, {}))), "no place where it begins"));
  CHECK(contains(message_of(refusal("15.4", begin)), "no list of tablespaces"));
  CHECK(refusal("15.4", "").code() == Code::data);

  const Error damaged =
      refusal("15.4", begin + no_space + copy_of({base, "dx", "m", "d{}"}) +
                          test::problem('N', "01000", "file base/1/2, block 7") + end + refused);
  CHECK(damaged.code() == Code::data);
  CHECK(message_of(damaged) ==
        "checksum verification failure (SQLSTATE XX001): file base/1/2, block 7");
}

TEST_CASE("a server that goes away in the middle leaves no backup") {
  // Nothing says that it is ready: the connection is closed after the first answer.
  FakeServer server{"15.4", {system_row}};
  const Error error = error_of([&] { take(server); });
  CHECK(error.code() == Code::unavailable);
}

TEST_CASE("a server that is too old is told so") {
  FakeServer server{"12.17", {}};
  const Error error = error_of([&] { take(server); });
  CHECK(error.code() == Code::unavailable);
  CHECK(message_of(error) == "PostgreSQL 12 is too old");
}

}  // namespace
}  // namespace trackier::postgres
