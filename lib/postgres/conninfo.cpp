#include "postgres/conninfo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"
#include "os/file.hpp"
#include "postgres/libpq.hpp"

namespace trackier::postgres {
namespace {

constexpr std::array<std::string_view, 5> secrets{"password", "sslpassword", "oauth_client_secret",
                                                  "scram_client_key", "scram_server_key"};

constexpr const char* password_hint =
    "put it into ~/.pgpass (mode 0600, lines host:port:database:user:password), another file that "
    "passfile names, or a service file";

struct FreeOptions {
  void operator()(PQconninfoOption* options) const noexcept { libpq().conninfo_free(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

/// Those that have a value. Refuses secrets if told so.
ConnectionParameters values_of(const Options& options) {
  ConnectionParameters values;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) {
      values[option->keyword] = option->val;
    }
  }
  return values;
}

ConnectionParameters parse(const std::string& conninfo) {
  char* complaint = nullptr;
  const Options options{libpq().conninfo_parse(conninfo.c_str(), &complaint)};
  if (complaint != nullptr) {
    libpq().freemem(complaint);  // not shown: it repeats the word it stumbled over
  }
  if (!options || conninfo.find('\0') != std::string::npos) {
    throw Error{Code::config, "the connection string is not one that libpq understands",
                "write keyword=value, with '' around a value that has spaces, "
                "or postgresql://user@host/database, or service=NAME"};
  }
  ConnectionParameters values = values_of(options);
  for (const std::string_view secret : secrets) {
    if (values.contains(std::string{secret})) {
      throw Error{Code::config,
                  fmt::format("the connection string has a secret in it ({})", secret),
                  password_hint};
    }
  }
  return values;
}

/// What libpq takes for what is not said: from the environment, and the service that PGSERVICE
/// names.
ConnectionParameters defaults() {
  const Options options{libpq().conndefaults()};
  if (!options) {
    throw std::bad_alloc{};
  }
  ConnectionParameters values = values_of(options);
  for (const std::string_view secret : secrets) {
    values.erase(std::string{secret});
  }
  return values;
}

std::string value_of(const ConnectionParameters& values, const std::string& keyword) {
  const auto found = values.find(keyword);
  return found == values.end() ? std::string{} : found->second;
}

bool verifies(const std::string& sslmode) {
  return sslmode == "verify-full" || sslmode == "verify-ca";
}

/// Whether each of the hosts is a directory with a socket in it, or an abstract socket. An empty
/// one is the default, which is such a directory.
bool all_sockets(std::string_view hosts) {
  while (!hosts.empty()) {
    const std::size_t end = std::min(hosts.find(','), hosts.size());
    if (end != 0 && hosts.front() != '/' && hosts.front() != '@') {
      return false;
    }
    hosts.remove_prefix(std::min(end + 1, hosts.size()));
  }
  return true;
}

/// Only when it is certain. What a service file says is read by libpq while it connects.
bool is_local(const ConnectionParameters& given, const ConnectionParameters& otherwise) {
  const bool named_service = given.contains("service");
  for (const char* const keyword : {"hostaddr", "host"}) {
    const bool said = given.contains(keyword);
    if (!said && named_service) {
      return false;
    }
    const std::string value = value_of(said ? given : otherwise, keyword);
    if (keyword == std::string_view{"host"} ? !all_sockets(value) : !value.empty()) {
      return false;
    }
  }
  return true;
}

void secure(ConnectionParameters& given) {
  const ConnectionParameters otherwise = defaults();
  const std::string sslmode = value_of(given, "sslmode");
  if (sslmode.empty()) {
    const std::string usual = value_of(otherwise, "sslmode");
    given["sslmode"] = verifies(usual) ? usual : "verify-full";
  } else if (!verifies(sslmode) && !is_local(given, otherwise)) {
    throw Error{
        Code::config,
        fmt::format("sslmode={} does not check which server it talks to", printable(sslmode, 20)),
        "leave it out or write verify-full, with sslrootcert=FILE where the server's "
        "authority is not in ~/.postgresql/root.crt; or connect by a socket of the "
        "machine, host=/run/postgresql"};
  }
}

void check_passfile(const std::filesystem::path& path) {
  const std::string shown = printable(path.native());
  const auto status = os::posix().status(path);
  if (!status || status->kind != os::FileStatus::Kind::regular) {
    throw Error{Code::no_input, fmt::format("there is no password file {}", shown)};
  }
  if ((status->mode & 077U) != 0) {  // libpq would pass over it, and say so to standard error
    throw Error{Code::no_permission, fmt::format("{} can be read by others", shown),
                fmt::format("chmod 600 {}", shown)};
  }
}

void complete(ConnectionParameters& values, const ConnectionOptions& options) {
  if (!options.passfile.empty()) {
    check_passfile(options.passfile);
    values["passfile"] = options.passfile.native();
  }
  values.emplace("connect_timeout", std::to_string(options.connect_timeout.count()));
  // A server that is gone without a word is noticed within minutes, not hours.
  values.emplace("keepalives_idle", "60");
  values.emplace("tcp_user_timeout", "60000");
  values.emplace("gssencmode", "disable");  // it would take the place of TLS
  values["application_name"] = "trackier-ctl";
  values.erase("replication");
  values.erase("client_encoding");
  if (options.replication) {
    values["replication"] = "true";
    values["dbname"] = "replication";  // what such connections are called in .pgpass
  } else {
    if (!options.database.empty()) {
      values["dbname"] = options.database;
    }
    values["client_encoding"] = "UTF8";
  }
}

}  // namespace

ConnectionParameters connection_parameters(const ConnectionOptions& options) {
  ConnectionParameters values = parse(options.conninfo);
  secure(values);
  complete(values, options);
  return values;
}

ConnectionParameters plain_parameters(const ConnectionOptions& options) {
  ConnectionParameters values = parse(options.conninfo);
  complete(values, options);
  return values;
}

bool is_local_socket(const ConnectionOptions& options) {
  return is_local(parse(options.conninfo), defaults());
}

std::string conninfo_of(const ConnectionParameters& parameters) {
  std::string text;
  for (const auto& [keyword, value] : parameters) {
    if (keyword == "replication" || keyword == "client_encoding") {
      continue;
    }
    text += fmt::format("{}{}='", text.empty() ? "" : " ", keyword);
    for (const char letter : value) {
      if (letter == '\'' || letter == '\\') {
        text += '\\';
      }
      text += letter;
    }
    text += '\'';
  }
  return text;
}

}  // namespace trackier::postgres
