#include "envelope/identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/once.hpp"
#include "crypto/base64.hpp"
#include "crypto/hpke.hpp"
#include "crypto/scrypt.hpp"
#include "crypto/shamir.hpp"
#include "envelope/officer_info.hpp"
#include "envelope/recipient.hpp"
#include "envelope/stanza_rules.hpp"
#include "envelope/wrap.hpp"
#include "os/signals.hpp"

namespace trackier::envelope {
namespace {

/// An argument the parser has checked.
template <std::size_t Size>
std::array<std::byte, Size> decoded(const std::string& argument) {
  std::array<std::byte, Size> bytes{};
  if (!crypto::from_base64(argument, bytes)) {
    throw Error{Code::bug, "a stanza was not checked"};
  }
  return bytes;
}

constexpr std::size_t sealed_key_bytes = data_key_bytes + tag_bytes;

crypto::HpkeMessage message_of(const std::string& encapsulated, const std::string& sealed) {
  const auto bytes = decoded<sealed_key_bytes>(sealed);
  return {.encapsulated = decoded<32>(encapsulated), .sealed = {bytes.begin(), bytes.end()}};
}

UnwrapResult result_of(std::optional<crypto::Secret> data_key) {
  if (!data_key) {
    return {.outcome = Unwrapped::refused, .data_key = {}};
  }
  return {.outcome = Unwrapped::opened, .data_key = std::move(*data_key)};
}

/// Tries the stanzas that `is_mine` with `open`, until one opens.
template <typename IsMine, typename Open>
UnwrapResult first_that_opens(const std::vector<Stanza>& stanzas, IsMine is_mine, Open open) {
  UnwrapResult result;
  for (const Stanza& stanza : stanzas) {
    if (is_mine(stanza)) {
      result = result_of(open(stanza));
      if (result.outcome == Unwrapped::opened) {
        break;
      }
    }
  }
  return result;
}

class PrivateKeyIdentity final : public Identity {
 public:
  explicit PrivateKeyIdentity(crypto::Secret key)
      : key_(std::move(key)), id_(to_text(key_id_of(crypto::x25519_public(key_)))) {}

  [[nodiscard]] UnwrapResult unwrap(const std::vector<Stanza>& stanzas,
                                    const FileId& id) const override {
    return first_that_opens(
        stanzas,
        [this](const Stanza& stanza) {
          return stanza.type == hpke_type && stanza.arguments[0] == id_;
        },
        [&](const Stanza& stanza) {
          return crypto::hpke_open(key_, as_bytes(info_for(hpke_type, id)),
                                   message_of(stanza.arguments[1], stanza.arguments[2]));
        });
  }

 private:
  crypto::Secret key_;
  std::string id_;
};

class WrappingKeyIdentity final : public Identity {
 public:
  explicit WrappingKeyIdentity(crypto::Secret key)
      : key_(std::move(key)), id_(to_text(key_id_of(key_))) {}

  [[nodiscard]] UnwrapResult unwrap(const std::vector<Stanza>& stanzas,
                                    const FileId& id) const override {
    return first_that_opens(
        stanzas,
        [this](const Stanza& stanza) {
          return stanza.type == kek_type && stanza.arguments[0] == id_;
        },
        [&](const Stanza& stanza) {
          return open_once(key_.bytes(), decoded<32>(stanza.arguments[1]), info_for(kek_type, id),
                           decoded<sealed_key_bytes>(stanza.arguments[2]));
        });
  }

 private:
  crypto::Secret key_;
  std::string id_;
};

class PassphraseIdentity final : public Identity {
 public:
  explicit PassphraseIdentity(std::function<crypto::Secret()> ask) : ask_(std::move(ask)) {}

  [[nodiscard]] UnwrapResult unwrap(const std::vector<Stanza>& stanzas,
                                    const FileId& id) const override {
    UnwrapResult result = first_that_opens(
        stanzas, [](const Stanza& stanza) { return stanza.type == scrypt_type; },
        [&](const Stanza& stanza) {
          asked_.call([this] { passphrase_ = ask_(); });
          const auto log_n = parse_number(stanza.arguments[1], least_log_n, most_log_n);
          const crypto::Secret key =
              crypto::scrypt(passphrase_.bytes(), decoded<16>(stanza.arguments[0]),
                             static_cast<unsigned>(log_n.value_or(most_log_n)));
          return open_once(key.bytes(), {}, info_for(scrypt_type, id),
                           decoded<sealed_key_bytes>(stanza.arguments[2]));
        });
    result.by_passphrase = true;
    return result;
  }

 private:
  std::function<crypto::Secret()> ask_;
  mutable Once asked_;
  mutable crypto::Secret passphrase_;
};

class DataKeyIdentity final : public Identity {
 public:
  explicit DataKeyIdentity(crypto::Secret data_key) : data_key_(std::move(data_key)) {}

  [[nodiscard]] UnwrapResult unwrap(const std::vector<Stanza>& /*stanzas*/,
                                    const FileId& /*id*/) const override {
    return {Unwrapped::opened, crypto::Secret::copy_of(data_key_.bytes())};
  }

 private:
  crypto::Secret data_key_;
};

class OfficerSharesIdentity final : public Identity {
 public:
  explicit OfficerSharesIdentity(std::vector<OfficerShare> shares) : shares_(std::move(shares)) {}

