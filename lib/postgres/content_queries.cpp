#include "postgres/content_queries.hpp"

#include <array>

namespace trackier::postgres {

const char* const own_objects = R"sql(
WITH asked AS (
  SELECT $1::boolean AS is_dump
), own AS (
  SELECT oid, nspname FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), member AS (
  SELECT DISTINCT classid, objid FROM pg_depend WHERE deptype = 'e'
), relation AS (
  SELECT c.*, quote_ident(own.nspname) || '.' || quote_ident(c.relname) AS name
  FROM pg_class c JOIN own ON own.oid = c.relnamespace
  WHERE c.relpersistence <> 't' AND ('pg_class'::regclass, c.oid) NOT IN (SELECT * FROM member)
)
)sql";

namespace {

constexpr std::array queries{
    // A dump does not keep the order of columns in a child that has got some from its parent later.
    // attoptions: some servers keep a version of their own in it, which every restore raises.
    DefinitionQuery{"columns", R"sql(
SELECT r.name, jsonb_build_object(
  'kind', r.relkind,
  'persistence', r.relpersistence,
  'replica identity', r.relreplident,
  'method', (SELECT amname FROM pg_am WHERE pg_am.oid = r.relam),
  'type', CASE WHEN r.reloftype <> 0 THEN r.reloftype::regtype END,
  'options', (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM unnest(r.reloptions) o),
  'toast options', (SELECT jsonb_agg(o ORDER BY o COLLATE "C")
                    FROM pg_class t, unnest(t.reloptions) o WHERE t.oid = r.reltoastrelid),
  'parents', (SELECT jsonb_agg(inhparent::regclass ORDER BY inhseqno) FROM pg_inherits
              WHERE inhrelid = r.oid),
  'partition key', CASE WHEN r.relkind = 'p' THEN pg_get_partkeydef(r.oid) END,
  'partition', pg_get_expr(r.relpartbound, r.oid),
  'server', (SELECT jsonb_build_array(s.srvname, (SELECT jsonb_agg(o ORDER BY o COLLATE "C")
                                                  FROM unnest(f.ftoptions) o))
             FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver
             WHERE f.ftrelid = r.oid),
  'columns', (
    SELECT jsonb_agg(jsonb_build_object(
      'name', a.attname,
      'type', format_type(a.atttypid, a.atttypmod),
      'not null', a.attnotnull,
      'default', pg_get_expr(d.adbin, d.adrelid),
      'identity', a.attidentity,
      'generated', a.attgenerated,
      'collation', CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation END,
      'storage', a.attstorage,
      'compression', to_jsonb(a) ->> 'attcompression',
      'statistics', coalesce(a.attstattarget, -1),
      'options', (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM unnest(a.attoptions) o
                  WHERE o !~ '^pg_attver='),
      'foreign', (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM unnest(a.attfdwoptions) o))
      ORDER BY CASE WHEN asked.is_dump AND NOT r.relispartition
                    AND EXISTS (SELECT FROM pg_inherits WHERE inhrelid = r.oid)
                    THEN 0 ELSE a.attnum END, a.attname)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped))
FROM relation r, asked WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
)sql"},

    DefinitionQuery{"view", R"sql(
SELECT name, pg_get_viewdef(oid) FROM relation WHERE relkind = 'v'
)sql"},

    DefinitionQuery{"matview", R"sql(
SELECT name, jsonb_build_array(pg_get_viewdef(oid), relispopulated) FROM relation
WHERE relkind = 'm'
)sql"},

    // Foreign keys of a partition follow from those of its parent, and have names of chance.
    // Whether
    // the server's own triggers of a constraint are disabled a dump does not say.
    DefinitionQuery{"constraint", R"sql(
SELECT quote_ident(c.conname) || ' of ' || coalesce(r.name, t.oid::regtype::text),
  jsonb_build_array(pg_get_constraintdef(c.oid), c.convalidated,
    (SELECT jsonb_agg(tgenabled ORDER BY tgtype, tgenabled) FROM pg_trigger
     WHERE tgconstraint = c.oid AND NOT asked.is_dump))
FROM asked, pg_constraint c LEFT JOIN relation r ON r.oid = c.conrelid
LEFT JOIN pg_type t ON t.oid = c.contypid AND t.typnamespace IN (SELECT oid FROM own)
  AND ('pg_type'::regclass, t.oid) NOT IN (SELECT * FROM member)
WHERE c.contype NOT IN ('t', 'n') AND (r.oid IS NOT NULL OR t.oid IS NOT NULL)
  AND (c.contype <> 'f' OR c.conparentid = 0)
)sql"},

    DefinitionQuery{"index", R"sql(
SELECT quote_ident(own.nspname) || '.' || quote_ident(c.relname), jsonb_build_array(
  pg_get_indexdef(c.oid), i.indisclustered, i.indisreplident,
  CASE WHEN NOT asked.is_dump THEN i.indisvalid END,
  (SELECT jsonb_agg(coalesce(a.attstattarget, -1) ORDER BY a.attnum) FROM pg_attribute a
   WHERE a.attrelid = c.oid))
FROM asked, pg_index i JOIN pg_class c ON c.oid = i.indexrelid
JOIN own ON own.oid = c.relnamespace JOIN relation r ON r.oid = i.indrelid
WHERE i.indisvalid OR c.relkind = 'I' OR NOT asked.is_dump
)sql"},

    DefinitionQuery{nullptr, R"sql(
SELECT 'index ', quote_ident(own.nspname) || '.' || quote_ident(c.relname),
  'it is invalid: a dump leaves it out'
FROM asked, pg_index i JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
JOIN own ON own.oid = c.relnamespace JOIN relation r ON r.oid = i.indrelid
WHERE NOT i.indisvalid AND asked.is_dump
)sql"},

    DefinitionQuery{"trigger", R"sql(
SELECT quote_ident(t.tgname) || ' of ' || r.name,
  jsonb_build_array(pg_get_triggerdef(t.oid), t.tgenabled)
FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
)sql"},

    DefinitionQuery{"rule", R"sql(
SELECT quote_ident(u.rulename) || ' of ' || r.name,
  jsonb_build_array(pg_get_ruledef(u.oid), u.ev_enabled)
FROM pg_rewrite u JOIN relation r ON r.oid = u.ev_class WHERE u.rulename <> '_RETURN'
)sql"},

    DefinitionQuery{"policy", R"sql(
SELECT quote_ident(p.polname) || ' of ' || r.name, jsonb_build_array(p.polcmd, p.polpermissive,
  (SELECT jsonb_agg(m.role ORDER BY m.role COLLATE "C")
   FROM (SELECT oid::regrole::text AS role FROM unnest(p.polroles) oid) m),
  pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN relation r ON r.oid = p.polrelid
)sql"},

    DefinitionQuery{"row-security", R"sql(
SELECT name, jsonb_build_array(relrowsecurity, relforcerowsecurity) FROM relation
WHERE relrowsecurity OR relforcerowsecurity
)sql"},

    DefinitionQuery{"statistics", R"sql(
SELECT quote_ident(own.nspname) || '.' || quote_ident(s.stxname),
  jsonb_build_array(pg_get_statisticsobjdef(s.oid),
    coalesce(to_jsonb(s) ->> 'stxstattarget', '-1'))
FROM pg_statistic_ext s JOIN own ON own.oid = s.stxnamespace
WHERE ('pg_statistic_ext'::regclass, s.oid) NOT IN (SELECT * FROM member)
)sql"},

    DefinitionQuery{"sequence-definition", R"sql(
SELECT r.name, jsonb_build_object(
  'type', s.seqtypid::regtype, 'start', s.seqstart, 'increment', s.seqincrement, 'max', s.seqmax,
  'min', s.seqmin, 'cache', s.seqcache, 'cycle', s.seqcycle, 'persistence', r.relpersistence,
  'owned by', (
    SELECT jsonb_agg(jsonb_build_array(d.deptype, d.refobjid::regclass, a.attname))
    FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.deptype IN ('a', 'i')
      AND d.refclassid = 'pg_class'::regclass))
FROM pg_sequence s JOIN relation r ON r.oid = s.seqrelid
)sql"},

    DefinitionQuery{nullptr, R"sql(
SELECT 'sequence ', name, 'unlogged: recovery resets it' FROM asked, relation
WHERE relkind = 'S' AND relpersistence = 'u' AND NOT asked.is_dump
)sql"},
};

}  // namespace

std::span<const DefinitionQuery> relation_queries() {
  return queries;
}

}  // namespace trackier::postgres
