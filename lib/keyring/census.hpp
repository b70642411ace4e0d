#pragma once
/// Which keys still protect which files. Needs no key: heads name the ids of their recipients.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "crypto/digest.hpp"
#include "envelope/format.hpp"
#include "os/file.hpp"

namespace trackier::keyring {

/// What one key protects.
struct KeyUse {
  std::uint64_t files = 0;  ///< that name it in a good block, the one that holds or the other
  std::uint64_t bytes = 0;  ///< their lengths
  std::uint64_t stale = 0;  ///< of these: in the block that does not hold alone (a rewrap's second
                            ///< step is missing)
  std::vector<std::filesystem::path> paths;  ///< the first of them
};

/// What could not be looked at, and therefore may be protected by any key.
struct Unreadable {
  std::filesystem::path path;
  std::string why;
};

struct Census {
  std::vector<std::filesystem::path> roots;
  std::uint64_t files = 0;      ///< regular files looked at
  std::uint64_t envelopes = 0;  ///< of these; sidecars, which are single blocks, included
  std::uint64_t bytes = 0;      ///< of the envelopes
  std::uint64_t unsettled = 0;  ///< envelopes whose blocks differ, or one of which is damaged
  std::int64_t oldest_ns = 0;   ///< times of modification of envelopes; 0 when there is none
  std::int64_t newest_ns = 0;
  std::map<envelope::KeyId, KeyUse> uses;
  std::uint64_t unreadable_count = 0;
  std::vector<Unreadable> unreadable;  ///< the first of them
  /// Symbolic links to what was not looked at, or that lead nowhere: a disk may be missing.
  std::vector<std::filesystem::path> unfollowed;
  /// Roots under which there is no envelope: a disk may be missing.
  std::vector<std::filesystem::path> empty_roots;

  [[nodiscard]] std::uint64_t files_of(const envelope::KeyId& id) const;
};

struct CensusOptions {
  std::size_t most_paths = 10;        ///< named for each key
  std::size_t most_unreadable = 100;  ///< named
};

struct CensusEvents {
  /// Every 256 files and at the end.
  std::function<void(const Census&)> progressed = [](const Census&) {};
  /// Each envelope that was counted, with the ids that open it.
  std::function<void(const std::filesystem::path&, const envelope::FileId&,
                     const std::vector<envelope::KeyId>&)>
      found = [](const auto&, const auto&, const auto&) {};
};

/// Walks the roots, files or directories; never follows a symbolic link, except that a root may be
/// one. Temporaries of os::ReplaceFile are no files: those that were left behind are passed over,
/// those that are written use their keys. A root that is not there is unreadable: a mount that is
/// missing must not look empty. The same file under two names is counted twice. Throws
/// Error{Code::usage} for no roots, Interrupted.
Census take_census(os::FileSystem& files, const std::vector<std::filesystem::path>& roots,
                   const CensusOptions& options, const CensusEvents& events,
                   const std::stop_token& stop);

/// One hash over a set of envelopes, whatever the order they were found in: what a certificate says
/// of the files that became unreadable. SHA-256 of the ids, sorted, without duplicates.
crypto::Sha256Digest root_hash(std::vector<envelope::FileId> ids);

}  // namespace trackier::keyring
