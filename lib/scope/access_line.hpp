#pragma once
/// Lines of web servers: the common and the combined log format of Apache and nginx.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "scope/record.hpp"

namespace trackier::scope {

/// Fields: remote_addr, remote_user, time, method, path (with its query), status, bytes, referer,
/// user_agent; "-" is absent. Status and bytes are numbers. Escapes (\" and \xHH) stay as written.
/// Thread-safe when made.
class AccessLineReader {
 public:
  /// fields: each once; names the format does not have are absent.
  explicit AccessLineReader(std::span<const std::string> fields);

  /// The text of the time, or none when `line` is of neither format. What follows the combined
  /// format after a space is left out of account. A request line that is none (attackers send
  /// such) has neither method nor path.
  std::optional<std::string_view> read(std::string_view line, Record& record) const;

 private:
  enum Part : std::size_t {
    remote_addr,
    remote_user,
    time,
    method,
    path,
    status,
    bytes,
    referer,
    user_agent,
    parts,
  };
  static constexpr std::size_t unwanted = SIZE_MAX;

  void put(Part part, std::string_view text, Record& record) const;

  std::array<std::size_t, parts> field_of_{};
};

}  // namespace trackier::scope
