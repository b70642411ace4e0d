#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "backup/data_directory.hpp"
#include "backup/details.hpp"
#include "backup/directory_target.hpp"
#include "backup/postgres_source.hpp"
#include "core/text.hpp"
#include "os/signals.hpp"
#include "postgres/cluster_checks.hpp"
#include "postgres/connection.hpp"
#include "postgres/content.hpp"
#include "postgres/scratch_restore.hpp"
#include "postgres/scratch_server.hpp"
#include "verify/ahead.hpp"
#include "verify/drill_run.hpp"

namespace trackier::verify {
namespace {

using proof::Check;
using proof::Level;
using proof::Verdict;

constexpr std::uint64_t server_bytes = std::uint64_t{400} << 20U;  ///< of a new cluster, and WAL

/// Everybody's `x` on all directories above, which whoever is not root needs to get there.
void require_reachable(os::FileSystem& files, const std::filesystem::path& place,
                       const std::optional<postgres::ScratchAccount>& account) {
  constexpr unsigned search_by_others = 01;
  if (!account) {
    return;
  }
  for (auto at = place.parent_path(); at.has_relative_path(); at = at.parent_path()) {
    const auto status = files.status(at);
    if (status && status->user != account->uid && (status->mode & search_by_others) == 0) {
      throw Error{Code::unavailable,
                  fmt::format("{}: the user {}, whom PostgreSQL runs as, cannot get there",
                              printable(at.native()), printable(account->name)),
                  "set verify.scratch to a place that everybody can reach; what is restored there "
                  "is private"};
    }
  }
}

std::unique_ptr<Scratch> make_scratch(const DrillRun& run, std::uint64_t bytes) {
  std::unique_ptr<Scratch> scratch;
  const bool is_made = run.recorder.run(
      {.name = "scratch", .level = Level::restore, .unit = "directories"}, [&](Check& check) {
        if (!run.options.no_account_because.empty()) {
          throw Error{Code::unavailable, run.options.no_account_because,
                      "set verify.user, or verify as an ordinary user"};
        }
        scratch = run.make_scratch();
        require_reachable(run.place.files, scratch->path(), run.options.account);
        scratch->require_room(bytes);
        check.checked = 1;
      });
  return is_made ? std::move(scratch) : nullptr;
}

void compare_facts(const DrillRun& run, const std::map<std::string, std::string>& here) {
  const auto there = backup::texts_in(run.backup.map().details, "facts");
  for (const auto& [name, value] : there) {
    const auto found = here.find(name);
    if (found == here.end() || found->second != value) {
      run.recorder.proof().environment.push_back(
          {.name = printable(name),
           .source = printable(value),
           .here = found == here.end() ? "nothing" : printable(found->second)});
    }
  }
}

void ask_expectations(const DrillRun& run, const postgres::ScratchServer& server,
                      const std::string& usual_database) {
  check_expectations(run, [&](const Expectation& each, const std::vector<std::string>& parameters) {
    postgres::Connection connection{
        {.conninfo = server.conninfo(each.database.empty() ? usual_database : each.database)}};
    connection.execute("BEGIN READ ONLY");
    const postgres::Rows rows = connection.query(each.sql, {parameters.begin(), parameters.end()});
    if (rows.size() != 1 || rows.front().empty()) {
      throw Error{Code::verdict, fmt::format("the statement gives {} rows, not one", rows.size())};
    }
    return rows.front().front();
  });
}

/// What a program complains of, as differences.
void take(Check& check, const postgres::Judged& judged) {
  check.command = judged.command;
  check.checked = judged.checked;
  if (judged.is_sound) {
    return;
  }
  for (const std::string& message : judged.messages) {
    add_difference(check, {.object = "cluster", .expected = "no complaint", .found = message});
  }
  if (judged.messages.empty()) {
    add_difference(check, {.object = "cluster", .expected = "success", .found = "failure"});
  }
}

/// A check whose program need not be there.
/// same_as_source: why what it finds was there before; empty: it was not.
void run_if_there(Recorder& recorder, const Check& begin,
                  const std::function<postgres::Judged()>& judge,
                  const std::string& same_as_source) {
  std::optional<std::string> missing;
  Check done = Recorder::judge(begin, [&](Check& check) {
    try {
      take(check, judge());
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      if (error.code() == Code::unavailable) {
        missing = error.what();
        return;
      }
      if (error.code() != Code::data || same_as_source.empty()) {
        throw;
      }
      add_difference(check, {.object = "cluster", .expected = "sound", .found = error.what()});
    }
    if (check.difference_count > 0 && !same_as_source.empty()) {
      check.verdict = Verdict::same_as_source;
      check.why = same_as_source;
    }
  });
  if (missing) {
    recorder.leave_out(begin.name, *missing);
  } else {
    recorder.record(std::move(done));
  }
}

postgres::ScratchOptions scratch_options(const DrillRun& run, const Scratch& scratch,
                                         const std::filesystem::path& data) {
  const std::string superuser = backup::text_in(run.backup.map().details, "superuser");
  return {.data = data,
          .directory = scratch.path(),
          .tools = run.options.tools,
          .account = run.options.account,
          .superuser = superuser.empty() ? "postgres" : superuser};
}

/// The server, and what is asked of it whatever it was restored from.
class Answers {
 public:
  Answers(const DrillRun& run, postgres::ScratchServer& server) : run_(run), server_(server) {}

