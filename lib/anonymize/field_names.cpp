#include "anonymize/field_names.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "anonymize/characters.hpp"
#include "anonymize/short_text.hpp"
#include "core/text.hpp"

namespace trackier::anonymize {

namespace {

struct FieldName {
  std::string_view name;
  Kind kind;
};

constexpr std::array field_names = std::to_array<FieldName>({
    // secrets
    {"password", Kind::password},
    {"passwd", Kind::password},
    {"pwd", Kind::password},
    {"pass", Kind::password},
    {"passphrase", Kind::password},
    {"userpassword", Kind::password},
    {"newpassword", Kind::password},
    {"oldpassword", Kind::password},
    {"pin", Kind::password},
    {"otp", Kind::password},
    {"apikey", Kind::api_key},
    {"xapikey", Kind::api_key},
    {"secret", Kind::api_key},
    {"clientsecret", Kind::api_key},
    {"secretkey", Kind::api_key},
    {"privatekey", Kind::api_key},
    {"accesskey", Kind::api_key},
    {"accesskeyid", Kind::api_key},
    {"secretaccesskey", Kind::api_key},
    {"token", Kind::token},
    {"accesstoken", Kind::token},
    {"refreshtoken", Kind::token},
    {"idtoken", Kind::token},
    {"authtoken", Kind::token},
    {"bearertoken", Kind::token},
    {"xauthtoken", Kind::token},
    {"securitytoken", Kind::token},
    {"csrftoken", Kind::token},
    {"xcsrftoken", Kind::token},
    {"auth", Kind::token},
    {"authorization", Kind::token},
    {"proxyauthorization", Kind::token},
    {"cookie", Kind::cookie},
    {"setcookie", Kind::cookie},
    {"session", Kind::cookie},
    {"sessionid", Kind::cookie},
    {"sessid", Kind::cookie},
    {"sid", Kind::cookie},
    {"phpsessid", Kind::cookie},
    {"jsessionid", Kind::cookie},
    {"connectsid", Kind::cookie},
    // ids of visitors and their devices
    {"visitorid", Kind::id},
    {"visitoruuid", Kind::id},
    {"visitor", Kind::id},
    {"vid", Kind::id},
    {"userid", Kind::id},
    {"uid", Kind::id},
    {"useruuid", Kind::id},
    {"cookieid", Kind::id},
    {"clientid", Kind::id},
    {"deviceid", Kind::id},
    {"customerid", Kind::id},
    {"distinctid", Kind::id},
    {"anonymousid", Kind::id},
    {"gaid", Kind::id},
    {"idfa", Kind::id},
    {"idfv", Kind::id},
    {"aaid", Kind::id},
    {"adid", Kind::id},
    {"advertisingid", Kind::id},
    {"androidid", Kind::id},
    {"imei", Kind::id},
    {"ga", Kind::id},
    {"gid", Kind::id},
    {"fbp", Kind::id},
    {"fbc", Kind::id},
    {"gclid", Kind::id},
    {"fbclid", Kind::id},
    {"msclkid", Kind::id},
    {"ttclid", Kind::id},
    {"clickid", Kind::id},
    // people
    {"email", Kind::email},
    {"mail", Kind::email},
    {"emailaddress", Kind::email},
    {"useremail", Kind::email},
    {"phone", Kind::phone},
    {"phonenumber", Kind::phone},
    {"tel", Kind::phone},
    {"telephone", Kind::phone},
    {"telephonenumber", Kind::phone},
    {"mobile", Kind::phone},
    {"mobilenumber", Kind::phone},
    {"msisdn", Kind::phone},
    {"fax", Kind::phone},
    {"name", Kind::name},
    {"firstname", Kind::name},
    {"lastname", Kind::name},
    {"middlename", Kind::name},
    {"givenname", Kind::name},
    {"surname", Kind::name},
    {"familyname", Kind::name},
    {"fullname", Kind::name},
    {"displayname", Kind::name},
    {"maidenname", Kind::name},
    {"mothersmaiden", Kind::name},
    {"personname", Kind::name},
    {"customername", Kind::name},
    {"contactname", Kind::name},
    {"contactperson", Kind::name},
    {"patientname", Kind::name},
    {"employeename", Kind::name},
    {"recipientname", Kind::name},
    {"billingname", Kind::name},
    {"shippingname", Kind::name},
    {"cardholder", Kind::name},
    {"cardholdername", Kind::name},
    {"accountholder", Kind::name},
    {"authorname", Kind::name},
    {"committername", Kind::name},
    {"vorname", Kind::name},
    {"nachname", Kind::name},
    {"familienname", Kind::name},
    {"prenom", Kind::name},
    {"pr\u00e9nom", Kind::name},
    {"nomdefamille", Kind::name},
    {"nombre", Kind::name},
    {"apellido", Kind::name},
    {"apellidos", Kind::name},
    {"cognome", Kind::name},
    {"sobrenome", Kind::name},
    {"achternaam", Kind::name},
    {"username", Kind::name},
    {"user", Kind::name},
    {"login", Kind::name},
    {"displaylogin", Kind::name},
    {"ip", Kind::ip},
    {"ipaddress", Kind::ip},
    {"ipaddr", Kind::ip},
    {"clientip", Kind::ip},
    {"remoteip", Kind::ip},
    {"remoteaddr", Kind::ip},
    {"xforwardedfor", Kind::ip},
    {"xrealip", Kind::ip},
    {"mac", Kind::mac},
    {"macaddress", Kind::mac},
    {"macaddr", Kind::mac},
    {"clientmac", Kind::mac},
    {"hwaddr", Kind::mac},
    {"hardwareaddress", Kind::mac},
    {"card", Kind::card},
    {"cardnumber", Kind::card},
    {"creditcard", Kind::card},
    {"ccnumber", Kind::card},
    {"cvv", Kind::card},
    {"cvv2", Kind::card},
    {"cvc", Kind::card},
    {"iban", Kind::iban},
    {"ssn", Kind::ssn},
    {"nationalid", Kind::ssn},
    {"passport", Kind::ssn},
    {"passportnumber", Kind::ssn},
    {"taxid", Kind::ssn},
    {"birthday", Kind::birthday},
    {"birthdate", Kind::birthday},
    {"dateofbirth", Kind::birthday},
    {"dob", Kind::birthday},
    {"street", Kind::address},
    {"streetaddress", Kind::address},
    {"address", Kind::address},
    {"addressline1", Kind::address},
    {"addressline2", Kind::address},
    {"latitude", Kind::location},
    {"longitude", Kind::location},
    {"lat", Kind::location},
    {"lon", Kind::location},
    {"lng", Kind::location},
});

constexpr std::size_t longest_name = 32;

constexpr bool is_separator(char c) {
  return c == '_' || c == '-' || c == '.' || c == ' ';
}

/// A name without separators, in lower case.
struct Folded {
  std::array<char, longest_name> letters{};
  std::size_t size = 0;
  std::uint32_t hash = 2166136261U;  // FNV-1a

