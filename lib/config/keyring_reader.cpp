#include "config/keyring_reader.hpp"

#include <fmt/format.h>

#include "config/encrypt_reader.hpp"
#include "config/toml_string.hpp"
#include "keys/reference.hpp"

namespace trackier::config {
namespace {

constexpr std::int64_t longest_quarantine_days = 3650;

/// One text or a list of them, each a reference.
std::vector<std::string> read_unlocks(Table& table) {
  std::vector<std::string> unlocks = table.one_or_more_texts("unlock");
  for (const std::string& unlock : unlocks) {
    if (unlock == "passphrase") {
      continue;
    }
    try {
      if (keys::parse_reference(unlock).scheme == keys::Reference::Scheme::keyring) {
        throw Error{Code::config, "the keyring cannot be opened with a key that is in it"};
      }
    } catch (const Error& error) {
      throw table.error("unlock", table.full_name("unlock") + ": " + error.what(), error.hint());
    }
  }
  return unlocks;
}

}  // namespace

Keyring read_keyring(Table& root, Origins& origins) {
  Keyring made;
  auto table = root.table("keyring");
  if (table) {
    if (const auto path = table->path("path")) {
      made.path = *path;
      origins.note(*table, "path", toml_string(*path));
    }
    made.unlock = read_unlocks(*table);
    made.roots = table->texts("roots").value_or(std::vector<std::string>{});
    for (const std::string& each : made.roots) {
      table->expect_absolute("roots", each);
    }
    if (const auto days = table->integer("quarantine_days", 0, longest_quarantine_days)) {
      made.quarantine_days = static_cast<std::uint32_t>(*days);
      origins.note(*table, "quarantine_days", fmt::format("{}", *days));
    }
    table->refuse_others();
  }
  const auto note = [&](std::string_view key, const std::vector<std::string>& texts) {
    if (table) {
      origins.note(*table, key, toml_list(texts));
    } else {
      origins.note_default("keyring." + std::string{key}, toml_list(texts));
    }
  };
  note("unlock", made.unlock);
  note("roots", made.roots);
  return made;
}

}  // namespace trackier::config
