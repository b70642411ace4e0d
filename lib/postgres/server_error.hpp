#pragma once
/// What a PostgreSQL server complains about, as an Error. Of interest inside this area only.

#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"

namespace trackier::postgres {

struct ServerComplaint {
  std::string sqlstate;  ///< appendix A of PostgreSQL's manual; empty: it is libpq that complains
  std::string text;      ///< one line
};

/// The server has said no.
class ServerError : public Error {
 public:
  ServerError(const Error& error, std::string sqlstate)
      : Error(error), sqlstate_(std::move(sqlstate)) {}

  [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }

 private:
  std::string sqlstate_;
};

/// What kept a connection from being made: libpq's text, with PQERRORS_VERBOSE.
ServerComplaint parse_startup_complaint(std::string_view text);

/// no_permission for a login or a right that is refused, no_input for a database that is not there,
/// data for one that is damaged, busy for a lock that was not to be had, io for a disk that is full
/// or broken, and unavailable for the rest. replication: the hint is for that.
Error server_error(const ServerComplaint& complaint, bool replication);

/// By the words of a tool, which hands on what the server said: no_permission or unavailable.
Code code_of_tool(std::string_view complaint);

}  // namespace trackier::postgres
