#pragma once
/// The file that a tenant's secrets need besides the keyring, and that no backup may hold.
/// 64 hexadecimal digits and a line end, as other keys (keys/reference.hpp).

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "crypto/secret.hpp"
#include "keyring/document.hpp"
#include "os/file.hpp"

namespace trackier::keyring {

/// Fetches the half of a tenant that has one; none when it cannot be found. What it finds is
/// checked by the caller.
using HalfProvider = std::function<std::optional<crypto::Secret>(const Tenant&)>;

/// Looks in the declared places, in order; the first that holds the right half serves. Places that
/// are missing, malformed, wider than 0600, or hold another half are passed over. `files` must
/// outlive it.
HalfProvider halves_in_places(os::FileSystem& files);

/// Writes it to every place, 0600 and synced, before the keyring that needs it is saved. A place
/// that exists is refused before any is written. Throws Error{Code::cannot_create, io}.
void write_half(os::FileSystem& files, const crypto::Secret& half,
                const std::vector<std::string>& places);

/// Throws Error{Code::cannot_create} when a place exists.
void check_places_are_free(os::FileSystem& files, const std::vector<std::string>& places);

/// Throws Error{Code::verdict} unless the half can be overwritten and removed wherever it is not
/// gone already, as far as that can be told without doing it.
void check_destroyable(os::FileSystem& files, const ShredHalf& half);

/// What became of one place.
struct PlaceReport {
  std::string place;
  bool acknowledged = false;  ///< overwritten, removed and synced. Not there is none: it may be
                              ///< that its disk is not mounted
  std::string note;           ///< "overwritten and removed", "was not there", or what failed
};

/// Overwrites the half everywhere; tries all places whatever fails. Run again it finds what it has
/// overwritten, and acknowledges it again: the keyring can be told (Keyring::note_gone) before
/// remove_half(). On flash memory and copy-on-write file systems the old bytes may stay: the
/// certificate says so.
std::vector<PlaceReport> overwrite_half(os::FileSystem& files, const ShredHalf& half);

/// Removes what was overwritten. What fails is no longer acknowledged.
void remove_half(os::FileSystem& files, std::vector<PlaceReport>& reports);

/// Both.
std::vector<PlaceReport> destroy_half(os::FileSystem& files,
                                      const std::vector<std::string>& places);

}  // namespace trackier::keyring
