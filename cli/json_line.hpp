#pragma once
/// JSON as commands print it.

#include <string>

namespace trackier::cli {

/// One line. Names of files may be any bytes: what is no UTF-8 becomes U+FFFD. Json: of nlohmann,
/// which .cpp files include.
template <typename Json>
std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace trackier::cli
