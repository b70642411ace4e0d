// What the keys are for: opening, and vouching for recipients.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/once.hpp"
#include "envelope/stanza.hpp"
#include "keyring/keyring.hpp"

namespace trackier::keyring {
namespace {

const Series signing_series{std::string{house}, Purpose::audit_sign};

/// A key of the keyring as an identity. Its secret is opened when the first stanza names it, once.
class KeyIdentity final : public envelope::Identity {
 public:
  KeyIdentity(const Key& key, std::function<crypto::Secret()> open,
              std::function<void(const Key&)> used)
      : key_(key),
        text_(envelope::to_text(key.id)),
        open_(std::move(open)),
        used_(std::move(used)) {}

  [[nodiscard]] envelope::UnwrapResult unwrap(const std::vector<envelope::Stanza>& stanzas,
                                              const envelope::FileId& id) const override {
    const bool is_mine = std::ranges::any_of(stanzas, [this](const envelope::Stanza& stanza) {
      return stanza.type == "hpke" && !stanza.arguments.empty() && stanza.arguments[0] == text_;
    });
    if (!is_mine) {
      return {};
    }
    opened_.call([this] { identity_ = envelope::private_key_identity(open_()); });
    auto result = identity_->unwrap(stanzas, id);
    if (result.outcome == envelope::Unwrapped::opened) {
      used_(key_);
    }
    return result;
  }

 private:
  const Key& key_;
  std::string text_;
  std::function<crypto::Secret()> open_;
  std::function<void(const Key&)> used_;
  mutable Once opened_;
  mutable std::shared_ptr<const envelope::Identity> identity_;
};

}  // namespace

crypto::Secret Keyring::half_of(std::string_view tenant_name) const {
  const Tenant* const owner = tenant(tenant_name);
  if (owner == nullptr || !owner->half) {
    return {};
  }
  auto half = halves_ ? halves_(*owner) : std::nullopt;
  if (!half && !owner->half->gone.empty()) {
    throw Error{Code::no_permission,
                fmt::format("the half that {}'s keys need was destroyed, by a shredding that has "
                            "not come to its end",
                            tenant_name),
                "trackier-ctl keys shred, run again, ends it"};
  }
  if (!half) {
    throw Error{Code::no_permission,
                fmt::format("the half that {}'s keys need is in none of its places", tenant_name),
                "mount the place it is in, or bring it back"};
  }
  if (half->size() != secret_bytes || id_of_half(*half) != owner->half->id) {
    throw Error{Code::no_permission, fmt::format("what was found is not {}'s half", tenant_name)};
  }
  return *std::move(half);
}

namespace {

/// What there is to do about a key that does not decrypt.
std::string cure_of(const Key& key) {
  switch (key.state) {
    case State::pending:
      return fmt::format("trackier-ctl keys mark --as active {} puts it to use", to_text(key.name));
    case State::suspended:
      return "--allow-suspended uses it nevertheless";
    case State::retired:
      return fmt::format("trackier-ctl keys retire --undo {} takes that back", to_text(key.name));
    case State::active:
    case State::decrypt_only:
    case State::compromised:
    case State::destroyed:
      break;
  }
  return {};
}

}  // namespace

crypto::Secret Keyring::open(const Key& key) const {
  return open_secret(*key.secret, key.name, root_key_, half_of(key.name.tenant));
}

OpenedSecret Keyring::secret_of(const KeyName& name, const SecretUse& use) const {
  const Key& found = key(name);
  const Decrypts may = decrypts(found.state);
  if (may == Decrypts::no || (may == Decrypts::when_asked && !use.allow_suspended)) {
    throw Error{Code::no_permission, fmt::format("{} is {}", to_text(name), to_text(found.state)),
                cure_of(found)};
  }
  return {.secret = open(found), .compromised = may == Decrypts::with_warning};
}

envelope::Identities Keyring::identities(const IdentityOptions& options) const {
  envelope::Identities found;
  for (const Key& key : document_.keys) {
    if (seals_envelopes(key.name.purpose)) {
      found.push_back(std::make_shared<KeyIdentity>(
          key,
          [this, &key, use = SecretUse{options.allow_suspended}] {
            return secret_of(key.name, use).secret;
          },
          options.used));
    }
  }
  return found;
}

const Key& Keyring::signing_key() const {
  const Key* const found = active(signing_series);
  if (found == nullptr) {
    throw Error{Code::no_permission,
                fmt::format("there is no active {} to sign with", to_text(signing_series)),
                fmt::format("trackier-ctl keys new {}", to_text(signing_series))};
  }
  return *found;
}

RecipientLine Keyring::recipient_line(const KeyName& name) const {
  const Key& found = key(name);
  if (!seals_envelopes(name.purpose)) {
    throw Error{Code::no_permission, fmt::format("{} seals no envelopes", to_text(name))};
  }
  if (found.state != State::active && found.state != State::pending) {
    throw Error{Code::no_permission,
                fmt::format("{} is {}, and nothing more is to be sealed for it", to_text(name),
                            to_text(found.state))};
  }
  RecipientLine line{
      .name = name, .key = *found.public_key, .not_after = found.not_after, .signature = {}};
  sign(line, open(signing_key()));
  return line;
}

std::optional<crypto::Ed25519Public> Keyring::signer() const {
  const Key* const found = active(signing_series);
  return found == nullptr ? std::nullopt : found->public_key;
}

}  // namespace trackier::keyring
