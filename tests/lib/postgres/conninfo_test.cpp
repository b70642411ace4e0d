#include "postgres/conninfo.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::postgres {
namespace {

using test::contains;
using test::error_of;
using test::message_of;

ConnectionParameters parameters(const std::string& conninfo) {
  return connection_parameters({.conninfo = conninfo});
}

/// A variable of the process for as long as it lives: libpq reads them.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  Variable(Variable&&) = delete;
  Variable& operator=(Variable&&) = delete;
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

TEST_CASE("a connection string says what it says, whichever way it is written") {
  for (const std::string conninfo :
       {"host=db1 port=5433 dbname=orders user=backup", "postgresql://backup@db1:5433/orders"}) {
    const ConnectionParameters found = parameters(conninfo);
    CHECK(found.at("host") == "db1");
    CHECK(found.at("port") == "5433");
    CHECK(found.at("dbname") == "orders");
    CHECK(found.at("user") == "backup");
    CHECK(found.at("application_name") == "trackier-ctl");
    CHECK(found.at("client_encoding") == "UTF8");
    CHECK(found.at("connect_timeout") == "10");
    CHECK_FALSE(found.contains("replication"));
  }
  CHECK(parameters("service=orders").at("service") == "orders");
  CHECK(parameters("connect_timeout=3").at("connect_timeout") == "3");
}

TEST_CASE("a connection for replication is called that in .pgpass, too") {
  const ConnectionParameters found =
      connection_parameters({.conninfo = "host=/tmp dbname=orders", .replication = true});
  CHECK(found.at("replication") == "true");
  CHECK(found.at("dbname") == "replication");
  CHECK_FALSE(found.contains("client_encoding"));
}

TEST_CASE("a password in a connection string is refused and not repeated") {
  for (const std::string conninfo :
       {"host=/tmp password=sesame", "host=/tmp password = 'sesame'", "password=sesame",
        "postgresql://backup:sesame@db1/orders", "postgresql://db1/orders?password=sesame",
        "host=db1 sslpassword=sesame", "password=''"}) {
    const Error error = error_of([&] { parameters(conninfo); });
    CHECK(error.code() == Code::config);
    CHECK(contains(message_of(error), "has a secret in it"));
    CHECK(contains(error.hint(), ".pgpass"));
    CHECK_FALSE(contains(message_of(error) + error.hint(), "sesame"));
  }
}

TEST_CASE("a connection string that is none is refused and not repeated") {
  for (const std::string conninfo : {"password=open sesame", "sesame", "host=db1 sesame=1",
                                     "host='sesame", "postgresql://[sesame/", "pasword=sesame"}) {
    const Error error = error_of([&] { parameters(conninfo); });
    CHECK(error.code() == Code::config);
    CHECK_FALSE(contains(message_of(error) + error.hint(), "sesame"));
  }
  CHECK(error_of([] { parameters(std::string{"host=a\0b", 8}); }).code() == Code::config);
}

TEST_CASE("over TCP the server has to prove who it is") {
  CHECK(parameters("host=db1").at("sslmode") == "verify-full");
  CHECK(parameters("host=db1 sslmode=verify-full").at("sslmode") == "verify-full");
  CHECK(parameters("host=db1 sslmode=verify-ca").at("sslmode") == "verify-ca");
  CHECK(parameters("").at("sslmode") == "verify-full");
  CHECK(parameters("service=orders").at("sslmode") == "verify-full");
  for (const std::string conninfo :
       {"host=db1 sslmode=disable", "host=db1 sslmode=require", "host=db1 sslmode=prefer",
        "hostaddr=127.0.0.1 sslmode=allow", "host=/tmp hostaddr=127.0.0.1 sslmode=require",
        "host=/tmp,db1 sslmode=require", "host=localhost sslmode=require",
        "service=orders sslmode=require", "host=db1 sslmode=nonsense",
        "postgresql://db1/orders?sslmode=require"}) {
    CAPTURE(conninfo);
    const Error error = error_of([&] { parameters(conninfo); });
    CHECK(error.code() == Code::config);
    CHECK(contains(message_of(error), "does not check which server it talks to"));
    CHECK(contains(error.hint(), "verify-full"));
  }
}

TEST_CASE("for a socket of the machine any sslmode will do, for it means nothing there") {
  for (const std::string conninfo :
       {"host=/run/postgresql sslmode=disable", "sslmode=disable", "host=@abstract sslmode=prefer",
        "host='' sslmode=require", "host=/a,/b sslmode=require"}) {
    CAPTURE(conninfo);
    CHECK_NOTHROW(parameters(conninfo));
  }
}

TEST_CASE("variables can say more, but not less") {
  {
    const Variable mode{"PGSSLMODE", "verify-ca"};
    CHECK(parameters("host=db1").at("sslmode") == "verify-ca");
  }
  {
    const Variable mode{"PGSSLMODE", "disable"};
    CHECK(parameters("host=db1").at("sslmode") == "verify-full");
  }
  const Variable host{"PGHOST", "db1"};
  CHECK_THROWS_AS(parameters("sslmode=disable"), Error);
  CHECK_NOTHROW(parameters("host=/tmp sslmode=disable"));
}

TEST_CASE("a password file must be there, and nobody else's business") {
  const test::TemporaryDirectory directory;
  const auto good = directory.write("good", "*:*:*:*:x", 0600);
  CHECK(connection_parameters({.passfile = good}).at("passfile") == good.string());
  const auto open = directory.write("open", "*:*:*:*:x", 0640);
  const Error error = error_of([&] { connection_parameters({.passfile = open}); });
  CHECK(error.code() == Code::no_permission);
  CHECK(error.hint() == "chmod 600 " + open.string());
  CHECK(error_of([&] { connection_parameters({.passfile = directory / "none"}); }).code() ==
        Code::no_input);
}

TEST_CASE("what tools are told reads as what libpq was told") {
  const std::string text =
      conninfo_of({{"dbname", "it's a \\ name"}, {"host", "/tmp"}, {"replication", "true"}});
  CHECK(text == "dbname='it\\'s a \\\\ name' host='/tmp'");
  CHECK(parameters(text).at("dbname") == "it's a \\ name");
}

}  // namespace
}  // namespace trackier::postgres
