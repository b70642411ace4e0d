#include "sqlite/connection.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <thread>

#include "core/text.hpp"
#include "os/signals.hpp"
#include "sqlite/statement.hpp"

namespace trackier::sqlite {
namespace {

constexpr std::chrono::milliseconds pause{10};
constexpr int steps_between_looks = 10000;
/// Of a connection among threads, which costs a tenth of the time of reading a table.
constexpr int no_locking = SQLITE_OPEN_NOMUTEX;

struct Close {
  void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};

/// What others hold is waited for, in short steps, so that a signal is not.
struct Patience {
  std::chrono::milliseconds limit;
  const std::stop_token& stop;
};

int wait_for_lock(void* given, int times) {
  const auto& patience = *static_cast<const Patience*>(given);
  if (patience.stop.stop_requested() || pause * times >= patience.limit) {
    return 0;
  }
  std::this_thread::sleep_for(pause);
  return 1;
}

int look_for_stop(void* given) {
  return static_cast<const std::stop_token*>(given)->stop_requested() ? 1 : 0;
}

Code code_of(int result) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Code::busy;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return Code::data;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return Code::no_permission;
    case SQLITE_CANTOPEN:
      return Code::no_input;
    default:
      return Code::io;
  }
}

std::string hint_for(int result) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "somebody keeps it locked; try again, or raise lock_wait_seconds of the source";
    case SQLITE_NOTADB:
      return "it may be encrypted, or something else altogether";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return "a database in WAL mode, or with a journal to roll back, is read by who may write to "
             "it "
             "and its directory: run backups as the user it belongs to";
    default:
      return {};
  }
}

/// https://www.sqlite.org/uri.html#uriimmutable
std::string unchanging_uri(const std::string& absolute_path) {
  std::string uri = "file://";
  for (const char letter : absolute_path) {
    if (letter == '%' || letter == '?' || letter == '#') {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
    } else {
      uri += letter;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

Connection::Connection(const std::filesystem::path& path, std::chrono::milliseconds patience,
                       std::stop_token stop, bool keep_log)
    : shown_(printable(path.native())), stop_(std::move(stop)), patience_(patience) {
  // Writing, for a hot journal is rolled back, and the index of a WAL made, by who comes first.
  int result =
      sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE | no_locking, nullptr);
  if (result != SQLITE_OK) {
    sqlite3_close_v2(database_);
    result = sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READONLY | no_locking, nullptr);
  }
  opened(result);
  set_up(keep_log);
}

Connection::Connection(const std::filesystem::path& path, std::stop_token stop)
    : shown_(printable(path.native())), stop_(std::move(stop)), patience_(0) {
  const std::string uri = unchanging_uri(std::filesystem::absolute(path).native());
  opened(sqlite3_open_v2(uri.c_str(), &database_,
                         SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | no_locking, nullptr));
  set_up(true);
}

void Connection::opened(int result) {
  if (result != SQLITE_OK) {
    const std::unique_ptr<sqlite3, Close> owner{database_};
    database_ = nullptr;
    throw Error{code_of(result), fmt::format("opening {}: {}", shown_, sqlite3_errstr(result))};
  }
}

void Connection::set_up(bool keep_log) {
  sqlite3_extended_result_codes(database_, 1);
  sqlite3_busy_handler(
      database_,
      [](void* self, int times) {
        const auto& connection = *static_cast<const Connection*>(self);
        Patience wait{.limit = connection.patience_, .stop = connection.stop_};
        return wait_for_lock(&wait, times);
      },
      this);
  sqlite3_progress_handler(database_, steps_between_looks, look_for_stop, &stop_);
  sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep_log ? 1 : 0, nullptr);
  // What a hostile schema can do is bounded.
  sqlite3_db_config(database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
}

Connection::~Connection() {
  sqlite3_close_v2(database_);
}

void Connection::map_file() {
  execute("PRAGMA mmap_size = 2147418112");
  execute("PRAGMA cache_size = -65536");  // KiB, of what is not mapped
}

void Connection::execute(const char* sql) {
  const int result = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) {
    fail(result, "reading");
  }
}

