#include <array>

#include "postgres/content_queries.hpp"

namespace trackier::postgres {
namespace {

constexpr std::array queries{
    // A schema "public" is in every new database, whether a dump has one or not.
    DefinitionQuery{"schema", R"sql(
SELECT quote_ident(nspname), '' FROM own
WHERE ('pg_namespace'::regclass, oid) NOT IN (SELECT * FROM member)
)sql"},

    DefinitionQuery{nullptr, R"sql(
SELECT kind, 'public', 'a restore makes it, though it was not there' FROM asked,
  unnest(ARRAY['schema ', 'owner schema ', 'rights schema ', 'comment schema ']) kind
WHERE is_dump AND NOT EXISTS (SELECT FROM own WHERE nspname = 'public')
UNION ALL
SELECT 'extension ', 'plpgsql', 'a restore makes it, though it was not there' FROM asked
WHERE is_dump AND NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'plpgsql')
)sql"},

    DefinitionQuery{"function", R"sql(
SELECT p.oid::regprocedure::text, CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) ELSE (
  SELECT jsonb_build_object(
    'result', p.prorettype::regtype, 'arguments', pg_get_function_arguments(p.oid),
    'parallel', p.proparallel, 'kind', aggkind, 'direct', aggnumdirectargs,
    'transition', aggtransfn, 'final', aggfinalfn, 'combine', aggcombinefn,
    'serial', aggserialfn, 'deserial', aggdeserialfn, 'moving', aggmtransfn,
    'inverse', aggminvtransfn, 'moving final', aggmfinalfn, 'extra', aggfinalextra,
    'moving extra', aggmfinalextra, 'modify', aggfinalmodify, 'moving modify', aggmfinalmodify,
    'sort', CASE WHEN aggsortop <> 0 THEN aggsortop::regoperator END,
    'state', aggtranstype::regtype, 'space', aggtransspace, 'moving state', aggmtranstype::regtype,
    'moving space', aggmtransspace, 'initial', agginitval, 'moving initial', aggminitval)::text
  FROM pg_aggregate WHERE aggfnoid = p.oid) END
FROM pg_proc p WHERE p.pronamespace IN (SELECT oid FROM own)
  AND ('pg_proc'::regclass, p.oid) NOT IN (SELECT * FROM member)
)sql"},

    DefinitionQuery{"type", R"sql(
SELECT t.oid::regtype::text, jsonb_build_object(
  'type', t.typtype,
  'labels', (SELECT jsonb_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum
             WHERE enumtypid = t.oid),
  'domain', CASE WHEN t.typtype = 'd' THEN jsonb_build_array(
    format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault,
    t.typcollation::regcollation) END,
  'range', (SELECT jsonb_build_array(g.rngsubtype::regtype,
              CASE WHEN g.rngcollation <> 0 THEN g.rngcollation::regcollation END,
              o.opcnamespace::regnamespace, o.opcname, g.rngcanonical, g.rngsubdiff,
              (to_jsonb(g) ->> 'rngmultitypid')::oid::regtype)
            FROM pg_range g JOIN pg_opclass o ON o.oid = g.rngsubopc WHERE g.rngtypid = t.oid),
  'base', CASE WHEN t.typtype = 'b' THEN jsonb_build_array(t.typlen, t.typbyval, t.typcategory,
    t.typispreferred, t.typisdefined, t.typdelim, t.typelem::regtype, t.typinput, t.typoutput,
    t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze, t.typalign, t.typstorage,
    t.typdefault, t.typcollation::regcollation) END)
FROM pg_type t WHERE t.typnamespace IN (SELECT oid FROM own) AND t.typtype IN ('e', 'd', 'r', 'b')
  AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
  AND ('pg_type'::regclass, t.oid) NOT IN (SELECT * FROM member)
)sql"},

    // A dump names no version of an extension: the restored one is that of its host.
    DefinitionQuery{"extension", R"sql(
SELECT quote_ident(extname), jsonb_build_array(extnamespace::regnamespace,
  CASE WHEN NOT asked.is_dump THEN extversion END) FROM asked, pg_extension
)sql"},

    DefinitionQuery{"event-trigger", R"sql(
SELECT quote_ident(evtname), jsonb_build_array(evtevent, evtfoid::regproc, evtenabled,
  (SELECT jsonb_agg(t ORDER BY t COLLATE "C") FROM unnest(evttags) t))
FROM pg_event_trigger
WHERE ('pg_event_trigger'::regclass, oid) NOT IN (SELECT * FROM member)
)sql"},

