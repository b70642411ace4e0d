#include "anonymize/transformer.hpp"

#include <algorithm>
#include <cstring>

#include "anonymize/characters.hpp"
#include "anonymize/secrets.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::anonymize {

namespace {

constexpr std::size_t remembered = 256;

/// 0800.274E.66a1, 0:8:27... and the like as 08:00:27:4e:66:a1.
std::string spelled_in_pairs(std::string_view mac) {
  std::string digits;
  std::size_t group = 0;  // digits of the one at hand
  for (const char c : mac) {
    if (character::is_hex(c)) {
      digits.push_back(character::to_lower(c));
      ++group;
      continue;
    }
    if (group == 1 && c != '.') {
      digits.insert(digits.size() - 1, 1, '0');
    }
    group = 0;
  }
  if (digits.size() % 2 == 1) {
    digits.insert(digits.size() - 1, 1, '0');
  }
  for (std::size_t i = 2; i < digits.size(); i += 3) {
    digits.insert(i, 1, ':');
  }
  return digits;
}

/// The spelling under which equal values are equal.
std::string canonical(Kind kind, Form form, std::string_view value) {
  std::string bytes;
  const auto keep = [&](auto wanted) {
    std::ranges::copy_if(value, std::back_inserter(bytes), wanted);
  };
  switch (kind) {
    case Kind::ipv4:
    case Kind::ipv6:
    case Kind::ip:
      if (const auto address = parse_address(value, form)) {
        const auto* const begin = reinterpret_cast<const char*>(address->bytes.data());
        return {begin, address->v6 ? 16U : 4U};
      }
      return std::string{value};
    case Kind::email:
      return ascii_lower(value);
    case Kind::mac:
      return spelled_in_pairs(value);
    case Kind::phone:
    case Kind::card:
    case Kind::ssn:
      keep(character::is_digit);
      return bytes;
    case Kind::iban:
      keep(character::is_alnum);
      return bytes;
    default:
      return std::string{value};
  }
}

/// Kinds of domain separation: an address is the same person in either spelling.
Kind domain_of(Kind kind, const std::string& canonical_value) {
  if (kind == Kind::ip || kind == Kind::ipv4 || kind == Kind::ipv6) {
    return canonical_value.size() == 4 ? Kind::ipv4 : Kind::ipv6;
  }
  return kind;
}

/// An address is one value whatever named it: a rule for a field, a pattern, a name beside it.
Kind kind_of_value(Kind kind, std::string_view value) {
  switch (kind) {
    case Kind::ipv4:
    case Kind::ipv6:
    case Kind::email:
    case Kind::mac:
    case Kind::phone:
    case Kind::card:
    case Kind::ssn:
    case Kind::iban:
      return kind;
    default:
      return parse_address(value) ? Kind::ip : kind;
  }
}

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// The first `count` characters (UTF-8) of text.
std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t i = 0;
  while (i < text.size()) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (begins && count == 0) {
      break;
    }
    count -= begins ? 1U : 0U;
    ++i;
  }
  return text.substr(0, i);
}

void append_masked(const Transform& transform, std::string_view value, std::string& out) {
  const std::size_t size = characters_in(value);
  auto first = static_cast<std::size_t>(transform.keep_first);
  auto last = static_cast<std::size_t>(transform.keep_last);
  if (first + last >= size) {  // nothing would be hidden
    first = last = 0;
  }
  const std::string_view head = first_characters(value, first);
  const std::string_view middle = first_characters(value.substr(head.size()), size - first - last);
  out.append(head);
  out.append(size - first - last, transform.mask_character);
  out.append(value.substr(head.size() + middle.size()));
}

/// A rule with a unit alone is for times, one with a band or decimals for numbers, and one with
/// neither or both for either.
bool append_generalized(const Transform& transform, std::string_view value, std::string& out) {
  const bool has_width = transform.band > 0 || transform.decimals;
  const TimeUnit unit = transform.unit.value_or(TimeUnit::hour);
  if (append_cut_time(value, unit, out)) {
    return true;
  }
  if ((transform.unit || !has_width) && append_cut_unix_time(value, unit, out)) {
    return true;
  }
  return (has_width || !transform.unit) &&
         append_coarse_number(value, transform.band, transform.decimals.value_or(1), out);
}

void append_redacted(const Transform& transform, Kind kind, std::string& out) {
  out.push_back('[');
  out.append(transform.label.empty() ? name_of(kind == Kind::bearer ? Kind::token : kind)
                                     : std::string_view{transform.label});
  out.push_back(']');
}

}  // namespace

Transformer::Transformer(const Pseudonymizer& pseudonymizer,
                         const std::vector<std::string>& keep_networks)
    : pseudonymizer_(pseudonymizer), addresses_(pseudonymizer), recent_(remembered) {
  for (const std::string& text : keep_networks) {
    if (!keep_networks_.add(text)) {
      throw Error{Code::config, '"' + printable(text) + "\" is no network",
                  "write it like 10.0.0.0/8 or fd00::/8"};
    }
  }
}

bool Transformer::in_kept_network(Kind kind, Form form, std::string_view value) const {
  if (keep_networks_.empty() || (kind != Kind::ipv4 && kind != Kind::ipv6)) {
    return false;
  }
  const auto address = parse_address(value, form == Form::any_order ? Form::plain : form);
  return address && keep_networks_.contains(*address);
}

