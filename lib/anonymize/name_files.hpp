#pragma once
/// The texts of lib/anonymize/names: a name a line, comments behind '#'. Of interest to name_lists
/// alone.

#include <string_view>

namespace trackier::anonymize::name_files {

extern const std::string_view given;
extern const std::string_view family;
extern const std::string_view words;

}  // namespace trackier::anonymize::name_files
