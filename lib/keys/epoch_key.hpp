#pragma once
/// Keys of pseudonyms that end: one for each day, week or month, where older ones can be destroyed
/// for ever and younger ones follow from what stays. A ratchet that turns forward alone; the
/// construction is in trackier-ctl-anonymize(1), PERIODS, and vectors are in
/// tests/vectors/epochs.json.

#include <optional>
#include <string>
#include <variant>

#include "core/bytes.hpp"
#include "core/period.hpp"
#include "crypto/secret.hpp"
#include "keys/reference.hpp"

namespace trackier::keys {

/// The key of a period that follows from a secret of 32 bytes: that of an EpochKey's own, or of a
/// key that has no end. 32 bytes.
crypto::Secret period_key(Bytes secret, const Period& period);

class EpochKey {
 public:
  /// The first line of a key file is "trackier-epoch-key-1 UNIT PERIOD HEX", and there is no other.
  static constexpr std::string_view magic = "trackier-epoch-key-1 ";
  static constexpr std::size_t longest_text = 128;

  /// A new one, whose oldest period is `oldest`.
  static EpochKey fresh(const Period& oldest);

  /// None for text that is none.
  static std::optional<EpochKey> parse(Bytes text);

  /// What parse() reads, with a line end.
  [[nodiscard]] crypto::Secret text() const;

  /// The oldest period whose key has not been destroyed.
  [[nodiscard]] const Period& oldest() const { return oldest_; }

  /// The key of a period; none for one before the oldest. Takes a step for each period in between:
  /// some microseconds. Throws Error{Code::bug} for a period of another unit.
  [[nodiscard]] std::optional<crypto::Secret> key_of(const Period& period) const;

  /// The same, of which the oldest period is `period` or the own one, whichever is later: all
  /// before are forgotten. Throws Error{Code::bug} for a period of another unit.
  [[nodiscard]] EpochKey from(const Period& period) const;

 private:
  EpochKey(const Period& oldest, crypto::Secret secret)
      : oldest_(oldest), secret_(std::move(secret)) {}

  Period oldest_;
  crypto::Secret secret_;  ///< of the oldest period; leads to those behind it
};

/// Replaces the key in a file by that of `period` and later ones, and overwrites the old file when
/// the new one is on the disk: a crash leaves the one or the other. The oldest period that is left.
/// Throws Error{Code::no_permission} for what is no such key, Error{Code::busy} while another run
/// does the same, Error{Code::bug} for a period of another unit.
Period destroy_before(os::FileSystem& files, const std::filesystem::path& path,
                      const Period& period, Time now);

/// A key that has no end, or one with periods.
using AnyKey = std::variant<crypto::Secret, EpochKey>;

/// As load_key, which throws for the latter.
AnyKey load_any_key(const Reference& reference, const Surroundings& surroundings);

}  // namespace trackier::keys
