#include <array>

#include "postgres/content_queries.hpp"

namespace trackier::postgres {
namespace {

constexpr std::array properties{
    // Extensions belong to whoever restores, and so does what they bring. Whose "public" is, a dump
    // says from 15 on.
    DefinitionQuery{.kind = "owner",
                    .sql = R"sql(
SELECT o.name, pg_get_userbyid(o.owner) FROM asked, (
  SELECT 'pg_class'::regclass AS class, r.oid, relowner AS owner,
    CASE r.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'matview ' WHEN 'S' THEN 'sequence '
      WHEN 'c' THEN 'type ' ELSE 'table ' END || name AS name
  FROM relation r WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
    AND NOT (r.relkind = 'S' AND EXISTS (SELECT FROM pg_depend d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.deptype IN ('a', 'i')
        AND d.refclassid = 'pg_class'::regclass))
  UNION ALL
  SELECT 'pg_namespace'::regclass, oid, nspowner, 'schema ' || quote_ident(nspname)
  FROM pg_namespace WHERE oid IN (SELECT oid FROM own)
    AND NOT (nspname = 'public' AND (SELECT is_dump FROM asked)
      AND current_setting('server_version_num')::int < 150000)
  UNION ALL
  SELECT 'pg_proc'::regclass, oid, proowner, 'function ' || oid::regprocedure FROM pg_proc
  WHERE pronamespace IN (SELECT oid FROM own)
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, t.typowner, 'type ' || t.oid::regtype FROM pg_type t
  WHERE t.typnamespace IN (SELECT oid FROM own) AND t.typtype IN ('e', 'd', 'r', 'b')
    AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
  UNION ALL
  SELECT o.class, o.oid, o.owner, i.type || ' ' || i.identity FROM (
    SELECT 'pg_operator'::regclass AS class, oid, oprowner AS owner FROM pg_operator
    UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfowner FROM pg_opfamily
    UNION ALL SELECT 'pg_opclass'::regclass, oid, opcowner FROM pg_opclass
    UNION ALL SELECT 'pg_collation'::regclass, oid, collowner FROM pg_collation
    UNION ALL SELECT 'pg_conversion'::regclass, oid, conowner FROM pg_conversion
    UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgowner FROM pg_ts_config
    UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictowner FROM pg_ts_dict
    UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxowner FROM pg_statistic_ext
    UNION ALL SELECT 'pg_language'::regclass, oid, lanowner FROM pg_language
    UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, fdwowner FROM pg_foreign_data_wrapper
    UNION ALL SELECT 'pg_foreign_server'::regclass, oid, srvowner FROM pg_foreign_server
    UNION ALL SELECT 'pg_event_trigger'::regclass, oid, evtowner FROM pg_event_trigger
    UNION ALL SELECT 'pg_publication'::regclass, oid, pubowner FROM pg_publication
  ) o, pg_identify_object(o.class, o.oid, 0) i WHERE o.oid >= 16384
  UNION ALL
  SELECT 'pg_database'::regclass, oid, datdba, 'database' FROM pg_database
  WHERE datname = current_database()
) o WHERE (o.class, o.oid) NOT IN (SELECT * FROM member)
)sql",
                    .in_words = true},

