#pragma once
/// The strings in which operators tell nginx (log_format) and Apache httpd (LogFormat) how to write
/// their access logs, compiled into literals and variables.
/// https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format
/// https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::anonymize {

struct LogFormat {
  enum class Escape : std::uint8_t {
    backslash,  ///< \" and \xHH: Apache, and what nginx does unless told otherwise
    json,       ///< the escapes of JSON strings
    none,       ///< a quote in a value is a quote
  };

  struct Variable {
    std::vector<std::string> names;    ///< as the server calls it, then what else rules may call it
    std::string behind;                ///< the literal that ends the value; empty: the last one
    std::uint32_t endings_inside = 0;  ///< so many belong to the value, if they are a blank
    bool quoted = false;               ///< between quotes
    bool list = false;                 ///< "a, b": a blank behind a comma does not end it
  };

  std::string in_front;  ///< the literal before the first variable
  std::vector<Variable> variables;
  Escape escape = Escape::backslash;
  bool json = false;  ///< nginx writes objects: the format of the log is json
};

/// text: the string alone, in one piece or nginx' quoted pieces, or the whole directive with its
/// name and options. Throws Error{Code::config}, with the column, for a string without variables,
/// with a directive that does not exist, or with two variables that nothing divides.
LogFormat compile_log_format(std::string_view text);

/// Where the value of each variable is in a record.
struct ValueRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Divides `record` in time proportional to its length: what a variable holds goes on to the first
/// place where the literal behind it stands, and nothing is tried twice. False when a literal is
/// missing. needed: the record may end behind so many variables, or go on behind the last one.
bool match_log_format(const LogFormat& format, std::string_view record,
                      std::optional<std::size_t> needed, std::vector<ValueRange>& values);

}  // namespace trackier::anonymize
