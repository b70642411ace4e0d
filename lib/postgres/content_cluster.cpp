#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/cluster_checks.hpp"
#include "postgres/content.hpp"
#include "postgres/content_queries.hpp"
#include "postgres/content_writes.hpp"
#include "postgres/wal_receiver.hpp"

namespace trackier::postgres {
namespace {

using content::Content;

/// Databases that are looked at in the same moment, each by a connection.
constexpr std::size_t at_once = 8;

constexpr const char* begin_reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A connection in a transaction that has taken its snapshot.
std::unique_ptr<Connection> reader_of(ConnectionOptions options, const std::string& database) {
  options.database = database;
  auto connection = std::make_unique<Connection>(options);
  connection->execute(begin_reading);
  connection->execute("SELECT pg_current_snapshot()");
  return connection;
}

ContentOptions with_prefix(ContentOptions options, const std::string& database) {
  options.prefix = database + ": ";
  return options;
}

void append(Content& all, Content more) {
  std::ranges::move(more.objects, std::back_inserter(all.objects));
  std::ranges::move(more.unchecked, std::back_inserter(all.unchecked));
}

/// In a transaction of their own.
Content globals_now(Connection& connection, const crypto::MacKey& key,
                    const ContentOptions& options) {
  connection.execute(begin_reading);
  Content made = globals_of(connection, key, options);
  connection.execute("COMMIT");
  return made;
}

using Numbers = std::pair<std::uint32_t, std::uint32_t>;  ///< of a database, of something in it

std::uint32_t number_in(const Value& value) {
  std::uint32_t number = 0;
  const std::string text = value.value_or("");
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Where the log was at a moment, and who was in the middle of something.
struct Note {
  std::uint64_t begin = 0;   ///< before looking who writes
  std::uint64_t end = 0;     ///< after that
  std::set<Numbers> locked;  ///< relations that an open transaction may have written to
  bool is_whole = true;      ///< those are all; a standby does not know whom it hears of
};

/// Writing takes ROW EXCLUSIVE or more, and keeps it until the transaction ends. Large objects are
/// deleted with a lock on each.
Note take_note(Connection& connection) {
  Note note;
  note.begin = wal_position(connection);
  for (const Row& row : connection.query(R"sql(
SELECT DISTINCT database, CASE locktype WHEN 'relation' THEN relation ELSE classid END
FROM pg_locks WHERE granted AND pid IS DISTINCT FROM pg_backend_pid()
  AND (locktype = 'relation' AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock',
         'ExclusiveLock', 'AccessExclusiveLock')
    OR locktype = 'object' AND classid = 'pg_largeobject'::regclass)
)sql")) {
    note.locked.emplace(number_in(row[0]), number_in(row[1]));
  }
  note.is_whole = connection.value(
                      "SELECT NOT pg_is_in_recovery() OR NOT EXISTS (SELECT FROM "
                      "pg_snapshot_xip(pg_current_snapshot()))") == "t";
  note.end = wal_position(connection);
  return note;
}

/// A table as the log knows it.
struct Stored {
  std::string name;
  std::uint32_t number = 0;
  std::uint32_t file = 0;
  bool is_logged = true;  ///< in a way we know: an access method of others may do what it likes
};

std::vector<Stored> stored_in(Connection& connection) {
  std::vector<Stored> all;
  for (const Row& row : connection.query(std::string{own_objects} + R"sql(
SELECT 'table ' || quote_ident(own.nspname) || '.' || quote_ident(c.relname),
  c.oid, c.relfilenode, (SELECT amhandler = 'heap_tableam_handler'::regproc FROM pg_am
                         WHERE pg_am.oid = c.relam)
FROM asked, pg_class c JOIN own ON own.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p'
UNION ALL
SELECT 'large-objects all', oid, relfilenode, true FROM pg_class
WHERE oid IN ('pg_largeobject'::regclass, 'pg_largeobject_metadata'::regclass)
)sql",
                                         {"false"})) {
    all.push_back({.name = row[0].value_or(""),
                   .number = number_in(row[1]),
                   .file = number_in(row[2]),
                   .is_logged = row[3] == "t"});
  }
  return all;
}

}  // namespace

Content cluster_content(const ConnectionOptions& options, const crypto::MacKey& key,
                        const ContentOptions& content) {
  Connection first{options};
  Content all = globals_now(first, key, content);
  for (const std::string& name : databases_of(first)) {
    const auto connection = reader_of(options, name);
    append(all, content_of(*connection, key, with_prefix(content, name)));
  }
  content::sort(all);
  return all;
}

class ClusterContent::State {
 public:
  State(const ConnectionOptions& options, crypto::MacKey key, ContentOptions content)
      : options_(options),
        key_(std::move(key)),
        content_(std::move(content)),
        connection_(options) {
    notes_.push_back(take_note(connection_));
    globals_ = globals_now(connection_, key_, content_);
    for (const std::string& name : databases_of(connection_)) {
      const auto reader = reader_of(options_, name);
      definitions_.emplace(name, definitions_of(*reader, key_, with_prefix(content_, name)));
    }
  }

