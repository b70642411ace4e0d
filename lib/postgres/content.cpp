#include "postgres/content.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "postgres/content_queries.hpp"
#include "postgres/server_error.hpp"

namespace trackier::postgres {
namespace {

using content::Content;
using After = ContentOptions::After;

constexpr std::size_t definition_digits = 32;

/// What texts depend on, of rows and of definitions.
constexpr const char* text_settings =
    "SET LOCAL search_path = pg_catalog; SET LOCAL DateStyle = 'ISO, YMD'; "
    "SET LOCAL IntervalStyle = 'postgres'; SET LOCAL TimeZone = 'UTC'; "
    "SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = 'hex'; "
    "SET LOCAL lc_monetary = 'C'; SET LOCAL xmlbinary = 'base64'; "
    "SET LOCAL quote_all_identifiers = off; SET LOCAL standard_conforming_strings = on; "
    "SET LOCAL row_security = off";

std::string eight_bytes(std::uint64_t number) {
  std::string made;
  for (unsigned shift = 0; shift < 64; shift += 8) {
    made += static_cast<char>(number >> shift);
  }
  return made;
}

/// Texts, each after its length in eight bytes, the least significant first, as one message.
std::string digest_of(const crypto::MacKey& key, std::initializer_list<std::string_view> parts) {
  std::string message;
  for (const std::string_view part : parts) {
    message += eight_bytes(part.size());
    message += part;
  }
  return hexadecimal(key.mac(as_bytes(message)));
}

/// Two, for the server to digest with; they say nothing of the key.
std::vector<Value> seeds_of(const crypto::MacKey& key) {
  const crypto::Mac mac = key.mac(as_bytes(std::string_view{"postgres seeds"}));
  std::vector<Value> seeds;
  for (const std::size_t begin : {std::size_t{0}, sizeof(std::uint64_t)}) {
    std::uint64_t seed = 0;
    for (std::size_t at = begin; at < begin + sizeof seed; ++at) {
      seed = seed << 8U | std::to_integer<std::uint64_t>(mac.at(at));
    }
    seeds.emplace_back(fmt::format("{}", static_cast<std::int64_t>(seed)));
  }
  return seeds;
}

std::uint64_t number_in(const Value& value) {
  std::uint64_t number = 0;
  const std::string& text = value.value_or("");
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc{}) {
    throw Error{Code::bug, "a statement was to give a number"};
  }
  return number;
}

Row one_row(Rows rows) {
  if (rows.size() != 1) {
    throw Error{Code::bug, "a statement was to give one row"};
  }
  return std::move(rows.front());
}

/// A relation of people that has, or could have, rows.
struct Relation {
  std::string name;
  std::string columns;    ///< "t.a, t.b"
  std::string condition;  ///< of an extension's table: which rows are dumped; "WHERE ..."
  std::string why_not;    ///< its rows are compared; empty: they are
};

/// The columns of an extension's own tables are the extension's.
constexpr const char* relations_sql = R"sql(
SELECT c.name, (
    SELECT string_agg('t.' || quote_ident(attname), ', ' ORDER BY attname) FROM pg_attribute
    WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
  CASE WHEN asked.is_dump THEN e.extcondition[array_position(e.extconfig, c.oid)] END,
  CASE WHEN c.name = ANY ($2::text[]) OR c.plain_name = ANY ($2::text[])
    THEN 'the settings leave it out'
  WHEN c.relkind = 'f' THEN 'a foreign table: its rows are elsewhere'
  WHEN c.relkind = 'm' AND asked.is_dump THEN 'a materialized view: a restore fills it anew'
  WHEN c.relkind = 'm' AND NOT c.relispopulated THEN 'a materialized view without rows'
  WHEN c.relpersistence = 'u' AND NOT asked.is_dump THEN 'unlogged: recovery empties it'
  WHEN c.is_member AND e.oid IS NULL AND asked.is_dump
    THEN 'it belongs to an extension, whose rows are not dumped'
  WHEN pg_relation_filenode(c.oid) IS NULL THEN 'it was dropped meanwhile' END
FROM asked, (
  SELECT c.*, quote_ident(own.nspname) || '.' || quote_ident(c.relname) AS name,
    own.nspname || '.' || c.relname AS plain_name,
    ('pg_class'::regclass, c.oid) IN (SELECT * FROM member) AS is_member
  FROM pg_class c JOIN own ON own.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm', 'f') AND c.relpersistence <> 't') c
LEFT JOIN pg_extension e ON c.oid = ANY (e.extconfig)
)sql";

/// Pages of large objects, those of zeros alone left out: a restore writes them where holes were.
constexpr const char* large_objects_sql = R"sql(
WITH size AS (
  SELECT current_setting('block_size')::int / 4 AS bytes
), page AS (
  SELECT loid, max(pageno * size.bytes::bigint + octet_length(data)) AS bytes,
    sum(hashtextextended(text, $1::bigint)) FILTER (WHERE text <> empty) AS first,
    sum(hashtextextended(text, $2::bigint)) FILTER (WHERE text <> empty) AS second
  FROM size, LATERAL (
    SELECT loid, pageno, data, pageno || ' ' || CASE WHEN octet_length(data) < size.bytes
        THEN rpad(encode(data, 'hex'), 2 * size.bytes, '0') ELSE encode(data, 'hex') END AS text,
      pageno || ' ' || repeat('00', size.bytes) AS empty
    FROM pg_largeobject) p
  GROUP BY loid
)
SELECT count(*), coalesce(sum(hashtextextended(text, $1::bigint)), 0),
  coalesce(sum(hashtextextended(text, $2::bigint)), 0)
FROM (
  SELECT jsonb_build_array(m.oid, coalesce(bytes, 0), coalesce(first, 0), coalesce(second, 0))::text
    COLLATE "C" AS text
  FROM pg_largeobject_metadata m LEFT JOIN page ON page.loid = m.oid OFFSET '0') object
)sql";

constexpr const char* large_object_rights_sql = R"sql(
SELECT coalesce(sum(hashtextextended(text, $1::bigint)), 0),
  coalesce(sum(hashtextextended(text, $2::bigint)), 0)
FROM (
  SELECT jsonb_build_array(m.oid, pg_get_userbyid(m.lomowner), (
    SELECT jsonb_agg(DISTINCT jsonb_build_array(CASE WHEN a.grantee <> 0 THEN
      pg_get_userbyid(a.grantee) END, a.privilege_type, a.is_grantable))
    FROM aclexplode(coalesce(m.lomacl, acldefault('L', m.lomowner))) a))::text COLLATE "C" AS text
  FROM pg_largeobject_metadata m OFFSET '0') object
)sql";

