#pragma once
/// The life of a key version, after NIST SP 800-57 part 1, section 7. trackier-keyring(5), STATES.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace trackier::keyring {

enum class State : std::uint8_t {
  pending,       ///< made, not yet used; its public half may be handed out already
  active,        ///< encrypts and decrypts; at most one version of a key is
  decrypt_only,  ///< SP 800-57's deactivated
  suspended,     ///< opens only when asked to; may come back
  compromised,   ///< opens with a warning; what it protects has to be encrypted anew
  retired,       ///< in quarantine before it is destroyed; can be undone
  destroyed,     ///< the secret is gone; a tombstone stays
};

inline constexpr std::array<State, 7> all_states{
    State::pending,     State::active,  State::decrypt_only, State::suspended,
    State::compromised, State::retired, State::destroyed};

std::string_view to_text(State state);  ///< "decrypt-only" for decrypt_only, else the name
std::optional<State> parse_state(std::string_view text);

/// Whether a key may go from one state to the other in one step; never to the same.
[[nodiscard]] bool is_allowed(State from, State to);

enum class Decrypts : std::uint8_t { no, yes, when_asked, with_warning };

[[nodiscard]] constexpr bool encrypts(State state) noexcept {
  return state == State::active;
}
[[nodiscard]] Decrypts decrypts(State state) noexcept;

}  // namespace trackier::keyring
