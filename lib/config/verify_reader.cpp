#include "config/verify_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/toml_string.hpp"
#include "core/text.hpp"

namespace trackier::config {
namespace {

std::string required(Table& table, std::string_view key, const char* hint) {
  const auto text = table.text(key);
  if (!text || text->empty()) {
    throw table.error(key, fmt::format("an expectation has no {}", key), hint);
  }
  return *text;
}

}  // namespace

Verify read_verify(Table& root, Origins& origins) {
  Verify made;
  auto table = root.table("verify");
  if (table) {
    if (const auto scratch = table->path("scratch")) {
      made.scratch = *scratch;
    }
    made.user = table->text("user").value_or(made.user);
    if (made.user.empty() || made.user == "root") {
      throw table->error("user",
                         fmt::format("{}: PostgreSQL does not run as {}", table->full_name("user"),
                                     made.user.empty() ? "nobody in particular" : "root"),
                         "name an ordinary user, as postgres");
    }
    table->refuse_others();
  }
  const auto note = [&](std::string_view key, std::string value) {
    if (table) {
      origins.note(*table, key, std::move(value));
    } else {
      origins.note_default("verify." + std::string{key}, std::move(value));
    }
  };
  note("scratch", toml_string(made.scratch));
  note("user", toml_string(made.user));
  return made;
}

std::vector<Expectation> read_expectations(Table& source) {
  std::vector<Expectation> all;
  for (Table& table : source.tables("expect")) {
    Expectation made{.name = required(table, "name", "name = \"the newest click is fresh\""),
                     .sql = required(table, "sql", "sql = \"SELECT count(*) > 0 FROM clicks\""),
                     .result = {},
                     .database = table.text("database").value_or("")};
    const auto result = table.text("result");
    if (!result) {
      throw table.error("result", fmt::format("expectation {} has no result", printable(made.name)),
                        "result = \"t\": what the statement gives, as text; of SQLite \"1\"");
    }
    made.result = *result;
    if (std::ranges::find(all, made.name, &Expectation::name) != all.end()) {
      throw table.error("name", fmt::format("two expectations are named {}", printable(made.name)));
    }
    table.refuse_others();
    all.push_back(std::move(made));
  }
  return all;
}

}  // namespace trackier::config
