#pragma once
/// Values that can identify a person, as keyed hashes: whoever has the key can ask whether a value
/// is in the log, and nobody can read one out of it.

#include <filesystem>
#include <string>
#include <string_view>

#include "crypto/mac.hpp"
#include "crypto/secret.hpp"
#include "os/file.hpp"

namespace trackier::audit {

class Veil {
 public:
  /// key: 32 random bytes. When it is lost, values can no longer be looked for.
  explicit Veil(const crypto::Secret& key) : key_(key.bytes()) {}

  /// "hmac:" and the first 128 bits of HMAC-SHA-256, in hexadecimal: a word of a record. The same
  /// value gives the same word, wherever it stands.
  [[nodiscard]] std::string hide(std::string_view value) const;

 private:
  crypto::MacKey key_;
};

/// The key in `path`, made when there is none. Throws Error{Code::no_permission} when others may
/// read the file, Error{Code::data} when it is no such key.
crypto::Secret veil_key(os::FileSystem& files, const std::filesystem::path& path);

}  // namespace trackier::audit
