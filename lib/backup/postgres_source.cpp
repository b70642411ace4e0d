#include "backup/postgres_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "backup/stripe.hpp"
#include "core/error.hpp"
#include "os/signals.hpp"
#include "postgres/cluster_checks.hpp"
#include "postgres/cluster_position.hpp"
#include "postgres/connection.hpp"
#include "postgres/content.hpp"
#include "postgres/ustar.hpp"
#include "postgres/wal_activity.hpp"

namespace trackier::backup {
namespace {

using Json = nlohmann::ordered_json;

std::string position_of(const postgres::ConnectionOptions& options) {
  postgres::Connection connection{options};
  return postgres::position(connection).text();
}

/// The role a cluster was made with, whatever it is called: its number is fixed.
std::string bootstrap_superuser(postgres::Connection& connection) {
  return connection.value("SELECT rolname FROM pg_roles WHERE oid = 10");
}

/// Files of pages: tables, indexes and their forks, "base/5/16384_fsm.1". What is beside them, as
/// the control file, is not.
bool is_relation(std::string_view path) {
  const bool is_data =
      path.starts_with("base/") || path.starts_with("global/") || path.starts_with("pg_tblspc/");
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return is_data && !name.empty() && name.front() >= '0' && name.front() <= '9';
}

class ClusterSnapshot final : public Snapshot {
 public:
  ClusterSnapshot(const postgres::ConnectionOptions& connection,
                  const postgres::BaseBackupOptions& options, std::set<std::string> skip,
                  const Wanted& wanted)
      : connection_(connection), skip_(std::move(skip)) {
    begin_content(connection, wanted);
    backup_.emplace(connection, options);
    const std::string size = connection_.value("SHOW block_size");
    std::from_chars(size.data(), size.data() + size.size(), block_bytes_);
    has_checksums_ = connection_.value("SHOW data_checksums") == "on";
  }

  std::optional<Member> next() override {
    note_writers();
    for (;;) {
      if (files_) {
        if (auto entry = files_->next()) {
          return member_of(*entry);
        }
        files_.reset();
      }
      archive_ = backup_->next();
      if (!archive_) {
        return std::nullopt;
      }
      if (archive_->kind == postgres::Archive::Kind::manifest) {
        Member member;
        member.name = "backup_manifest";
        return member;
      }
      files_.emplace(backup_->content());
    }
  }

  [[nodiscard]] bool has_offsets() const override { return false; }

  void read_at(std::uint64_t /*offset*/, MutBytes into) override {
    while (!into.empty()) {
      const std::size_t got = files_->read(into);
      if (got == 0) {
        throw Error{Code::data, "the server sent less of a file than it had announced"};
      }
      into = into.subspan(got);
    }
  }

  std::size_t read(MutBytes into) override {
    return files_ ? files_->read(into) : backup_->content().read(into);
  }

  Finished finish() override {
    const auto end = backup_->finish();
    const auto& start = backup_->started();
    Json tablespaces = Json::array();
    for (const auto& each : start.tablespaces) {
      tablespaces.push_back({{"oid", each.oid}, {"location", each.location}});
    }
    // Recovery reads the log up to its end, and only then the files are of one moment.
    Finished finished{.check = has_checksums_ ? "checksums ok" : "not checked",
                      .is_of_the_end = true};
    finished.details = Json{
        {"server_version", start.server_version},
        {"system_identifier", start.system_identifier},
        {"timeline", start.timeline},
        {"start_lsn", start.lsn},
        {"end_lsn", end.lsn},
        {"tablespaces", std::move(tablespaces)},
        {"superuser", bootstrap_superuser(connection_)},
        {"facts", postgres::facts_of(connection_)},
        {"digest_skip", skip_},
        {"warnings",
         end.warnings}}.dump(-1, ' ', false, Json::error_handler_t::replace);
    finished.mark = postgres::position(connection_).text();
    finish_content(finished, end.lsn);
    return finished;
  }

 private:
  /// Reading every table takes more rights than replication does; a backup without digests is a
  /// backup.
  template <typename Action>
  void digesting(const Action& action) {
    try {
      action();
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      content_.reset();
      no_content_because_ = error.what();
    }
  }