    // Only rights that are not those an object is made with. Of what the server or an extension has
    // made: with; the owner's own do not count then, for a restore has another. Who has granted
    // them
    // is left out. What was granted and revoked again leaves no trace.
    DefinitionQuery{"rights", R"sql(
, given AS (
  SELECT 'pg_class'::regclass AS class, c.oid, 0 AS sub, n.oid IN (SELECT oid FROM own) AS is_ours,
    c.relowner AS owner,
    CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END AS kind, c.relacl AS acl,
    CASE WHEN c.relkind = 'S' THEN 'sequence ' ELSE 'table ' END ||
      quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relacl IS NOT NULL
    AND n.nspname !~ '^(pg_toast|pg_temp|information_schema$)'
  UNION ALL
  SELECT 'pg_class'::regclass, c.oid, a.attnum, n.oid IN (SELECT oid FROM own), c.relowner, 'c',
    a.attacl, 'column ' || quote_ident(a.attname) || ' of ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND n.nspname !~ '^(pg_toast|pg_temp|information_schema$)'
  UNION ALL
  SELECT 'pg_namespace'::regclass, oid, 0, nspname <> 'public' AND oid IN (SELECT oid FROM own), nspowner,
    'n', nspacl, 'schema ' || quote_ident(nspname)
  FROM pg_namespace WHERE nspacl IS NOT NULL AND nspname !~ '^(pg_toast|pg_temp|information_schema$)'
  UNION ALL
  SELECT 'pg_proc'::regclass, oid, 0, pronamespace IN (SELECT oid FROM own), proowner, 'f', proacl,
    'function ' || oid::regprocedure FROM pg_proc WHERE proacl IS NOT NULL
  UNION ALL
  SELECT 'pg_type'::regclass, oid, 0, typnamespace IN (SELECT oid FROM own), typowner, 'T', typacl,
    'type ' || oid::regtype   FROM pg_type WHERE typacl IS NOT NULL
  UNION ALL
  SELECT 'pg_language'::regclass, oid, 0, oid >= 16384, lanowner, 'l', lanacl,
    'language ' || quote_ident(lanname) FROM pg_language WHERE lanacl IS NOT NULL
  UNION ALL
  SELECT 'pg_foreign_data_wrapper'::regclass, oid, 0, true, fdwowner, 'F', fdwacl,
    'wrapper ' || quote_ident(fdwname)
  FROM pg_foreign_data_wrapper WHERE fdwacl IS NOT NULL
  UNION ALL
  SELECT 'pg_foreign_server'::regclass, oid, 0, true, srvowner, 'S', srvacl,
    'server ' || quote_ident(srvname) FROM pg_foreign_server WHERE srvacl IS NOT NULL
  UNION ALL
  SELECT 'pg_database'::regclass, oid, 0, true, datdba, 'd', datacl, 'database'
  FROM pg_database WHERE datname = current_database() AND datacl IS NOT NULL
), compared AS (
  SELECT g.*, m.objid IS NOT NULL OR NOT g.is_ours AS is_foreign,
    coalesce(i.initprivs, CASE WHEN g.kind <> 'c' THEN acldefault(g.kind::"char", g.owner) END)
      AS made_with
  FROM given g LEFT JOIN member m ON m.classid = g.class AND m.objid = g.oid
  LEFT JOIN pg_init_privs i ON i.classoid = g.class AND i.objoid = g.oid AND i.objsubid = g.sub
)
SELECT c.name, now_.list FROM compared c, LATERAL (
  SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_array(CASE WHEN a.grantee <> 0 THEN
    pg_get_userbyid(a.grantee) END, a.privilege_type, a.is_grantable)), '[]') AS list
  FROM aclexplode(c.acl) a WHERE NOT (c.is_foreign AND a.grantee = c.owner)) now_, LATERAL (
  SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_array(CASE WHEN a.grantee <> 0 THEN
    pg_get_userbyid(a.grantee) END, a.privilege_type, a.is_grantable)), '[]') AS list
  FROM aclexplode(c.made_with) a WHERE NOT (c.is_foreign AND a.grantee = c.owner)) then_
WHERE now_.list <> then_.list
)sql"},

    DefinitionQuery{"rights", R"sql(
SELECT concat_ws(' ', 'defaults', d.defaclobjtype, 'of', d.defaclrole::regrole,
  'in ' || NULLIF(d.defaclnamespace, 0)::regnamespace),
  (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_array(CASE WHEN a.grantee <> 0 THEN
     pg_get_userbyid(a.grantee) END, a.privilege_type, a.is_grantable)), '[]')
   FROM aclexplode(d.defaclacl) a)
FROM pg_default_acl d
)sql"},

    DefinitionQuery{"comment", R"sql(
SELECT i.type || ' ' || i.identity, d.description
FROM asked, pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
WHERE (d.objoid >= 16384 OR d.classoid = 'pg_largeobject'::regclass
    OR (d.classoid, d.objoid) IN (SELECT 'pg_namespace'::regclass, oid FROM own
      WHERE current_setting('server_version_num')::int >= 150000 OR NOT asked.is_dump))
  AND (d.classoid, d.objoid) NOT IN (SELECT * FROM member)
  AND coalesce(i.schema, '') !~ '^pg_temp'
UNION ALL
SELECT 'database', description FROM pg_shdescription
WHERE classoid = 'pg_database'::regclass
  AND objoid = (SELECT oid FROM pg_database WHERE datname = current_database())
)sql"},

    DefinitionQuery{"label", R"sql(
SELECT l.provider || ' of ' || i.type || ' ' || i.identity, l.label
FROM pg_seclabel l, pg_identify_object(l.classoid, l.objoid, l.objsubid) i
WHERE coalesce(i.schema, '') !~ '^pg_temp'
)sql"},

    DefinitionQuery{"setting", R"sql(
SELECT CASE WHEN s.setrole = 0 THEN 'database' ELSE 'role ' || s.setrole::regrole END,
  (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM unnest(s.setconfig) o)
FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
WHERE d.datname = current_database()
)sql"},

    DefinitionQuery{"database", R"sql(
SELECT 'properties', jsonb_build_object('encoding', pg_encoding_to_char(d.encoding),
  'collate', d.datcollate, 'ctype', d.datctype, 'limit', d.datconnlimit,
  'template', d.datistemplate, 'provider', to_jsonb(d) ->> 'datlocprovider',
  'locale', coalesce(to_jsonb(d) ->> 'daticulocale', to_jsonb(d) ->> 'datlocale'),
  'rules', to_jsonb(d) ->> 'daticurules')
FROM pg_database d WHERE d.datname = current_database()
)sql"},
};