/// {"a","b"}
std::string array_of(const std::set<std::string>& texts) {
  std::string made = "{";
  for (const std::string& text : texts) {
    made += made.size() > 1 ? ",\"" : "\"";
    for (const char letter : text) {
      if (letter == '"' || letter == '\\') {
        made += '\\';
      }
      made += letter;
    }
    made += '"';
  }
  return made + '}';
}

class Describing {
 public:
  Describing(Connection& connection, const crypto::MacKey& key, const ContentOptions& options)
      : connection_(connection), key_(key), options_(options), seeds_(seeds_of(key)) {
    connection_.execute(text_settings);
    // Names may be any bytes there, and the server refuses to hand them out as UTF-8.
    const std::string encoding = connection_.parameter_status("server_encoding").value_or("");
    if (encoding == "SQL_ASCII" || encoding == "MULE_INTERNAL") {
      connection_.execute("SET LOCAL client_encoding = 'SQL_ASCII'");
    }
  }

  void rows() {
    for (const Relation& each : relations()) {
      if (each.why_not.empty()) {
        read_if_planned(each);
      } else {
        leave_out("table " + named(each.name), each.why_not);
      }
    }
    leave_out_rewritten();
    large_objects();
  }

  void definitions() {
    define(relation_queries());
    define(object_queries());
    define(property_queries());
    for (auto& [name, state] : sequences_of(connection_, options_)) {
      add("sequence", name, std::move(state));
    }
    const Row row = one_row(connection_.query(large_object_rights_sql, seeds_));
    if (row[0] != "0" || row[1] != "0") {
      add("rights", named("large objects"),
          digest_of(key_, {"rights of large objects", row[0].value_or(""), row[1].value_or("")})
              .substr(0, definition_digits));
    }
  }