  constexpr explicit Folded(std::string_view name) {
    for (const char c : name) {
      letters[size] = character::to_lower(c);
      const bool counts = !is_separator(c);
      hash = counts ? (hash ^ static_cast<unsigned char>(letters[size])) * 16777619U : hash;
      size += counts ? 1U : 0U;
    }
    hash ^= hash >> 15U;
  }
  [[nodiscard]] constexpr std::string_view text() const { return {letters.data(), size}; }
};

constexpr std::size_t slots = 1024;

/// Open addressing over field_names, made by the compiler: 0 is empty, n stands for field_names[n -
/// 1].
constexpr std::array<std::uint8_t, slots> table = [] {
  static_assert(field_names.size() < 255);
  std::array<std::uint8_t, slots> made{};
  for (std::size_t i = 0; i < field_names.size(); ++i) {
    std::size_t slot = Folded{field_names[i].name}.hash % slots;
    while (made[slot] != 0) {
      slot = (slot + 1) % slots;
    }
    made[slot] = static_cast<std::uint8_t>(i + 1);
  }
  return made;
}();

constexpr std::uint64_t bit_of(char c) {
  return std::uint64_t{1} << (static_cast<unsigned>(c) % 64U);
}

/// For each first letter of the names, the second letters and the last ones there are. Most names
/// in a log begin or end otherwise, and need not be looked up.
struct Letters {
  std::uint64_t second = 0;
  std::uint64_t last = 0;
};
constexpr std::array<Letters, 128> letters_by_first = [] {
  std::array<Letters, 128> made{};
  for (const FieldName& field : field_names) {
    Letters& letters = made[static_cast<unsigned char>(field.name.front())];
    letters.second |= bit_of(field.name[1]);
    letters.last |= bit_of(field.name.back());
  }
  return made;
}();

bool may_be_known(std::string_view name) {
  while (!name.empty() && is_separator(name.front())) {
    name.remove_prefix(1);
  }
  while (!name.empty() && is_separator(name.back())) {
    name.remove_suffix(1);
  }
  if (name.size() < 2 || static_cast<unsigned char>(name.front()) >= letters_by_first.size()) {
    return false;
  }
  const auto first = static_cast<unsigned char>(character::to_lower(name.front()));
  const Letters& letters = letters_by_first[first];
  return (letters.last & bit_of(character::to_lower(name.back()))) != 0 &&
         (is_separator(name[1]) || (letters.second & bit_of(character::to_lower(name[1]))) != 0);
}

}  // namespace

std::optional<Kind> kind_of_field(std::string_view name) {
  if (name.size() > longest_name || !may_be_known(name)) {
    return std::nullopt;
  }
  const Folded folded{name};
  for (std::size_t slot = folded.hash % slots; table[slot] != 0; slot = (slot + 1) % slots) {
    const FieldName& field = field_names[table[slot] - 1U];
    if (field.name == folded.text()) {
      return field.kind;
    }
  }
  return std::nullopt;
}

std::optional<Kind> KindsOfKeys::operator()(std::string_view key) {
  if (key.empty()) {
    return std::nullopt;
  }
  const auto number = [key](std::size_t i) { return static_cast<unsigned char>(key[i]); };
  const std::size_t place =
      number(0) * 5U + number(key.size() / 2) * 3U + number(key.size() - 1) + key.size() * 7U;
  Remembered& remembered = remembered_[place % places];
  if (!same_text(remembered.key, key)) {
    const std::size_t dot = key.rfind('.');
    remembered.kind = kind_of_field(key);
    if (!remembered.kind && dot != std::string_view::npos) {
      remembered.kind = kind_of_field(key.substr(dot + 1));
    }
    remembered.key = key;
  }
  return remembered.kind;
}

bool is_part_of_name(std::string_view name) {
  constexpr auto parts = std::to_array<std::string_view>(
      {"first", "last", "middle", "given", "family", "full", "formatted"});
  return std::ranges::find(parts, ascii_lower(name)) != parts.end();
}

bool announced_in_text(Kind kind) {
  return kind == Kind::password || kind == Kind::api_key || kind == Kind::token ||
         kind == Kind::cookie || kind == Kind::mac;
}

}  // namespace trackier::anonymize
