#include "config/audit_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "audit/note.hpp"
#include "config/encrypt_reader.hpp"
#include "config/toml_string.hpp"
#include "core/text.hpp"

namespace trackier::config {
namespace {

void check_origin(const Table& table, const std::string& origin) {
  const bool is_name = std::ranges::none_of(origin, [](char letter) {
    return static_cast<unsigned char>(letter) <= ' ' || letter == '+' ||
           static_cast<unsigned char>(letter) >= 0x7f;
  });
  if (origin.empty() || !is_name) {
    throw table.error(
        "origin",
        fmt::format("{}: {} is no name of a log", table.full_name("origin"), printable(origin)),
        "letters without white space or +, as \"example.org/db1\"");
  }
}

/// of: which kind of key it has to be.
audit::NoteKey read_key(Table& table, audit::KeyKind of) {
  const std::string text = table.text("key").value_or("");
  audit::NoteKey key;
  try {
    key = audit::parse_note_key(text);
  } catch (const Error&) {
    throw table.error("key",
                      fmt::format("{}: {} is no key", table.full_name("key"), printable(text)),
                      "NAME+ID+KEY, as trackier-ctl audit key prints it");
  }
  if (key.kind != of) {
    throw table.error("key",
                      fmt::format("{}: it is the key of a {}", table.full_name("key"),
                                  key.kind == audit::KeyKind::cosignature ? "witness" : "log"),
                      of == audit::KeyKind::cosignature
                          ? "trackier-ctl audit key --witness prints that of a witness"
                          : "trackier-ctl audit key prints that of a log");
  }
  return key;
}

void note_key(Origins& origins, Table& table, const audit::NoteKey& key) {
  origins.note(table, "key", toml_string(audit::to_text(key)));
}

template <typename All>
void refuse_twice(const Table& table, const All& all, const audit::NoteKey& key) {
  if (std::ranges::find(all, key, [](const auto& each) { return each.key; }) != all.end()) {
    throw table.error("key", fmt::format("{}: it is there twice", table.full_name("key")));
  }
}

Audit::Witness read_witness(Table& table, Origins& origins) {
  Audit::Witness made;
  made.key = read_key(table, audit::KeyKind::cosignature);
  table.rename("audit.witness." + made.key.name);
  made.command = table.texts("command").value_or(std::vector<std::string>{});
  if (!made.command.empty()) {
    table.expect_absolute("command", made.command.front());
  }
  table.refuse_others();
  note_key(origins, table, made.key);
  if (!made.command.empty()) {
    origins.note(table, "command", toml_list(made.command));
  }
  return made;
}

Audit::Host read_host(Table& table, Origins& origins) {
  Audit::Host made;
  made.key = read_key(table, audit::KeyKind::ed25519);
  table.rename("audit.host." + made.key.name);
  table.refuse_others();
  note_key(origins, table, made.key);
  return made;
}

}  // namespace

Audit read_audit(Table& root, Origins& origins) {
  constexpr std::int64_t most_witnesses = 16;
  Audit made;
  auto table = root.table("audit");
  if (table) {
    made.is_on = table->boolean("record").value_or(made.is_on);
    if (const auto directory = table->path("directory")) {
      made.directory = *directory;
    }
    if (const auto origin = table->text("origin")) {
      check_origin(*table, *origin);
      made.origin = *origin;
    }
    for (Table& each : table->tables("witness")) {
      auto witness = read_witness(each, origins);
      refuse_twice(each, made.witnesses, witness.key);
      made.witnesses.push_back(std::move(witness));
    }
    for (Table& each : table->tables("host")) {
      auto host = read_host(each, origins);
      refuse_twice(each, made.hosts, host.key);
      made.hosts.push_back(std::move(host));
    }
    if (const auto quorum = table->integer("quorum", 1, most_witnesses)) {
      made.quorum = static_cast<std::size_t>(*quorum);
      if (made.quorum > made.witnesses.size()) {
        throw table->error("quorum",
                           fmt::format("{}: there are {} witnesses", table->full_name("quorum"),
                                       made.witnesses.size()));
      }
    }
    table->refuse_others();
  }
  const auto note = [&](std::string_view key, std::string value) {
    if (table) {
      origins.note(*table, key, std::move(value));
    } else {
      origins.note_default("audit." + std::string{key}, std::move(value));
    }
  };
  note("record", made.is_on ? "true" : "false");
  note("directory", toml_string(made.directory));
  note("origin", toml_string(made.origin));
  note("quorum", fmt::format("{}", made.quorum));
  return made;
}

}  // namespace trackier::config