  void globals() { define(global_queries()); }

  Content finish() {
    content::sort(content_);
    return std::move(content_);
  }

 private:
  [[nodiscard]] std::string named(const std::string& name) const { return options_.prefix + name; }
  [[nodiscard]] Value is_dump() const { return options_.after == After::dump ? "true" : "false"; }

  void add(std::string kind, std::string name, std::string value) {
    content_.objects.push_back({.kind = std::move(kind),
                                .name = std::move(name),
                                .rows = std::nullopt,
                                .value = std::move(value)});
  }

  void leave_out(std::string name, std::string why) {
    content_.unchecked.push_back({.name = std::move(name), .why = std::move(why)});
  }

  std::vector<Relation> relations() {
    std::vector<Relation> all;
    for (Row& row : connection_.query(std::string{own_objects} + relations_sql,
                                      {is_dump(), array_of(options_.skip)})) {
      all.push_back({.name = row[0].value_or(""),
                     .columns = row[1].value_or(""),
                     .condition = row[2].value_or(""),
                     .why_not = row[3].value_or("")});
    }
    return all;
  }

  /// To plan a statement the server looks into functions that indexes of the table have, which may
  /// rely on names that are found with another search_path alone.
  void read_if_planned(const Relation& each) {
    connection_.execute("SAVEPOINT one_table");
    try {
      read(each);
    } catch (const ServerError& error) {
      constexpr std::string_view definitions_fail = "42";
      constexpr std::string_view not_allowed = "42501";
      if (!error.sqlstate().starts_with(definitions_fail) || error.sqlstate() == not_allowed) {
        throw;
      }
      connection_.execute("ROLLBACK TO one_table");
      leave_out("table " + named(each.name),
                fmt::format("no statement reads it: {}", error.what()));
    }
    connection_.execute("RELEASE one_table");
  }

  /// A subselect with an OFFSET has the text made once, not for each of the sums; one that is a
  /// bigint at once keeps several processes from doing it no more.
  void read(const Relation& each) {
    const Row row = one_row(connection_.query(
        fmt::format("SELECT count(*), coalesce(sum(hashtextextended(text, $1::bigint)), 0), "
                    "coalesce(sum(hashtextextended(text, $2::bigint)), 0) FROM ("
                    "SELECT ROW({})::text COLLATE \"C\" AS text FROM ONLY {} AS t {} OFFSET '0') "
                    "AS texts",
                    each.columns, each.name, each.condition),
        seeds_));
    const std::string name = named(each.name);
    content_.objects.push_back(
        {.kind = "table",
         .name = name,
         .rows = number_in(row[0]),
         .value = digest_of(key_, {"table", name, row[0].value_or(""), row[1].value_or(""),
                                   row[2].value_or("")})});
  }

  /// TRUNCATE, and ALTER TABLE where it writes a table anew, show older transactions an empty one.
  void leave_out_rewritten() {
    for (const Row& row : connection_.query(
             std::string{own_objects} +
                 "SELECT quote_ident(own.nspname) || '.' || quote_ident(c.relname) FROM asked, "
                 "pg_class c JOIN own ON own.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') "
                 "AND c.relpersistence <> 't' AND c.relfilenode <> pg_relation_filenode(c.oid)",
             {is_dump()})) {
      const std::string name = named(row[0].value_or(""));
      const auto removed = std::erase_if(content_.objects, [&](const content::Object& object) {
        return object.kind == "table" && object.name == name;
      });
      if (removed > 0) {
        leave_out("table " + name, "it was emptied or rewritten while the backup was taken");
      }
    }
  }

