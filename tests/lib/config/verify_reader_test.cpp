// The section [verify], and what is expected of a source.
#include <doctest/doctest.h>

#include <string>

#include "config/settings.hpp"
#include "support/errors.hpp"

namespace trackier::config {
namespace {

using test::contains;
using test::error_of;

Settings settings(const std::string& text) {
  return parse_settings(text, "c.toml");
}

Source source(const std::string& more) {
  return settings("[[source]]\nname = 'shop'\nkind = 'sqlite'\npath = '/srv/shop.db'\n" + more)
      .sources.at(0);
}

std::string refusal(const std::string& expect) {
  const Error error = error_of([&] { source(expect); });
  CHECK(error.code() == Code::config);
  return error.what();
}

TEST_CASE("what is expected of a source, in the order of the file") {
  CHECK(source("").expectations.empty());
  const auto found = source(
      "[[source.expect]]\nname = 'fresh'\nsql = \"SELECT max(at) > $1 FROM clicks\"\nresult = '1'\n"
      "[[source.expect]]\nname = 'no note'\nsql = 'SELECT note FROM t'\nresult = ''\n"
      "database = 'other'\n");
  CHECK(found.expectations.size() == 2);
  CHECK(found.expectations.at(0).name == "fresh");
  CHECK(found.expectations.at(0).sql == "SELECT max(at) > $1 FROM clicks");
  CHECK(found.expectations.at(0).result == "1");
  CHECK(found.expectations.at(0).database.empty());
  CHECK(found.expectations.at(1).result.empty());
  CHECK(found.expectations.at(1).database == "other");
}

TEST_CASE("an expectation is whole, and has a name of its own") {
  const std::string head = "[[source.expect]]\n";
  CHECK(contains(refusal(head + "sql = 'SELECT 1'\nresult = '1'"), "an expectation has no name"));
  CHECK(contains(refusal(head + "name = ''\nsql = 'SELECT 1'\nresult = '1'"), "has no name"));
  CHECK(contains(refusal(head + "name = 'a'\nresult = '1'"), "an expectation has no sql"));
  CHECK(contains(refusal(head + "name = 'a'\nsql = ''\nresult = '1'"), "has no sql"));
  CHECK(contains(refusal(head + "name = 'a'\nsql = 'SELECT 1'"), "expectation a has no result"));
  const std::string whole = head + "name = 'a'\nsql = 'SELECT 1'\nresult = '1'\n";
  CHECK(contains(refusal(whole + whole), "two expectations are named a"));
  CHECK(contains(refusal(whole + "resutl = '2'"), "c.toml:9:1"));
  CHECK(contains(refusal(head + "name = 'a'\nsql = 'SELECT 1'\nresult = 1"), "c.toml:8:"));
}

TEST_CASE("where a drill takes place, and as whom PostgreSQL runs there") {
  CHECK(settings("").verify.scratch.empty());
  CHECK(settings("").verify.user == "postgres");
  const Verify made = settings("[verify]\nscratch = '/srv/drills'\nuser = 'pg'\n").verify;
  CHECK(made.scratch == "/srv/drills");
  CHECK(made.user == "pg");
  for (const char* user : {"root", ""}) {
    const std::string text = "[verify]\nuser = '" + std::string{user} + "'\n";
    CHECK(error_of([&] { settings(text); }).code() == Code::config);
  }
  CHECK(error_of([] { settings("[verify]\nlevel = 'data'\n"); }).code() == Code::config);
}

}  // namespace
}  // namespace trackier::config
