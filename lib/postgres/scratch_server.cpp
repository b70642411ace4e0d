#include "postgres/scratch_server.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <map>
#include <string_view>
#include <system_error>
#include <thread>

#include "core/error.hpp"
#include "core/text.hpp"
#include "os/file.hpp"
#include "os/signals.hpp"
#include "os/whole_file.hpp"
#include "postgres/connection.hpp"

namespace trackier::postgres {
namespace {

namespace fs = std::filesystem;

constexpr const char* setpriv = "/usr/bin/setpriv";
constexpr int has_archive_library = 15;
constexpr int has_event_triggers = 17;
constexpr std::size_t most_printed = std::size_t{64} << 20U;
constexpr std::size_t longest_socket_directory =
    107 - std::string_view{"/.s.PGSQL.5432.lock"}.size();

os::ProgramOptions as_account(const ScratchOptions& options, std::vector<std::string> words) {
  std::vector<std::string> all{"--pdeathsig", "QUIT"};
  if (options.account) {
    all.push_back(fmt::format("--reuid={}", options.account->uid));
    all.push_back(fmt::format("--regid={}", options.account->gid));
    all.emplace_back("--clear-groups");
  }
  all.emplace_back("--");
  all.insert(all.end(), words.begin(), words.end());
  return {.program = setpriv,
          .arguments = std::move(all),
          .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=" + options.directory.native()},
          .directory = options.directory};
}

void require_setpriv() {
  if (!os::posix().status(setpriv)) {
    throw Error{Code::unavailable, fmt::format("{} is not there", setpriv),
                "it comes with util-linux"};
  }
}

/// A line of pg_controldata, "Maximum prepared...:   0".
std::string control_value(const ScratchOptions& options, std::string_view name) {
  const os::Printed printed =
      run_cluster_tool(find_cluster_tool("pg_controldata", options.data, options.tools), options,
                       {options.data.native()});
  std::string_view text = printed.output;
  const std::size_t at = text.find(name);
  if (!printed.ended.well() || at == std::string_view::npos) {
    throw Error{Code::data, fmt::format("pg_controldata does not understand the cluster: {}",
                                        printed.ended.last_line())};
  }
  text = text.substr(at + name.size(), text.find('\n', at) - at - name.size());
  text.remove_prefix(std::min(text.find_first_not_of(": "), text.size()));
  return std::string{text};
}

/// The last line that says why it ended, "FATAL:  ..."; a log can quote statements elsewhere.
std::string cause_in(std::string_view text) {
  for (const std::string_view kind : {"PANIC:  ", "FATAL:  ", "initdb: error: "}) {
    const std::size_t at = text.rfind(kind);
    if (at != std::string_view::npos) {
      const std::size_t begin = kind.ends_with("error: ") ? at + kind.size() : at;
      return printable(text.substr(begin, text.find('\n', begin) - begin));
    }
  }
  text = text.substr(0, text.find_last_not_of('\n') + 1);
  return printable(text.substr(text.rfind('\n') + 1));
}

os::ProgramOptions make_cluster(const ScratchOptions& options, int major) {
  require_setpriv();
  const Tool initdb = find_tool("initdb", major, options.tools, ToolVersion::exactly);
  return as_account(options, {initdb.path.native(), "--pgdata=" + options.data.native(),
                              "--username=" + options.superuser, "--auth=trust", "--no-sync",
                              "--encoding=UTF8", "--locale=C", "--no-instructions"});
}

}  // namespace

void hand_over(const fs::path& path, const ScratchAccount& account) {
  const auto give = [&account](const fs::path& each) {
    if (::lchown(each.c_str(), account.uid, account.gid) != 0) {
      throw Error{Code::io, fmt::format("giving {} to {}: {}", printable(each.native()),
                                        printable(account.name), errno_text(errno))};
    }
  };
  give(path);
  std::error_code error;
  for (fs::recursive_directory_iterator at{path, error}, end; at != end; at.increment(error)) {
    if (error) {
      break;
    }
    give(at->path());
  }
  if (error) {
    throw Error{Code::io, fmt::format("{}: {}", printable(path.native()), error.message())};
  }
}

int major_of(const fs::path& data) {
  constexpr std::size_t most_bytes = 64;
  int major = 0;
  const std::string text = os::read_whole(os::posix(), data / "PG_VERSION", most_bytes);
  std::from_chars(text.data(), text.data() + text.size(), major);
  if (major == 0) {
    throw Error{Code::data, "PG_VERSION does not name a version of PostgreSQL"};
  }
  return major;
}

Tool find_cluster_tool(std::string_view name, const fs::path& data, const ToolSearch& search) {
  return find_tool(name, major_of(data), search, ToolVersion::exactly);
}

os::Printed run_cluster_tool(const Tool& tool, const ScratchOptions& options,
                             std::vector<std::string> arguments) {
  require_setpriv();
  arguments.insert(arguments.begin(), tool.path.native());
  return os::run_program(as_account(options, std::move(arguments)), most_printed);
}

void require_room_for(std::string_view said) {
  // The third is what PostgreSQL says of the last page that there was room for, in part.
  for (const std::string_view full :
       {"No space left on device", "Disk quota exceeded", ": wrote only "}) {
    if (said.find(full) != std::string_view::npos) {
      throw Error{Code::io, "the scratch place is full",
                  "set verify.scratch to a place with more room"};
    }
  }
}

NewCluster::NewCluster(const ScratchOptions& options, int major)
    : program_(make_cluster(options, major)) {}

void NewCluster::finish() {
  std::array<std::byte, 4096> said{};
  while (program_.output().read(said) > 0) {  // or it would die of talking to nobody
  }
  const os::Ended ended = program_.finish();
  if (!ended.well()) {
    require_room_for(ended.complaints);
    throw Error{Code::unavailable,
                fmt::format("initdb {}: {}", ended.manner(), cause_in(ended.complaints))};
  }
}

ScratchServer::ScratchServer(ScratchOptions options)
    : options_(std::move(options)),
      tool_(find_cluster_tool("postgres", options_.data, options_.tools)) {
  require_setpriv();
  if (options_.directory.native().size() > longest_socket_directory) {
    throw Error{Code::unavailable,
                fmt::format("{} is too long for the name of a socket",
                            printable(options_.directory.native())),
                "set verify.scratch to a shorter path"};
  }
  write_settings();
  // Its words go to a file: nobody empties a pipe while we wait for the server.
  std::vector<std::string> words{"/bin/sh", "-c", R"(exec "$@" >"$0" 2>&1)", log().native(),
                                 tool_.path.native()};
  const auto more = arguments();
  words.insert(words.end(), more.begin(), more.end());
  program_ = std::make_unique<os::RunningProgram>(as_account(options_, std::move(words)));
  wait_until_it_answers();
}

ScratchServer::~ScratchServer() = default;

void ScratchServer::write_settings() const {
  const auto write = [this](const char* name, std::string_view text) {
    const fs::path path = options_.directory / name;
    os::posix().remove(path);
    const auto file = os::posix().create_exclusive(path, 0600);
    if (!file) {
      throw Error{Code::cannot_create, fmt::format("{} exists", printable(path.native()))};
    }
    file->write(as_bytes(text));
    if (options_.account) {
      file->set_owner(options_.account->uid, options_.account->gid);
    }
  };
  write("postgresql.conf", "");
  write("pg_ident.conf", "");
  write("pg_hba.conf", "local all all trust\n");
}

/// All on the command line: postgresql.auto.conf of what was restored is read as well.
std::vector<std::string> ScratchServer::arguments() const {
  std::map<std::string, std::string> settings{
      {"config_file", options_.directory / "postgresql.conf"},
      {"hba_file", options_.directory / "pg_hba.conf"},
      {"ident_file", options_.directory / "pg_ident.conf"},
      {"external_pid_file", ""},
      {"listen_addresses", ""},
      {"unix_socket_directories", options_.directory},
      {"unix_socket_permissions", "0700"},
      {"unix_socket_group", ""},
      {"port", "5432"},
      {"ssl", "off"},
      {"archive_mode", "off"},
      {"archive_command", ""},
      {"archive_cleanup_command", ""},
      {"recovery_end_command", ""},
      {"restore_command", ""},
      {"primary_conninfo", ""},
      {"primary_slot_name", ""},
      {"synchronous_standby_names", ""},
      {"shared_preload_libraries", ""},
      {"session_preload_libraries", ""},
      {"local_preload_libraries", ""},
      {"wal_level", "minimal"},
      {"max_wal_senders", "0"},
      {"max_logical_replication_workers", "0"},
      {"max_prepared_transactions", control_value(options_, "max_prepared_xacts setting")},
      {"max_connections", "50"},
      {"max_locks_per_transaction", "1024"},  // one transaction reads all tables of a database
      {"hot_standby", "off"},
      {"autovacuum", "off"},
      {"fsync", "off"},
      {"full_page_writes", "off"},
      {"synchronous_commit", "off"},
      {"max_wal_size", "2GB"},
      {"shared_buffers", "128MB"},
      {"huge_pages", "off"},
      {"jit", "off"},
      {"restart_after_crash", "off"},
      {"logging_collector", "off"},
      {"log_destination", "stderr"},
      {"log_statement", "none"},
      {"log_min_error_statement", "panic"},
      {"lc_messages", "C"},
      {"cluster_name", "trackier-ctl verify"},
      {"default_transaction_read_only", "off"},
      {"statement_timeout", "0"},
      {"lock_timeout", "0"}};
  if (tool_.major >= has_archive_library) {
    settings["archive_library"] = "";
    settings["allow_in_place_tablespaces"] = "on";
  }
  if (tool_.major >= has_event_triggers) {
    settings["event_triggers"] = "off";
    settings["summarize_wal"] = "off";
    settings["sync_replication_slots"] = "off";
  }
  std::vector<std::string> made{"-D", options_.data.native()};
  for (const auto& [name, value] : settings) {
    made.emplace_back("-c");
    made.push_back(name + "=" + value);
  }
  return made;
}

std::string ScratchServer::conninfo(const std::string& database) const {
  const auto quoted = [](std::string_view text) {
    std::string made = "'";
    for (const char letter : text) {
      if (letter == '\'' || letter == '\\') {
        made += '\\';
      }
      made += letter;
    }
    return made + "'";
  };
  return fmt::format("host={} port=5432 user={} dbname={}", quoted(options_.directory.native()),
                     quoted(options_.superuser), quoted(database));
}

std::string ScratchServer::description() const {
  return fmt::format(
      "postgres {} on a private socket; archiving, replication and preload libraries off",
      tool_.version);
}

std::string ScratchServer::last_words() const {
  constexpr std::size_t most_log = std::size_t{1} << 20U;
  try {
    return cause_in(os::read_whole(os::posix(), log(), most_log));
  } catch (const Error&) {
    return "it has written no log";
  }
}

void ScratchServer::wait_until_it_answers() {
  constexpr std::chrono::milliseconds between_tries{20};
  const auto end = std::chrono::steady_clock::now() + options_.patience;
  for (;;) {
    os::throw_if_interrupted();
    if (program_->has_ended()) {
      require_room_for(last_words());
      throw Error{Code::data, fmt::format("the server does not start: {}", last_words())};
    }
    try {
      const Connection probe{{.conninfo = conninfo("template1")}};
      return;
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      if (std::chrono::steady_clock::now() > end) {
        throw Error{Code::unavailable, fmt::format("the server does not answer: {}", error.what())};
      }
      if (error.code() != Code::unavailable && error.code() != Code::no_input) {
        throw;
      }
    }
    std::this_thread::sleep_for(between_tries);
  }
}

void ScratchServer::stop() {
  if (!program_) {
    return;
  }
  const os::Printed printed =
      run_cluster_tool(find_cluster_tool("pg_ctl", options_.data, options_.tools), options_,
                       {"stop", "--pgdata=" + options_.data.native(), "--mode=fast", "--wait",
                        "--timeout=600", "--silent"});
  const os::Ended ended = program_->finish();
  program_.reset();
  if (!printed.ended.well() || !ended.well()) {
    require_room_for(last_words());
    throw Error{Code::data, fmt::format("the server does not shut down: {}", last_words())};
  }
}

}  // namespace trackier::postgres