  void large_objects() {
    const std::string count = connection_.value("SELECT count(*) FROM pg_largeobject_metadata");
    if (count == "0") {
      return;
    }
    const std::string name = named("all");
    if (connection_.value("SELECT has_table_privilege('pg_largeobject', 'SELECT')") != "t") {
      leave_out("large-objects " + name, "the role may not read pg_largeobject");
      return;
    }
    const Row row = one_row(connection_.query(large_objects_sql, seeds_));
    content_.objects.push_back(
        {.kind = "large-objects",
         .name = name,
         .rows = number_in(row[0]),
         .value = digest_of(key_, {"large objects", name, row[0].value_or(""), row[1].value_or(""),
                                   row[2].value_or("")})});
  }

  void define(std::span<const DefinitionQuery> queries) {
    for (const DefinitionQuery& query : queries) {
      const int version = connection_.server_version();
      if (version < query.since || version >= query.before) {
        continue;
      }
      for (Row& row : connection_.query(std::string{own_objects} + query.sql, {is_dump()})) {
        const std::string& first = row[0].value();
        if (query.kind == nullptr) {
          leave_out(first + named(row[1].value_or("")), row[2].value_or(""));
        } else if (query.in_words) {
          add(query.kind, named(first), row[1].value_or(""));
        } else {
          const std::string name = named(first);
          add(query.kind, name,
              digest_of(key_, {query.kind, name, row[1].value_or("")})
                  .substr(0, definition_digits));
        }
      }
    }
  }

  Connection& connection_;
  const crypto::MacKey& key_;
  const ContentOptions& options_;
  std::vector<Value> seeds_;
  Content content_;
};

}  // namespace

Content content_of(Connection& connection, const crypto::MacKey& key,
                   const ContentOptions& options) {
  Describing describing{connection, key, options};
  describing.rows();
  describing.definitions();
  return describing.finish();
}

Content definitions_of(Connection& connection, const crypto::MacKey& key,
                       const ContentOptions& options) {
  Describing describing{connection, key, options};
  describing.definitions();
  return describing.finish();
}

Content globals_of(Connection& connection, const crypto::MacKey& key,
                   const ContentOptions& options) {
  Describing describing{connection, key, options};
  describing.globals();
  return describing.finish();
}

SequenceStates sequences_of(Connection& connection, const ContentOptions& options) {
  constexpr std::size_t at_once = 100;  // a round trip each would add up
  const bool is_dump = options.after == After::dump;
  const Rows all = connection.query(std::string{own_objects} + R"sql(
SELECT quote_ident(own.nspname) || '.' || quote_ident(c.relname), s.seqincrement
FROM asked, pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN own ON own.oid = c.relnamespace
WHERE c.relpersistence <> 't' AND (c.relpersistence = 'p' OR asked.is_dump)
  AND (('pg_class'::regclass, c.oid) NOT IN (SELECT * FROM member)
    OR EXISTS (SELECT FROM pg_extension WHERE c.oid = ANY (extconfig)))
)sql",
                                    {is_dump ? "true" : "false"});
  SequenceStates states;
  for (std::size_t begin = 0; begin < all.size(); begin += at_once) {
    const std::size_t end = std::min(begin + at_once, all.size());
    std::string sql;
    for (std::size_t at = begin; at < end; ++at) {
      sql += fmt::format("{}SELECT {}, last_value, is_called FROM {}",
                         sql.empty() ? "" : " UNION ALL ", at, all[at][0].value());
    }
    for (const Row& row : connection.query(sql)) {
      const Row& sequence = all.at(number_in(row[0]));
      states.emplace(options.prefix + sequence[0].value(),
                     fmt::format("{} {}called, by {}", row[1].value_or(""),
                                 row[2] == "t" ? "" : "not ", sequence[1].value_or("")));
    }
  }
  return states;
}

}  // namespace trackier::postgres
