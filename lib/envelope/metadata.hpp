#pragma once
/// What an envelope remembers of the file it was made from; sealed under the data key.
/// trackier-envelope(5), METADATA.

#include <cstdint>
#include <optional>
#include <string>

#include "crypto/secret.hpp"
#include "envelope/format.hpp"

namespace trackier::envelope {

struct Metadata {
  std::optional<std::string> name;  ///< file name without directory; any bytes but / and NUL
  std::optional<std::int64_t> modified_ns;  ///< since 1970, UTC
  std::optional<unsigned> mode;             ///< permission bits, 0 to 07777
  bool zstd = false;                        ///< the payload is Zstandard, to be decompressed

  friend bool operator==(const Metadata&, const Metadata&) = default;
};

/// The "%" line without "% ": "SALT SEALED". Empty when there is nothing to remember.
/// Throws Error{Code::data} when it would be longer than 1 KiB.
std::string seal_metadata(const Metadata& metadata, const crypto::Secret& data_key,
                          const FileId& id);

/// Throws Error{Code::data} when it was changed, or is none of version 1.
Metadata open_metadata(const std::string& sealed, const crypto::Secret& data_key, const FileId& id);

}  // namespace trackier::envelope
