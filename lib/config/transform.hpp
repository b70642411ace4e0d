#pragma once
/// Transforms as settings write them: "hash", or { transform = "hash", bits = 256 }. Of interest
/// inside this area only.

#include <string>

#include "anonymize/profile.hpp"
#include "config/document.hpp"

namespace trackier::config {

/// That of a table in which its name and parameters stand, perhaps beside keys that the caller asks
/// for.
anonymize::Transform transform_in(Table& table, anonymize::Action fallback);

/// The value of a key: a word, or a table of a word and its parameters.
anonymize::Transform transform_at(Table& table, const std::string& key);

/// The transform with every parameter in force, as TOML.
std::string toml_of(const anonymize::Transform& transform);

}  // namespace trackier::config
