#include "backup/sqlite_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <future>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>

namespace trackier::backup {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
/// A file that was written to this shortly ago can be written to again without its times showing
/// it.
constexpr std::int64_t unsure_for = 2 * nanoseconds_per_second;

Json json_of(const sqlite::FileIdentity& file) {
  return {file.device, file.inode, file.size, file.modified_ns, file.changed_ns};
}

std::string mark_of(const sqlite::DatabaseIdentity& identity) {
  return Json{{"database", json_of(identity.database)},
              {"log", identity.log ? json_of(*identity.log) : Json()}}
      .dump();
}

/// What SQLite says of a database when all of it is read.
struct Examination {
  std::optional<content::Content> content;
  std::optional<std::vector<std::string>> complaints;  ///< none when it was not checked
};

class SqliteSnapshot final : public Snapshot {
 public:
  SqliteSnapshot(os::FileSystem& files, const SqliteOptions& options, const Wanted& wanted,
                 const std::stop_token& stop)
      : path_(options.path),
        stops_(stop, [this] { ended_.request_stop(); }),
        snapshot_(files, options.path, options.snapshot, ended_.get_token()),
        wanted_(wanted),
        level_(options.check),
        skip_(options.skip) {}

  SqliteSnapshot(const SqliteSnapshot&) = delete;
  SqliteSnapshot& operator=(const SqliteSnapshot&) = delete;
  SqliteSnapshot(SqliteSnapshot&&) = delete;
  SqliteSnapshot& operator=(SqliteSnapshot&&) = delete;

  ~SqliteSnapshot() override { ended_.request_stop(); }

  std::optional<Member> next() override {
    if (given_) {
      return std::nullopt;
    }
    given_ = true;
    if (wanted_.side_by_side) {
      examination_ = std::async(std::launch::async, [this] { return examine(); });
    }
    Member member;
    member.name = database_member;
    member.kind = MemberKind::pages;
    member.mode = snapshot_.file_status().mode & 0777U;
    member.modified = snapshot_.file_status().modified_ns / nanoseconds_per_second;
    member.size = snapshot_.bytes();
    member.page_bytes = snapshot_.page_bytes();
    return member;
  }

  [[nodiscard]] bool has_offsets() const override { return true; }
  void read_at(std::uint64_t offset, MutBytes into) override { snapshot_.read_at(offset, into); }
  std::size_t read(MutBytes /*into*/) override { return 0; }

  Finished finish() override {
    Examination examination = examination_.valid() ? examination_.get() : examine();
    Finished finished{.content = std::move(examination.content), .check = "not checked"};
    if (examination.complaints) {
      finished.damaged = !examination.complaints->empty();
      finished.check = fmt::format(
          "{} {}", level_ == sqlite::CheckLevel::quick ? "quick_check" : "integrity_check",
          finished.damaged ? "failed" : "ok");
    }
    finished.details = Json{{"path", path_.native()},
                            {"journal_mode", snapshot_.journal_mode()},
                            {"page_bytes", snapshot_.page_bytes()},
                            {"log_pages", snapshot_.log_pages()},
                            {"digest_skip", skip_},
                            {"check", examination.complaints.value_or(std::vector<std::string>{})}}
                           .dump(-1, ' ', false, Json::error_handler_t::replace);
    return finished;
  }

 private:
  Examination examine() {
    Examination found;
    if (wanted_.content != nullptr && snapshot_.missing_pages() == 0) {
      found.content = digests();
    }
    const bool is_suspect =
        snapshot_.missing_pages() > 0 || (wanted_.content != nullptr && !found.content);
    if (wanted_.check || is_suspect) {
      found.complaints = snapshot_.check(level_);
    }
    return found;
  }

  /// None when a table cannot be read: then there is something wrong with it.
  std::optional<content::Content> digests() {
    try {
      return snapshot_.content(*wanted_.content, {.skip = skip_});
    } catch (const Error& error) {
      if (error.code() != Code::data) {
        throw;
      }
      return std::nullopt;
    }
  }

  std::filesystem::path path_;
  std::stop_source ended_;  ///< the examination is not to go on
  std::stop_callback<std::function<void()>> stops_;
  sqlite::DatabaseSnapshot snapshot_;
  Wanted wanted_;
  sqlite::CheckLevel level_;
  std::set<std::string> skip_;
  bool given_ = false;
  std::future<Examination> examination_;  ///< by a thread of its own; waits for it in the end
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(os::FileSystem& files, SqliteOptions options)
      : files_(files), options_(std::move(options)) {}

  [[nodiscard]] std::string kind() const override { return "sqlite"; }

  std::string mark(std::int64_t now_ns) override {
    const auto identity = sqlite::identity_of(files_, options_.path);
    std::int64_t last = std::max(identity.database.modified_ns, identity.database.changed_ns);
    if (identity.log) {
      last = std::max(last, identity.log->modified_ns);
    }
    return now_ns - last < unsure_for ? std::string{} : mark_of(identity);
  }

  std::unique_ptr<Snapshot> snapshot(const Wanted& wanted, const std::stop_token& stop) override {
    return std::make_unique<SqliteSnapshot>(files_, options_, wanted, stop);
  }

 private:
  os::FileSystem& files_;
  SqliteOptions options_;
};

}  // namespace

std::unique_ptr<Database> sqlite_database(os::FileSystem& files, const SqliteOptions& options) {
  return std::make_unique<SqliteDatabase>(files, options);
}

}  // namespace trackier::backup
