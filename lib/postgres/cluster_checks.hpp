#pragma once
/// What PostgreSQL's own programs say of a restored cluster.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/scratch_server.hpp"

namespace trackier::postgres {

/// How a program has judged. Throws nothing for damage: that is what it was run for.
/// A program that had no room has not judged: Error{Code::io}.
struct Judged {
  std::string command;  ///< what was run, for people
  bool is_sound = false;
  std::vector<std::string> messages;  ///< what it complains of, a line each, printable
  std::uint64_t checked = 0;          ///< objects
};

/// pg_verifybackup: files against the manifest the server made. Before anything is changed in
/// `data`. Throws Error{Code::unavailable} when the program is missing.
Judged verify_backup(const ScratchOptions& options);

/// pg_amcheck, with each table's rows looked up in its indexes. Makes the extension amcheck in
/// every database. Throws Error{Code::unavailable} when it or the extension is missing.
Judged check_relations(const ScratchServer& server, unsigned jobs);

/// pg_checksums, of a cluster that is stopped. Throws Error{Code::unavailable} when the program is
/// missing, or the cluster has no checksums.
Judged check_checksums(const ScratchOptions& options);

/// A collation that sorts otherwise than when indexes were made by it.
struct DifferingCollation {
  std::string name;  ///< "database shop", "collation public.de"
  std::string recorded;
  std::string actual;
};
struct Collations {
  std::uint64_t databases = 0;
  std::vector<DifferingCollation> differing;
};
/// Of all databases of the cluster.
Collations collations_of(const ScratchServer& server);

/// What may differ between two machines and make the same data behave differently: versions of the
/// server and of the libraries that sort text.
std::map<std::string, std::string> facts_of(Connection& connection);

/// Those that can be connected to, without template0.
std::vector<std::string> databases_of(Connection& connection);

}  // namespace trackier::postgres
