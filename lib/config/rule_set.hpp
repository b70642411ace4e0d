#pragma once
/// What decides which values are replaced, and by what, in one canonical text: equal rules have
/// equal texts, wherever they are written. trackier-ctl-anonymize(1), WHAT IS REPORTED.

#include <string>
#include <string_view>

#include "anonymize/profile.hpp"

namespace trackier::config {

/// program: the version of the program, whose detectors are part of the rules. Names of profiles
/// and keys are none.
std::string rule_set_text(const anonymize::Profile& profile, std::string_view program);

/// SHA-256 of the text, 64 hexadecimal digits.
std::string rule_set_id(const anonymize::Profile& profile, std::string_view program);

}  // namespace trackier::config
