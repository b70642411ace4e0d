#include "postgres/content.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "content_fixture.hpp"
#include "support/errors.hpp"

namespace trackier::postgres {
namespace {

using content::Content;
using test::PostgresServer;
using test_content::differing;
using test_content::key;
using test_content::object_in;
using test_content::why_not;
using After = ContentOptions::After;

/// With the roles and the database "shop"; null when PostgreSQL is not there.
const PostgresServer* prepared() {
  static const std::unique_ptr<PostgresServer> server = [] {
    auto made = PostgresServer::start();
    if (made) {
      made->sql(test_content::roles);
      test_content::make_shop(*made);
    }
    return made;
  }();
  return server.get();
}

Content described(const PostgresServer& server, const std::string& database,
                  const ContentOptions& options = {}) {
  Connection connection{{.conninfo = server.conninfo(database)}};
  connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  return content_of(connection, key(), options);
}

/// A session in a transaction that can be taken back, and what it sees.
class Trial {
 public:
  explicit Trial(const PostgresServer& server, const ContentOptions& options = {})
      : connection_{{.conninfo = server.conninfo("shop")}}, options_(options) {
    connection_.execute("BEGIN");
    before_ = all();
  }

  [[nodiscard]] const Content& before() const { return before_; }

  /// What differs after the statement, which is taken back.
  std::vector<std::string> changed_by(const std::string& sql) {
    connection_.execute("SAVEPOINT before");
    connection_.execute(sql);
    const Content after = all();
    connection_.execute("ROLLBACK TO before");
    return differing(before_, after);
  }

 private:
  Content all() {
    Content made = content_of(connection_, key(), options_);
    const Content globals = globals_of(connection_, key(), options_);
    made.objects.insert(made.objects.end(), globals.objects.begin(), globals.objects.end());
    content::sort(made);
    return made;
  }

