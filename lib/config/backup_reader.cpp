#include "config/backup_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "backup/slots.hpp"
#include "config/encrypt_reader.hpp"
#include "config/names.hpp"
#include "config/toml_string.hpp"
#include "config/verify_reader.hpp"
#include "core/text.hpp"
#include "keyring/recipient_line.hpp"
#include "keys/reference.hpp"
#include "store/format.hpp"

namespace trackier::config {
namespace {

constexpr std::int64_t most_kept = 100'000;
constexpr std::int64_t longest_days = 36'500;
constexpr std::int64_t longest_chain_days = 366;
constexpr std::int64_t longest_lock_wait = 86'400;

template <typename Value, std::size_t Count>
using Words = std::array<std::pair<std::string_view, Value>, Count>;

constexpr Words<Source::Kind, 2> kinds{
    {{"sqlite", Source::Kind::sqlite}, {"postgres", Source::Kind::postgres}}};
constexpr Words<Source::Mode, 2> modes{
    {{"physical", Source::Mode::physical}, {"logical", Source::Mode::logical}}};
constexpr Words<Source::Method, 2> methods{
    {{"direct", Source::Method::direct}, {"copy", Source::Method::copy}}};
constexpr Words<Source::Checkpoint, 2> checkpoints{
    {{"spread", Source::Checkpoint::spread}, {"fast", Source::Checkpoint::fast}}};
constexpr Words<Source::Check, 3> checks{{{"daily", Source::Check::daily},
                                          {"always", Source::Check::always},
                                          {"never", Source::Check::never}}};

/// The value of `key` as one of some words.
template <typename Value, std::size_t Count>
std::optional<Value> word_of(Table& table, std::string_view key, const Words<Value, Count>& words) {
  const auto text = table.text(key);
  if (!text) {
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (const auto& [name, value] : words) {
    names.emplace_back(name);
  }
  return word<Value>(
      table, key, *text,
      [&words](const std::string& given) -> std::optional<Value> {
        const auto found =
            std::ranges::find_if(words, [&given](const auto& each) { return each.first == given; });
        return found == words.end() ? std::nullopt : std::optional{found->second};
      },
      names);
}

/// A word that says password, as sslpassword does, or the URI of user:password@host.
bool has_secret(std::string_view conninfo) {
  const std::size_t scheme = conninfo.find("://");
  const std::size_t at = conninfo.find('@');
  const bool in_user = scheme != std::string_view::npos && at != std::string_view::npos &&
                       conninfo.substr(scheme + 3, at - std::min(at, scheme + 3)).find(':') !=
                           std::string_view::npos;
  return in_user || ascii_lower(conninfo).find("password=") != std::string::npos ||
         ascii_lower(conninfo).find("password =") != std::string::npos;
}

/// Reads a section of rules over those that hold already.
class RetentionReader {
 public:
  RetentionReader(Table& table, backup::Retention& into) : table_(table), into_(into) {}

  void read() {
    number("keep_hourly", into_.keep_hourly);
    number("keep_daily", into_.keep_daily);
    number("keep_weekly", into_.keep_weekly);
    number("keep_monthly", into_.keep_monthly);
    number("keep_min", into_.keep_min);
    if (const auto days = table_.integer("keep_within_days", 0, longest_days)) {
      into_.keep_within = std::chrono::days{*days};
    }
    if (const auto days = table_.integer("max_age_days", 1, longest_days)) {
      into_.max_age = std::chrono::days{*days};
    }
    table_.refuse_others();
    if (into_.keep_min == 0) {
      throw table_.error("keep_min", fmt::format("{}: at least 1", table_.full_name("keep_min")),
                         "a source without any backup is not backed up");
    }
  }

 private:
  void number(std::string_view key, unsigned& into) {
    if (const auto given = table_.integer(key, 0, most_kept)) {
      into = static_cast<unsigned>(*given);
    }
  }

  Table& table_;
  backup::Retention& into_;
};

class SourceReader {
 public:
  SourceReader(Table& table, const Settings& settings, const backup::Retention& retention)
      : table_(table), settings_(settings) {
    made_.retention = retention;
  }

  Source read() {
    read_name();
    const auto kind = word_of(table_, "kind", kinds);
    if (!kind) {
      throw table_.error("kind", fmt::format("source {} has no kind", made_.name),
                         "kind = \"sqlite\" or kind = \"postgres\"");
    }
    made_.kind = *kind;
    if (made_.kind == Source::Kind::sqlite) {
      read_sqlite();
    } else {
      read_postgres();
    }
    made_.check = word_of(table_, "check", checks).value_or(made_.check);
    made_.digest = word_of(table_, "digest", checks).value_or(made_.digest);
    made_.digest_skip = table_.one_or_more_texts("digest_skip");
    made_.expectations = read_expectations(table_);
    if (const auto seconds = table_.integer("lock_wait_seconds", 0, longest_lock_wait)) {
      made_.lock_wait = std::chrono::seconds{*seconds};
    }
    if (const auto every = table_.text("every")) {
      const auto period = backup::parse_period(*every);
      if (!period) {
        throw table_.error(
            "every",
            fmt::format("{}: {} is no period", table_.full_name("every"), printable(*every)),
            "15m, 30m, 1h, 2h, 6h, 12h, 1d or 7d, for instance");
      }
      made_.every = *period;
    }
    if (const auto days = table_.integer("chain_days", 1, longest_chain_days)) {
      made_.chain_days = std::chrono::days{*days};
    }
    read_tenant();
    made_.recipients = read_recipients(table_, "recipients");
    if (auto retention = table_.table("retention")) {
      RetentionReader{*retention, made_.retention}.read();
    }
    table_.refuse_others();
    return std::move(made_);
  }

 private:
  void read_name() {
    const auto name = table_.text("name");
    if (!name) {
      throw table_.error("name", "a [[source]] has no name",
                         "name = \"shop\": its backups are kept under it");
    }
    if (!store::is_source_name(*name)) {
      throw table_.error("name", fmt::format("{} is not the name of a source", printable(*name)),
                         "a name has letters, digits, '-', '_' and '.', at most 64, and begins "
                         "with neither '-' nor '.'");
    }
    made_.name = *name;
  }

  std::string required(std::string_view key, const char* hint) {
    const auto text = table_.text(key);
    if (!text || text->empty()) {
      throw table_.error(key, fmt::format("source {} has no {}", made_.name, key), hint);
    }
    return *text;
  }

  void read_sqlite() {
    made_.path = required("path", "path = \"/srv/shop/shop.sqlite\"");
    table_.expect_absolute("path", made_.path);
    made_.method = word_of(table_, "method", methods).value_or(made_.method);
  }

  void read_postgres() {
    made_.conninfo = required(
        "conninfo", "conninfo = \"service=shop\", or \"host=/run/postgresql dbname=shop\"");
    if (has_secret(made_.conninfo)) {  // which config show would print
      throw table_.error("conninfo",
                         fmt::format("{}: there is a password in it", table_.full_name("conninfo")),
                         "put it into ~/.pgpass, or a file that passfile names");
    }
    made_.mode = word_of(table_, "mode", modes).value_or(made_.mode);
    made_.checkpoint = word_of(table_, "checkpoint", checkpoints).value_or(made_.checkpoint);
    for (const auto& [key, into] :
         {std::pair<std::string_view, std::string*>{"passfile", &made_.passfile},
          std::pair<std::string_view, std::string*>{"tools", &made_.tools}}) {
      if (const auto path = table_.text(key)) {
        table_.expect_absolute(key, *path);
        *into = *path;
      }
    }
  }

  void read_tenant() {
    const auto tenant = table_.text("tenant");
    if (!tenant) {
      return;
    }
    if (!settings_.tenants.contains(*tenant)) {
      std::vector<std::string> names;
      for (const auto& [name, value] : settings_.tenants) {
        names.push_back(name);
      }
      throw table_.error(
          "tenant",
          fmt::format("{}: no tenant is named {}", table_.full_name("tenant"), printable(*tenant)),
          names.empty() ? "describe it in a section [tenant.NAME]" : suggestion(*tenant, names));
    }
    made_.tenant = *tenant;
  }

  Table& table_;
  const Settings& settings_;
  Source made_;
};

template <typename Value, std::size_t Count>
std::string name_of(Value value, const Words<Value, Count>& words) {
  const auto found =
      std::ranges::find_if(words, [value](const auto& each) { return each.second == value; });
  return toml_string(std::string{found->first});
}

void note_source(const Table& table, const Source& source, Origins& origins) {
  const auto note = [&](std::string_view key, std::string value) {
    origins.note(table, key, std::move(value));
  };
  note("kind", name_of(source.kind, kinds));
  if (source.kind == Source::Kind::sqlite) {
    note("path", toml_string(source.path));
    note("method", name_of(source.method, methods));
  } else {
    note("conninfo", toml_string(source.conninfo));
    note("mode", name_of(source.mode, modes));
    note("checkpoint", name_of(source.checkpoint, checkpoints));
    note("passfile", toml_string(source.passfile));
    note("tools", toml_string(source.tools));
  }
  note("check", name_of(source.check, checks));
  note("digest", name_of(source.digest, checks));
  note("digest_skip", toml_list(source.digest_skip));
  note("lock_wait_seconds", fmt::format("{}", source.lock_wait.count()));
  note("every", toml_string(backup::period_text(source.every)));
  note("chain_days", fmt::format("{}", source.chain_days.count()));
  note("tenant", toml_string(source.tenant));
  note("recipients", toml_list(source.recipients));
}

}  // namespace

Backup read_backup(Table& root, Origins& origins) {
  Backup made;
  constexpr std::int64_t most_threads = 64;
  auto table = root.table("backup");
  if (table) {
    if (const auto store = table->text("store")) {
      table->expect_absolute("store", *store);
      made.store = *store;
    }
    if (const auto key = table->text("state_key")) {
      try {
        keys::parse_reference(*key, Code::config);
      } catch (const Error& error) {
        throw table->error("state_key", table->full_name("state_key") + ": " + error.what(),
                           error.hint());
      }
      made.state_key = *key;
    }
    made.signers = table->one_or_more_texts("signers");
    for (const std::string& signer : made.signers) {
      if (!keyring::parse_signer(signer)) {
        throw table->error("signers",
                           table->full_name("signers") + ": not a public key for signatures",
                           "43 characters of base64; trackier-ctl backups --json shows who signed");
      }
    }
    made.threads =
        static_cast<unsigned>(table->integer("threads", 0, most_threads).value_or(made.threads));
    made.prune = table->boolean("prune").value_or(made.prune);
    table->refuse_others();
  }
  const auto note = [&](std::string_view key, std::string value) {
    if (table) {
      origins.note(*table, key, std::move(value));
    } else {
      origins.note_default("backup." + std::string{key}, std::move(value));
    }
  };
  note("store", toml_string(made.store));
  note("state_key", toml_string(made.state_key));
  note("signers", toml_list(made.signers));
  note("threads", fmt::format("{}", made.threads));
  note("prune", made.prune ? "true" : "false");
  return made;
}

std::vector<Source> read_sources(Table& root, const Settings& settings, Origins& origins) {
  backup::Retention retention;
  auto rules = root.table("retention");
  if (rules) {
    RetentionReader{*rules, retention}.read();
  }
  const auto note = [&](std::string_view key, std::string value) {
    if (rules) {
      origins.note(*rules, key, std::move(value));
    } else {
      origins.note_default("retention." + std::string{key}, std::move(value));
    }
  };
  note("keep_hourly", fmt::format("{}", retention.keep_hourly));
  note("keep_daily", fmt::format("{}", retention.keep_daily));
  note("keep_weekly", fmt::format("{}", retention.keep_weekly));
  note("keep_monthly", fmt::format("{}", retention.keep_monthly));
  note("keep_min", fmt::format("{}", retention.keep_min));
  if (retention.max_age) {
    note("max_age_days", fmt::format("{}", retention.max_age->count()));
  }
  note("keep_within_days",
       fmt::format("{}", std::chrono::floor<std::chrono::days>(retention.keep_within).count()));
  std::vector<Source> sources;
  for (Table& table : root.tables("source")) {
    Source source = SourceReader{table, settings, retention}.read();
    if (std::ranges::find(sources, source.name, &Source::name) != sources.end()) {
      throw table.error("name", fmt::format("two sources are named {}", source.name),
                        "their backups would be mixed up");
    }
    table.rename("source." + source.name);
    note_source(table, source, origins);
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace trackier::config
