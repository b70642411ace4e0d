#pragma once
/// Applies a Transform to a value that was found or named by a rule.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "anonymize/address_encryption.hpp"
#include "anonymize/addresses.hpp"
#include "anonymize/match.hpp"
#include "anonymize/profile.hpp"
#include "anonymize/pseudonymizer.hpp"
#include "anonymize/tokenizer.hpp"

namespace trackier::anonymize {

/// What became of a value.
enum class Outcome : std::uint8_t {
  replaced,
  unchanged,    ///< already anonymous, kept by rule, or the transform leaves it as it is
  drop_record,  ///< the whole record has to go
  malformed,    ///< no token: it cannot be undone
};

/// One per thread.
class Transformer {
 public:
  /// Throws Error{Code::config} for a network that is none.
  Transformer(const Pseudonymizer& pseudonymizer, const std::vector<std::string>& keep_networks);

  /// Appends what becomes of `value` to `out`; on any other Outcome than `replaced` nothing is
  /// appended. value: decoded (no JSON escapes, no doubled CSV quotes). The result is printable
  /// ASCII without quotes and backslashes, except for characters of the value that a transform
  /// keeps (mask, pseudonym, generalize).
  Outcome append(const Transform& transform, Kind kind, Form form, std::string_view value,
                 std::string& out);

  /// The same for the way back: only tokens are undone, everything else is `unchanged`. Of a token
  /// that was made with another key comes what was never there; of what no key has made,
  /// `malformed`.
  Outcome append_original(const Transform& transform, Kind kind, Form form, std::string_view token,
                          std::string& out);

  /// Makes the work of append() cheaper for these addresses, if some of them are to be encrypted
  /// with their prefixes.
  void prepare(std::span<const Address> addresses) { addresses_.prepare_prefixes(addresses); }

 private:
  Outcome append_token(const Transform& transform, Kind kind, std::string_view value,
                       std::string& out);
  Tokenizer& tokenizer();

  Outcome append_hash(const Transform& transform, Kind kind, Form form, std::string_view value,
                      std::string& out);
  [[nodiscard]] bool in_kept_network(Kind kind, Form form, std::string_view value) const;

  const Pseudonymizer& pseudonymizer_;
  std::unique_ptr<Tokenizer> tokenizer_;  ///< made when the first token is
  AddressEncryption addresses_;
  Networks keep_networks_;

  /// Pseudonyms of the UUIDs seen last: the same visitor stands twice in a line and in many lines
  /// in a row. It saves work and changes nothing.
  struct Remembered {
    Uuid uuid{};
    Kind kind = Kind::uuid;
    bool used = false;
    std::array<char, 36> pseudonym{};
  };
  std::vector<Remembered> recent_;
};

/// Cuts a time to the unit: RFC 3339 ("2026-01-31T12:34:56Z" to the hour: "2026-01-31T12:00:00Z"),
/// the common log format, "2026-01-31 12:34:56", "2026-01-31". Appends nothing and returns false
/// for others.
bool append_cut_time(std::string_view value, TimeUnit unit, std::string& out);

/// The same for seconds, milliseconds, microseconds or nanoseconds since 1970, by their digits: 10,
/// 13, 16 or 19, perhaps with a fraction. Units are those of UTC.
bool append_cut_unix_time(std::string_view value, TimeUnit unit, std::string& out);

/// A number to a band ("37", 10: "30-39"; a band stays as it is) or to some decimals ("52.520008",
/// 1: "52.5"), towards zero. Appends nothing and returns false for what is no decimal number.
bool append_coarse_number(std::string_view value, double band, int decimals, std::string& out);

}  // namespace trackier::anonymize
