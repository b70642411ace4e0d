#pragma once
/// Where a PostgreSQL server is and how it is spoken to: what the user wrote, made safe.
///
/// What the user leaves out libpq takes from the variables PGHOST, PGDATABASE, PGSERVICE, ... of
/// the process, from service files, and from ~/.pgpass; so do the server's tools. Passwords come
/// from there alone.

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

namespace trackier::postgres {

struct ConnectionOptions {
  /// "host=db1 dbname=orders user=backup", "postgresql://backup@db1/orders", "service=orders", as
  /// in section 34.1.1 of PostgreSQL's manual; empty: all from the environment.
  std::string conninfo;
  std::string database;                      ///< another one than `conninfo` says; empty: that
  std::filesystem::path passfile;            ///< as ~/.pgpass; empty: the one libpq finds
  bool replication = false;                  ///< speak the replication protocol, for BaseBackup
  std::chrono::seconds connect_timeout{10};  ///< unless `conninfo` has one; for all hosts together
};

/// Keywords of libpq and their values.
using ConnectionParameters = std::map<std::string, std::string>;

/// What is handed to libpq. Over TCP the server has to prove who it is: sslmode is verify-full
/// where nothing is said, or verify-ca when `conninfo` or PGSSLMODE says that; a weaker one is
/// refused. Connections through a socket of the machine are not encrypted, and sslmode means
/// nothing there. Throws Error{Code::config} for a text that is none, one with a password in it,
/// and an sslmode that checks nothing; the text is not repeated in errors, for it may hold secrets.
/// Throws Error{Code::no_input} or Error{Code::no_permission} for a passfile that is not there or
/// that others may read.
ConnectionParameters connection_parameters(const ConnectionOptions& options);

/// The same without the demand that sslmode checks anything, for a probe.
ConnectionParameters plain_parameters(const ConnectionOptions& options);

/// Whether it is certain that the connection goes through a socket of the machine. Throws what
/// connection_parameters() throws for a text that is none.
bool is_local_socket(const ConnectionOptions& options);

/// What connection_parameters() returns as a text, for the tools' option --dbname, without what is
/// only for replication.
std::string conninfo_of(const ConnectionParameters& parameters);

}  // namespace trackier::postgres
