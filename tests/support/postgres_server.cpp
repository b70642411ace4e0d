#include "support/postgres_server.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "support/streams.hpp"

namespace trackier::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::string_view port = "5432";  // part of the socket's name, and nothing else
constexpr std::size_t most_output = 64 * 1024 * 1024;

bool is_root() {
  return ::geteuid() == 0;
}

/// PostgreSQL refuses to run as root. The signal: its parent's death is its own.
os::ProgramOptions as_server_user(const fs::path& program, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program.string());
  if (is_root()) {
    const std::vector<std::string> user{"--reuid=nobody", "--regid=nogroup", "--clear-groups"};
    arguments.insert(arguments.begin(), user.begin(), user.end());
  }
  arguments.insert(arguments.begin(), "--pdeathsig=KILL");
  return {.program = "/usr/bin/setpriv",
          .arguments = std::move(arguments),
          .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"},
          .directory = "/"};
}

std::string expect_well(const os::ProgramOptions& options) {
  os::Printed printed = os::run_program(options, most_output);
  if (!printed.ended.well()) {
    throw std::runtime_error(fmt::format("{} {}: {}", fmt::join(options.arguments, " "),
                                         printed.ended.manner(), printed.ended.complaints));
  }
  return printed.output + printed.ended.complaints;
}

}  // namespace

fs::path PostgresServer::programs() {
  for (int major = 30; major >= 13; --major) {
    fs::path directory = fmt::format("/usr/lib/postgresql/{}/bin", major);
    if (fs::exists(directory / "postgres") && fs::exists(directory / "initdb")) {
      return directory;
    }
  }
  return {};
}

std::string PostgresServer::run(std::string_view program, std::vector<std::string> arguments) {
  return expect_well(as_server_user(programs() / program, std::move(arguments)));
}

void PostgresServer::hand_over(const fs::path& path) {
  if (!is_root()) {
    return;
  }
  const passwd* const user = ::getpwnam("nobody");
  const auto give = [user](const fs::path& each) {
    if (user == nullptr || ::lchown(each.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("giving away " + each.string() + " failed");
    }
  };
  give(path);
  if (fs::is_directory(path)) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator{path}) {
      give(entry.path());
    }
  }
}

std::unique_ptr<PostgresServer> PostgresServer::start(const std::vector<std::string>& settings,
                                                      std::string_view pg_hba) {
  if (programs().empty() || !fs::exists("/usr/bin/setpriv")) {
    fmt::print(stderr, "SKIPPED: PostgreSQL is not installed (apt-get install postgresql)\n");
    return nullptr;
  }
  std::unique_ptr<PostgresServer> server{new PostgresServer{settings}};
  server->initialize(pg_hba);
  server->start_again();
  return server;
}

PostgresServer* PostgresServer::shared() {
  static const std::unique_ptr<PostgresServer> server = start();
  return server.get();
}

PostgresServer::PostgresServer(std::vector<std::string> settings) : settings_(std::move(settings)) {
  hand_over(directory_.path());
}

void PostgresServer::initialize(std::string_view pg_hba) const {
  run("initdb", {"--pgdata=" + data().string(), "--username=postgres", "--auth=trust", "--no-sync",
                 "--data-checksums", "--encoding=UTF8", "--locale=C", "--no-instructions"});
  if (!pg_hba.empty()) {
    const std::string others = content_of(data() / "pg_hba.conf");
    std::ofstream{data() / "pg_hba.conf"} << pg_hba << others;
  }
}

std::unique_ptr<PostgresServer> PostgresServer::adopt(const fs::path& data) {
  std::unique_ptr<PostgresServer> server{new PostgresServer{{}}};
  fs::rename(data, server->data());
  fs::permissions(server->data(), fs::perms::owner_all);
  hand_over(server->data());
  server->start_again();
  return server;
}

PostgresServer::~PostgresServer() {
  stop();
}

void PostgresServer::start_again() {
  std::vector<std::string> arguments{"-D", data(), "-p", std::string{port}};
  for (const std::string_view setting :
       {"listen_addresses=", "fsync=off", "full_page_writes=on", "max_wal_senders=5",
        "wal_level=replica", "shared_buffers=16MB", "autovacuum=off"}) {
    arguments.insert(arguments.end(), {"-c", std::string{setting}});
  }
  arguments.insert(arguments.end(),
                   {"-c", "unix_socket_directories=" + socket_directory().string()});
  for (const std::string& setting : settings_) {
    arguments.insert(arguments.end(), {"-c", setting});
  }
  // Nobody reads its standard error: a shell has it go to a file.
  arguments.insert(arguments.begin(), {"-c", "exec \"$0\" \"$@\" 2>>\"" + log().string() + "\"",
                                       (programs() / "postgres").string()});
  server_ = std::make_unique<os::RunningProgram>(as_server_user("/bin/sh", std::move(arguments)));
  // The eighth line of postmaster.pid is its state.
  const fs::path state = data() / "postmaster.pid";
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!fs::exists(state) || content_of(state).find("\nready") == std::string::npos) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("PostgreSQL did not start: " + content_of(log()));
    }
    std::this_thread::sleep_for(5ms);
  }
}

void PostgresServer::stop() {
  if (server_) {
    // Its first line is the number of the process. SIGINT ends the sessions there are.
    if (fs::exists(data() / "postmaster.pid")) {
      ::kill(static_cast<pid_t>(std::stol(content_of(data() / "postmaster.pid"))), SIGINT);
      static_cast<void>(server_->finish());
    }
    server_.reset();
  }
}

std::string PostgresServer::conninfo(std::string_view database, std::string_view user) const {
  return fmt::format("host={} port={} dbname={} user={}", socket_directory().string(), port,
                     database, user);
}

std::string PostgresServer::sql(std::string_view statements, std::string_view database) const {
  const std::vector<std::string> arguments{"--no-psqlrc",
                                           "--quiet",
                                           "--tuples-only",
                                           "--no-align",
                                           "--set=ON_ERROR_STOP=1",
                                           "--dbname=" + conninfo(database),
                                           "--command=" + std::string{statements}};
  os::Printed printed = os::run_program(
      {.program = programs() / "psql",
       .arguments = arguments,
       .environment = {"PATH=/usr/bin:/bin", "PGOPTIONS=-c client_min_messages=error"}},
      most_output);
  if (!printed.ended.well()) {
    throw std::runtime_error(fmt::format("{}: {}", statements, printed.ended.complaints));
  }
  while (printed.output.ends_with('\n')) {
    printed.output.pop_back();
  }
  return printed.output;
}

void PostgresServer::create_database(std::string_view name) const {
  sql(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", name));
  sql(fmt::format("CREATE DATABASE {}", name));
}

fs::path PostgresServer::make_directory(std::string_view name) const {
  fs::path path = directory_ / name;
  fs::create_directory(path);
  fs::permissions(path, fs::perms::owner_all);
  hand_over(path);
  return path;
}

}  // namespace trackier::test
