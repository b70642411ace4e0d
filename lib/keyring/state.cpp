#include "keyring/state.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"

namespace trackier::keyring {
namespace {

constexpr std::array<std::pair<State, std::string_view>, all_states.size()> names{{
    {State::pending, "pending"},
    {State::active, "active"},
    {State::decrypt_only, "decrypt-only"},
    {State::suspended, "suspended"},
    {State::compromised, "compromised"},
    {State::retired, "retired"},
    {State::destroyed, "destroyed"},
}};

/// Every step there is. A retired key may turn out to be compromised, or go back to it: otherwise
/// retiring and taking it back would wash a compromised key clean.
constexpr std::array<std::pair<State, State>, 14> steps{{
    {State::pending, State::active},
    {State::pending, State::destroyed},
    {State::active, State::decrypt_only},
    {State::active, State::suspended},
    {State::active, State::compromised},
    {State::decrypt_only, State::compromised},
    {State::decrypt_only, State::retired},
    {State::suspended, State::active},
    {State::suspended, State::decrypt_only},
    {State::suspended, State::compromised},
    {State::compromised, State::retired},
    {State::retired, State::decrypt_only},
    {State::retired, State::compromised},
    {State::retired, State::destroyed},
}};

}  // namespace

std::string_view to_text(State state) {
  const auto* const found =
      std::ranges::find(names, state, &std::pair<State, std::string_view>::first);
  if (found == names.end()) {
    throw Error{Code::bug, "a state without a name"};
  }
  return found->second;
}

std::optional<State> parse_state(std::string_view text) {
  const auto* const found =
      std::ranges::find(names, text, &std::pair<State, std::string_view>::second);
  return found == names.end() ? std::nullopt : std::optional{found->first};
}

bool is_allowed(State from, State to) {
  return std::ranges::find(steps, std::pair{from, to}) != steps.end();
}

Decrypts decrypts(State state) noexcept {
  switch (state) {
    case State::active:
    case State::decrypt_only:
      return Decrypts::yes;
    case State::suspended:
      return Decrypts::when_asked;
    case State::compromised:
      return Decrypts::with_warning;
    case State::pending:
    case State::retired:
    case State::destroyed:
      break;
  }
  return Decrypts::no;
}

}  // namespace trackier::keyring
