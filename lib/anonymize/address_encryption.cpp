#include "anonymize/address_encryption.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "anonymize/characters.hpp"
#include "crypto/random.hpp"

namespace trackier::anonymize {

namespace {

void append_hex(Bytes bytes, std::string& out) {
  for (const std::byte byte : bytes) {
    fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned>(byte));
  }
}

/// `result` must be as long as its bytes. False for other text.
bool parse_hex(std::string_view text, MutBytes result) {
  if (text.size() != 2 * result.size() || !std::ranges::all_of(text, character::is_hex)) {
    return false;
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = static_cast<std::byte>(character::hex_value(text[2 * i]) << 4U |
                                       character::hex_value(text[2 * i + 1]));
  }
  return true;
}

}  // namespace

bool encrypts_addresses(Action action) {
  return action == Action::prefix || action == Action::ipcrypt || action == Action::ipcrypt_nd ||
         action == Action::ipcrypt_ndx;
}

PrefixIpcrypt& AddressEncryption::prefix() {
  if (!prefix_) {
    prefix_ = std::make_unique<PrefixIpcrypt>(pseudonymizer_.address_key(Action::prefix));
  }
  return *prefix_;
}

DeterministicIpcrypt& AddressEncryption::deterministic() {
  if (!deterministic_) {
    deterministic_ = std::make_unique<DeterministicIpcrypt>(
        pseudonymizer_.address_key(Action::ipcrypt).first(crypto::AesBlocks::key_bytes));
  }
  return *deterministic_;
}

NdIpcrypt& AddressEncryption::nd() {
  if (!nd_) {
    nd_ = std::make_unique<NdIpcrypt>(
        pseudonymizer_.address_key(Action::ipcrypt_nd).first(crypto::AesBlocks::key_bytes));
  }
  return *nd_;
}

NdxIpcrypt& AddressEncryption::ndx() {
  if (!ndx_) {
    ndx_ = std::make_unique<NdxIpcrypt>(pseudonymizer_.address_key(Action::ipcrypt_ndx));
  }
  return *ndx_;
}

Bytes AddressEncryption::tweak(std::size_t bytes) {
  constexpr std::size_t at_once = 4096;
  if (random_.size() < bytes) {
    random_.resize(at_once);
    crypto::random_bytes(random_);
  }
  std::copy(random_.end() - static_cast<std::ptrdiff_t>(bytes), random_.end(), drawn_.begin());
  random_.resize(random_.size() - bytes);
  return Bytes{drawn_}.first(bytes);
}

void AddressEncryption::prepare_prefixes(std::span<const Address> addresses) {
  constexpr std::size_t most_known = 65'536;
  if (known_prefixes_.size() > most_known) {
    known_prefixes_.clear();
  }
  std::vector<Address> fresh;
  std::vector<AddressBytes> keys;
  for (const Address& address : addresses) {
    const AddressBytes key = bytes_of(address);
    if (known_prefixes_.try_emplace(key).second) {
      fresh.push_back(address);
      keys.push_back(key);
    }
  }
  prefix().encrypt(fresh);
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    known_prefixes_[keys[i]] = fresh[i].bytes;
  }
}

Address AddressEncryption::with_prefix(const Address& address) {
  const auto known = known_prefixes_.find(bytes_of(address));
  Address made = address;
  if (known != known_prefixes_.end()) {
    made.bytes = known->second;
    return made;
  }
  prefix().encrypt({&made, 1});
  return made;
}

bool AddressEncryption::append(Action action, Form form, std::string_view text, std::string& out) {
  const auto address = parse_address(text, form);
  if (!address) {
    return false;
  }
  switch (action) {
    case Action::prefix:
      append_spelled(text, form, with_prefix(*address), out);
      return true;
    case Action::ipcrypt: {
      const AddressBytes encrypted = deterministic().encrypt(bytes_of(*address));
      const bool is_name = form != Form::plain && form != Form::with_port;
      if (is_name) {  // colons would end the name of a host
        append_hex(encrypted, out);
      } else {  // all eight groups, so that a port behind them still stands apart
        append_spelled({}, Form::with_port, address_of(encrypted), out);
      }
      return true;
    }
    case Action::ipcrypt_nd:
      append_hex(nd().encrypt(bytes_of(*address), tweak(NdIpcrypt::tweak_bytes)), out);
      return true;
    default:
      append_hex(ndx().encrypt(bytes_of(*address), tweak(NdxIpcrypt::tweak_bytes)), out);
      return true;
  }
}

std::optional<std::string> AddressEncryption::original(Action action, Form form,
                                                       std::string_view text) {
  std::string made;
  if (action == Action::prefix) {
    const auto address = parse_address(text, form);
    if (!address) {
      return std::nullopt;
    }
    append_spelled(text, form, prefix().decrypt(*address), made);
    return made;
  }
  AddressBytes bytes{};
  NdIpcrypt::Result with_tweak{};
  NdxIpcrypt::Result with_long_tweak{};
  if (action == Action::ipcrypt && parse_hex(text, bytes)) {
    bytes = deterministic().decrypt(bytes);
  } else if (action == Action::ipcrypt && parse_address(text, form)) {
    bytes = deterministic().decrypt(bytes_of(*parse_address(text, form)));
  } else if (action == Action::ipcrypt_nd && parse_hex(text, with_tweak)) {
    bytes = nd().decrypt(with_tweak);
  } else if (action == Action::ipcrypt_ndx && parse_hex(text, with_long_tweak)) {
    bytes = ndx().decrypt(with_long_tweak);
  } else {
    return std::nullopt;
  }
  append_spelled({}, Form::plain, address_of(bytes), made);
  return made;
}

}  // namespace trackier::anonymize
