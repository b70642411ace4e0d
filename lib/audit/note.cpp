#include "audit/note.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "core/words.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"

namespace trackier::audit {
namespace {

constexpr std::string_view mark = "\u2014 ";
constexpr std::size_t time_bytes = 8;

/// Length of the white space of Unicode that `text` begins with; 0 for none.
std::size_t space_at(std::string_view text) {
  static constexpr std::array<std::string_view, 24> spaces{
      " ",      "\t",     "\n",     "\v",     "\f",     "\r",     "\u0085", "\u00a0",
      "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
      "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f"};
  static constexpr std::string_view ideographic = "\u3000";
  const auto found =
      std::ranges::find_if(spaces, [&](std::string_view space) { return text.starts_with(space); });
  if (found != spaces.end()) {
    return found->size();
  }
  return text.starts_with(ideographic) ? ideographic.size() : 0;
}

/// "Signed notes MUST be valid UTF-8 and MUST NOT contain any ASCII control characters (those below
/// U+0020) other than newline."
bool is_clean(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = character_at(text, 0);
    if (length == 0 || (static_cast<unsigned char>(text.front()) < 0x20 && text.front() != '\n')) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

bool is_name(std::string_view name) {
  if (name.empty() || !is_clean(name) || name.find('+') != std::string_view::npos) {
    return false;
  }
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (space_at(name.substr(i)) != 0) {
      return false;
    }
  }
  return true;
}

bool is_text(std::string_view text) {
  return text.ends_with('\n') && is_clean(text);
}

[[noreturn]] void refuse(const std::string& why) {
  throw Error{Code::data, why};
}

std::string timed_text(std::string_view text, std::uint64_t at) {
  return fmt::format("cosignature/v1\ntime {}\n{}", at, text);
}

/// One line without its end.
NoteSignature parse_signature(std::string_view line) {
  if (!line.starts_with(mark)) {
    refuse("a line of a note that should be a signature is none");
  }
  line.remove_prefix(mark.size());
  const std::size_t blank = line.find(' ');
  const auto bytes = blank == std::string_view::npos
                         ? std::nullopt
                         : crypto::bytes_from_padded_base64(line.substr(blank + 1));
  NoteSignature made{.name = std::string{line.substr(0, blank)}};
  if (!is_name(made.name) || !bytes || bytes->size() <= made.id.size()) {
    refuse("a signature of a note is not as it has to be");
  }
  std::ranges::copy(as_bytes(*bytes).first(made.id.size()), made.id.begin());
  made.signature = bytes->substr(made.id.size());
  return made;
}

/// When `signature` is a sound one of `key`.
std::optional<Signed> checked(const NoteKey& key, std::string_view text,
                              std::string_view signature) {
  const Bytes bytes = as_bytes(signature);
  const std::size_t before = key.kind == KeyKind::cosignature ? time_bytes : 0;
  crypto::Signature value{};
  if (bytes.size() != before + value.size()) {
    return std::nullopt;
  }
  std::ranges::copy(bytes.subspan(before), value.begin());
  if (key.kind == KeyKind::ed25519) {
    return crypto::verify(key.key, as_bytes(text), value) ? std::optional{Signed{key, std::nullopt}}
                                                          : std::nullopt;
  }
  std::uint64_t at = 0;
  for (const std::byte byte : bytes.first(before)) {
    at = at << 8U | std::to_integer<std::uint64_t>(byte);
  }
  constexpr std::uint64_t most_time = 253'402'300'799;  // 9999-12-31T23:59:59Z
  if (at > most_time || !crypto::verify(key.key, as_bytes(timed_text(text, at)), value)) {
    return std::nullopt;
  }
  return Signed{key, Time{std::chrono::seconds{at}}};
}

}  // namespace

KeyId NoteKey::id() const {
  std::string hashed = name;
  hashed += '\n';
  hashed += static_cast<char>(kind);
  hashed += as_text(key);
  KeyId made;
  std::ranges::copy(Bytes{crypto::sha256(as_bytes(hashed))}.first(made.size()), made.begin());
  return made;
}

std::string to_text(const NoteKey& key) {
  std::string material{static_cast<char>(key.kind)};
  material += as_text(key.key);
  return fmt::format("{}+{}+{}", key.name, hexadecimal(key.id()),
                     crypto::padded_base64(as_bytes(material)));
}

NoteKey parse_note_key(std::string_view text) {
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos || !is_name(text.substr(0, first))) {
    refuse(fmt::format("{} is no key of a note: NAME+ID+KEY", printable(text)));
  }
  NoteKey made{.name = std::string{text.substr(0, first)}};
  const auto material = crypto::bytes_from_padded_base64(text.substr(second + 1));
  if (!material || material->size() != 1 + made.key.size()) {
    refuse(fmt::format("{}: its key is not one of Ed25519", printable(text)));
  }
  const char kind = material->front();
  if (kind != static_cast<char>(KeyKind::ed25519) &&
      kind != static_cast<char>(KeyKind::cosignature)) {
    refuse(fmt::format("{}: a kind of key that is not known here", printable(text)));
  }
  made.kind = static_cast<KeyKind>(kind);
  std::ranges::copy(as_bytes(*material).subspan(1), made.key.begin());
  if (to_text(made) != text) {
    refuse(fmt::format("{}: its id is not that of its key", printable(text)));
  }
  return made;
}

