#pragma once
/// How the catalogs of PostgreSQL are asked what is defined in a database. Of interest inside this
/// area only.
///
/// search_path is pg_catalog: whatever PostgreSQL prints of an object is qualified. Definitions are
/// jsonb, which prints the same content in the same way and tells NULL from nothing. Lists whose
/// order means nothing are sorted. A column of a catalog that not every version has is taken out of
/// the row as jsonb, where it is NULL if it is not there.

#include <limits>
#include <span>

namespace trackier::postgres {

/// Gives names and definitions; or, when `kind` is null, names of what is not compared, and why.
struct DefinitionQuery {
  const char* kind = nullptr;  ///< of content::Object
  const char* sql = nullptr;   ///< follows `own_objects`
  int since = 0;               ///< version of the server, as 150000
  int before = std::numeric_limits<int>::max();
  bool in_words = false;  ///< the definition says it all, and is no secret
};

/// WITH own, the schemas of people; member, what extensions have brought; relation, what is in
/// those schemas and no member; asked.is_dump, the parameter $1.
extern const char* const own_objects;

/// Tables and what belongs to them.
std::span<const DefinitionQuery> relation_queries();
/// Functions, types, and what else a database consists of.
std::span<const DefinitionQuery> object_queries();
/// Owners, rights, comments, settings.
std::span<const DefinitionQuery> property_queries();
/// Of the cluster.
std::span<const DefinitionQuery> global_queries();

}  // namespace trackier::postgres
