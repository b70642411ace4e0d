// Making a tenant's data unreadable for ever, and keeping it from that.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "confirmation.hpp"
#include "core/text.hpp"
#include "keyring/census.hpp"
#include "keyring/certificate.hpp"
#include "keyring/shred_half.hpp"
#include "keys.hpp"
#include "os/replace_file.hpp"
#include "os/signals.hpp"

namespace trackier::cli::keys_verbs {
namespace {

using Json = nlohmann::ordered_json;
using keyring::Access;
using keyring::KeyringFile;

struct Options {
  KeyringOptions keyring;
  std::optional<std::string> tenant;
  std::optional<std::string> reason;
  std::optional<std::string> confirmation;
  std::optional<std::string> certificate;
  std::optional<std::string> check;
  std::optional<std::string> signer;
  std::vector<std::string> people;
  std::vector<std::string> places;
  std::vector<std::string> paths;
  bool enable = false;
  bool release = false;
  bool dry_run = false;
  bool silent_places = false;
  bool force = false;
};

const std::string& tenant_of(const Options& options) {
  if (!options.tenant) {
    throw Error{Code::usage, "no tenant is named", "pass --tenant"};
  }
  return *options.tenant;
}

int run_hold(Context& context, const Options& options) {
  if (options.release == options.reason.has_value()) {
    throw Error{Code::usage, "a hold has a reason, and its release none",
                "pass --reason TEXT, or --release"};
  }
  KeyringFile file = open_keyring(context, options.keyring, Access::change);
  if (options.release) {
    file.keyring().release(tenant_of(options));
  } else {
    file.keyring().hold(tenant_of(options), *options.reason, now());
  }
  save_keyring(context, file);
  return 0;
}

/// What --enable would do.
void tell_enabling(Context& context, const keyring::Keyring& keys, const keyring::Tenant& tenant) {
  for (const keyring::Key& key : keys.document().keys) {
    if (key.name.tenant == tenant.name && key.secret) {
      context.out().result(fmt::format("{} would need the half\n", to_text(key.name)));
    }
  }
  for (const std::string& place : tenant.half->places) {
    context.out().result(fmt::format("{} would be written\n", printable(place)));
  }
}

int enable(Context& context, const Options& options) {
  if (options.places.empty()) {
    throw Error{Code::usage, "--enable needs a place for the half",
                "name files that are in no backup with --place"};
  }
  std::vector<std::string> places;
  std::ranges::transform(options.places, std::back_inserter(places), [](const auto& place) {
    return std::filesystem::absolute(place).lexically_normal().native();
  });
  KeyringFile file =
      open_keyring(context, options.keyring, options.dry_run ? Access::read : Access::change);
  keyring::Keyring& keys = file.keyring();
  const crypto::Secret half = keys.enable_shredding(tenant_of(options), places, now());
  keyring::check_places_are_free(context.files(), places);
  if (options.dry_run) {
    tell_enabling(context, keys, *keys.tenant(tenant_of(options)));
    return 0;
  }
  keyring::write_half(context.files(), half, places);
  save_keyring(context, file, [&] { keyring::destroy_half(context.files(), places); });
  context.out().note(
      "copies of the keyring from before now open without the half; see to it that no backup "
      "takes the places of the half, and that they are not all on one disk");
  return 0;
}

/// What a shredding would make unreadable.
struct Affected {
  std::vector<envelope::FileId> envelopes;
  std::uint64_t unreadable = 0;
};

Affected affected_by(Context& context, const Options& options, const keyring::Keyring& keys) {
  Affected affected;
  const auto is_theirs = [&](const envelope::KeyId& id) {
    const keyring::Key* const key = keys.find(id);
    return key != nullptr && key->name.tenant == tenant_of(options);
  };
  const auto census = keyring::take_census(context.files(), all_roots(context, options.paths), {},
                                           {.progressed = [](const auto&) {},
                                            .found =
                                                [&](const auto&, const auto& id, const auto& ids) {
                                                  if (std::ranges::any_of(ids, is_theirs)) {
                                                    affected.envelopes.push_back(id);
                                                  }
                                                }},
                                           context.interrupt().token());
  os::throw_if_interrupted();
  for (const auto& [path, why] : census.unreadable) {
    context.out().warning(fmt::format("{}: {}", printable(path.native()), why));
  }
  affected.unreadable = census.unreadable_count;
  return affected;
}

void tell_plan(Context& context, const Options& options, const keyring::Keyring& keys,
               const Affected& affected) {
  const std::string& name = tenant_of(options);
  for (const keyring::Key& key : keys.document().keys) {
    if (key.name.tenant == name && key.state != keyring::State::destroyed) {
      context.out().result(fmt::format("{} {}\n", to_text(key.name), to_text(key.state)));
    }
  }
  if (const keyring::Tenant* const tenant = keys.tenant(name); tenant != nullptr && tenant->half) {
    for (const std::string& place : tenant->half->places) {
      context.out().result(fmt::format("{}\n", printable(place)));
    }
  }
  context.out().result(
      fmt::format("{} envelopes lose a recipient\n", grouped(affected.envelopes.size())));
}

void write_certificate(os::ReplaceFile& file, const std::string& text) {
  file.write(as_bytes(text));
  file.finish();
}

int check_certificate(Context& context, const Options& options) {
  const std::string& pinned = context.settings().encrypt.signer;
  const auto signer = keyring::parse_signer(options.signer.value_or(pinned));
  if (!signer) {
    throw Error{Code::usage, "nothing says whose signature is to be trusted",
                "pass --signer with the key that keys public --signer printed, or set "
                "encrypt.signer"};
  }
  const auto file = context.files().open(*options.check);
  std::string text(keyring::most_document_bytes, '\0');
  std::size_t size = 0;
  for (std::size_t got = 1; got > 0 && size < text.size(); size += got) {
    got = file->read(std::as_writable_bytes(std::span{text}).subspan(size));
  }
  text.resize(size);
  const bool good =
      doing(printable(*options.check), [&] { return keyring::verify_certificate(text, *signer); });
  if (!good) {
    throw Error{Code::verdict,
                fmt::format("{}: not signed by this key", printable(*options.check))};
  }
  context.out().result(
      fmt::format("{}: signed by {}\n", printable(*options.check), keyring::signer_text(*signer)));
  return 0;
}

int shred(Context& context, const Options& options) {
  const std::string& tenant = tenant_of(options);
  keyring::ShredOrder order{.confirmation = tenant,
                            .reason = options.reason.value_or(""),
                            .people = options.people,
                            .accept_silent_places = options.silent_places};
  KeyringFile file =
      open_keyring(context, options.keyring, options.dry_run ? Access::read : Access::change);
  keyring::Keyring& keys = file.keyring();
  const keyring::Tenant* const found = keys.tenant(tenant);
  if (found != nullptr && found->shredding && options.certificate) {
    os::ReplaceFile certificate{context.files(), *options.certificate, {.replace = options.force}};
    write_certificate(certificate, found->shredding->certificate);
    context.out().note(fmt::format("{} was shredded on {}; this is its certificate", tenant,
                                   to_rfc3339(found->shredding->time)));
    return 0;
  }
  if (!options.dry_run) {
    if (!options.certificate) {
      throw Error{Code::usage, "a shredding leaves a certificate", "pass --certificate FILE"};
    }
    keyring::check_people_and_reason(order);
  }
  keys.check_shred(tenant, tenant, now());
  Affected affected = affected_by(context, options, keys);
  if (options.dry_run || !options.confirmation) {
    tell_plan(context, options, keys, affected);
  }
  if (options.dry_run) {
    return 0;
  }
  if (options.confirmation) {
    keys.check_shred(tenant, *options.confirmation, now());
  } else {
    confirm(context, fmt::format("everything of {} becomes unreadable for ever", tenant), tenant,
            fmt::format("pass --confirm {} to do it", tenant));
  }
  const keyring::ShredHalf half = *keys.tenant(tenant)->half;
  if (!options.silent_places) {
    keyring::check_destroyable(context.files(), half);
  }
  os::ReplaceFile certificate{context.files(), *options.certificate, {.replace = options.force}};
  // Saved as it is: that the keyring cannot be saved is found while there is a half.
  file.save(now());
  // From here on nothing may be refused any more: what is asked for was checked. Should the run end
  // early all the same, what was overwritten is there to be met again, or the keyring knows of it.
  order.places = keyring::overwrite_half(context.files(), half);
  keys.note_gone(tenant, order.places);
  file.save(now());
  keyring::remove_half(context.files(), order.places);
  order.files = affected.envelopes.size();
  order.files_root = keyring::root_hash(std::move(affected.envelopes));
  const std::string text = keys.shred(tenant, order, now());
  save_keyring(context, file);
  write_certificate(certificate, text);
  context.out().note(
      fmt::format("{} is shredded; what that does not reach is in the certificate", tenant));
  return affected.unreadable > 0 ? static_cast<int>(Code::verdict) : 0;
}

int run_shred(Context& context, const Options& options) {
  if (options.check) {
    return check_certificate(context, options);
  }
  return options.enable ? enable(context, options) : shred(context, options);
}

}  // namespace

Command make_hold() {
  const auto options = std::make_shared<Options>();
  Command command = keyring_verb(
      "hold", "keep a tenant's keys from being destroyed",
      "While a tenant is held for legal reasons none of its keys is destroyed.", options, run_hold);
  command.option("--tenant", options->tenant, "NAME", "the tenant").required();
  command.option("--reason", options->reason, "TEXT", "why; kept in the keyring");
  command.flag("--release", options->release, "end the hold");
  return command;
}

Command make_shred() {
  const auto options = std::make_shared<Options>();
  Command command =
      keyring_verb("shred", "destroy a tenant's keys, so that its data is unreadable for ever",
                   "First --enable, which makes a half that is kept outside the keyring and its\n"
                   "backups. Later the half and the keys are destroyed, and a signed certificate\n"
                   "says so, and what it does not cover.",
                   options, run_shred);
  command.positionals("PATH", options->paths, "where envelopes are that become unreadable")
      .offers(Offer::files);
  command.option("--tenant", options->tenant, "NAME", "the tenant");
  command.flag("--enable", options->enable, "make the half, in the places that --place names");
  command.option("--place", options->places, "FILE", "a file for the half; may be repeated")
      .offers(Offer::files);
  command.option("--confirm", options->confirmation, "NAME",
                 "the tenant's name again, when nobody is there to type it");
  command.option("--certificate", options->certificate, "FILE", "write the certificate here")
      .offers(Offer::files);
  command.option("--by", options->people, "NAME", "who ordered and did it; may be repeated");
  command.option("--reason", options->reason, "TEXT", "why");
  command.flag("--accept-silent-places", options->silent_places,
               "go on though a place did not acknowledge");
  command.flag("--force", options->force, "replace a certificate that exists");
  command.flag("--dry-run", options->dry_run, "say what would be done");
  command.option("--check", options->check, "FILE", "check the signature of a certificate")
      .offers(Offer::files);
  command.option("--signer", options->signer, "KEY", "the public key that has to have signed it");
  return command;
}

}  // namespace trackier::cli::keys_verbs