std::string to_text(const Note& note) {
  if (!is_text(note.text) || note.signatures.empty()) {
    throw Error{Code::bug, "a text that cannot be a signed note"};
  }
  std::string made = note.text;
  made += '\n';
  for (const NoteSignature& each : note.signatures) {
    if (!is_name(each.name) || each.signature.empty()) {
      throw Error{Code::bug, "a signature that a note cannot have"};
    }
    std::string bytes{as_text(each.id)};
    bytes += each.signature;
    made += fmt::format("{}{} {}\n", mark, each.name, crypto::padded_base64(as_bytes(bytes)));
  }
  return made;
}

Note parse_note(std::string_view text) {
  if (text.size() > most_note_bytes || !is_text(text)) {
    refuse("no signed note: not text, too long, or without an end of line");
  }
  // "the text is separated from the signatures by the last empty line in the note"
  const std::size_t end = text.rfind("\n\n");
  if (end == std::string_view::npos || end + 2 == text.size()) {
    refuse("no signed note: there is no signature");
  }
  Note made{.text = std::string{text.substr(0, end + 1)}};
  for (std::string_view rest = text.substr(end + 2); !rest.empty();) {
    const std::size_t line_end = rest.find('\n');
    if (made.signatures.size() == most_signatures) {
      refuse("a note with too many signatures");
    }
    made.signatures.push_back(parse_signature(rest.substr(0, line_end)));
    rest.remove_prefix(line_end + 1);
  }
  return made;
}

NoteSignature sign_note(std::string_view text, const std::string& name, const crypto::Secret& key) {
  const NoteKey by{.name = name, .kind = KeyKind::ed25519, .key = crypto::ed25519_public(key)};
  return {.name = name,
          .id = by.id(),
          .signature = std::string{as_text(crypto::sign(key, as_bytes(text)))}};
}

NoteSignature cosign_note(std::string_view text, const std::string& name, const crypto::Secret& key,
                          Time at) {
  const NoteKey by{.name = name, .kind = KeyKind::cosignature, .key = crypto::ed25519_public(key)};
  const auto seconds = static_cast<std::uint64_t>(at.time_since_epoch().count());
  std::string signature;
  for (std::size_t i = time_bytes; i > 0; --i) {
    signature += static_cast<char>(seconds >> (8 * (i - 1)) & 0xffU);
  }
  signature += as_text(crypto::sign(key, as_bytes(timed_text(text, seconds))));
  return {.name = name, .id = by.id(), .signature = signature};
}

std::vector<Signed> signers_of(const Note& note, std::span<const NoteKey> known) {
  std::vector<Signed> found;
  for (const NoteSignature& each : note.signatures) {
    const auto key = std::ranges::find_if(known, [&](const NoteKey& candidate) {
      return candidate.name == each.name && candidate.id() == each.id;
    });
    if (key == known.end()) {
      continue;
    }
    const auto sound = checked(*key, note.text, each.signature);
    if (!sound) {
      refuse(fmt::format("the signature of {} is wrong", printable(each.name)));
    }
    if (std::ranges::none_of(found, [&](const Signed& other) { return other.by == *key; })) {
      found.push_back(*sound);
    }
  }
  return found;
}

}  // namespace trackier::audit
