#pragma once
/// What keys are called: TENANT/PURPOSE/VERSION, as acme/encrypt/3. trackier-keyring(5), NAMES.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trackier::keyring {

/// Keys of no tenant belong to it. No tenant may be called so.
inline constexpr std::string_view house = "house";

enum class Purpose : std::uint8_t {
  encrypt,       ///< X25519: opens envelopes
  backup,        ///< X25519: opens backups
  pseudonymize,  ///< 32 bytes for HMAC
  audit_sign,    ///< Ed25519: signs recipient lines and certificates
};

std::string_view to_text(Purpose purpose);  ///< "encrypt", "backup", "pseudonymize", "audit-sign"
std::optional<Purpose> parse_purpose(std::string_view text);

/// Whether keys of this purpose are X25519 pairs, whose public half seals envelopes.
constexpr bool seals_envelopes(Purpose purpose) noexcept {
  return purpose == Purpose::encrypt || purpose == Purpose::backup;
}

/// 1 to 63 small letters, digits, "-", "_" and ".", the first a letter or digit.
bool is_tenant(std::string_view text);

/// All versions of one key: "acme/encrypt".
struct Series {
  std::string tenant;
  Purpose purpose = Purpose::encrypt;

  friend auto operator<=>(const Series&, const Series&) = default;
};

struct KeyName {
  std::string tenant;
  Purpose purpose = Purpose::encrypt;
  std::uint32_t version = 1;  ///< 1 to 999,999

  [[nodiscard]] Series series() const { return {tenant, purpose}; }
  friend auto operator<=>(const KeyName&,
                          const KeyName&) = default;  // NOLINT(modernize-use-nullptr)
};

inline constexpr std::uint32_t most_versions = 999'999;

std::string to_text(const Series& series);
std::string to_text(const KeyName& name);

/// None for anything that to_text() does not write.
std::optional<Series> parse_series(std::string_view text);
std::optional<KeyName> parse_key_name(std::string_view text);

/// Of a series or one of its versions. Throws Error{Code::usage} for what is neither.
Series series_named(std::string_view text);

}  // namespace trackier::keyring
