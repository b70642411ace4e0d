#pragma once
/// An unlock key shared among people: any k of n shares give it back, fewer say nothing. The
/// construction is that of SLIP-39, whose digest share tells a wrong share from a right one.
/// trackier-keyring(5), SHARES: "tks1 SET K N X SHARE CHECKSUM".

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "crypto/secret.hpp"

namespace trackier::keyring {

inline constexpr unsigned most_shares = 16;

struct Share {
  std::array<std::byte, 8> set{};  ///< random; the same for all shares of one split
  unsigned threshold = 0;          ///< 2 to `shares`
  unsigned shares = 0;             ///< up to 16
  unsigned x = 0;                  ///< 1 to `shares`
  crypto::Secret y;                ///< 32 bytes
};

/// key: 32 bytes. Throws Error{Code::usage} unless 2 <= threshold <= shares <= 16.
std::vector<Share> split(const crypto::Secret& key, unsigned threshold, unsigned shares);

/// The line, with its line end: as secret as the share.
crypto::Secret to_text(const Share& share);

/// Accepts what to_text() writes, with white space around it. name: what errors call the share,
/// printable, e.g. "share-2.txt". Throws Error{Code::data}: no share, or damaged.
Share parse_share(Bytes text, const std::string& name);

struct NamedShare {
  std::string name;
  Share share;
};

/// Gives the key back. Throws Error{Code::data} that names the share which is of another set, given
/// twice, or wrong (when there are more than the threshold); or says that there are too few.
crypto::Secret combine(const std::vector<NamedShare>& shares);

}  // namespace trackier::keyring