  Connection connection_;
  ContentOptions options_;
  Content before_;
};

TEST_CASE("a database restored from a dump is described as it was") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  const Content before = described(*server, "shop");
  const std::string dump = server->make_directory("dump") / "shop";
  PostgresServer::run("pg_dump", {"-Fc", "-f", dump, "-d", server->conninfo("shop")});
  server->sql("ALTER DATABASE shop RENAME TO kept");
  PostgresServer::run("pg_restore", {"--create", "-e", "-d", server->conninfo(), dump});
  const Content after = described(*server, "shop");
  for (const auto& each : content::compare(before, after).differences) {
    FAIL_CHECK(each.object << ": " << each.expected << " / " << each.found);
  }
  CHECK(before.unchecked == after.unchecked);
  CHECK(before.objects.size() > 150);
  server->sql("DROP DATABASE shop");
  server->sql("ALTER DATABASE kept RENAME TO shop");
}

TEST_CASE("a table that no statement reads is named, and all others are compared") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  server->create_database("lost_names");
  server->sql(R"sql(
CREATE FUNCTION small(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(t)';
CREATE FUNCTION smaller(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT small(t)';
CREATE TABLE names (name text); INSERT INTO names VALUES ('Otto');
CREATE INDEX ON names (smaller(name));
CREATE TABLE numbers (number int); INSERT INTO numbers VALUES (1), (2);
)sql",
              "lost_names");
  const Content found = described(*server, "lost_names");
  CHECK(object_in(found, "table", "public.names") == nullptr);
  CHECK(why_not(found, "table public.names").find("small(text) does not exist") !=
        std::string::npos);
  REQUIRE(object_in(found, "table", "public.numbers") != nullptr);
  CHECK(object_in(found, "table", "public.numbers")->rows == 2);
  server->sql("DROP DATABASE lost_names");
}

/// Statements, and the only objects that may differ after them.
struct Change {
  const char* sql;
  std::vector<std::string> objects;
};

/// Statements that change different objects are looked at together.
std::vector<std::vector<Change>> batched(const std::vector<Change>& changes) {
  std::vector<std::vector<Change>> batches;
  for (const Change& change : changes) {
    const auto is_free = [&](const std::vector<Change>& batch) {
      return std::ranges::none_of(batch, [&](const Change& other) {
        return std::ranges::find_first_of(other.objects, change.objects) != other.objects.end();
      });
    };
    const auto free = std::ranges::find_if(batches, is_free);
    if (free == batches.end()) {
      batches.push_back({change});
    } else {
      free->push_back(change);
    }
  }
  return batches;
}

void check_changes(const std::vector<Change>& changes) {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  Trial trial{*server};
  CHECK(trial.changed_by("SELECT").empty());
  for (const std::vector<Change>& batch : batched(changes)) {
    std::string sql;
    std::vector<std::string> expected;
    for (const Change& each : batch) {
      sql += each.sql + std::string{"; "};
      expected.insert(expected.end(), each.objects.begin(), each.objects.end());
    }
    INFO(sql);
    std::ranges::sort(expected);
    const std::vector<std::string> found = trial.changed_by(sql);
    for (const std::string& each : found) {
      CHECK_MESSAGE(std::ranges::binary_search(expected, each), each << " differs");
    }
    for (const std::string& each : expected) {
      CHECK_MESSAGE(std::ranges::binary_search(found, each), each << " does not differ");
    }
  }
}

TEST_CASE("a changed value is a changed table") {
  check_changes({
      {"UPDATE public.clicks SET price = price + 1 WHERE id = 7", {"table public.clicks"}},
      {"UPDATE public.numbers SET f = '-0'", {"table public.numbers"}},
      {"UPDATE public.numbers SET n = 1.00", {"table public.numbers"}},
      {"UPDATE public.numbers SET f = 'NaN'", {"table public.numbers"}},
      {"UPDATE public.settings SET value = '' WHERE value IS NULL", {"table public.settings"}},
      {"UPDATE public.settings SET value = NULL WHERE value = ''", {"table public.settings"}},
      {"UPDATE public.settings SET value = '2' WHERE name = 'a'; "
       "UPDATE public.settings SET value = '1' WHERE name = 'b'",
       {"table public.settings"}},
      {"INSERT INTO public.numbers SELECT * FROM public.numbers", {"table public.numbers"}},
      {"INSERT INTO public.nothing_in_it DEFAULT VALUES", {"table public.nothing_in_it"}},
      {"DELETE FROM public.parts WHERE n = 3", {"table public.parts_a"}},
      {"UPDATE public.child SET own = 4", {"table public.child"}},
      {"UPDATE ONLY public.parent SET b = 'q'", {"table public.parent"}},
      {"UPDATE public.scratch SET n = 2", {"table public.scratch"}},
      {R"(UPDATE "Odd ""one"" é"."a ""table""" SET t = 'c' WHERE t = 'a')",
       {R"(table "Odd ""one"" é"."a ""table""")"}},
      // As they are read they are the same, and they are of another type.
      {"ALTER TABLE public.numbers ALTER i TYPE text", {"columns public.numbers"}},
      // The same rows in another order, and elsewhere.
      {"CREATE TEMPORARY TABLE kept AS SELECT * FROM public.settings ORDER BY name DESC; "
       "TRUNCATE public.settings; INSERT INTO public.settings SELECT * FROM kept",
       {}},
      {"TRUNCATE public.settings", {"table public.settings"}},
      {"SELECT lo_put(4711, 7, 'x')", {"large-objects all"}},
      {"SELECT lo_put(4712, 9012, '\\x00')", {"large-objects all"}},
      {"SELECT lo_put(4712, 100, '\\x00')", {}},  // what was a hole reads the same
      {"SELECT lo_unlink(4713)", {"large-objects all", "rights large objects"}},
      {"ALTER LARGE OBJECT 4711 OWNER TO alice", {"rights large objects"}},
      {"REVOKE SELECT ON LARGE OBJECT 4711 FROM staff", {"rights large objects"}},
  });
}

TEST_CASE("whatever is defined otherwise is told by its name") {
  check_changes({
      {"ALTER TABLE public.clicks RENAME note TO notes",
       {"columns public.clicks", "index public.clicks_note",
        "comment table column public.clicks.note", "comment table column public.clicks.notes",
        "rights column note of public.clicks", "rights column notes of public.clicks",
        "view public.seen"}},
      {"ALTER TABLE public.numbers ALTER f SET DEFAULT 3", {"columns public.numbers"}},
      {"ALTER TABLE public.numbers ALTER f SET NOT NULL", {"columns public.numbers"}},
      {"ALTER TABLE public.numbers ALTER n SET STORAGE PLAIN", {"columns public.numbers"}},
      {"ALTER TABLE public.numbers SET (fillfactor = 50)", {"columns public.numbers"}},
      {"ALTER TABLE public.numbers SET UNLOGGED", {"columns public.numbers"}},
      {"ALTER TABLE public.clicks SET (autovacuum_enabled = off, fillfactor = 90)", {}},
      {"ALTER TABLE public.clicks DROP CONSTRAINT sized",
       {"constraint sized of public.clicks", "comment table constraint sized on public.clicks"}},
      {"ALTER TABLE public.clicks VALIDATE CONSTRAINT sized",
       {"constraint sized of public.clicks"}},
      {"DROP INDEX public.clicks_note", {"index public.clicks_note"}},
      {"ALTER INDEX public.clicks_kind RENAME TO other",
       {"index public.clicks_kind", "index public.other"}},
      {"ALTER TABLE public.clicks SET WITHOUT CLUSTER", {"index public.clicks_kind"}},
      {"ALTER TABLE public.clicks ENABLE TRIGGER silent", {"trigger silent of public.clicks"}},
      {"ALTER TABLE public.clicks DISABLE TRIGGER noted", {"trigger noted of public.clicks"}},
      {"DROP RULE ignore ON public.settings", {"rule ignore of public.settings"}},
      {"CREATE OR REPLACE VIEW public.seen WITH (security_barrier) AS SELECT id, NULL::date AS day "
       "FROM public.clicks",
       {"view public.seen"}},
      {"CREATE OR REPLACE FUNCTION public.twice(n int, text DEFAULT 'x') RETURNS int IMMUTABLE "
       "LANGUAGE sql SET work_mem = '4MB' AS 'SELECT n + n'",
       {"function public.twice(integer,text)"}},
      {"ALTER FUNCTION public.twice(int, text) STABLE", {"function public.twice(integer,text)"}},
      {"ALTER TYPE public.state ADD VALUE 'gone'", {"type public.state"}},
      {"ALTER TYPE public.state RENAME VALUE 'shut' TO 'zu'",
       {"table public.clicks", "type public.state"}},
      {"ALTER TYPE public.pair ADD ATTRIBUTE c int",
       {"columns public.pair", "table public.clicks"}},
      {R"(ALTER DOMAIN public."größe" SET DEFAULT 2)", {R"(type public."größe")"}},
      {R"(ALTER DOMAIN public."größe" DROP CONSTRAINT "größe_check")",
       {R"(constraint "größe_check" of public."größe")"}},
      {"ALTER POLICY mine ON public.settings TO clerk", {"policy mine of public.settings"}},
      {"ALTER TABLE public.settings DISABLE ROW LEVEL SECURITY", {"row-security public.settings"}},
      {"ALTER EVENT TRIGGER watching DISABLE", {"event-trigger watching"}},
      {"ALTER PUBLICATION news DROP TABLE public.parts", {"publication news"}},
      {"ALTER PUBLICATION news SET (publish = 'delete')", {"publication news"}},
      {"ALTER SEQUENCE public.fresh INCREMENT 3",
       {"sequence public.fresh", "sequence-definition public.fresh"}},
      {"ALTER SEQUENCE public.spare RESTART WITH 8", {"sequence public.spare"}},
      {"ALTER EXTENSION hstore SET SCHEMA crypto", {"extension hstore", "columns public.clicks"}},
      {"ALTER STATISTICS public.clicks_stats SET STATISTICS 5", {"statistics public.clicks_stats"}},
      {"ALTER OPERATOR public.<<< (public.state, int) SET (RESTRICT = scalarltsel)",
       {"operator public.<<<(public.state,integer)"}},
      {"ALTER TEXT SEARCH DICTIONARY public.stems (stopwords = german)",
       {"text-search text search dictionary public.stems"}},
      {"ALTER TEXT SEARCH CONFIGURATION public.words DROP MAPPING FOR url",
       {"text-search text search configuration public.words"}},
      {"ALTER SERVER away OPTIONS (SET port '2')", {"foreign-data server away"}},
      {"ALTER USER MAPPING FOR alice SERVER away OPTIONS (SET password 'q')",
       {"foreign-data user alice of away"}},
      {"ALTER FOREIGN TABLE public.rates OPTIONS (SET name 's')", {"columns public.rates"}},
      {"CREATE AGGREGATE public.most(int) (SFUNC = int4larger, STYPE = int)",
       {"function public.most(integer)", "owner function public.most(integer)"}},
  });
}

TEST_CASE("owners, rights, comments and settings are told by their names") {
  check_changes({
      {"ALTER TABLE public.numbers OWNER TO alice", {"owner table public.numbers"}},
      {"ALTER FUNCTION public.note() OWNER TO alice", {"owner function public.note()"}},
      {"REVOKE INSERT ON public.clicks FROM staff", {"rights table public.clicks"}},
      {"REVOKE GRANT OPTION FOR INSERT ON public.clicks FROM staff",
       {"rights table public.clicks"}},
      {R"(REVOKE UPDATE (note) ON public.clicks FROM "Bob's")",
       {"rights column note of public.clicks"}},
      {"GRANT SELECT ON public.numbers TO PUBLIC", {"rights table public.numbers"}},
      {"GRANT INSERT ON public.numbers TO postgres", {"rights table public.numbers"}},
      {"GRANT SELECT ON public.kept TO staff; REVOKE SELECT ON public.kept FROM staff", {}},
      {"GRANT EXECUTE ON FUNCTION public.twice(int, text) TO PUBLIC",
       {"rights function public.twice(integer,text)"}},
      {"GRANT EXECUTE ON FUNCTION crypto.gen_salt(text) TO PUBLIC",
       {"rights function crypto.gen_salt(text)"}},
      {"GRANT EXECUTE ON FUNCTION pg_catalog.pg_sleep(float8) TO PUBLIC",
       {"rights function pg_sleep(double precision)"}},
      {"REVOKE CREATE ON SCHEMA public FROM staff", {"rights schema public"}},
      {"REVOKE CREATE ON DATABASE shop FROM staff", {"rights database"}},
      {"ALTER DEFAULT PRIVILEGES FOR ROLE alice IN SCHEMA public REVOKE SELECT ON TABLES FROM "
       "staff",
       {"rights defaults r of alice in public"}},
      {"COMMENT ON TABLE public.parts IS 'another'", {"comment table public.parts"}},
      {"COMMENT ON SCHEMA public IS NULL", {"comment schema public"}},
      {"COMMENT ON LARGE OBJECT 4711 IS NULL", {"comment large object 4711"}},
      {"COMMENT ON DATABASE shop IS 'another'", {"comment database"}},
      {"ALTER DATABASE shop SET statement_timeout = '51s'", {"setting database"}},
      {"ALTER DATABASE shop CONNECTION LIMIT 41", {"database properties"}},
      {"ALTER DATABASE shop OWNER TO postgres", {"owner database"}},
      {"ALTER ROLE clerk IN DATABASE shop RESET ALL", {"setting role clerk"}},
      {"ALTER ROLE clerk NOLOGIN", {"role clerk"}},
      {"ALTER ROLE clerk PASSWORD 'x'", {}},
      {"ALTER ROLE alice SET work_mem = '6MB'", {"role alice"}},
      {"ALTER ROLE alice VALID UNTIL 'infinity'", {"role alice"}},
      {"REVOKE staff FROM clerk", {"role clerk"}},
      {"REVOKE ADMIN OPTION FOR staff FROM alice", {"role alice"}},
      {"COMMENT ON ROLE alice IS NULL", {"role alice"}},
      {"CREATE ROLE newcomer", {"role newcomer"}},
  });
}

TEST_CASE("a sequence that moves is told in words") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  const auto state = [&](const char* name) {
    const Content content = described(*server, "shop");
    const content::Object* const found = object_in(content, "sequence", name);
    return found == nullptr ? std::string{"nothing"} : found->value;
  };
  CHECK(state("public.fresh") == "1 not called, by 1");
  CHECK(state("public.spare") == "1 called, by 1");
  CHECK(state(R"("Odd ""one"" é"."a ""table""_id_seq")") == "60 called, by 5");
  server->sql("SELECT setval('fresh', 1, true)", "shop");
  CHECK(state("public.fresh") == "1 called, by 1");
  server->sql("SELECT setval('fresh', 12)", "shop");
  CHECK(state("public.fresh") == "12 called, by 1");
  server->sql("SELECT setval('fresh', 1, false)", "shop");
}

}  // namespace
}  // namespace trackier::postgres
