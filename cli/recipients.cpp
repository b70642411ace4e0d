#include "recipients.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "config/names.hpp"
#include "config/recipient.hpp"
#include "core/text.hpp"
#include "envelope/stanza.hpp"
#include "os/whole_file.hpp"

namespace trackier::cli {
namespace {

using config::GivenRecipient;

constexpr std::size_t largest_file = 1024 * 1024;

constexpr const char* how_to_name_one =
    "pass -r with a public key or a recipient line, -R with a file of them, --tenant, or "
    "--passphrase; trackier-ctl-encrypt(1), RECIPIENTS, says how to make one";

/// Where a recipient was named.
struct Place {
  std::string name;          ///< for messages, printable
  Code wrong = Code::usage;  ///< when it is none
  bool settings = false;     ///< where the pinned key stands, too
};

Error at(const Place& place, const Error& error) {
  return Error{place.wrong, fmt::format("{}: {}", place.name, error.what()), error.hint()};
}

/// Puts the list together; a key that is there already is not added again.
class Collector {
 public:
  Collector(Context& context, const RecipientOptions& options)
      : context_(context),
        options_(options),
        now_(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())) {
    if (const std::string& text = context.settings().encrypt.signer; !text.empty()) {
      signer_ = keyring::parse_signer(text);
    }
  }

  void add(const std::string& text, const Place& place) {
    const GivenRecipient given = checked(text, place, config::parse_recipient);
    const std::string id = envelope::to_text(envelope::key_id_of(given.key));
    if (std::ranges::find(list_.key_ids, id) != list_.key_ids.end()) {
      return;
    }
    list_.recipients.push_back(envelope::public_key_recipient(given.key));
    list_.described.push_back(given.line ? fmt::format("{} {}", id, to_text(given.line->name))
                                         : id);
    list_.key_ids.push_back(id);
    list_.keys.push_back(given.key);
    ++stanzas_;
  }

  void add_file(const std::string& name) {
    const std::string text = os::read_whole(context_.files(), name, largest_file);
    const std::size_t before = named_;
    std::size_t number = 0;
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      ++number;
      if (line.ends_with('\r')) {
        line.remove_suffix(1);
      }
      if (!line.empty() && !line.starts_with('#')) {
        add(std::string{line},
            {.name = fmt::format("{}:{}", printable(name), number), .wrong = Code::data});
        ++named_;
      }
    }
    if (named_ == before) {
      throw Error{Code::data, fmt::format("{} names no recipient", printable(name)),
                  "one on each line; lines that begin with # are skipped"};
    }
  }

  void add_officers(const config::Encrypt& settings) {
    if (settings.officers.empty()) {
      return;
    }
    std::vector<crypto::X25519Public> keys;
    const Place place{.name = "encrypt.officers", .wrong = Code::config, .settings = true};
    for (const std::string& officer : settings.officers) {
      const auto key = checked(officer, place, config::parse_officer).key;
      if (std::ranges::find(keys, key) != keys.end()) {
        throw Error{Code::config, "encrypt.officers names the same key twice",
                    "one officer would count for two"};
      }
      keys.push_back(key);
      list_.key_ids.push_back(envelope::to_text(envelope::key_id_of(key)));
    }
    stanzas_ += keys.size();
    list_.described.push_back(
        fmt::format("{} of {} officers", settings.officers_threshold, keys.size()));
    list_.recipients.push_back(
        envelope::officers_recipient(std::move(keys), settings.officers_threshold));
  }

  [[nodiscard]] bool empty() const { return list_.recipients.empty(); }

  RecipientList take() {
    if (stanzas_ > envelope::most_stanzas) {
      throw Error{Code::usage,
                  fmt::format("{} recipients are more than the {} an envelope can have", stanzas_,
                              envelope::most_stanzas)};
    }
    return std::move(list_);
  }

 private:
  template <typename Parse>
  GivenRecipient checked(const std::string& text, const Place& place, Parse parse) const {
    GivenRecipient given;
    try {
      given = parse(text);
    } catch (const Error& error) {
      throw at(place, error);
    }
    check_line(given, place);
    return given;
  }