  void compare(bool is_cluster, const std::string& database) {
    compare_here(database);
    if (run_.goes_to(Level::content)) {
      compare_content(run_, false, is_cluster, [&] {
        const postgres::ConnectionOptions connection{.conninfo = server_.conninfo(database)};
        return backup::postgres_content(connection, run_.backup.keys().content,
                                        run_.skipped_tables(), !is_cluster);
      });
    }
    if (run_.goes_to(Level::application)) {
      ask_expectations(run_, server_, database);
    }
  }

 private:
  void compare_here(const std::string& database) {
    postgres::Connection connection{{.conninfo = server_.conninfo(database)}};
    compare_facts(run_, postgres::facts_of(connection));
  }

  const DrillRun& run_;
  postgres::ScratchServer& server_;
};

class ClusterDrill {
 public:
  ClusterDrill(const DrillRun& run, const Scratch& scratch)
      : run_(run),
        target_(run.place.files, scratch.path() / "cluster", run.manifest().id, false),
        options_(scratch_options(run, scratch, target_.partial())) {}

  void all() {
    if (!run_.restore_to(target_) || !verify_files() || !start()) {
      return;
    }
    collations();
    Answers{run_, *server_}.compare(true, "postgres");
    // It makes an extension in every database: after the comparison.
    run_if_there(
        run_.recorder, {.name = "pg_amcheck", .level = Level::restore, .unit = "relations"},
        [this] { return postgres::check_relations(*server_, run_.options.workers); },
        sorts_as_source_ ? "the files are those the server sent: it had this already" : "");
    stop();
  }

 private:
  bool verify_files() {
    if (options_.account) {
      postgres::hand_over(options_.directory, *options_.account);
    }
    return run_.recorder.run(
        {.name = "pg_verifybackup", .level = Level::restore, .unit = "files"},
        [this](Check& check) { take(check, postgres::verify_backup(options_)); });
  }

  bool start() {
    return run_.recorder.run(
        {.name = "start", .level = Level::restore, .unit = "servers"}, [this](Check& check) {
          backup::prepare_data_directory(run_.place.files, options_.data, options_.data,
                                         run_.backup.map().details);
          if (options_.account) {  // tablespaces are beside it now
            postgres::hand_over(options_.directory, *options_.account);
          }
          server_ = std::make_unique<postgres::ScratchServer>(options_);
          run_.answers();
          check.command = server_->description();
          check.checked = 1;
        });
  }

  void collations() {
    run_.recorder.run(
        {.name = "collations", .level = Level::restore, .unit = "databases"}, [this](Check& check) {
          const postgres::Collations found = postgres::collations_of(*server_);
          check.checked = found.databases;
          for (const auto& each : found.differing) {
            run_.recorder.proof().environment.push_back({.name = printable(each.name),
                                                         .source = printable(each.recorded),
                                                         .here = printable(each.actual)});
          }
          sorts_as_source_ = found.differing.empty();
          if (!sorts_as_source_) {
            check.why = "text is sorted otherwise here: after a restore to such a host, REINDEX";
          }
        });
  }

