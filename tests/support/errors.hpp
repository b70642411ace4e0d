#pragma once
/// The error an action ends with, as a value to be looked at.

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"

namespace trackier::test {

/// Runs `action`, which has to throw an Error. The test ends when it does not; any other exception
/// passes through.
template <typename Action>
Error error_of(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error was thrown");
  throw std::logic_error("never reached: FAIL throws");
}

inline std::string message_of(const Error& error) {
  return error.what();
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace trackier::test
