#include "anonymize/kind.hpp"

namespace trackier::anonymize {

namespace {
constexpr std::array<std::string_view, kinds> names = {
    "ipv4", "ipv6", "mac",     "uuid",     "email",    "phone", "card",    "iban",
    "ssn",  "jwt",  "bearer",  "password", "api-key",  "token", "cookie",  "credentials",
    "id",   "name", "address", "birthday", "location", "ip",    "pattern", "field"};
}  // namespace

std::string_view name_of(Kind kind) {
  return names[static_cast<std::size_t>(kind)];
}

std::optional<Kind> kind_named(std::string_view name) {
  for (const Kind kind : all_kinds) {
    if (name_of(kind) == name) {
      return kind;
    }
  }
  return std::nullopt;
}

}  // namespace trackier::anonymize
