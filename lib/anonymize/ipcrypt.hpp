#pragma once
/// Addresses encrypted by the methods of draft-denis-ipcrypt ("Methods for IP Address Encryption
/// and Obfuscation"), and back. Addresses are 16 bytes there, IPv4 as ::ffff:a.b.c.d.

#include <array>
#include <span>
#include <vector>

#include "anonymize/addresses.hpp"
#include "core/bytes.hpp"
#include "crypto/aes_blocks.hpp"
#include "crypto/kiasu.hpp"

namespace trackier::anonymize {

using AddressBytes = crypto::AesBlock;

/// IPv4 as ::ffff:a.b.c.d, however it was embedded.
AddressBytes bytes_of(const Address& address);

/// The address of these bytes; of ::ffff:0:0/96 an IPv4 address.
Address address_of(const AddressBytes& bytes);

/// ipcrypt-deterministic: AES-128. Equal addresses give equal results.
class DeterministicIpcrypt {
 public:
  explicit DeterministicIpcrypt(Bytes key) : aes_(key) {}  ///< key: 16 bytes
  AddressBytes encrypt(const AddressBytes& address);
  AddressBytes decrypt(const AddressBytes& encrypted);

 private:
  crypto::AesBlocks aes_;
};

/// ipcrypt-nd: KIASU-BC. The result begins with the tweak, which has to be random each time.
class NdIpcrypt {
 public:
  static constexpr std::size_t tweak_bytes = 8;
  using Result = std::array<std::byte, 24>;

  explicit NdIpcrypt(Bytes key) : kiasu_(key) {}  ///< key: 16 bytes
  [[nodiscard]] Result encrypt(const AddressBytes& address, Bytes tweak) const;
  [[nodiscard]] AddressBytes decrypt(const Result& encrypted) const;

 private:
  crypto::Kiasu kiasu_;
};

/// ipcrypt-ndx: AES-128 in XTS, one block. The same with a tweak of 16 bytes.
class NdxIpcrypt {
 public:
  static constexpr std::size_t tweak_bytes = 16;
  using Result = std::array<std::byte, 32>;

  /// key: 32 bytes, the two halves different. Throws Error{Code::bug} otherwise.
  explicit NdxIpcrypt(Bytes key);
  Result encrypt(const AddressBytes& address, Bytes tweak);
  AddressBytes decrypt(const Result& encrypted);

 private:
  AddressBytes mask_of(Bytes tweak);

  crypto::AesBlocks data_;
  crypto::AesBlocks tweak_;
};

/// ipcrypt-pfx: addresses that share their first n bits give results that share their first n bits.
/// The family stays. What each bit of the result depends on is the address alone, so that all bits
/// of many addresses are computed side by side.
class PrefixIpcrypt {
 public:
  /// key: 32 bytes, the two halves different. Throws Error{Code::bug} otherwise.
  explicit PrefixIpcrypt(Bytes key);

  /// In place. Embeddings stay as they are.
  void encrypt(std::span<Address> addresses);

  [[nodiscard]] Address decrypt(const Address& encrypted);

 private:
  void encrypt_some(std::span<Address> addresses);

  crypto::AesBlocks one_;
  crypto::AesBlocks other_;
  std::vector<crypto::AesBlock> prefixes_;
  std::vector<crypto::AesBlock> by_one_;
  std::vector<crypto::AesBlock> by_other_;
};

}  // namespace trackier::anonymize
