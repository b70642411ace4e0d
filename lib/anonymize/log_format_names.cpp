#include "anonymize/log_format_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.hpp"

namespace trackier::anonymize {

namespace {

std::string name_of_header(std::string_view header) {
  std::string name = ascii_lower(header);
  std::ranges::replace(name, '-', '_');
  return name;
}

}  // namespace

std::vector<std::string> names_in_nginx(std::string_view variable) {
  std::vector<std::string> names{std::string{variable}};
  for (const std::string_view prefix : {"sent_http_", "upstream_http_", "http_", "upstream_cookie_",
                                        "cookie_", "arg_", "proxy_add_"}) {
    if (variable.starts_with(prefix) && variable.size() > prefix.size()) {
      names.emplace_back(variable.substr(prefix.size()));
      break;
    }
  }
  constexpr auto others = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"remote_user", "user"},
      {"http_referer", "referer"},
      {"realip_remote_addr", "remote_addr"},
      {"proxy_protocol_addr", "remote_addr"},
      {"ssl_client_s_dn", "name"},
      {"ssl_client_s_dn_legacy", "name"},
      {"ssl_session_id", "session_id"},
      {"time_local", "time"},
      {"time_iso8601", "time"},
      {"body_bytes_sent", "bytes"},
  });
  for (const auto& [own, other] : others) {
    if (variable == own && names.back() != other) {
      names.emplace_back(other);
    }
  }
  return names;
}

std::vector<std::string> names_in_apache(std::string_view directive) {
  struct Directive {
    std::string_view letters;
    std::string_view name;
    std::string_view other;
  };
  constexpr auto known = std::to_array<Directive>({
      {"a", "remote_addr", "host"},
      {"A", "local_addr", ""},
      {"B", "bytes", "body_bytes_sent"},
      {"b", "bytes", "body_bytes_sent"},
      {"D", "duration", "request_time"},
      {"f", "filename", ""},
      {"h", "host", "remote_host"},
      {"H", "protocol", "server_protocol"},
      {"k", "keepalives", ""},
      {"l", "ident", "remote_logname"},
      {"L", "log_id", ""},
      {"m", "method", "request_method"},
      {"p", "port", "server_port"},
      {"P", "pid", ""},
      {"q", "query_string", "args"},
      {"r", "request", ""},
      {"R", "handler", ""},
      {"s", "status", ""},
      {"t", "time", "time_local"},
      {"T", "seconds", "request_time"},
      {"u", "user", "remote_user"},
      {"U", "uri", "path"},
      {"v", "server_name", ""},
      {"V", "server_name", "http_host"},
      {"X", "connection_status", ""},
      {"I", "bytes_received", ""},
      {"O", "bytes_sent", ""},
      {"S", "bytes_transferred", ""},
      {"^FB", "first_byte", ""},
  });
  const auto* found = std::ranges::find(known, directive, &Directive::letters);
  if (found == known.end()) {
    return {};
  }
  std::vector<std::string> names{std::string{found->name}};
  if (!found->other.empty()) {
    names.emplace_back(found->other);
  }
  if (directive == "h") {
    names.emplace_back("ip");  // with HostnameLookups the name of a visitor's host
  }
  return names;
}

std::vector<std::string> names_in_apache(std::string_view directive, std::string_view argument) {
  const std::string header = name_of_header(argument);
  if (directive == "i" || directive == "^ti") {
    return {header, "http_" + header};
  }
  if (directive == "o" || directive == "^to") {
    return {"sent_http_" + header, header};
  }
  if (directive == "C") {
    return {"cookie_" + std::string{argument}, std::string{argument}};
  }
  if (directive == "e" || directive == "n" || directive == "x" || directive == "c") {
    return {std::string{argument}, header};
  }
  if (directive == "a" || directive == "h" || directive == "p" || directive == "P" ||
      directive == "t" || directive == "T") {
    return names_in_apache(directive);
  }
  return {};
}

}  // namespace trackier::anonymize
