#pragma once
/// For whom files are sealed, as settings say it. Of interest inside this area only.

#include <string>
#include <string_view>
#include <vector>

#include "config/document.hpp"
#include "config/origins.hpp"
#include "config/settings.hpp"

namespace trackier::config {

/// A list of recipients, each checked; empty when there is none.
std::vector<std::string> read_recipients(Table& table, std::string_view key);

/// As TOML.
std::string toml_list(const std::vector<std::string>& texts);

/// The section [encrypt].
Encrypt read_encrypt(Table& root, Origins& origins);

}  // namespace trackier::config