  void note() { notes_.push_back(take_note(connection_)); }

  Content finish(const std::string& end_lsn) {
    const Note& last = last_before(end_lsn);
    WalWrites writes{last.begin, wal_layout(connection_)};
    std::vector<std::string> names = databases_of(connection_);
    Content all;
    for (std::size_t begin = 0; begin < names.size(); begin += at_once) {
      const std::size_t end = std::min(begin + at_once, names.size());
      std::vector<std::unique_ptr<Connection>> readers;
      for (std::size_t at = begin; at < end; ++at) {
        readers.push_back(reader_of(options_, names[at]));
      }
      // What the readers see was committed, and so logged, before this.
      std::string unknown = why_unknown(last, writes);
      for (std::size_t at = begin; at < end; ++at) {
        Content content = content_of(*readers[at - begin], key_, with_prefix(content_, names[at]));
        leave_out_changed(definitions_[names[at]], content);
        definitions_.erase(names[at]);
        leave_out_written(*readers[at - begin], names[at], {last, writes, unknown}, content);
        append(all, std::move(content));
        readers[at - begin].reset();
      }
    }
    for (const auto& [name, before] : definitions_) {  // of databases that are gone
      Content nothing;
      leave_out_changed(before, nothing);
      append(all, std::move(nothing));
    }
    Content globals = globals_now(connection_, key_, content_);
    leave_out_changed(globals_, globals);
    append(all, std::move(globals));
    content::sort(all);
    return all;
  }

 private:
  /// What is known of who has written.
  struct Known {
    const Note& note;
    const WalWrites& writes;
    const std::string& unknown;  ///< why nothing is; empty: it is
  };

  /// The one after which the least has happened.
  const Note& last_before(const std::string& end_lsn) {
    std::size_t best = 0;
    if (!end_lsn.empty()) {
      const std::string text = connection_.value("SELECT $1::pg_lsn - '0/0'", {end_lsn});
      std::uint64_t end = 0;
      std::from_chars(text.data(), text.data() + text.size(), end);
      for (std::size_t at = 0; at < notes_.size(); ++at) {
        if (notes_[at].end <= end && (notes_[at].is_whole || !notes_[best].is_whole)) {
          best = at;
        }
      }
    }
    return notes_[best];
  }

  std::string why_unknown(const Note& note, WalWrites& writes) {
    if (!note.is_whole) {
      return "the server is a standby, and transactions were running";
    }
    return read_writes(connection_, options_, wal_position(connection_), writes).value_or("");
  }

  void leave_out_written(Connection& reader, const std::string& name, const Known& known,
                         Content& content) {
    const std::string prefix = with_prefix(content_, name).prefix;
    const std::uint32_t database =
        number_in(reader.value("SELECT oid FROM pg_database WHERE datname = current_database()"));
    std::map<std::string, std::string> reasons;
    for (const Stored& each : stored_in(reader)) {
      const std::size_t space = each.name.find(' ') + 1;
      const std::string full = each.name.substr(0, space) + prefix + each.name.substr(space);
      if (!known.unknown.empty()) {
        reasons.emplace(full, "whether it was written to meanwhile is not known: " + known.unknown);
      } else if (!each.is_logged) {
        reasons.emplace(full, "its access method is not PostgreSQL's own");
      } else if (known.note.locked.contains({database, each.number}) ||
                 known.writes.contains(database, each.file)) {
        reasons.emplace(full, "it was written to while the backup was taken");
      }
    }
    std::erase_if(content.objects, [&](const content::Object& object) {
      const auto reason = reasons.find(object.kind + " " + object.name);
      if (reason == reasons.end()) {
        return false;
      }
      content.unchecked.push_back(
          {.name = reason->first,
           .why = fmt::format("{}; {} rows afterwards", reason->second, object.rows.value_or(0))});
      return true;
    });
  }

  ConnectionOptions options_;
  crypto::MacKey key_;
  ContentOptions content_;
  Connection connection_;
  std::vector<Note> notes_;
  Content globals_;
  std::map<std::string, Content> definitions_;  ///< by database
};

ClusterContent::ClusterContent(const ConnectionOptions& options, const crypto::MacKey& key,
                               const ContentOptions& content)
    : state_(std::make_unique<State>(options, key, content)) {}
ClusterContent::ClusterContent(ClusterContent&&) noexcept = default;
ClusterContent& ClusterContent::operator=(ClusterContent&&) noexcept = default;
ClusterContent::~ClusterContent() = default;

void ClusterContent::note() {
  state_->note();
}

Content ClusterContent::finish(const std::string& end_lsn) {
  return state_->finish(end_lsn);
}

}  // namespace trackier::postgres
