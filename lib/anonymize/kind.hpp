#pragma once
/// The kinds of personal value that are looked for, and their names in settings, reports and man
/// pages.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace trackier::anonymize {

enum class Kind : std::uint8_t {
  ipv4,
  ipv6,
  mac,
  uuid,
  email,
  phone,
  card,
  iban,
  ssn,
  jwt,
  bearer,
  password,
  api_key,
  token,
  cookie,
  credentials,  ///< user:password before the host of a URL
  id,           ///< a visitor, user, cookie or device id that need not be a UUID
  name,
  address,
  birthday,
  location,
  ip,       ///< the value of a field that should hold addresses, and holds something else
  pattern,  ///< found by a user's own pattern
  field,    ///< named by a user's own field rule
};

inline constexpr std::size_t kinds = 24;

/// "ipv4", "api-key", ...: one word, lower case; also what stands in the brackets of a redaction.
std::string_view name_of(Kind kind);

/// The kind of that name; none for a name that is not a kind.
std::optional<Kind> kind_named(std::string_view name);

/// One counter, flag or value for each kind.
template <typename Value>
class PerKind {
 public:
  Value& operator[](Kind kind) { return values_[static_cast<std::size_t>(kind)]; }
  const Value& operator[](Kind kind) const { return values_[static_cast<std::size_t>(kind)]; }
  auto begin() { return values_.begin(); }
  auto end() { return values_.end(); }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }
  void fill(const Value& value) { values_.fill(value); }

 private:
  std::array<Value, kinds> values_{};
};

inline constexpr std::array<Kind, kinds> all_kinds = [] {
  std::array<Kind, kinds> all{};
  for (std::size_t i = 0; i < kinds; ++i) {
    all[i] = static_cast<Kind>(i);
  }
  return all;
}();

}  // namespace trackier::anonymize
