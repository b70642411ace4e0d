#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "backup/sqlite_source.hpp"
#include "core/text.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/content.hpp"
#include "verify/drill_run.hpp"
#include "verify/scratch_files.hpp"

namespace trackier::verify {
namespace {

using proof::Check;
using proof::Level;
using proof::Verdict;

/// The restored file, which nobody else knows of.
class Restored {
 public:
  Restored(const DrillRun& run, const std::filesystem::path& path)
      : run_(run), connection_(path, std::chrono::milliseconds{0}, run.stop, false) {}

  void checks() {
    integrity();
    foreign_keys();
    if (run_.goes_to(Level::content)) {
      content();
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

  void integrity() {
    run_.recorder.run(
        {.name = "integrity_check",
         .level = Level::restore,
         .command = "PRAGMA integrity_check",
         .unit = "databases"},
        [this](Check& check) {
          say_as_source(check, [&] {
            const auto said = connection_.column("PRAGMA integrity_check(100)");
            check.checked = 1;
            for (const std::string& each : said) {
              if (each != "ok") {
                add_difference(check,
                               {.object = "database", .expected = "ok", .found = printable(each)});
              }
            }
          });
          if (check.difference_count > 0) {
            check.why += "; its own check said: " + run_.manifest().check;
          }
        });
  }

  void foreign_keys() {
    run_.recorder.run({.name = "foreign_key_check",
                       .level = Level::restore,
                       .command = "PRAGMA foreign_key_check",
                       .unit = "databases"},
                      [this](Check& check) {
                        say_as_source(check, [&] {
                          std::map<std::string, std::size_t> broken;
                          for (const auto& each : connection_.column("PRAGMA foreign_key_check")) {
                            ++broken[each];
                          }
                          check.checked = 1;
                          for (const auto& [table, count] : broken) {
                            add_difference(check, {.object = "table " + printable(table),
                                                   .expected = "rows whose parents are there",
                                                   .found = fmt::format("{} rows without", count)});
                          }
                        });
                      });
  }

  void content() {
    compare_content(run_, true, false, [this] {
      return sqlite::content_of(connection_, run_.backup.keys().content,
                                {.skip = run_.skipped_tables()}, run_.stop);
    });
  }

  const DrillRun& run_;
  sqlite::Connection connection_;
};

}  // namespace

void drill_sqlite(const DrillRun& run) {
  std::unique_ptr<Scratch> scratch;
  const bool has_room = run.recorder.run(
      {.name = "scratch", .level = Level::restore, .unit = "directories"}, [&](Check& check) {
        scratch = std::make_unique<Scratch>(run.place.files, run.options.scratch);
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