constexpr std::array globals{
    DefinitionQuery{"role", R"sql(
SELECT quote_ident(r.rolname), jsonb_build_object(
  'superuser', r.rolsuper, 'inherit', r.rolinherit, 'createrole', r.rolcreaterole,
  'createdb', r.rolcreatedb, 'login', r.rolcanlogin, 'replication', r.rolreplication,
  'bypassrls', r.rolbypassrls, 'limit', r.rolconnlimit, 'until', r.rolvaliduntil,
  'member of', (SELECT jsonb_agg(DISTINCT jsonb_build_array(m.roleid::regrole, m.admin_option,
     to_jsonb(m) -> 'inherit_option', to_jsonb(m) -> 'set_option'))
   FROM pg_auth_members m WHERE m.member = r.oid),
  'settings', (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM pg_db_role_setting s,
     unnest(s.setconfig) o WHERE s.setrole = r.oid AND s.setdatabase = 0),
  'comment', shobj_description(r.oid, 'pg_authid'))
FROM pg_roles r WHERE r.rolname !~ '^pg_'
)sql"},

    // pg_dumpall does not write it.
    DefinitionQuery{"setting", R"sql(
SELECT 'every role', (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM unnest(s.setconfig) o)
FROM asked, pg_db_role_setting s WHERE s.setrole = 0 AND s.setdatabase = 0 AND NOT asked.is_dump
)sql"},

    // Before 15 a tablespace has to be somewhere, and a dump is restored without.
    DefinitionQuery{"tablespace", R"sql(
SELECT quote_ident(t.spcname), jsonb_build_array(pg_get_userbyid(t.spcowner),
  (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM unnest(t.spcoptions) o),
  shobj_description(t.oid, 'pg_tablespace'),
  (SELECT jsonb_agg(DISTINCT jsonb_build_array(CASE WHEN a.grantee <> 0 THEN
     pg_get_userbyid(a.grantee) END, a.privilege_type, a.is_grantable))
   FROM aclexplode(coalesce(t.spcacl, acldefault('t', t.spcowner))) a))
FROM asked, pg_tablespace t WHERE t.spcname !~ '^pg_'
  AND (NOT asked.is_dump OR current_setting('server_version_num')::int >= 150000)
)sql"},

    DefinitionQuery{.kind = nullptr,
                    .sql = R"sql(
SELECT 'tablespace ', quote_ident(t.spcname), 'a restore elsewhere does without'
FROM asked, pg_tablespace t WHERE t.spcname !~ '^pg_' AND asked.is_dump
)sql",
                    .before = 150000},

    DefinitionQuery{.kind = "rights",
                    .sql = R"sql(
SELECT 'parameter ' || p.parname, (SELECT jsonb_agg(DISTINCT jsonb_build_array(CASE WHEN
  a.grantee <> 0 THEN pg_get_userbyid(a.grantee) END, a.privilege_type, a.is_grantable))
  FROM aclexplode(p.paracl) a)
FROM pg_parameter_acl p
)sql",
                    .since = 150000},

    DefinitionQuery{nullptr, R"sql(
SELECT 'database ', quote_ident(datname), 'it does not allow connections' FROM asked, pg_database
WHERE NOT datallowconn AND datname <> 'template0' AND NOT asked.is_dump
)sql"},
};

}  // namespace

std::span<const DefinitionQuery> property_queries() {
  return properties;
}

std::span<const DefinitionQuery> global_queries() {
  return globals;
}

}  // namespace trackier::postgres