void Connection::tolerate_damage() {
  sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
  execute("PRAGMA writable_schema = ON");
}

std::vector<std::string> Connection::column(const char* sql) {
  Statement statement{*this, sql};
  std::vector<std::string> rows;
  while (statement.step()) {
    rows.push_back(statement.text(0));
  }
  return rows;
}

std::optional<std::string> Connection::value(const std::string& sql,
                                             const std::vector<std::string>& parameters) {
  try {
    Statement statement{*this, sql};
    if (!statement.is_read_only()) {
      throw Error{Code::verdict, "the statement would write"};
    }
    const auto wanted = static_cast<std::size_t>(statement.parameters());
    if (wanted > parameters.size()) {
      throw Error{Code::verdict, fmt::format("the statement has {} parameters, and there are {}",
                                             wanted, parameters.size())};
    }
    for (std::size_t i = 0; i < wanted; ++i) {
      statement.bind(static_cast<int>(i + 1), parameters[i]);
    }
    if (!statement.step()) {
      throw Error{Code::verdict, "the statement gives no row"};
    }
    std::optional<std::string> made;
    if (!statement.is_null(0)) {
      made = statement.text(0);
    }
    if (statement.step()) {
      throw Error{Code::verdict, "the statement gives more than one row"};
    }
    return made;
  } catch (const UnknownToLibrary& error) {
    throw Error{Code::verdict, error.what()};
  }
}

void Connection::copy_to(const std::filesystem::path& path) {
  sqlite3* raw = nullptr;
  int result =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  const std::unique_ptr<sqlite3, Close> copy{raw};
  if (result == SQLITE_OK) {
    result = sqlite3_exec(raw, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", nullptr,
                          nullptr, nullptr);
  }
  if (result != SQLITE_OK) {
    throw Error{Code::cannot_create,
                fmt::format("making a copy of {} in {}: {}", shown_,
                            printable(path.parent_path().native()), sqlite3_errstr(result))};
  }
  sqlite3_backup* const backup = sqlite3_backup_init(raw, "main", database_, "main");
  if (backup == nullptr) {
    fail(sqlite3_errcode(raw), "copying");
  }
  // All pages in one step: in several, every write of somebody else begins it anew, for ever.
  // The busy handler does not serve this call.
  Patience wait{.limit = patience_, .stop = stop_};
  for (int times = 0;; ++times) {
    result = sqlite3_backup_step(backup, -1);
    if ((result != SQLITE_BUSY && result != SQLITE_LOCKED) || wait_for_lock(&wait, times) == 0) {
      break;
    }
  }
  sqlite3_backup_finish(backup);
  if (result != SQLITE_DONE) {
    fail(result, "copying");
  }
}

void Connection::fail(int result, const std::string& what) const {
  os::throw_if_stopped(stop_);
  // The result can be of another connection, to which the message does not belong.
  const bool is_ours = (sqlite3_extended_errcode(database_) & 0xff) == (result & 0xff);
  const char* const said = is_ours ? sqlite3_errmsg(database_) : sqlite3_errstr(result);
  throw Error{code_of(result), fmt::format("{} {}: {}", what, shown_, printable(said)),
              hint_for(result)};
}

void settle(const std::filesystem::path& path) {
  int result = SQLITE_OK;
  {
    sqlite3* raw = nullptr;
    result = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
    const std::unique_ptr<sqlite3, Close> database{raw};
    constexpr int patience_ms = 2000;
    sqlite3_busy_timeout(raw, patience_ms);
    if (result == SQLITE_OK) {
      result = sqlite3_exec(raw, "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr);
    }
  }
  if ((result & 0xff) == SQLITE_BUSY || (result & 0xff) == SQLITE_LOCKED) {
    throw Error{Code::busy, fmt::format("{} is in use", printable(path.native())),
                "stop what uses it first"};
  }
}

}  // namespace trackier::sqlite
