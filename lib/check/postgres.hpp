#pragma once
/// Whether PostgreSQL can be spoken to without TLS.

#include <string>
#include <vector>

#include "check/finding.hpp"
#include "postgres/connection.hpp"

namespace trackier::check {

struct PostgresSubject {
  std::string source;
  postgres::ConnectionOptions connection;
};

/// A line of pg_hba.conf, as pg_hba_file_rules has it.
struct HbaRule {
  std::string line;
  std::string type;  ///< local, host, hostssl, ...
  std::vector<std::string> databases;
  std::vector<std::string> users;
  std::string address;  ///< empty for local
  std::string netmask;
  std::string method;
  std::string error;  ///< why the server cannot read the line
};

/// The first rule by which somebody gets in over a network without TLS; rules after one that
/// rejects everybody do not count. Lines for addresses of the machine itself do not count either.
/// Throws Error{Code::data} for a line that the server cannot read.
const HbaRule* open_rule(const std::vector<HbaRule>& rules);

Findings check_postgres(const std::vector<PostgresSubject>& sources);

}  // namespace trackier::check
