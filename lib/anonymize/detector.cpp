#include "anonymize/detector.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "anonymize/addresses.hpp"
#include "anonymize/characters.hpp"
#include "anonymize/emails.hpp"
#include "anonymize/numbers.hpp"
#include "anonymize/person_names.hpp"
#include "anonymize/pseudonymizer.hpp"

namespace trackier::anonymize {

namespace {
constexpr std::size_t uuid_size = 36;
constexpr std::size_t fourth_dash = 23;
}  // namespace

Detector::Detector(const PerKind<bool>& detect, bool known_names, bool json_structure,
                   Instructions instructions)
    : detect_(detect),
      known_names_(known_names),
      options_{.json_structure = json_structure},
      instructions_(instructions) {}

Detector::~Detector() = default;
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;

std::span<const Match> Detector::find(std::string_view text, std::span<const std::uint8_t> depths) {
  depths_ = depths;
  matches_.clear();
  decoded_.clear();
  covered_ = 0;
  no_zone_before_ = 0;
  region_.clear();
  person_names_.clear();
  if (finds_person_names_ && detect_[Kind::name]) {
    anonymize::find_person_names(text, person_names_);
  }
  std::size_t next_name = 0;
  candidates_.find(text, options_, instructions_);
  for (const std::uint32_t at : candidates_.positions()) {
    next_name = add_person_names(text, next_name, at);
    if (at >= covered_) {
      look_at(text, at);
    }
  }
  add_person_names(text, next_name, text.size());
  return matches_;
}

/// Those from `next` on that end before `before`, unless they are in a value with a shape of its
/// own. Returns the first that does not.
std::size_t Detector::add_person_names(std::string_view text, std::size_t next,
                                       std::size_t before) {
  for (; next < person_names_.size() && person_names_[next].end <= before; ++next) {
    if (person_names_[next].begin >= covered_) {
      add(text, person_names_[next]);
    }
  }
  return next;
}

std::string_view Detector::value_of(const Match& match, std::string_view text) const {
  if (match.decoded()) {
    return std::string_view{decoded_}.substr(match.decoded_begin, match.decoded_size);
  }
  return text.substr(match.begin, match.end - match.begin);
}

/// Matches come in the order of their ends, nearly: one that reaches back over earlier ones (an
/// e-mail address whose local part holds an IP address) swallows them.
void Detector::add(std::string_view text, const Match& match) {
  const bool apart = matches_.empty() || matches_.back().end <= match.begin;
  if (match.kind == Kind::id || !apart) {
    add_among_others(text, match);
  } else if (detect_[match.kind]) {
    matches_.push_back(match);
    covered_ = std::max(covered_, match.end);
  }
}

void Detector::add(std::string_view text, const std::optional<Match>& match) {
  if (match) {
    add(text, *match);
  }
}

void Detector::add_among_others(std::string_view text, Match match) {
  if (match.kind == Kind::id) {
    // The id of a visitor is the same person whether a key or its shape gave it away.
    const std::string_view value = value_of(match, text);
    if (is_pseudonym(value)) {
      covered_ = std::max(covered_, match.end);
      return;
    }
    Uuid uuid;
    if (parse_uuid(value, uuid)) {
      match.kind = Kind::uuid;
    }
  }
  if (!detect_[match.kind]) {
    return;
  }
  if (matches_.empty() || matches_.back().end <= match.begin) {
    matches_.push_back(match);
    covered_ = std::max(covered_, match.end);
    return;
  }
  auto behind = matches_.end();  // of decoded text the front is looked at when the plain is done
  while (behind != matches_.begin() && std::prev(behind)->begin >= match.end) {
    --behind;
  }
  auto first = behind;
  while (first != matches_.begin() && std::prev(first)->end > match.begin) {
    --first;
    if (first->begin <= match.begin && first->end >= match.end) {
      return;  // inside of what is hidden already
    }
    if (first->begin < match.begin || first->end > match.end) {
      match.begin = std::min(match.begin, first->begin);
      match.end = std::max(match.end, first->end);
      match.form = Form::plain;
      // Both together are no address that could lose its last part.
      match.kind = match.kind == Kind::ipv4 ? first->kind : match.kind;
    }
  }
  matches_.insert(matches_.erase(first, behind), match);
  covered_ = std::max(covered_, match.end);
}

KeyedSearch Detector::keyed() {
  return {.detect = detect_,
          .kind_of = kinds_of_keys_,
          .json_structure = options_.json_structure,
          .depths = depths_};
}

void Detector::look_at(std::string_view text, std::uint32_t at) {
  switch (text[at]) {
    case '@':
      look_at_mail(text, at);
      break;
    case '=':
      if (known_names_) {
        add(text, assigned_at(text, at, keyed()));
      }
      break;
    case '\\':
      look_at_backslash(text, at);
      break;
    case '%':
      look_inside(text, at);
      break;
    case '#':
      if (at > 0 && text[at - 1] == '&') {
        look_inside(text, at - 1);
      }
      break;
    case ' ':
    case '"':
      if (known_names_) {
        add(text, announced_at(text, at, keyed()));
      }
      break;
    case 'J':  // most are no part of "eyJ", nor of "Bearer"
      if (at > 0 && text[at - 1] == 'y') {
        add(text, jwt_at(text, at));
      }
      break;
    case 'B':
      if (character::at(text, at + 1) == 'e') {
        add(text, bearer_at(text, at));
      }
      break;
    case ':':
      add(text, colon_address_at(text, at));
      break;
    case ')':
      add(text, phone_at(text, at, was_encoded(at)));
      break;
    case '-':
      if (!look_at_uuid(text, at)) {
        look_at_spelling(text, at);
      }
      break;
    case '.':
      look_at_spelling(text, at);
      break;
    default:
      look_at_digit(text, at);
  }
}

/// An e-mail address that is written with escapes is one when they are undone.
void Detector::look_at_mail(std::string_view text, std::uint32_t at) {
  const auto found = mail_at(text, at);
  const bool credentials = found && found->kind == Kind::credentials;
  if (!credentials && decodes_ && is_mail_with_escapes(text, at)) {
    look_at_decoded(text, at);
    return;
  }
  add(text, found);
  if (covered_ == at) {  // user:password@3405803783
    add(text, numeric_host_at(text, at + 1));
  }
}

/// Part of a quote of JSON in a string, \"key\":\"value\" and \"key\": 17, or of an escape.
void Detector::look_at_backslash(std::string_view text, std::uint32_t at) {
  std::optional<Match> found;
  if (known_names_ && at > 1) {
    const std::uint32_t behind_colon = text[at - 1] == ' ' ? at - 1 : at;
    if (text[behind_colon - 1] == ':') {
      found = announced_at(text, behind_colon, keyed());
    } else if (character::is_digit(character::at(text, at + 3)) &&
               text.substr(at + 1, 2) == "\":") {
      found = announced_at(text, at + 3, keyed());
    }
  }
  if (found) {
    add(text, *found);
  } else {
    look_inside(text, at);
  }
}

void Detector::look_at_digit(std::string_view text, std::uint32_t at) {
  const char before = at > 0 ? text[at - 1] : '\0';
  if (before == '.' || before == '-') {
    if (const auto address = ipv4_at(text, at)) {
      add(text, *address);
    } else if (before == '.') {
      look_at_reverse_zone(text, at);
    }
    return;
  }
  if (before == '/' || before == ':') {
    look_at_spelling(text, at);
    return;
  }
  std::optional<Match> found;
  if (before == '+') {
    found = phone_at(text, at, was_encoded(at - 1));
    found = found ? found : form_card_at(text, at);
  } else if (at >= 3 && character::is(text[at - 2], character::upper)) {
    found = iban_at(text, at);
  } else {
    found = card_at(text, at);
    if (!found || !detect_[found->kind]) {
      found = ssn_at(text, at);
    }
    if (!found || !detect_[found->kind]) {
      found = phone_at(text, at);
    }
  }
  if (found) {
    add(text, *found);
  }
}

/// What few logs have: addresses that are neither four numbers with dots nor groups with colons,
/// and numbers right behind a key in quotes.
void Detector::look_at_spelling(std::string_view text, std::uint32_t at) {
  std::optional<Match> found;
  switch (text[at]) {
    case '-':
      found = dashed_address_at(text, at);
      found = found ? found : zone_at(text, at);
      break;
    case '.':
      found = dotted_mac_at(text, at);
      found = found ? found : hex_host_at(text, at);
      break;
    default:
      if (text[at - 1] == ':') {  // "pin":1234
        found = known_names_ ? announced_at(text, at, keyed()) : std::nullopt;
      } else if (at >= 3 && text.substr(at - 3, 3) == "://") {
        found = numeric_host_at(text, at);
      }
  }
  if (found) {
    add(text, *found);
  }
}

/// Whether there is one, somebody's or not.
bool Detector::look_at_uuid(std::string_view text, std::uint32_t at) {
  if (at < fourth_dash) {
    return false;
  }
  const std::uint32_t begin = at - static_cast<std::uint32_t>(fourth_dash);
  const std::string_view spelling = text.substr(begin, uuid_size);
  Uuid uuid;
  if (!parse_uuid(spelling, uuid)) {
    return false;
  }
  // What was found in it is none: "+12345678-..." is no phone number.
  while (!matches_.empty() && matches_.back().end > begin && matches_.back().begin + 1 >= begin) {
    matches_.pop_back();
  }
  // All zero: an advertising id that its owner has switched off.
  constexpr Uuid nobody{};
  if (std::memcmp(uuid.data(), nobody.data(), uuid.size()) == 0 || is_pseudonym(spelling)) {
    covered_ = begin + static_cast<std::uint32_t>(uuid_size);
    return true;
  }
  add(text,
      {.begin = begin, .end = begin + static_cast<std::uint32_t>(uuid_size), .kind = Kind::uuid});
  return true;
}

/// b.a.9.8.….ip6.arpa: nibbles, the last first (RFC 3596, section 2.5).
void Detector::look_at_reverse_zone(std::string_view text, std::uint32_t at) {
  const auto is_nibble = [text](std::size_t i) {
    return character::is_hex(character::at(text, i)) && (character::at(text, i + 1) == '.') &&
           (i == 0 || !character::is_alnum(text[i - 1]));
  };
  if (at < no_zone_before_) {
    return;
  }
  std::size_t end = at;
  while (is_nibble(end)) {
    end += 2;
  }
  no_zone_before_ = static_cast<std::uint32_t>(end);  // a row of nibbles is walked along once
  if (!character::starts_with_word(text, end, "ip6.arpa")) {
    return;
  }
  constexpr std::size_t most = 64;  // 32 nibbles and their dots
  std::size_t begin = end;
  while (begin >= 2 && end - begin < most && is_nibble(begin - 2)) {
    begin -= 2;
  }
  constexpr std::size_t least = 8;  // of four nibbles: of less than that nothing is cut
  if (end - begin >= least) {
    add(text, {.begin = static_cast<std::uint32_t>(begin),
               .end = static_cast<std::uint32_t>(end - 1),
               .kind = Kind::ipv6,
               .form = Form::reversed});
  }
}

void Detector::look_inside(std::string_view text, std::uint32_t at) {
  if (decodes_ && at >= region_.end() && is_telling_escape(text, at)) {
    look_at_decoded(text, at);
  }
}

/// What is around `at`, if that has not been done.
void Detector::look_at_decoded(std::string_view text, std::uint32_t at) {
  if (at < region_.end()) {
    return;
  }
  region_.decode(text, at);
  if (!inner_) {
    inner_ = std::make_unique<Detector>(detect_, known_names_, false, instructions_);
    inner_->decodes_ = false;
  }
  for (const Match& match : inner_->find(region_.text(), region_.depths())) {
    const std::string_view value = inner_->value_of(match, region_.text());
    Match outer = match;
    outer.begin = region_.origin(match.begin);
    outer.end = region_.origin(match.end);
    if (value != text.substr(outer.begin, outer.end - outer.begin)) {
      outer.decoded_begin = static_cast<std::uint32_t>(decoded_.size());
      outer.decoded_size = static_cast<std::uint32_t>(value.size());
      decoded_.append(value);
    }
    add(text, outer);
  }
}

}  // namespace trackier::anonymize