  void begin_content(const postgres::ConnectionOptions& connection, const Wanted& wanted) {
    if (wanted.content != nullptr) {
      digesting([&] {
        content_.emplace(connection, *wanted.content,
                         postgres::ContentOptions{.skip = skip_,
                                                  .after = postgres::ContentOptions::After::files});
      });
    }
  }

  /// The later the last look before the backup's end, the fewer tables count as written to.
  void note_writers() {
    constexpr std::chrono::milliseconds between{100};
    const auto now = std::chrono::steady_clock::now();
    if (content_ && now - noted_ >= between) {
      noted_ = now;
      digesting([&] { content_->note(); });
    }
  }

  void finish_content(Finished& finished, const std::string& end_lsn) {
    if (content_) {
      digesting([&] { finished.content = content_->finish(end_lsn); });
    }
    finished.no_content_because = no_content_because_;
  }

  [[nodiscard]] Member member_of(const postgres::TarEntry& entry) const {
    Member member;
    member.name = archive_->kind == postgres::Archive::Kind::tablespace
                      ? fmt::format("pg_tblspc/{}/{}", archive_->oid, entry.path)
                      : entry.path;
    member.mode = entry.mode & 0777U;
    member.modified = entry.modified;
    switch (entry.kind) {
      case postgres::TarEntry::Kind::directory:
        member.kind = MemberKind::directory;
        break;
      case postgres::TarEntry::Kind::symlink:
        member.kind = MemberKind::symlink;
        member.target = entry.link_target;
        break;
      case postgres::TarEntry::Kind::file:
        if (is_relation(member.name) && entry.size > 0 && is_page_size(block_bytes_) &&
            entry.size % block_bytes_ == 0) {
          member.kind = MemberKind::pages;
          member.page_bytes = block_bytes_;
          member.size = entry.size;
        }
        break;
    }
    return member;
  }

  postgres::Connection connection_;
  std::set<std::string> skip_;
  std::optional<postgres::ClusterContent> content_;  ///< begun before the backup
  std::string no_content_because_;
  std::chrono::steady_clock::time_point noted_;
  std::optional<postgres::BaseBackup> backup_;
  std::uint32_t block_bytes_ = 0;
  bool has_checksums_ = false;
  std::optional<postgres::Archive> archive_;
  std::optional<postgres::UstarReader> files_;
};

class Cluster final : public Database {
 public:
  Cluster(postgres::ConnectionOptions connection, postgres::BaseBackupOptions options,
          std::set<std::string> skip)
      : connection_(std::move(connection)), options_(std::move(options)), skip_(std::move(skip)) {}

  [[nodiscard]] std::string kind() const override { return "postgres-physical"; }
  std::string mark(std::int64_t /*now_ns*/) override { return position_of(connection_); }
  bool is_unchanged(const std::string& before, const std::string& now) override {
    return postgres::is_idle_between(connection_, before, now);
  }
  std::unique_ptr<Snapshot> snapshot(const Wanted& wanted,
                                     const std::stop_token& /*stop*/) override {
    return std::make_unique<ClusterSnapshot>(connection_, options_, skip_, wanted);
  }

 private:
  postgres::ConnectionOptions connection_;
  postgres::BaseBackupOptions options_;
  std::set<std::string> skip_;
};

/// The database, and the roles of its cluster, which come with a dump. describe: content_of or
/// definitions_of.
template <typename Describe>
content::Content dump_content(postgres::Connection& connection, const crypto::MacKey& key,
                              const std::set<std::string>& skip, const Describe& describe) {
  const postgres::ContentOptions options{.skip = skip,
                                         .after = postgres::ContentOptions::After::dump};
  content::Content all = describe(connection, key, options);
  const content::Content globals = postgres::globals_of(connection, key, options);
  std::ranges::copy(globals.objects, std::back_inserter(all.objects));
  std::ranges::copy(globals.unchecked, std::back_inserter(all.unchecked));
  content::sort(all);
  return all;
}

class DumpSnapshot final : public Snapshot {
 public:
  DumpSnapshot(const postgres::LogicalOptions& options, std::set<std::string> skip,
               const Wanted& wanted)
      : dump_(options), skip_(std::move(skip)), wanted_(wanted), before_(definitions_before()) {
    globals_ = postgres::dump_globals(options);
  }

  std::optional<Member> next() override {
    constexpr std::array names{globals_member, dump_member};
    if (given_ == names.size()) {
      return std::nullopt;
    }
    Member member;
    member.name = names.at(given_++);
    return member;
  }