  void check_line(const GivenRecipient& given, const Place& place) const {
    if (given.line && keyring::is_expired(*given.line, now_)) {
      throw Error{Code::no_permission,
                  fmt::format("{}: the time of {} was over on {}", place.name,
                              to_text(given.line->name), to_rfc3339(*given.line->not_after)),
                  "get the line of the key that is active now"};
    }
    if (!signer_) {
      return;
    }
    if (given.line && !keyring::is_signed_by(*given.line, *signer_)) {
      throw Error{Code::no_permission,
                  fmt::format("{}: the line of {} is not signed by the key in encrypt.signer",
                              place.name, to_text(given.line->name)),
                  "someone may have exchanged it: get it again from who made the key"};
    }
    if (!given.line && !place.settings && !options_.unsigned_recipient) {
      throw Error{Code::no_permission,
                  fmt::format("{}: a bare key, and the settings demand signed lines", place.name),
                  "use its recipient line, or pass --unsigned-recipient"};
    }
  }

  Context& context_;
  const RecipientOptions& options_;
  Time now_;
  std::optional<crypto::Ed25519Public> signer_;
  RecipientList list_;
  std::size_t stanzas_ = 0;
  std::size_t named_ = 0;  ///< in files
};

void refuse_with_passphrase(const RecipientOptions& options, const config::Encrypt& settings) {
  if (!options.recipients.empty() || !options.files.empty() || options.tenant) {
    throw Error{Code::usage, "an envelope with a passphrase has no other recipients",
                "leave -r, -R and --tenant out, or --passphrase"};
  }
  if (!settings.escrow.empty() || !settings.officers.empty()) {
    throw Error{Code::usage,
                "the settings demand escrow or officers, and an envelope with a passphrase has no "
                "other recipients",
                "name a recipient instead"};
  }
}

void add_tenant(Collector& collector, const config::Settings& settings, const std::string& name) {
  if (!config::is_name(name)) {
    throw Error{Code::usage, fmt::format("--tenant: {} is not a name", printable(name)),
                config::what_a_name_is};
  }
  const auto found = settings.tenants.find(name);
  if (found == settings.tenants.end() ||
      (found->second.recipients.empty() && found->second.recipients_file.empty())) {
    throw Error{Code::usage, fmt::format("the settings name no recipients of tenant {}", name),
                fmt::format("set recipients or recipients_file in [tenant.{}]", name)};
  }
  for (const std::string& text : found->second.recipients) {
    collector.add(text, {.name = fmt::format("tenant.{}.recipients", name),
                         .wrong = Code::config,
                         .settings = true});
  }
  if (!found->second.recipients_file.empty()) {
    collector.add_file(found->second.recipients_file);
  }
}

using Texts = std::vector<std::string>;

void add_all(Collector& collector, const Texts& texts, const char* key) {
  for (const std::string& text : texts) {
    collector.add(text, {.name = key, .wrong = Code::config, .settings = true});
  }
}

void add_named(Collector& collector, Context& context, const RecipientOptions& options) {
  for (const std::string& text : options.recipients) {
    collector.add(text, {.name = "-r"});
  }
  for (const std::string& file : options.files) {
    collector.add_file(file);
  }
  if (options.tenant) {
    add_tenant(collector, context.settings(), *options.tenant);
  }
}

}  // namespace

RecipientList recipients_of(Context& context, const RecipientOptions& options) {
  const config::Settings& settings = context.settings();
  if (options.passphrase) {
    refuse_with_passphrase(options, settings.encrypt);
    return {.recipients = {}, .described = {"a passphrase"}, .key_ids = {}};
  }
  Collector collector{context, options};
  add_named(collector, context, options);
  if (collector.empty()) {
    add_all(collector, settings.encrypt.recipients, "encrypt.recipients");
  }
  if (collector.empty()) {
    throw Error{Code::usage, "nobody is named who could open what is encrypted", how_to_name_one};
  }
  add_all(collector, settings.encrypt.escrow, "encrypt.escrow");
  collector.add_officers(settings.encrypt);
  return collector.take();
}

KnownRecipients known_recipients(Context& context, const RecipientOptions& options) {
  const config::Encrypt& settings = context.settings().encrypt;
  Collector collector{context, options};
  add_named(collector, context, options);
  add_all(collector, settings.recipients, "encrypt.recipients");
  add_all(collector, settings.escrow, "encrypt.escrow");
  KnownRecipients known;
  for (const crypto::X25519Public& key : collector.take().keys) {
    known.keys[envelope::key_id_of(key)] = key;
  }
  Collector officers{context, options};
  officers.add_officers(settings);
  if (!officers.empty()) {
    known.officers = officers.take().recipients.front();
  }
  return known;
}

}  // namespace trackier::cli
