#pragma once
/// Chains: backups that refer to one another, under one key. The host that writes keeps the key of
/// the chain it is writing, so that it can make small backups, and no other; in the store the key
/// is in an envelope for the recipients. trackier-store(5), CHAINS.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/time.hpp"
#include "crypto/secret.hpp"
#include "envelope/identity.hpp"
#include "envelope/recipient.hpp"
#include "os/file.hpp"
#include "store/directory.hpp"

namespace trackier::backup {

struct Chain {
  std::string id;      ///< of its envelope, 32 hexadecimal digits
  crypto::Secret key;  ///< 32 bytes
  Time begun;
  std::string sealed_for;  ///< what tells sets of recipients apart: others want another chain
};

/// Where the host keeps the key of the chain it is writing.
class ChainFile {
 public:
  /// wrapping: a key that the file is sealed with, e.g. a credential of systemd; null: it is kept
  /// as it is, 0600.
  ChainFile(os::FileSystem& files, std::filesystem::path path,
            std::shared_ptr<const crypto::Secret> wrapping)
      : files_(files), path_(std::move(path)), wrapping_(std::move(wrapping)) {}

  /// None when there is none. Throws Error{Code::no_permission} when it is sealed with another key,
  /// or others can read it; Error{Code::data} when it is damaged.
  [[nodiscard]] std::optional<Chain> load() const;

  /// Replaces it; the file with the key before is written over and removed.
  void save(const Chain& chain) const;

 private:
  os::FileSystem& files_;
  std::filesystem::path path_;
  std::shared_ptr<const crypto::Secret> wrapping_;
};

/// Makes a key and puts it into the store, sealed for `recipients`.
Chain begin_chain(os::FileSystem& files, const store::SourceDirectory& source,
                  const envelope::Recipients& recipients, std::string sealed_for, Time now);

/// What is wrong with the envelope in the store, as far as it is seen without a key: in the words
/// that complete "the envelope is ..."; empty: nothing.
std::string chain_envelope_fault(os::FileSystem& files, const store::SourceDirectory& source,
                                 const std::string& chain);

/// The key of a chain, out of the store. Throws what envelope::unlock throws, Error{Code::no_input}
/// when the envelope is missing, Error{Code::data} when it is of another chain.
crypto::Secret open_chain(os::FileSystem& files, const store::SourceDirectory& source,
                          const std::string& chain, const envelope::Identities& identities);

}  // namespace trackier::backup
