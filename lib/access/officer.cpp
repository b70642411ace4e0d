#include "access/officer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "crypto/base64.hpp"
#include "crypto/hkdf.hpp"

namespace trackier::access {
namespace {

constexpr std::string_view kind = "tko1 ";
constexpr std::size_t longest_name = 64;
constexpr std::size_t key_text = 43;  // 32 bytes in base64

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name && std::ranges::all_of(name, [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') ||
           std::string_view{"-_.@"}.find(letter) != std::string_view::npos;
  });
}

}  // namespace

crypto::Secret signing_key_of(const crypto::Secret& officer_key) {
  return crypto::hkdf_sha256(officer_key.bytes(), {}, as_bytes("trackier-access/1 officer signs"),
                             32);
}

Officer officer_of(std::string_view name, const crypto::Secret& key) {
  if (!is_name(name)) {
    throw Error{Code::usage,
                "an officer's name is 1 to 64 letters, digits, \"-\", \"_\", \".\" or "
                "\"@\""};
  }
  return {.name = std::string{name},
          .opens = crypto::x25519_public(key),
          .signs = crypto::ed25519_public(signing_key_of(key))};
}

std::string to_text(const Officer& officer) {
  return fmt::format("{}{} {} {}", kind, officer.name, crypto::base64(officer.opens),
                     crypto::base64(officer.signs));
}

Officer parse_officer(std::string_view line) {
  Officer officer;
  const bool has_room = line.starts_with(kind) && line.size() > kind.size() + 2 * (key_text + 1);
  if (has_room) {
    const std::string_view signs = line.substr(line.size() - key_text);
    const std::string_view opens = line.substr(line.size() - 2 * key_text - 1, key_text);
    officer.name = line.substr(kind.size(), line.size() - kind.size() - 2 * (key_text + 1));
    if (is_name(officer.name) && crypto::from_base64(opens, officer.opens) &&
        crypto::from_base64(signs, officer.signs) && to_text(officer) == line) {
      return officer;
    }
  }
  throw Error{Code::data, "not an officer's line",
              "it reads: tko1 NAME KEY KEY, and \"keys public\" prints it"};
}

}  // namespace trackier::access
