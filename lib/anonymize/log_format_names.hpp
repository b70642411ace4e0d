#pragma once
/// What nginx and Apache httpd call the fields of their access logs, and what rules may call them.

#include <string>
#include <string_view>
#include <vector>

namespace trackier::anonymize {

/// Of "http_user_agent": itself, then "user_agent".
std::vector<std::string> names_in_nginx(std::string_view variable);

/// Of "h", "^FB": empty when there is no such directive.
std::vector<std::string> names_in_apache(std::string_view directive);

/// Of "i" with "User-Agent": %{User-Agent}i.
std::vector<std::string> names_in_apache(std::string_view directive, std::string_view argument);

}  // namespace trackier::anonymize
