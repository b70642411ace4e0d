#pragma once
/// Where the keyring is, as settings say it. Of interest inside this area only.

#include "config/document.hpp"
#include "config/origins.hpp"
#include "config/settings.hpp"

namespace trackier::config {

/// The section [keyring].
Keyring read_keyring(Table& root, Origins& origins);

}  // namespace trackier::config
