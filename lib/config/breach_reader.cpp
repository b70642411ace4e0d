#include "config/breach_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/encrypt_reader.hpp"
#include "config/toml_string.hpp"
#include "core/text.hpp"
#include "keyring/recipient_line.hpp"
#include "os/zone.hpp"

namespace trackier::config {
namespace {

void check_zone(const Table& table, const std::string& name) {
  try {
    const os::Zone known{name};
  } catch (const Error& error) {
    throw table.error("zone", fmt::format("{}: {}", table.full_name("zone"), error.what()),
                      error.hint());
  }
}

void check_country(const Table& table, const std::string& code) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (!code.empty() && (code.size() != 2 || !std::ranges::all_of(code, is_capital))) {
    throw table.error("establishment",
                      fmt::format("{}: {} is no code of a country",
                                  table.full_name("establishment"), printable(code)),
                      "two capital letters as in ISO 3166-1: DE");
  }
}

void check_roles(const Table& table, const std::vector<std::string>& roles) {
  for (const std::string& role : roles) {
    if (role != "processor" && role != "controller") {
      throw table.error("roles",
                        fmt::format("{}: {} is no role", table.full_name("roles"), printable(role)),
                        "roles are processor, of customers' data, and controller, of one's own");
    }
  }
  if (roles.empty()) {
    throw table.error("roles", table.full_name("roles") + ": a company has one or the other");
  }
}

/// A name in the notices is a line of text.
std::string one_line(Table& table, const char* key) {
  auto text = table.text(key).value_or("");
  if (text.find_first_of("\r\n") != std::string::npos) {
    throw table.error(key, table.full_name(key) + ": more than one line");
  }
  return text;
}

/// "org.name" may be written as org.name = "..." or in a table [breach.facts.org].
void read_facts(Table& table, const std::string& before, std::map<std::string, std::string>& facts,
                Origins& origins) {
  for (const std::string& key : table.keys()) {
    const std::string name = before + key;
    if (table.is_text(key)) {
      if (!facts.emplace(name, *table.text(key)).second) {
        throw table.error(key, table.full_name(key) + ": is there already");
      }
      origins.note(table, key, toml_string(facts[name]));
    } else if (auto inner = table.table(key)) {
      read_facts(*inner, name + ".", facts, origins);
    }
  }
  table.refuse_others();
}

}  // namespace

Breach read_breach(Table& root, Origins& origins) {
  Breach made;
  auto table = root.table("breach");
  if (table) {
    for (const auto& [key, into] :
         {std::pair{"directory", &made.directory}, std::pair{"regimes", &made.regimes},
          std::pair{"holidays", &made.holidays}, std::pair{"texts", &made.texts}}) {
      if (const auto path = table->path(key)) {
        *into = *path;
      }
    }
    made.zone = table->text("zone").value_or(made.zone);
    check_zone(*table, made.zone);
    made.establishment = table->text("establishment").value_or("");
    check_country(*table, made.establishment);
    if (const auto roles = table->texts("roles")) {
      check_roles(*table, *roles);
      made.roles = *roles;
    }
    made.signers = table->one_or_more_texts("signers");
    for (const std::string& signer : made.signers) {
      if (!keyring::parse_signer(signer)) {
        throw table->error("signers",
                           table->full_name("signers") + ": not a public key for signatures",
                           "43 characters of base64; trackier-ctl breach head shows who signs");
      }
    }
    if (auto facts = table->table("facts")) {
      read_facts(*facts, "", made.facts, origins);
    }
    table->refuse_others();
  }
  const auto note = [&](std::string_view key, std::string value) {
    if (table) {
      origins.note(*table, key, std::move(value));
    } else {
      origins.note_default("breach." + std::string{key}, std::move(value));
    }
  };
  note("directory", toml_string(made.directory));
  note("zone", toml_string(made.zone));
  note("establishment", toml_string(made.establishment));
  note("roles", toml_list(made.roles));
  note("regimes", toml_string(made.regimes));
  note("holidays", toml_string(made.holidays));
  note("texts", toml_string(made.texts));
  note("signers", toml_list(made.signers));
  return made;
}

void read_customer(Table& table, Tenant& tenant, Origins& origins) {
  for (const auto& [key, into] :
       {std::pair{"customer", &tenant.customer}, std::pair{"contact_name", &tenant.contact_name},
        std::pair{"contact_email", &tenant.contact_email}}) {
    *into = one_line(table, key);
    if (!into->empty()) {
      origins.note(table, key, toml_string(*into));
    }
  }
  tenant.domains = table.one_or_more_texts("domains");
  if (!tenant.domains.empty()) {
    origins.note(table, "domains", toml_list(tenant.domains));
  }
}

}  // namespace trackier::config
