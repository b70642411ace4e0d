#include "postgres/scratch_server.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <fstream>
#include <map>
#include <thread>

#include "postgres/connection.hpp"
#include "scratch_fixture.hpp"
#include "support/errors.hpp"

namespace trackier::postgres {
namespace {

namespace fs = std::filesystem;
using test::contains;
using test::error_of;
using test::message_of;
using test_scratch::Place;
using namespace std::chrono_literals;

pid_t server_of(const Place& place) {
  return static_cast<pid_t>(std::stol(test::content_of(place.options.data / "postmaster.pid")));
}

/// Whether a process ends within some seconds; it is not a child of ours.
bool ends(pid_t process) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (::kill(process, 0) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

TEST_CASE("a scratch server disturbs nobody, whatever the settings that were restored say") {
  if (!test_scratch::is_installed()) {
    return;
  }
  const Place place;
  place.make_cluster();
  CHECK(major_of(place.options.data) == Place::major());
  const fs::path witness = place.directory / "witness";
  std::ofstream{place.options.data / "postgresql.auto.conf", std::ios::app}
      << "listen_addresses = '*'\nport = 1\narchive_mode = on\narchive_command = 'touch "
      << witness.native()
      << "'\nshared_preload_libraries = 'no_such_library'\nprimary_conninfo = 'host=192.0.2.1'\n"
         "session_preload_libraries = 'no_such_library'\nrestore_command = 'false'\nfsync = on\n"
         "unix_socket_directories = '/tmp'\ndefault_transaction_read_only = on\n"
         "statement_timeout = 1\n";
  std::ofstream{place.options.data / "pg_hba.conf"} << "local all all reject\n";
  ScratchServer server{place.options};
  CHECK(contains(server.description(), "on a private socket"));
  Connection connection{{.conninfo = server.conninfo("postgres")}};
  const std::map<std::string, std::string> wanted{{"listen_addresses", ""},
                                                  {"unix_socket_permissions", "0700"},
                                                  {"archive_mode", "off"},
                                                  {"max_wal_senders", "0"},
                                                  {"max_logical_replication_workers", "0"},
                                                  {"shared_preload_libraries", ""},
                                                  {"session_preload_libraries", ""},
                                                  {"primary_conninfo", ""},
                                                  {"restore_command", ""},
                                                  {"autovacuum", "off"},
                                                  {"fsync", "off"},
                                                  {"log_statement", "none"},
                                                  {"default_transaction_read_only", "off"}};
  for (const auto& each : wanted) {
    CHECK_MESSAGE(connection.value("SHOW " + each.first) == each.second, each.first);
  }
  connection.execute("CREATE TABLE pg_temp.t AS SELECT 1");
  CHECK((fs::status(place.options.data).permissions() & fs::perms::all) == fs::perms::owner_all);
  CHECK_FALSE(fs::exists(witness));

  const pid_t process = server_of(place);
  server.stop();
  CHECK(ends(process));
  CHECK_FALSE(fs::exists(place.options.data / "postmaster.pid"));
  server.stop();  // it is stopped already
}

TEST_CASE("a scratch server ends with its object, and with the process that made it") {
  if (!test_scratch::is_installed()) {
    return;
  }
  const Place place;
  place.make_cluster();
  pid_t process = 0;
  {
    const ScratchServer server{place.options};
    process = server_of(place);
    CHECK(::kill(process, 0) == 0);
  }
  CHECK(ends(process));

  const pid_t child = ::fork();
  if (child == 0) {
    try {
      const ScratchServer server{place.options};
      ::kill(::getpid(), SIGKILL);
    } catch (const std::exception& error) {
      std::fputs(error.what(), stderr);
    }
    ::_exit(1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  const fs::path lock = place.options.data / "postmaster.pid";
  CHECK((!fs::exists(lock) || ends(server_of(place))));
}

TEST_CASE("a superuser has any name that initdb takes") {
  if (!test_scratch::is_installed()) {
    return;
  }
  Place place;
  place.options.superuser = "die Wärterin = 1";
  place.make_cluster();
  const ScratchServer server{place.options};
  Connection connection{{.conninfo = server.conninfo("template1")}};
  CHECK(connection.value("SELECT current_user") == place.options.superuser);

  place.options.superuser = "it's me";
  place.options.data = place.directory / "other";
  const Error error = error_of([&] { place.make_cluster(); });
  CHECK(error.code() == Code::unavailable);
  CHECK_MESSAGE(contains(error.what(), "invalid character"), message_of(error));
}

TEST_CASE("what is no cluster, or cannot be run, is told apart") {
  if (!test_scratch::is_installed()) {
    return;
  }
  Place place;
  SUBCASE("no such version") {
    const Error error = error_of([&] { const NewCluster cluster{place.options, 99}; });
    CHECK(error.code() == Code::unavailable);
    CHECK(contains(error.what(), "initdb"));
  }
  SUBCASE("a cluster that cannot be made") {
    fs::create_directory(place.options.data);
    std::ofstream{place.options.data / "file"} << "x";
    place.hand_over();
    const Error error = error_of([&] { place.make_cluster(); });
    CHECK(error.code() == Code::unavailable);
    CHECK_MESSAGE(contains(error.what(), "initdb ended with status 1: directory"),
                  message_of(error));
  }
  SUBCASE("a path too long for a socket") {
    place.make_cluster();
    place.options.directory = place.directory / std::string(90, 'd');
    const Error error = error_of([&] { const ScratchServer server{place.options}; });
    CHECK(error.code() == Code::unavailable);
    CHECK(contains(error.hint(), "verify.scratch"));
  }
  SUBCASE("a damaged control file") {
    place.make_cluster();
    fs::resize_file(place.options.data / "global" / "pg_control", 100);
    CHECK(error_of([&] { const ScratchServer server{place.options}; }).code() == Code::data);
  }
  SUBCASE("a log that is gone: the server's own words") {
    place.make_cluster();
    fs::remove_all(place.options.data / "pg_wal");
    fs::create_directory(place.options.data / "pg_wal");
    place.hand_over();
    const Error error = error_of([&] { const ScratchServer server{place.options}; });
    CHECK(error.code() == Code::data);
    CHECK(contains(error.what(), "the server does not start: "));
    CHECK_MESSAGE(contains(error.what(), "checkpoint"), message_of(error));
  }
  SUBCASE("no version") {
    fs::create_directory(place.options.data);
    CHECK(error_of([&] { major_of(place.options.data); }).code() == Code::no_input);
    std::ofstream{place.options.data / "PG_VERSION"} << "fifteen\n";
    CHECK(error_of([&] { major_of(place.options.data); }).code() == Code::data);
  }
}

TEST_CASE("a program that had no room has judged nothing") {
  require_room_for("");
  require_room_for("FATAL:  could not open file");
  for (const char* said :
       {"ERROR:  could not extend file \"base/5/1\": No space left on device\n",
        "ERROR:  could not extend file \"base/5/1\": wrote only 4096 of 8192 bytes at block 7\n",
        "FATAL:  could not write lock file: Disk quota exceeded"}) {
    const Error error = error_of([said] { require_room_for(said); });
    CHECK(error.code() == Code::io);
    CHECK(contains(error.hint(), "verify.scratch"));
  }
}

TEST_CASE("initdb that nobody waits for is ended") {
  if (!test_scratch::is_installed()) {
    return;
  }
  const Place place;
  const auto begun = std::chrono::steady_clock::now();
  { const NewCluster cluster{place.options, Place::major()}; }
  CHECK(std::chrono::steady_clock::now() - begun < 5s);
}

}  // namespace
}  // namespace trackier::postgres
