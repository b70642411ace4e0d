#include "config/settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/alerts_reader.hpp"
#include "config/audit_reader.hpp"
#include "config/backup_reader.hpp"
#include "config/breach_reader.hpp"
#include "config/check_reader.hpp"
#include "config/document.hpp"
#include "config/encrypt_reader.hpp"
#include "config/keyring_reader.hpp"
#include "config/names.hpp"
#include "config/origins.hpp"
#include "config/profile_reader.hpp"
#include "config/smtp_reader.hpp"
#include "config/toml_string.hpp"
#include "config/verify_reader.hpp"
#include "core/text.hpp"
#include "keys/reference.hpp"
#include "os/whole_file.hpp"

namespace trackier::config {

namespace {

constexpr std::size_t largest_file = 1024 * 1024;

class Reader {
 public:
  explicit Reader(const std::string& file) : origins_(file) { settings_.file = file; }

  Settings read(Table root) {
    read_keys(root);
    if (auto table = root.table("profile")) {
      for (const std::string& name : table->keys()) {
        check_name(*table, name);
        auto inner = table->table(name);
        settings_.profiles.emplace(name, profiles_.read(*inner, name));
      }
    }
    if (auto table = root.table("tenant")) {
      for (const std::string& name : table->keys()) {
        check_name(*table, name);
        auto inner = table->table(name);
        read_tenant(*inner, name);
      }
    }
    read_anonymize(root);
    settings_.encrypt = read_encrypt(root, origins_);
    settings_.keyring = read_keyring(root, origins_);
    settings_.backup = read_backup(root, origins_);
    settings_.verify = read_verify(root, origins_);
    settings_.breach = read_breach(root, origins_);
    settings_.smtp = read_smtp(root, origins_);
    settings_.audit = read_audit(root, origins_);
    settings_.alerts = read_alerts(root, settings_.smtp, origins_);
    settings_.check = read_check(root, origins_);
    settings_.sources = read_sources(root, settings_, origins_);
    root.refuse_others();
    settings_.origins = origins_.take();
    std::ranges::stable_sort(settings_.origins, {}, &Origin::key);
    return std::move(settings_);
  }

 private:
  void read_keys(Table& root) {
    auto table = root.table("keys");
    if (!table) {
      return;
    }
    for (const std::string& name : table->keys()) {
      check_name(*table, name);
      const std::string reference = *table->text(name);
      try {
        keys::parse_reference(reference, Code::config);
      } catch (const Error& error) {
        throw table->error(name, table->full_name(name) + ": " + error.what(), error.hint());
      }
      settings_.keys.emplace(name, reference);
      origins_.note(*table, name, toml_string(reference));
    }
  }

  void check_profile(const Table& table, std::string_view key, const std::string& name) const {
    if (settings_.profiles.contains(name)) {
      return;
    }
    std::vector<std::string> names;
    for (const auto& [known, profile] : settings_.profiles) {
      names.push_back(known);
    }
    throw table.error(
        key, fmt::format("{}: no profile is named {}", table.full_name(key), printable(name)),
        names.empty() ? "describe it in a section [profile." + printable(name) + "]"
                      : suggestion(name, names));
  }

  void read_tenant(Table& table, const std::string& name) {
    Tenant tenant;
    if (const auto profile = table.text("profile")) {
      check_profile(table, "profile", *profile);
      tenant.profile = *profile;
      origins_.note(table, "profile", toml_string(*profile));
    }
    if (const auto key = table.text("key")) {
      profiles_.check_key(table, "key", *key);
      tenant.key = *key;
      origins_.note(table, "key", toml_string(*key));
    }
    tenant.recipients = read_recipients(table, "recipients");
    if (!tenant.recipients.empty()) {
      origins_.note(table, "recipients", toml_list(tenant.recipients));
    }
    if (const auto file = table.text("recipients_file")) {
      tenant.recipients_file = *file;
      origins_.note(table, "recipients_file", toml_string(*file));
    }
    read_customer(table, tenant, origins_);
    table.refuse_others();
    settings_.tenants.emplace(name, tenant);
  }

  void read_anonymize(Table& root) {
    auto table = root.table("anonymize");
    Anonymize& made = settings_.anonymize;
    if (table) {
      if (const auto profile = table->text("profile")) {
        check_profile(*table, "profile", *profile);
        made.profile = *profile;
      }
      made.min_parsed = table->number("min_parsed", 0, 1).value_or(made.min_parsed);
      made.threads =
          static_cast<unsigned>(table->integer("threads", 0, 256).value_or(made.threads));
      table->refuse_others();
    }
    const auto note = [&](std::string_view key, std::string value) {
      if (table) {
        origins_.note(*table, key, std::move(value));
      } else {
        origins_.note_default("anonymize." + std::string{key}, std::move(value));
      }
    };
    note("profile", toml_string(made.profile));
    note("min_parsed", fmt::format("{}", made.min_parsed));
    note("threads", fmt::format("{}", made.threads));
  }

  Settings settings_;
  Origins origins_;
  ProfileReader profiles_{settings_.keys, origins_};
};

}  // namespace

Settings parse_settings(std::string_view text, const std::string& file) {
  const Document document{text, file};
  return Reader{file}.read(document.root());
}

Settings load_settings(os::FileSystem& files, const SettingsPlaces& places) {
  std::optional<std::filesystem::path> path = places.named;
  if (!path) {
    const auto there = std::ranges::find_if(
        places.usual, [&files](const auto& each) { return files.status(each).has_value(); });
    if (there == places.usual.end()) {
      Settings settings = parse_settings("", "");
      settings.file.clear();
      return settings;
    }
    path = *there;
  }
  const std::string text = [&] {
    try {
      return os::read_whole(files, *path, largest_file);
    } catch (const Error& error) {
      if (error.code() != Code::data) {
        throw;
      }
      throw Error{Code::config, error.what(), "settings are a few lines of TOML"};
    }
  }();
  return parse_settings(text, path->string());
}

}  // namespace trackier::config
