#include "keyring/state.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string_view>

namespace trackier::keyring {
namespace {

// Rows and columns in the order of all_states: pending, active, decrypt-only, suspended,
// compromised, retired, destroyed. As in the table of trackier-keyring(5), STATES.
constexpr std::array<std::string_view, 7> allowed{
    ".x....x",  // pending
    "..xxx..",  // active
    "....xx.",  // decrypt-only
    ".xx.x..",  // suspended
    ".....x.",  // compromised
    "..x.x.x",  // retired
    "......."   // destroyed
};

TEST_CASE("a key takes the steps of the table and no others") {
  for (std::size_t from = 0; from < all_states.size(); ++from) {
    for (std::size_t to = 0; to < all_states.size(); ++to) {
      INFO(to_text(all_states.at(from)), " to ", to_text(all_states.at(to)));
      CHECK(is_allowed(all_states.at(from), all_states.at(to)) == (allowed.at(from)[to] == 'x'));
    }
  }
}

TEST_CASE("what each state is good for") {
  CHECK(encrypts(State::active));
  for (const State state : all_states) {
    CHECK(encrypts(state) == (state == State::active));
  }
  CHECK(decrypts(State::pending) == Decrypts::no);
  CHECK(decrypts(State::active) == Decrypts::yes);
  CHECK(decrypts(State::decrypt_only) == Decrypts::yes);
  CHECK(decrypts(State::suspended) == Decrypts::when_asked);
  CHECK(decrypts(State::compromised) == Decrypts::with_warning);
  CHECK(decrypts(State::retired) == Decrypts::no);
  CHECK(decrypts(State::destroyed) == Decrypts::no);
}

TEST_CASE("states are read as they are written") {
  for (const State state : all_states) {
    CHECK(parse_state(to_text(state)) == state);
  }
  for (const char* const text : {"", "Active", "decrypt_only", "deactivated", "active "}) {
    CHECK_FALSE(parse_state(text));
  }
}

}  // namespace
}  // namespace trackier::keyring