Outcome Transformer::append(const Transform& transform, Kind kind, Form form,
                            std::string_view value, std::string& out) {
  if (transform.action == Action::keep || in_kept_network(kind, form, value)) {
    return Outcome::unchanged;
  }
  const std::size_t before = out.size();
  switch (transform.action) {
    case Action::truncate: {
      const bool address = kind == Kind::ipv4 || kind == Kind::ipv6 || kind == Kind::mac;
      const Kind as = address ? kind
                      : parse_address(value)
                          ? (value.find(':') == std::string_view::npos ? Kind::ipv4 : Kind::ipv6)
                          : Kind::ip;
      if (as == Kind::ip) {  // no address where one should be: hidden altogether
        if (is_redaction(value)) {
          return Outcome::unchanged;
        }
        append_redacted({}, kind == Kind::field ? Kind::ip : kind, out);
        return Outcome::replaced;
      }
      if (append_truncated(value, as, form, transform.ipv4_prefix, transform.ipv6_prefix, out)) {
        return Outcome::replaced;
      }
      out.resize(before);
      return Outcome::unchanged;
    }
    case Action::mask:
      append_masked(transform, value, out);
      break;
    case Action::hash:
      return append_hash(transform, kind, form, value, out);
    case Action::tokenize:
      return append_token(transform, kind, value, out);
    case Action::prefix:
    case Action::ipcrypt:
    case Action::ipcrypt_nd:
    case Action::ipcrypt_ndx:
      if (!addresses_.append(transform.action, form, value, out)) {
        if (is_redaction(value)) {
          return Outcome::unchanged;
        }
        append_redacted({}, kind == Kind::field ? Kind::ip : kind, out);
      }
      break;
    case Action::pseudonym:
      pseudonymizer_.append_alike(kind, value, out);
      break;
    case Action::generalize:
      if (!append_generalized(transform, value, out)) {
        if (is_redaction(value)) {
          return Outcome::unchanged;
        }
        append_redacted(transform, kind, out);
      }
      break;
    case Action::drop:
      return transform.drop_record ? Outcome::drop_record : Outcome::replaced;
    default:
      if (is_redaction(value)) {
        return Outcome::unchanged;
      }
      append_redacted(transform, kind, out);
  }
  if (std::string_view{out}.substr(before) == value) {
    out.resize(before);
    return Outcome::unchanged;
  }
  return Outcome::replaced;
}

Tokenizer& Transformer::tokenizer() {
  if (!tokenizer_) {
    tokenizer_ = std::make_unique<Tokenizer>(pseudonymizer_.token_key());
  }
  return *tokenizer_;
}

namespace {

/// A UUID is one value whatever kind named it.
Kind kind_of_token(const Transform& transform, Kind kind, std::string_view value) {
  Uuid uuid;
  const bool names_alphabet = transform.alphabet || transform.luhn;
  return !names_alphabet && parse_uuid(value, uuid) ? Kind::uuid : kind;
}

/// Nothing that somebody is known by: what stands for a value, or is nobody's.
bool is_left_alone(std::string_view value) {
  Uuid uuid;
  const bool is_nobody = parse_uuid(value, uuid) && std::ranges::all_of(uuid, [](std::byte byte) {
                           return byte == std::byte{0};
                         });
  return value.empty() || is_nobody || is_redaction(value) || is_pseudonym(value);
}

}  // namespace

/// What cannot become a token is hidden for good.
Outcome Transformer::append_token(const Transform& transform, Kind kind, std::string_view value,
                                  std::string& out) {
  if (is_left_alone(value)) {
    return Outcome::unchanged;
  }
  if (const auto token =
          tokenizer().token(transform, kind_of_token(transform, kind, value), value)) {
    out.append(*token);
  } else {
    append_redacted(transform, kind, out);
  }
  return Outcome::replaced;
}

Outcome Transformer::append_original(const Transform& transform, Kind kind, Form form,
                                     std::string_view token, std::string& out) {
  if (!is_reversible(transform) || is_left_alone(token)) {
    return Outcome::unchanged;
  }
  const auto value =
      encrypts_addresses(transform.action)
          ? addresses_.original(transform.action, form, token)
          : tokenizer().value(transform, kind_of_token(transform, kind, token), token);
  if (!value) {
    return Outcome::malformed;
  }
  out.append(*value);
  return Outcome::replaced;
}

Outcome Transformer::append_hash(const Transform& transform, Kind named, Form form,
                                 std::string_view value, std::string& out) {
  Uuid uuid;
  if (parse_uuid(value, uuid)) {
    if (is_pseudonym(value)) {
      return Outcome::unchanged;
    }
    // A UUID is one value whatever kind named it.
    const Kind domain = Kind::uuid;
    std::uint64_t slot = 0;
    std::memcpy(&slot, uuid.data(), sizeof slot);
    Remembered& place = recent_[(slot ^ slot >> 29U) % remembered];
    if (!place.used || std::memcmp(place.uuid.data(), uuid.data(), uuid.size()) != 0 ||
        place.kind != domain) {
      const std::size_t before = out.size();
      pseudonymizer_.append_uuid(domain, uuid, out);
      place.uuid = uuid;
      place.kind = domain;
      place.used = true;
      out.copy(place.pseudonym.data(), place.pseudonym.size(), before);
    } else {
      out.append(place.pseudonym.data(), place.pseudonym.size());
    }
    return Outcome::replaced;
  }
  if (is_pseudonym(value) || is_redaction(value)) {
    return Outcome::unchanged;
  }
  const Kind kind = kind_of_value(named, value);
  const std::string bytes = canonical(kind, form, value);
  pseudonymizer_.append_hex(domain_of(kind, bytes), as_bytes(bytes), transform.bits, out);
  return Outcome::replaced;
}

}  // namespace trackier::anonymize