  void stop() {
    const bool has_stopped = run_.recorder.run(
        {.name = "stop", .level = Level::restore, .unit = "servers"}, [this](Check& check) {
          server_->stop();
          check.checked = 1;
        });
    if (has_stopped) {
      run_if_there(
          run_.recorder, {.name = "pg_checksums", .level = Level::restore, .unit = "blocks"},
          [this] { return postgres::check_checksums(options_); }, "");
    }
  }

  const DrillRun& run_;
  backup::DirectoryTarget target_;
  postgres::ScratchOptions options_;
  std::unique_ptr<postgres::ScratchServer> server_;
  bool sorts_as_source_ = true;
};

class DumpDrill {
 public:
  DumpDrill(const DrillRun& run, const Scratch& scratch)
      : run_(run),
        target_(run.place.files, scratch.path() / "dump", run.manifest().id, false),
        options_(scratch_options(run, scratch, scratch.path() / "cluster")) {}

  void all() {
    begin_cluster();
    if (!run_.restore_to(target_) || !start() || !load()) {
      return;
    }
    run_.recorder.leave_out("page checksums, indexes of the source",
                            "a dump has rows and definitions, and everything else is made anew");
    Answers{run_, *server_}.compare(false, database());
  }

 private:
  [[nodiscard]] std::string database() const {
    return backup::text_in(run_.backup.map().details, "database");
  }

  /// A server of the version that made the dump, for it is that one that has to read it.
  [[nodiscard]] int major() const {
    const auto facts = backup::texts_in(run_.backup.map().details, "facts");
    const auto version = facts.find("PostgreSQL");
    int made = 0;
    if (version != facts.end()) {
      std::from_chars(version->second.data(), version->second.data() + version->second.size(),
                      made);
    }
    if (made == 0) {
      throw Error{Code::unavailable, "the backup does not say of which version the server was"};
    }
    return made;
  }

  /// While the dump is restored; what goes wrong is for start() to say.
  void begin_cluster() {
    cluster_.make([this] {
      if (options_.account) {
        postgres::hand_over(options_.directory, *options_.account);
      }
      return std::make_unique<postgres::NewCluster>(options_, major());
    });
  }

  bool start() {
    return run_.recorder.run({.name = "start", .level = Level::restore, .unit = "servers"},
                             [this](Check& check) {
                               cluster_.take()->finish();
                               if (options_.account) {  // the dump is there now
                                 postgres::hand_over(options_.directory, *options_.account);
                               }
                               server_ = std::make_unique<postgres::ScratchServer>(options_);
                               check.command = server_->description();
                               check.checked = 1;
                             });
  }

  bool load() {
    return run_.recorder.run(
        {.name = "pg_restore", .level = Level::restore, .unit = "databases"}, [this](Check& check) {
          check.command = "psql --file=globals.sql; pg_restore --create --exit-on-error";
          postgres::restore_into(*server_, {.globals = target_.partial() / backup::globals_member,
                                            .dump = target_.partial() / backup::dump_member,
                                            .database = database(),
                                            .jobs = static_cast<int>(run_.options.workers)});
          run_.answers();
          check.checked = 1;
        });
  }

  const DrillRun& run_;
  backup::DirectoryTarget target_;
  postgres::ScratchOptions options_;
  Ahead<std::unique_ptr<postgres::NewCluster>> cluster_;
  std::unique_ptr<postgres::ScratchServer> server_;
};

}  // namespace

void drill_cluster(const DrillRun& run) {
  if (const auto scratch = make_scratch(run, run.manifest().source_bytes + server_bytes)) {
    ClusterDrill{run, *scratch}.all();
  }
}

void drill_dump(const DrillRun& run) {
  if (const auto scratch = make_scratch(run, run.manifest().source_bytes * 3 + server_bytes)) {
    DumpDrill{run, *scratch}.all();
  }
}

}  // namespace trackier::verify
