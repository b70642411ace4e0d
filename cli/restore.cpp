// The command that brings backups back.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "backup/data_directory.hpp"
#include "backup/directory_target.hpp"
#include "backup/file_target.hpp"
#include "backup/postgres_source.hpp"
#include "backup/restore.hpp"
#include "backup/selection.hpp"
#include "backup/sqlite_source.hpp"
#include "backup_sources.hpp"
#include "commands.hpp"
#include "core/text.hpp"
#include "json_line.hpp"
#include "os/process.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string backup;
  StoreOptions store;
  std::optional<std::string> to;
  std::optional<std::string> to_directory;
  std::optional<std::string> to_database;
  IdentityOptions identities;
  std::optional<unsigned> threads;
  bool force = false;
  bool create = false;
  bool json = false;
};

void check_options(const Options& options) {
  const int targets =
      (options.to ? 1 : 0) + (options.to_directory ? 1 : 0) + (options.to_database ? 1 : 0);
  if (targets != 1 || options.to == "" || options.to_directory == "" || options.to_database == "") {
    throw Error{Code::usage, "say where the backup is to be restored to",
                "--to FILE for SQLite; --to-directory DIR or --to-database CONNINFO for "
                "PostgreSQL; one of them"};
  }
  if (options.create && !options.to_database) {
    throw Error{Code::usage, "--create makes a database, and none is restored to",
                "pass --to-database with any database of the server"};
  }
  if (options.to == "-") {
    throw Error{Code::usage, "a database is restored to a file, not to standard output",
                "name it with --to"};
  }
}

/// What a kind of backup can be restored to.
void check_kind(const store::Manifest& manifest, const Options& options) {
  const bool fits = manifest.kind == "sqlite"              ? options.to.has_value()
                    : manifest.kind == "postgres-physical" ? options.to_directory.has_value()
                                                           : !options.to.has_value();
  if (!fits) {
    throw Error{
        Code::usage,
        fmt::format("a backup of kind {} is not restored to that", printable(manifest.kind)),
        "sqlite: --to; postgres-physical: --to-directory; postgres-logical: --to-database, or "
        "--to-directory for its files"};
  }
}

/// A private file for a dump on its way into a database.
class DumpFile final : public backup::RestoreTarget {
 public:
  DumpFile(os::FileSystem& files, const std::filesystem::path& directory, const std::string& id)
      : files_(files), path_(directory / fmt::format(".{}.dump.tmp", id)) {
    files_.remove(path_);
    file_ = files_.create_exclusive(path_, 0600);
    if (!file_) {
      throw Error{Code::cannot_create, fmt::format("{} exists", printable(path_.native()))};
    }
  }
  DumpFile(const DumpFile&) = delete;
  DumpFile& operator=(const DumpFile&) = delete;
  DumpFile(DumpFile&&) = delete;
  DumpFile& operator=(DumpFile&&) = delete;
  ~DumpFile() override {
    try {
      files_.remove(path_);
    } catch (const Error&) {  // NOLINT(bugprone-empty-catch) the next backup sweeps it
    }
  }

  os::File* begin(const backup::Member& member) override {
    return member.name == backup::dump_member ? file_.get() : nullptr;
  }
  void end(const backup::Member& /*member*/) override {}
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  os::FileSystem& files_;
  std::filesystem::path path_;
  std::unique_ptr<os::File> file_;
};

class Run {
 public:
  Run(Context& context, const Options& options, const store::StoreDirectory& store,
      const store::SourceDirectory& source, const store::Manifest& manifest)
      : context_(context),
        options_(options),
        source_(source),
        manifest_(manifest),
        state_(host_state(context, store, manifest.source)) {}