  [[nodiscard]] bool has_offsets() const override { return false; }
  void read_at(std::uint64_t /*offset*/, MutBytes /*into*/) override {}

  std::size_t read(MutBytes into) override {
    if (given_ == 2) {
      return dump_.read(into);
    }
    const std::size_t count = std::min(into.size(), globals_.size() - globals_read_);
    std::ranges::copy(as_bytes(globals_).subspan(globals_read_, count), into.begin());
    globals_read_ += count;
    return count;
  }

  Finished finish() override {
    dump_.expect_whole();  // or what it waited for would be waited for once more
    Finished finished{.check = "not checked"};
    postgres::Connection& connection = dump_.snapshot();
    if (before_) {
      finished.content = dump_content(connection, *wanted_.content, skip_, postgres::content_of);
      postgres::leave_out_changed(*before_, *finished.content);
    }
    finished.no_content_because = no_content_because_;
    finished.details = Json{
        {"tool", dump_.tool().version},
        {"server_version", connection.server_version()},
        {"database", connection.database()},
        {"superuser", bootstrap_superuser(connection)},
        {"facts", postgres::facts_of(connection)},
        {"digest_skip",
         skip_}}.dump(-1, ' ', false, Json::error_handler_t::replace);
    dump_.finish();
    return finished;
  }

 private:
  /// Waits for nobody's locks: pg_dump, which is running, would wait for us to read what it has
  /// written.
  std::optional<content::Content> definitions_before() {
    if (wanted_.content == nullptr) {
      return std::nullopt;
    }
    postgres::Connection& connection = dump_.snapshot();
    connection.execute("SAVEPOINT before; SET LOCAL lock_timeout = '1s'");
    try {
      auto before = dump_content(connection, *wanted_.content, skip_, postgres::definitions_of);
      connection.execute("RELEASE SAVEPOINT before; SET LOCAL lock_timeout = 0");
      return before;
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      no_content_because_ = fmt::format("what is defined could not be looked at: {}", error.what());
      connection.execute("ROLLBACK TO SAVEPOINT before");
      return std::nullopt;
    }
  }

  postgres::LogicalDump dump_;
  std::string globals_;
  std::set<std::string> skip_;
  Wanted wanted_;
  std::string no_content_because_;
  std::optional<content::Content> before_;  ///< what is defined, when the dump begins
  std::size_t globals_read_ = 0;
  std::size_t given_ = 0;
};

class DumpedDatabase final : public Database {
 public:
  DumpedDatabase(postgres::LogicalOptions options, std::set<std::string> skip)
      : options_(std::move(options)), skip_(std::move(skip)) {}

  [[nodiscard]] std::string kind() const override { return "postgres-logical"; }
  /// pg_dump reads every row anyway.
  [[nodiscard]] bool digests_are_cheap() const override { return true; }
  std::string mark(std::int64_t /*now_ns*/) override { return position_of(options_.connection); }
  bool is_unchanged(const std::string& before, const std::string& now) override {
    return postgres::is_idle_between(options_.connection, before, now);
  }
  std::unique_ptr<Snapshot> snapshot(const Wanted& wanted,
                                     const std::stop_token& /*stop*/) override {
    return std::make_unique<DumpSnapshot>(options_, skip_, wanted);
  }

 private:
  postgres::LogicalOptions options_;
  std::set<std::string> skip_;
};

}  // namespace

content::Content postgres_content(const postgres::ConnectionOptions& connection,
                                  const crypto::MacKey& key, const std::set<std::string>& skip,
                                  bool is_dump) {
  if (!is_dump) {
    return postgres::cluster_content(
        connection, key, {.skip = skip, .after = postgres::ContentOptions::After::files});
  }
  postgres::Connection session{connection};
  session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  return dump_content(session, key, skip, postgres::content_of);
}

std::unique_ptr<Database> postgres_cluster(const postgres::ConnectionOptions& connection,
                                           const postgres::BaseBackupOptions& options,
                                           const std::set<std::string>& skip) {
  return std::make_unique<Cluster>(connection, options, skip);
}

std::unique_ptr<Database> postgres_dump(const postgres::LogicalOptions& options,
                                        const std::set<std::string>& skip) {
  return std::make_unique<DumpedDatabase>(options, skip);
}

}  // namespace trackier::backup
