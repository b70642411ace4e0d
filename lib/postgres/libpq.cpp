#include "postgres/libpq.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include "core/error.hpp"

namespace trackier::postgres {
namespace {

constexpr const char* library_name = "libpq.so.5";

template <typename Function>
void find(void* library, const char* name, Function& function) {
  void* const found = ::dlsym(library, name);
  if (found == nullptr) {
    throw Error{Code::unavailable, fmt::format("{} has no {}", library_name, name),
                "install libpq 13 or later: apt-get install libpq5"};
  }
  function = reinterpret_cast<Function>(found);  // as POSIX has it: a pointer, whatever it leads to
}

Libpq load() {
  // Never closed: what it has registered for the end of the process stays callable.
  void* const library = ::dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error{Code::unavailable, "PostgreSQL needs libpq, which is not installed",
                "apt-get install libpq5"};
  }
  Libpq table;
  find(library, "PQconnectStartParams", table.connect_start_params);
  find(library, "PQconnectPoll", table.connect_poll);
  find(library, "PQfinish", table.finish);
  find(library, "PQconndefaults", table.conndefaults);
  find(library, "PQconninfoParse", table.conninfo_parse);
  find(library, "PQconninfoFree", table.conninfo_free);
  find(library, "PQgetCancel", table.get_cancel);
  find(library, "PQfreeCancel", table.free_cancel);
  find(library, "PQcancel", table.cancel);
  find(library, "PQdb", table.db);
  find(library, "PQuser", table.user);
  find(library, "PQstatus", table.status);
  find(library, "PQparameterStatus", table.parameter_status);
  find(library, "PQserverVersion", table.server_version);
  find(library, "PQerrorMessage", table.error_message);
  find(library, "PQsocket", table.socket);
  find(library, "PQconnectionNeedsPassword", table.connection_needs_password);
  find(library, "PQsslInUse", table.ssl_in_use);
  find(library, "PQsetErrorVerbosity", table.set_error_verbosity);
  find(library, "PQsetNoticeReceiver", table.set_notice_receiver);
  find(library, "PQsendQuery", table.send_query);
  find(library, "PQsendQueryParams", table.send_query_params);
  find(library, "PQgetResult", table.get_result);
  find(library, "PQisBusy", table.is_busy);
  find(library, "PQconsumeInput", table.consume_input);
  find(library, "PQgetCopyData", table.get_copy_data);
  find(library, "PQresultStatus", table.result_status);
  find(library, "PQresultErrorField", table.result_error_field);
  find(library, "PQntuples", table.ntuples);
  find(library, "PQnfields", table.nfields);
  find(library, "PQgetvalue", table.getvalue);
  find(library, "PQgetlength", table.getlength);
  find(library, "PQgetisnull", table.getisnull);
  find(library, "PQclear", table.clear);
  find(library, "PQfreemem", table.freemem);
  return table;
}

}  // namespace

const Libpq& libpq() {
  static const Libpq table = load();  // tried again at the next call when it throws
  return table;
}

}  // namespace trackier::postgres
