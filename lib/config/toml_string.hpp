#pragma once
/// Text as TOML writes it. Of interest inside this area only.

#include <string>
#include <string_view>

namespace trackier::config {

/// A basic string of TOML, quotes included, with what a terminal must not see escaped. text: from
/// TOML, and therefore valid UTF-8.
std::string toml_string(std::string_view text);

}  // namespace trackier::config
