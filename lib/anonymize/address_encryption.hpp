#pragma once
/// Addresses in text replaced by encrypted ones (ipcrypt.hpp), in the spelling they came in where
/// that can hold the result.

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anonymize/ipcrypt.hpp"
#include "anonymize/match.hpp"
#include "anonymize/profile.hpp"
#include "anonymize/pseudonymizer.hpp"

namespace trackier::anonymize {

/// Whether the action encrypts addresses.
bool encrypts_addresses(Action action);

/// One per thread.
class AddressEncryption {
 public:
  explicit AddressEncryption(const Pseudonymizer& pseudonymizer) : pseudonymizer_(pseudonymizer) {}

  /// Encrypts the prefixes of these side by side, and remembers them for append(). It saves work
  /// and changes nothing.
  void prepare_prefixes(std::span<const Address> addresses);

  /// Appends what becomes of the address that `text` is in this form; false, and nothing appended,
  /// when it is none.
  bool append(Action action, Form form, std::string_view text, std::string& out);

  /// The way back; none for what cannot be a result of the action.
  std::optional<std::string> original(Action action, Form form, std::string_view text);

 private:
  Address with_prefix(const Address& address);
  PrefixIpcrypt& prefix();
  DeterministicIpcrypt& deterministic();
  NdIpcrypt& nd();
  NdxIpcrypt& ndx();
  Bytes tweak(std::size_t bytes);

  const Pseudonymizer& pseudonymizer_;
  std::unique_ptr<PrefixIpcrypt> prefix_;
  std::unique_ptr<DeterministicIpcrypt> deterministic_;
  std::unique_ptr<NdIpcrypt> nd_;
  std::unique_ptr<NdxIpcrypt> ndx_;
  std::map<AddressBytes, std::array<std::uint8_t, 16>> known_prefixes_;
  std::vector<std::byte> random_;  ///< tweaks, drawn many at a time
  std::array<std::byte, NdxIpcrypt::tweak_bytes> drawn_{};
};

}  // namespace trackier::anonymize
