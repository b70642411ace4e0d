#include "backup/postgres_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "backup/stripe.hpp"
#include "core/error.hpp"
#include "postgres/cluster_position.hpp"
#include "postgres/connection.hpp"
#include "postgres/ustar.hpp"
#include "postgres/wal_activity.hpp"

namespace trackier::backup {
namespace {

using Json = nlohmann::ordered_json;

std::string position_of(const postgres::ConnectionOptions& options) {
  postgres::Connection connection{options};
  return postgres::position(connection).text();
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
                  const postgres::BaseBackupOptions& options)
      : connection_(connection), backup_(connection, options) {
    const std::string size = connection_.value("SHOW block_size");
    std::from_chars(size.data(), size.data() + size.size(), block_bytes_);
    has_checksums_ = connection_.value("SHOW data_checksums") == "on";
  }

  std::optional<Member> next() override {
    for (;;) {
      if (files_) {
        if (auto entry = files_->next()) {
          return member_of(*entry);
        }
        files_.reset();
      }
      archive_ = backup_.next();
      if (!archive_) {
        return std::nullopt;
      }
      if (archive_->kind == postgres::Archive::Kind::manifest) {
        Member member;
        member.name = "backup_manifest";
        return member;
      }
      files_.emplace(backup_.content());
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
    return files_ ? files_->read(into) : backup_.content().read(into);
  }

  Finished finish() override {
    const auto end = backup_.finish();
    const auto& start = backup_.started();
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
        {"warnings",
         end.warnings}}.dump(-1, ' ', false, Json::error_handler_t::replace);
    finished.mark = postgres::position(connection_).text();
    return finished;
  }

 private:
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
  postgres::BaseBackup backup_;
  std::uint32_t block_bytes_ = 0;
  bool has_checksums_ = false;
  std::optional<postgres::Archive> archive_;
  std::optional<postgres::UstarReader> files_;
};

class Cluster final : public Database {
 public:
  Cluster(postgres::ConnectionOptions connection, postgres::BaseBackupOptions options)
      : connection_(std::move(connection)), options_(std::move(options)) {}

  [[nodiscard]] std::string kind() const override { return "postgres-physical"; }
  std::string mark(std::int64_t /*now_ns*/) override { return position_of(connection_); }
  bool is_unchanged(const std::string& before, const std::string& now) override {
    return postgres::is_idle_between(connection_, before, now);
  }
  std::unique_ptr<Snapshot> snapshot(bool /*check*/, const std::stop_token& /*stop*/) override {
    return std::make_unique<ClusterSnapshot>(connection_, options_);
  }

 private:
  postgres::ConnectionOptions connection_;
  postgres::BaseBackupOptions options_;
};

class DumpSnapshot final : public Snapshot {
 public:
  explicit DumpSnapshot(const postgres::LogicalOptions& options)
      : dump_(options), globals_(postgres::dump_globals(options)) {}

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
    dump_.finish();
    Finished finished{.check = "not checked"};
    finished.details = Json{{"tool", dump_.tool().version}}.dump();
    return finished;
  }

 private:
  postgres::LogicalDump dump_;
  std::string globals_;
  std::size_t globals_read_ = 0;
  std::size_t given_ = 0;
};

class DumpedDatabase final : public Database {
 public:
  explicit DumpedDatabase(postgres::LogicalOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::string kind() const override { return "postgres-logical"; }
  std::string mark(std::int64_t /*now_ns*/) override { return position_of(options_.connection); }
  bool is_unchanged(const std::string& before, const std::string& now) override {
    return postgres::is_idle_between(options_.connection, before, now);
  }
  std::unique_ptr<Snapshot> snapshot(bool /*check*/, const std::stop_token& /*stop*/) override {
    return std::make_unique<DumpSnapshot>(options_);
  }

 private:
  postgres::LogicalOptions options_;
};

}  // namespace

std::unique_ptr<Database> postgres_cluster(const postgres::ConnectionOptions& connection,
                                           const postgres::BaseBackupOptions& options) {
  return std::make_unique<Cluster>(connection, options);
}

std::unique_ptr<Database> postgres_dump(const postgres::LogicalOptions& options) {
  return std::make_unique<DumpedDatabase>(options);
}

}  // namespace trackier::backup
