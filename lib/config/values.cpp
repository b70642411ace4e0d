#include "config/values.hpp"

#include <fmt/format.h>

#include "core/duration.hpp"
#include "core/text.hpp"
#include "keys/reference.hpp"

namespace trackier::config {

void expect_secret_reference(const Table& table, std::string_view key, const std::string& text,
                             std::string_view what) {
  const auto wrong = [&](const std::string& found, const std::string& hint) {
    return table.error(key, fmt::format("{}: {}", table.full_name(key), found), hint);
  };
  keys::Reference reference;
  try {
    reference = keys::parse_reference(text, Code::config);
  } catch (const Error&) {
    throw wrong(fmt::format("a {} is named by where it is, not by itself", what),
                "write file:PATH, credential:NAME, fd:NUMBER or command:COMMAND");
  }
  if (reference.scheme == keys::Reference::Scheme::keyring) {
    throw wrong(fmt::format("a keyring has keys, and no {}s", what), "name a file: \"file:PATH\"");
  }
}

std::chrono::seconds read_timeout(Table& table, std::chrono::seconds usual,
                                  std::chrono::minutes most) {
  constexpr std::chrono::seconds least{1};
  constexpr std::chrono::minutes hour{60};
  const auto text = table.text("timeout");
  if (!text) {
    return usual;
  }
  const auto timeout = parse_duration(*text);
  if (!timeout || *timeout < least || *timeout > most) {
    throw table.error(
        "timeout",
        fmt::format("{}: {} is not a time of 1s to {}", table.full_name("timeout"),
                    printable(*text),
                    most == hour ? std::string{"1h"} : fmt::format("{}m", most.count())),
        "write it like \"30s\" or \"2m\"");
  }
  return *timeout;
}

}  // namespace trackier::config
