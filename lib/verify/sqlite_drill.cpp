#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "backup/sqlite_source.hpp"
#include "core/text.hpp"
#include "flow/parallel_ranges.hpp"
#include "os/signals.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/content.hpp"
#include "verify/ahead.hpp"
#include "verify/drill_run.hpp"
#include "verify/scratch_files.hpp"

namespace trackier::verify {
namespace {

using proof::Check;
using proof::Level;
using proof::Verdict;

/// The restored file, which nobody else knows of and nobody changes.
class Restored {
 public:
  Restored(const DrillRun& run, const std::filesystem::path& path)
      : run_(run), path_(path), connection_(path, run.stop) {}

  /// SQLite's own check takes the longest, and one processor: beside it the rows are read, by
  /// another connection.
  void checks() {
    Check integrity;
    Check foreign_keys;
    Ahead<content::Content> content;
    flow::parallel_ranges(2, run_.options.workers, run_.stop, [&] {
      return [&](std::uint64_t part) {
        if (part == 0) {
          integrity = integrity_check();
          return;
        }
        foreign_keys = foreign_key_check();
        if (run_.goes_to(Level::content)) {
          content.make([this] {
            return sqlite::content_of(connection_, run_.backup.keys().content,
                                      {.skip = run_.skipped_tables()}, run_.stop);
          });
        }
      };
    });
    os::throw_if_stopped(run_.stop);
    run_.recorder.record(std::move(integrity));
    run_.recorder.record(std::move(foreign_keys));
    if (run_.goes_to(Level::content)) {
      compare_content(run_, true, false, [&] { return content.take(); });
      run_.recorder.add_time("content", content.took());
    }
    if (run_.goes_to(Level::application)) {
      check_expectations(run_, [this](const Expectation& each, const auto& parameters) {
        return connection_.value(each.sql, parameters);
      });
    }
  }

  /// Whether it can be queried at all. A damaged schema cannot; the bytes are those of the source.
  bool open() {
    return run_.recorder.run({.name = "open",
                              .level = Level::restore,
                              .command = "PRAGMA schema_version",
                              .unit = "databases"},
                             [this](Check& check) {
                               say_as_source(check, [&] {
                                 connection_.column("SELECT count(*) FROM sqlite_schema");
                                 connection_.map_file();
                                 run_.answers();
                                 check.checked = 1;
                               });
                             });
  }

 private:
  /// Every page is as it was in the source, or we would not be here. What is wrong now was wrong
  /// then.
  template <typename Action>
  static void say_as_source(Check& check, const Action& action) {
    try {
      action();
    } catch (const Error& error) {
      if (error.code() != Code::data) {
        throw;
      }
      check.checked = std::max<std::uint64_t>(check.checked, 1);
      add_difference(check, {.object = "database", .expected = "sound", .found = error.what()});
    }
    if (check.difference_count > 0) {
      check.verdict = Verdict::same_as_source;
      check.why = "every page is the one that was backed up: the source had this already";
    }
  }

  [[nodiscard]] Check integrity_check() const {
    return Recorder::judge({.name = "integrity_check",
                            .level = Level::restore,
                            .command = "PRAGMA integrity_check",
                            .unit = "databases"},
                           [this](Check& check) {
                             sqlite::Connection connection{path_, run_.stop};
                             say_as_source(check, [&] { integrity(connection, check); });
                             if (check.difference_count > 0) {
                               check.why += "; its own check said: " + run_.manifest().check;
                             }
                           });
  }

  static void integrity(sqlite::Connection& connection, Check& check) {
    connection.map_file();
    const auto said = connection.column("PRAGMA integrity_check(100)");
    check.checked = 1;
    for (const std::string& each : said) {
      if (each != "ok") {
        add_difference(check, {.object = "database", .expected = "ok", .found = printable(each)});
      }
    }
  }

  Check foreign_key_check() {
    return Recorder::judge(
        {.name = "foreign_key_check",
         .level = Level::restore,
         .command = "PRAGMA foreign_key_check",
         .unit = "databases"},
        [this](Check& check) { say_as_source(check, [&] { foreign_keys(connection_, check); }); });
  }

  static void foreign_keys(sqlite::Connection& connection, Check& check) {
    std::map<std::string, std::size_t> broken;
    for (const auto& each : connection.column("PRAGMA foreign_key_check")) {
      ++broken[each];
    }
    check.checked = 1;
    for (const auto& [table, count] : broken) {
      add_difference(check, {.object = "table " + printable(table),
                             .expected = "rows whose parents are there",
                             .found = fmt::format("{} rows without", count)});
    }
  }

  const DrillRun& run_;
  std::filesystem::path path_;
  sqlite::Connection connection_;
};

}  // namespace

void drill_sqlite(const DrillRun& run) {
  std::unique_ptr<Scratch> scratch;
  const bool has_room = run.recorder.run(
      {.name = "scratch", .level = Level::restore, .unit = "directories"}, [&](Check& check) {
        scratch = run.make_scratch();
        scratch->require_room(run.manifest().source_bytes + run.manifest().source_bytes / 20);
        check.checked = 1;
      });
  if (!has_room) {
    return;
  }
  const auto path = scratch->path() / "database.sqlite";
  ScratchFile target{run.place.files, path, backup::database_member};
  if (!run.restore_to(target)) {
    return;
  }
  Restored restored{run, path};
  if (restored.open()) {
    restored.checks();
  }
}

}  // namespace trackier::verify
