#pragma once
/// Tokens: replacements that whoever has the key can undo. FF1 (NIST SP 800-38G) over the
/// characters of an alphabet; all others keep their places. The construction, for whoever must
/// reproduce it, is in trackier-ctl-detokenize(1), TOKENS; vectors are in
/// tests/vectors/tokens.json.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "anonymize/kind.hpp"
#include "anonymize/profile.hpp"
#include "core/bytes.hpp"

namespace trackier::anonymize {

/// The alphabet that values of a kind are made of, where a transform names none.
Alphabet alphabet_of(Kind kind);

/// The alphabet of a transform: the one it names, digits where their check digit counts, else that
/// of the kind.
Alphabet alphabet_of(const Transform& transform, Kind kind);

/// The fewest characters of the alphabet that a value has to have: with fewer there would be less
/// than a million tokens, which could be tried (SP 800-38G Rev. 1, section 5). luhn: of which the
/// last follows from the others.
std::size_t least_characters(Alphabet alphabet, bool luhn);

/// One per thread.
class Tokenizer {
 public:
  /// key: 32 bytes, which are not kept.
  explicit Tokenizer(Bytes key);
  ~Tokenizer();

  /// The token of a value; none when the value has too few characters of the alphabet, or letters
  /// or digits that are not of it and would stay readable.
  [[nodiscard]] std::optional<std::string> token(const Transform& transform, Kind kind,
                                                 std::string_view value);

  /// The value of a token; none for what cannot be a token of this transform and kind.
  [[nodiscard]] std::optional<std::string> value(const Transform& transform, Kind kind,
                                                 std::string_view token);

 private:
  class Cipher;
  enum class Way : std::uint8_t { to_token, to_value };

  std::optional<std::string> converted(const Transform& transform, Kind kind, std::string_view text,
                                       Way way);
  Cipher& cipher(Alphabet alphabet);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackier::anonymize
