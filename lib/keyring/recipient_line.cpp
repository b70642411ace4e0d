#include "keyring/recipient_line.hpp"

#include <fmt/format.h>

#include <array>

#include "core/error.hpp"
#include "crypto/base64.hpp"
#include "envelope/recipient.hpp"
#include "envelope/stanza.hpp"

namespace trackier::keyring {
namespace {

constexpr std::string_view kind = "tkr1";
constexpr std::string_view nothing = "-";
constexpr std::string_view signed_prefix{"trackier-recipient/1\0", 21};
constexpr std::size_t fields = 6;

[[noreturn]] void fail(std::string_view what) {
  throw Error{Code::data, fmt::format("recipient line: {}", what)};
}

/// Exactly six fields between single spaces.
std::array<std::string_view, fields> split_fields(std::string_view line) {
  std::array<std::string_view, fields> found;
  for (std::size_t i = 0; i < fields; ++i) {
    const std::size_t end = line.find(' ');
    found.at(i) = line.substr(0, end);
    if ((end == std::string_view::npos) != (i + 1 == fields)) {
      fail("has not six fields with single spaces between them");
    }
    line.remove_prefix(i + 1 == fields ? line.size() : end + 1);
  }
  return found;
}

/// What the signature covers: everything before the last space.
std::string unsigned_text(const RecipientLine& line) {
  if (!seals_envelopes(line.name.purpose)) {
    throw Error{Code::bug, fmt::format("{} seals no envelopes", to_text(line.name))};
  }
  return fmt::format("{} {} {} {} {}", kind, envelope::to_text(line.id()), to_text(line.name),
                     crypto::base64(line.key),
                     line.not_after ? to_rfc3339(*line.not_after) : std::string{nothing});
}

std::string signed_text(const RecipientLine& line) {
  return std::string{signed_prefix} + unsigned_text(line);
}

}  // namespace

envelope::KeyId RecipientLine::id() const {
  return envelope::key_id_of(key);
}

std::string to_text(const RecipientLine& line) {
  return fmt::format("{} {}", unsigned_text(line),
                     line.signature ? crypto::base64(*line.signature) : std::string{nothing});
}

RecipientLine parse_recipient_line(std::string_view line) {
  const auto [type, id, name, key, not_after, signature] = split_fields(line);
  RecipientLine parsed;
  if (type != kind) {
    fail("does not begin with tkr1");
  }
  const auto key_name = parse_key_name(name);
  if (!key_name || !seals_envelopes(key_name->purpose)) {
    fail("the name is not TENANT/encrypt/VERSION or TENANT/backup/VERSION");
  }
  parsed.name = *key_name;
  if (!crypto::from_base64(key, parsed.key)) {
    fail("the public key is not 43 characters of base64");
  }
  if (id != envelope::to_text(parsed.id())) {
    fail("the id is not that of the public key");
  }
  if (not_after != nothing) {
    parsed.not_after = parse_rfc3339(not_after);
    if (!parsed.not_after) {
      fail("the time is neither - nor like 2026-11-25T09:30:00Z");
    }
  }
  if (signature != nothing && !crypto::from_base64(signature, parsed.signature.emplace())) {
    fail("the signature is neither - nor 86 characters of base64");
  }
  return parsed;
}

std::vector<RecipientLine> parse_recipient_file(std::string_view text, const std::string& name) {
  std::vector<RecipientLine> found;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (!line.empty() && line.front() != '#') {
      doing(fmt::format("{}:{}", name, number),
            [&] { found.push_back(parse_recipient_line(line)); });
    }
  }
  if (found.empty()) {
    throw Error{Code::data, fmt::format("{}: no recipient line in it", name),
                "trackier-ctl keys public prints them"};
  }
  return found;
}

void sign(RecipientLine& line, const crypto::Secret& signer) {
  line.signature = crypto::sign(signer, as_bytes(signed_text(line)));
}

bool is_signed_by(const RecipientLine& line, const crypto::Ed25519Public& signer) {
  return line.signature && crypto::verify(signer, as_bytes(signed_text(line)), *line.signature);
}

bool is_expired(const RecipientLine& line, Time now) {
  return line.not_after && now > *line.not_after;
}

std::string signer_text(const crypto::Ed25519Public& signer) {
  return crypto::base64(signer);
}

std::optional<crypto::Ed25519Public> parse_signer(std::string_view text) {
  crypto::Ed25519Public signer{};
  return crypto::from_base64(text, signer) ? std::optional{signer} : std::nullopt;
}

}  // namespace trackier::keyring
