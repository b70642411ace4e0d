#include "postgres/libpq.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "os/shared_library.hpp"

namespace trackier::postgres {
namespace {

Libpq load() {
  const os::SharedLibrary library{"libpq.so.5",
                                  {.missing = "PostgreSQL needs libpq, which is not installed",
                                   .cure = "apt-get install libpq5",
                                   .least = "libpq 13"}};
  Libpq table;
  library.find("PQconnectStartParams", table.connect_start_params);
  library.find("PQconnectPoll", table.connect_poll);
  library.find("PQfinish", table.finish);
  library.find("PQconndefaults", table.conndefaults);
  library.find("PQconninfoParse", table.conninfo_parse);
  library.find("PQconninfoFree", table.conninfo_free);
  library.find("PQgetCancel", table.get_cancel);
  library.find("PQfreeCancel", table.free_cancel);
  library.find("PQcancel", table.cancel);
  library.find("PQdb", table.db);
  library.find("PQuser", table.user);
  library.find("PQstatus", table.status);
  library.find("PQparameterStatus", table.parameter_status);
  library.find("PQserverVersion", table.server_version);
  library.find("PQerrorMessage", table.error_message);
  library.find("PQsocket", table.socket);
  library.find("PQconnectionNeedsPassword", table.connection_needs_password);
  library.find("PQsslInUse", table.ssl_in_use);
  library.find("PQsetErrorVerbosity", table.set_error_verbosity);
  library.find("PQsetNoticeReceiver", table.set_notice_receiver);
  library.find("PQsendQuery", table.send_query);
  library.find("PQsendQueryParams", table.send_query_params);
  library.find("PQgetResult", table.get_result);
  library.find("PQisBusy", table.is_busy);
  library.find("PQconsumeInput", table.consume_input);
  library.find("PQgetCopyData", table.get_copy_data);
  library.find("PQresultStatus", table.result_status);
  library.find("PQresultErrorField", table.result_error_field);
  library.find("PQntuples", table.ntuples);
  library.find("PQnfields", table.nfields);
  library.find("PQgetvalue", table.getvalue);
  library.find("PQgetlength", table.getlength);
  library.find("PQgetisnull", table.getisnull);
  library.find("PQclear", table.clear);
  library.find("PQfreemem", table.freemem);
  return table;
}

}  // namespace

const Libpq& libpq() {
  static const Libpq table = load();  // tried again at the next call when it throws
  return table;
}

}  // namespace trackier::postgres