  [[nodiscard]] UnwrapResult unwrap(const std::vector<Stanza>& stanzas,
                                    const FileId& /*id*/) const override {
    for (const Stanza& stanza : stanzas) {
      if (stanza.type != officer_type) {
        continue;
      }
      std::vector<crypto::ShamirPoint> points;
      for (const OfficerShare& share : shares_) {
        const bool is_new =
            std::ranges::find(points, share.x, &crypto::ShamirPoint::x) == points.end();
        if (share.set == stanza.arguments[1] && is_new) {
          points.push_back({.x = share.x, .y = crypto::Secret::copy_of(share.y.bytes())});
        }
      }
      const auto threshold = parse_number(stanza.arguments[2], 2, most_stanzas).value_or(0);
      if (!points.empty() && points.size() < threshold) {
        throw Error{Code::no_permission,
                    fmt::format("{} of the {} officers who are needed have approved", points.size(),
                                threshold),
                    "one approval alone opens nothing: ask another officer"};
      }
      if (!points.empty()) {
        return {.outcome = Unwrapped::opened, .data_key = crypto::shamir_interpolate(points)};
      }
    }
    return {};
  }

 private:
  std::vector<OfficerShare> shares_;
};

/// "hpke 751ad66208221df1, 2 officers of 3", for a person who looks for the right key.
std::string recipients_of(const Block& block) {
  std::vector<std::string> named;
  for (const Stanza& stanza : block.stanzas) {
    named.push_back(stanza.type == scrypt_type || stanza.arguments.empty()
                        ? stanza.type
                        : fmt::format("{} {}", stanza.type, stanza.arguments[0]));
  }
  return fmt::format("{}", fmt::join(named, ", "));
}

}  // namespace

std::shared_ptr<const Identity> private_key_identity(crypto::Secret x25519_key) {
  return std::make_shared<PrivateKeyIdentity>(std::move(x25519_key));
}

std::shared_ptr<const Identity> wrapping_key_identity(crypto::Secret key) {
  return std::make_shared<WrappingKeyIdentity>(std::move(key));
}

std::shared_ptr<const Identity> passphrase_identity(std::function<crypto::Secret()> ask) {
  return std::make_shared<PassphraseIdentity>(std::move(ask));
}

std::shared_ptr<const Identity> data_key_identity(const crypto::Secret& data_key) {
  return std::make_shared<DataKeyIdentity>(crypto::Secret::copy_of(data_key.bytes()));
}

std::shared_ptr<const Identity> officer_shares_identity(std::vector<OfficerShare> shares) {
  return std::make_shared<OfficerSharesIdentity>(std::move(shares));
}

std::optional<OfficerShare> open_officer_share(const crypto::Secret& x25519_key,
                                               const Block& block) {
  const std::string mine = to_text(key_id_of(crypto::x25519_public(x25519_key)));
  for (const Stanza& stanza : block.stanzas) {
    if (stanza.type != officer_type || stanza.arguments[0] != mine) {
      continue;
    }
    KeyId set{};
    parse_id(stanza.arguments[1], set);
    const auto threshold = parse_number(stanza.arguments[2], 2, most_stanzas);
    const auto x = parse_number(stanza.arguments[3], 1, most_stanzas);
    if (!threshold || !x) {
      throw Error{Code::bug, "a stanza was not checked"};
    }
    const std::string info =
        officer_info(block.id, set, static_cast<unsigned>(*threshold), static_cast<unsigned>(*x));
    auto share = crypto::hpke_open(x25519_key, as_bytes(info),
                                   message_of(stanza.arguments[4], stanza.arguments[5]));
    if (!share) {
      throw Error{Code::data, "the officer's share does not open: someone changed the head"};
    }
    return OfficerShare{.set = stanza.arguments[1],
                        .threshold = static_cast<std::uint8_t>(*threshold),
                        .x = static_cast<std::uint8_t>(*x),
                        .y = std::move(*share)};
  }
  return std::nullopt;
}

Unlocked unlock(const Head& head, const Identities& identities, const std::string& name) {
  bool refused = false;
  bool by_passphrase = false;
  bool forged = false;
  std::set<const Identity*> without_key;
  std::exception_ptr why_without;
  for (const std::size_t i : head.order) {
    const Block& block = head.blocks[i].block;
    for (const auto& identity : identities) {
      if (without_key.contains(identity.get())) {
        continue;
      }
      UnwrapResult result;
      try {
        result = doing(name, [&] { return identity->unwrap(block.stanzas, block.id); });
      } catch (const os::Interrupted&) {
        throw;
      } catch (const Error&) {  // its key cannot be had; another may do
        without_key.insert(identity.get());
        why_without = why_without ? why_without : std::current_exception();
        continue;
      }
      if (result.outcome == Unwrapped::opened) {
        if (is_authentic(head.bytes[i], block, result.data_key)) {
          return {.data_key = std::move(result.data_key), .block = i};
        }
        forged = true;
      }
      if (result.outcome == Unwrapped::refused) {
        refused = true;
        by_passphrase = by_passphrase || result.by_passphrase;
      }
    }
  }
  if (forged) {
    throw Error{Code::data,
                fmt::format("{}: the head was changed by someone without the key", name)};
  }
  if (why_without) {
    std::rethrow_exception(why_without);
  }
  if (refused && by_passphrase) {
    throw Error{Code::no_permission, fmt::format("{}: the passphrase is wrong", name)};
  }
  if (refused) {
    throw Error{
        Code::data,
        fmt::format("{}: the head was changed: the stanza for this key does not open", name)};
  }
  throw Error{Code::no_permission, fmt::format("{}: not sealed for this key", name),
              fmt::format("it is sealed for: {}", recipients_of(head.current()))};
}

}  // namespace trackier::envelope
