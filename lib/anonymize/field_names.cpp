#include "anonymize/field_names.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "anonymize/characters.hpp"

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

constexpr std::uint32_t hash_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  return hash ^ hash >> 15U;
}

constexpr std::size_t slots = 1024;

/// Open addressing over field_names, made by the compiler: 0 is empty, n stands for field_names[n -
/// 1].
constexpr std::array<std::uint8_t, slots> table = [] {
  static_assert(field_names.size() < 255);
  std::array<std::uint8_t, slots> made{};
  for (std::size_t i = 0; i < field_names.size(); ++i) {
    std::size_t slot = hash_of(field_names[i].name) % slots;
    while (made[slot] != 0) {
      slot = (slot + 1) % slots;
    }
    made[slot] = static_cast<std::uint8_t>(i + 1);
  }
  return made;
}();

constexpr bool is_separator(char c) {
  return c == '_' || c == '-' || c == '.';
}

constexpr std::uint64_t bit_of(char c) {
  return std::uint64_t{1} << (static_cast<unsigned>(c) % 64U);
}

/// For each first letter of a name the last letters there are: most names in a log end otherwise.
constexpr std::array<std::uint64_t, 128> last_letters = [] {
  std::array<std::uint64_t, 128> made{};
  for (const FieldName& field : field_names) {
    made[static_cast<unsigned char>(field.name.front())] |= bit_of(field.name.back());
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
  if (name.empty() || static_cast<unsigned char>(name.front()) >= last_letters.size()) {
    return false;
  }
  const auto first = static_cast<unsigned char>(character::to_lower(name.front()));
  return (last_letters[first] & bit_of(character::to_lower(name.back()))) != 0;
}

}  // namespace

std::optional<Kind> kind_of_field(std::string_view name) {
  if (name.size() > longest_name || !may_be_known(name)) {
    return std::nullopt;
  }
  std::array<char, longest_name> folded{};
  std::size_t size = 0;
  for (const char c : name) {
    if (!is_separator(c)) {
      folded[size++] = character::to_lower(c);
    }
  }
  const std::string_view plain{folded.data(), size};
  for (std::size_t slot = hash_of(plain) % slots; table[slot] != 0; slot = (slot + 1) % slots) {
    const FieldName& field = field_names[table[slot] - 1U];
    if (field.name == plain) {
      return field.kind;
    }
  }
  return std::nullopt;
}

bool announced_in_text(Kind kind) {
  return kind == Kind::password || kind == Kind::api_key || kind == Kind::token ||
         kind == Kind::cookie;
}

}  // namespace trackier::anonymize