  void all() {
    if (manifest_.damaged) {
      context_.out().warning("the database's own check had failed when this backup was taken");
    }
    const auto begun = std::chrono::steady_clock::now();
    doing(fmt::format("restoring {} of {}", manifest_.id.substr(0, 8), manifest_.source), [this] {
      if (options_.to) {
        to_file();
      } else if (options_.to_directory) {
        to_directory();
      } else {
        to_database();
      }
    });
    context_.progress().clear();
    tell(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  }

 private:
  /// Where it went is found fit before a key is asked for.
  std::string restore_to(backup::RestoreTarget& target) {
    const crypto::Secret key =
        chain_key(context_, source_, state_, manifest_.chain, options_.identities);
    try {
      return read_into(target, key);
    } catch (const Error& error) {
      if (error.code() != Code::data || !error.hint().empty()) {
        throw;
      }
      throw Error{error.code(), error.what(),
                  fmt::format("other backups may be whole: trackier-ctl verify --all --level "
                              "structure {0} tells which; {0}@verified is the newest that came "
                              "back when it was tried",
                              printable(manifest_.source))};
    }
  }

  std::string read_into(backup::RestoreTarget& target, const crypto::Secret& key) {
    backup::BackupReader reader{context_.files(), source_, manifest_,
                                crypto::Secret::copy_of(key.bytes())};
    Progress& progress = context_.progress();
    progress.begin(manifest_.source, manifest_.source_bytes);
    backup::restore(
        reader, target, backup_workers(context_, options_.threads),
        [&progress](std::uint64_t bytes) { progress.advance(bytes, bytes); },
        context_.interrupt().token());
    os::throw_if_interrupted();
    return reader.map().details;
  }

  void to_file() {
    place_ = *options_.to;
    backup::FileTarget target{context_.files(), place_, backup::database_member, options_.force};
    restore_to(target);
    target.finish();
  }

  void to_directory() {
    place_ = *options_.to_directory;
    backup::DirectoryTarget target{context_.files(), place_, manifest_.id, options_.force};
    const std::string details = restore_to(target);
    std::vector<std::string> notes;
    if (manifest_.kind == "postgres-physical") {
      notes = backup::prepare_data_directory(context_.files(), target.partial(), place_, details,
                                             target.aside());
    }
    const auto before = target.finish();
    if (!before.empty()) {
      notes.push_back(fmt::format("what was there is at {} now", printable(before.native())));
    }
    for (const std::string& note : notes) {
      context_.out().note(note);
    }
  }

  void to_database() {
    place_ = "the database";
    const auto& sources = context_.settings().sources;
    const auto known = std::ranges::find(sources, manifest_.source, &config::Source::name);
    const postgres::LogicalOptions target = postgres_options(
        context_, *options_.to_database, known == sources.end() ? "" : known->passfile,
        known == sources.end() ? "" : known->tools);
    { const postgres::Connection probe{target.connection}; }
    state_.create();
    DumpFile dump{context_.files(), state_.directory(), manifest_.id};
    restore_to(dump);
    context_.progress().clear();
    const postgres::Restored restored = postgres::restore_logical(
        {.target = target,
         .archive = dump.path(),
         .create = options_.create,
         .require_empty = !options_.force,
         .jobs = static_cast<int>(backup_workers(context_, options_.threads))});
    context_.out().summary(fmt::format("{} entries, {} tables, {} of them with data",
                                       restored.entries, restored.tables, restored.filled_tables));
    if (!options_.create) {
      context_.out().caveat(
          "roles, comments and settings of the database itself are not restored: see "
          "--to-directory for globals.sql, and --create");
    }
  }

  void tell(double seconds) {
    if (options_.json) {
      context_.out().result(json_line(Json{{"source", manifest_.source},
                                           {"id", manifest_.id},
                                           {"sequence", manifest_.sequence},
                                           {"taken", to_rfc3339(manifest_.taken)},
                                           {"damaged", manifest_.damaged},
                                           {"bytes", manifest_.source_bytes},
                                           {"to", place_.native()},
                                           {"seconds", seconds}}));
    }
    context_.out().summary(fmt::format(
        "{} as it was at {}: {} in {}, {:.1f} s", manifest_.source, to_rfc3339(manifest_.taken),
        human_bytes(manifest_.source_bytes), printable(place_.native()), seconds));
  }

  Context& context_;
  const Options& options_;
  const store::SourceDirectory& source_;
  const store::Manifest& manifest_;
  backup::HostState state_;
  std::filesystem::path place_;
};

int run(Context& context, const Options& options) {
  check_options(options);
  const backup::NamedBackup named = backup::parse_named_backup(options.backup);
  const auto store = open_store(context, options.store);
  stored_sources(context, store, {named.source});
  const store::SourceDirectory source = store.source(named.source);
  if (!source.exists()) {
    throw Error{Code::no_input, fmt::format("source {} has no backup", printable(named.source))};
  }
  const auto lock = reading_lock(source);
  const auto listing = source.list();
  for (const auto& each : listing.unreadable) {
    context.out().warning(fmt::format("a manifest cannot be read: {}", each.why));
  }
  const store::Manifest& manifest =
      backup::select(listing, verified_backups(context, source), named.when, named.source).manifest;
  check_kind(manifest, options);
  Run{context, options, store, source, manifest}.all();
  return 0;
}

}  // namespace

Command restore() {
  auto options = std::make_shared<Options>();
  Command command{"restore", "bring a backup back"};
  command.about(
      "SOURCE alone is its newest backup; SOURCE@2026-11-23T10:00Z the newest taken then or\n"
      "before; SOURCE@verified the newest that has been verified; SOURCE@ID one by its id.\n"
      "What comes back is compared with what was backed up before it appears in its place.");
  command.positional("SOURCE[@WHEN]", options->backup, "which backup").required();
  command.option("--to", options->to, "FILE", "restore a SQLite database to this file")
      .offers(Offer::files);
  command
      .option("--to-directory", options->to_directory, "DIR",
              "restore a physical backup of PostgreSQL to this data directory, or the files of a "
              "logical one")
      .offers(Offer::directories);
  command.option("--to-database", options->to_database, "CONNINFO",
                 "restore a logical backup of PostgreSQL into this database");
  command.flag("--create", options->create,
               "with --to-database: make the database anew under the name it had");
  command.flag("--force", options->force, "replace what is there");
  add_store_option(command, options->store);
  add_identity_options(command, options->identities);
  command.option("-j,--threads", options->threads, "N",
                 "worker threads; 0 is one for each processor, at most 4", 0, 64);
  command.flag("--json", options->json, "print the result as JSON");
  command.example("trackier-ctl restore shop --to /tmp/shop.sqlite");
  command.example("trackier-ctl restore clicks --to-directory /var/lib/postgresql/15/restored");
  command.example("trackier-ctl restore shop@2026-11-23T10:00Z -i house.key --to shop.sqlite");
  command.run([options](Context& context) {
    os::forbid_inspection();
    return run(context, *options);
  });
  return command;
}

}  // namespace trackier::cli
