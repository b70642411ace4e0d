#pragma once
/// Signed notes (c2sp.org/signed-note): a text, and under it lines of signatures, each with the
/// name of its key. Two kinds of signature: of a log, and of a witness who adds the time
/// (c2sp.org/tlog-cosignature, version 1). Others are kept and not looked at.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "crypto/ed25519.hpp"

namespace trackier::audit {

enum class KeyKind : std::uint8_t {
  ed25519 = 1,      ///< over the text
  cosignature = 4,  ///< over the time and the text
};

/// The first bytes of SHA-256(name || 0x0A || kind || key): tells keys of one name apart.
using KeyId = std::array<std::byte, 4>;

struct NoteKey {
  std::string name;  ///< not empty, no white space, no '+'; by custom a URL without "https://"
  KeyKind kind = KeyKind::ed25519;
  crypto::Ed25519Public key{};

  [[nodiscard]] KeyId id() const;

  friend bool operator==(const NoteKey&, const NoteKey&) = default;
};

/// "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
std::string to_text(const NoteKey& key);

/// Throws Error{Code::data}: no such text, another kind of key, or the id is not that of the key.
NoteKey parse_note_key(std::string_view text);

struct NoteSignature {
  std::string name;
  KeyId id{};
  std::string signature;  ///< bytes that follow the id; not empty

  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

struct Note {
  std::string text;  ///< ends with a line end
  std::vector<NoteSignature> signatures;

  friend bool operator==(const Note&, const Note&) = default;
};

inline constexpr std::size_t most_note_bytes = std::size_t{1} << 20U;
inline constexpr std::size_t most_signatures = 64;  ///< a verifier has to take 16

/// Throws Error{Code::bug} when the text or a name is none that a note can have.
std::string to_text(const Note& note);

/// Exactly what to_text() writes. Throws Error{Code::data}.
Note parse_note(std::string_view text);

/// name: as in NoteKey. text: of the note.
NoteSignature sign_note(std::string_view text, const std::string& name, const crypto::Secret& key);
NoteSignature cosign_note(std::string_view text, const std::string& name, const crypto::Secret& key,
                          Time at);

/// A signature that is sound.
struct Signed {
  NoteKey by;
  std::optional<Time> at;  ///< of a cosignature, as the witness says
};

/// The sound signatures of keys we know, at most one of each key; those of other keys are passed
/// over. Throws Error{Code::data} when one that claims to be of a known key is not:
/// "clients SHOULD reject the whole note".
std::vector<Signed> signers_of(const Note& note, std::span<const NoteKey> known);

}  // namespace trackier::audit