    DefinitionQuery{.kind = "publication",
                    .sql = R"sql(
SELECT quote_ident(p.pubname), jsonb_build_array(
  to_jsonb(p) - '{oid,pubname,pubowner}'::text[],
  (SELECT jsonb_agg(prrelid::regclass ORDER BY prrelid::regclass::text COLLATE "C")
   FROM pg_publication_rel WHERE prpubid = p.oid))
FROM pg_publication p
)sql",
                    .before = 150000},

    DefinitionQuery{.kind = "publication",
                    .sql = R"sql(
SELECT quote_ident(p.pubname), jsonb_build_array(
  to_jsonb(p) - '{oid,pubname,pubowner}'::text[],
  (SELECT jsonb_agg(jsonb_build_array(r.prrelid::regclass, pg_get_expr(r.prqual, r.prrelid),
     (SELECT jsonb_agg(attname ORDER BY attname) FROM pg_attribute
      WHERE attrelid = r.prrelid AND attnum = ANY (r.prattrs)))
     ORDER BY r.prrelid::regclass::text COLLATE "C")
   FROM pg_publication_rel r WHERE r.prpubid = p.oid),
  (SELECT jsonb_agg(pnnspid::regnamespace ORDER BY pnnspid::regnamespace::text COLLATE "C")
   FROM pg_publication_namespace WHERE pnpubid = p.oid))
FROM pg_publication p
)sql",
                    .since = 150000},

    // Whether it is enabled is no matter of the data: a restored one had better not be.
    DefinitionQuery{"subscription", R"sql(
SELECT quote_ident(s.subname), '' FROM asked, pg_subscription s
JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database() AND NOT asked.is_dump
)sql"},

    DefinitionQuery{nullptr, R"sql(
SELECT 'subscription ', quote_ident(s.subname), 'it points to another server' FROM asked,
  pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
WHERE d.datname = current_database() AND asked.is_dump
)sql"},

    DefinitionQuery{"operator", R"sql(
SELECT o.oid::regoperator::text, jsonb_build_array(o.oprcode, o.oprresult::regtype, o.oprcanmerge,
  o.oprcanhash, CASE WHEN o.oprcom <> 0 THEN o.oprcom::regoperator END,
  CASE WHEN o.oprnegate <> 0 THEN o.oprnegate::regoperator END, o.oprrest, o.oprjoin)
FROM pg_operator o WHERE o.oprnamespace IN (SELECT oid FROM own)
  AND ('pg_operator'::regclass, o.oid) NOT IN (SELECT * FROM member)
)sql"},

    DefinitionQuery{"operator-family", R"sql(
SELECT i.identity, jsonb_build_array(
  (SELECT jsonb_agg(jsonb_build_array(amopstrategy, amoppurpose, amopopr::regoperator,
     amopsortfamily <> 0) ORDER BY amopstrategy, amopopr::regoperator::text COLLATE "C")
   FROM pg_amop WHERE amopfamily = f.oid),
  (SELECT jsonb_agg(jsonb_build_array(amprocnum, amproclefttype::regtype, amprocrighttype::regtype,
     amproc::regprocedure) ORDER BY amprocnum, amproclefttype::regtype::text COLLATE "C",
     amprocrighttype::regtype::text COLLATE "C")
   FROM pg_amproc WHERE amprocfamily = f.oid))
FROM pg_opfamily f, pg_identify_object('pg_opfamily'::regclass, f.oid, 0) i
WHERE f.opfnamespace IN (SELECT oid FROM own)
  AND ('pg_opfamily'::regclass, f.oid) NOT IN (SELECT * FROM member)
)sql"},

    DefinitionQuery{"operator-class", R"sql(
SELECT i.identity, jsonb_build_array(c.opcintype::regtype, c.opcdefault, f.opfname,
  f.opfnamespace::regnamespace, CASE WHEN c.opckeytype <> 0 THEN c.opckeytype::regtype END)
FROM pg_opclass c JOIN pg_opfamily f ON f.oid = c.opcfamily,
  pg_identify_object('pg_opclass'::regclass, c.oid, 0) i
WHERE c.opcnamespace IN (SELECT oid FROM own)
  AND ('pg_opclass'::regclass, c.oid) NOT IN (SELECT * FROM member)
)sql"},

    DefinitionQuery{"cast", R"sql(
SELECT i.identity, jsonb_build_array(c.castcontext, c.castmethod,
  CASE WHEN c.castfunc <> 0 THEN c.castfunc::regprocedure END)
FROM pg_cast c, pg_identify_object('pg_cast'::regclass, c.oid, 0) i
WHERE c.oid >= 16384 AND ('pg_cast'::regclass, c.oid) NOT IN (SELECT * FROM member)
)sql"},

    // What version of a library sorts by it is no matter of the database.
    DefinitionQuery{"collation", R"sql(
SELECT i.identity,
  to_jsonb(c) - '{oid,collname,collnamespace,collowner,collversion}'::text[]
FROM pg_collation c, pg_identify_object('pg_collation'::regclass, c.oid, 0) i
WHERE c.collnamespace IN (SELECT oid FROM own)
  AND ('pg_collation'::regclass, c.oid) NOT IN (SELECT * FROM member)
)sql"},

    DefinitionQuery{"conversion", R"sql(
SELECT i.identity, jsonb_build_array(pg_encoding_to_char(c.conforencoding),
  pg_encoding_to_char(c.contoencoding), c.conproc, c.condefault)
FROM pg_conversion c, pg_identify_object('pg_conversion'::regclass, c.oid, 0) i
WHERE c.connamespace IN (SELECT oid FROM own)
  AND ('pg_conversion'::regclass, c.oid) NOT IN (SELECT * FROM member)
)sql"},

    DefinitionQuery{"text-search", R"sql(
SELECT i.type || ' ' || i.identity, o.definition FROM (
  SELECT 'pg_ts_config'::regclass AS class, c.oid, c.cfgnamespace AS schema, jsonb_build_array(
    p.prsnamespace::regnamespace, p.prsname,
    (SELECT jsonb_agg(jsonb_build_array(maptokentype, mapdict::regdictionary)
       ORDER BY maptokentype, mapseqno) FROM pg_ts_config_map WHERE mapcfg = c.oid)) AS definition
  FROM pg_ts_config c JOIN pg_ts_parser p ON p.oid = c.cfgparser
  UNION ALL
  SELECT 'pg_ts_dict'::regclass, d.oid, d.dictnamespace, jsonb_build_array(
    t.tmplnamespace::regnamespace, t.tmplname, d.dictinitoption)
  FROM pg_ts_dict d JOIN pg_ts_template t ON t.oid = d.dicttemplate
  UNION ALL
  SELECT 'pg_ts_parser'::regclass, oid, prsnamespace, jsonb_build_array(
    prsstart, prstoken, prsend, prsheadline, prslextype) FROM pg_ts_parser
  UNION ALL
  SELECT 'pg_ts_template'::regclass, oid, tmplnamespace, jsonb_build_array(tmplinit, tmpllexize)
  FROM pg_ts_template
) o, pg_identify_object(o.class, o.oid, 0) i
WHERE o.schema IN (SELECT oid FROM own) AND (o.class, o.oid) NOT IN (SELECT * FROM member)
)sql"},

    DefinitionQuery{"language", R"sql(
SELECT quote_ident(l.lanname), jsonb_build_array(l.lanpltrusted, l.lanplcallfoid::regproc,
  l.laninline::regproc, l.lanvalidator::regproc)
FROM pg_language l
WHERE l.oid >= 16384 AND ('pg_language'::regclass, l.oid) NOT IN (SELECT * FROM member)
)sql"},

    DefinitionQuery{"transform", R"sql(
SELECT i.identity, jsonb_build_array(t.trffromsql, t.trftosql)
FROM pg_transform t, pg_identify_object('pg_transform'::regclass, t.oid, 0) i
WHERE ('pg_transform'::regclass, t.oid) NOT IN (SELECT * FROM member)
)sql"},

    DefinitionQuery{"access-method", R"sql(
SELECT quote_ident(a.amname), jsonb_build_array(a.amhandler, a.amtype) FROM pg_am a
WHERE a.oid >= 16384 AND ('pg_am'::regclass, a.oid) NOT IN (SELECT * FROM member)
)sql"},

    DefinitionQuery{"foreign-data", R"sql(
SELECT 'wrapper ' || quote_ident(w.fdwname), jsonb_build_array(w.fdwhandler::regproc,
  w.fdwvalidator::regproc,
  (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM unnest(w.fdwoptions) o))
FROM pg_foreign_data_wrapper w
WHERE ('pg_foreign_data_wrapper'::regclass, w.oid) NOT IN (SELECT * FROM member)
UNION ALL
SELECT 'server ' || quote_ident(s.srvname), jsonb_build_array(w.fdwname, s.srvtype, s.srvversion,
  (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM unnest(s.srvoptions) o))
FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE ('pg_foreign_server'::regclass, s.oid) NOT IN (SELECT * FROM member)
UNION ALL
SELECT 'user ' || quote_ident(u.usename) || ' of ' || quote_ident(u.srvname), jsonb_build_array(
  (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM unnest(u.umoptions) o))
FROM pg_user_mappings u
)sql"},
};

}  // namespace

std::span<const DefinitionQuery> object_queries() {
  return queries;
}

}  // namespace trackier::postgres
