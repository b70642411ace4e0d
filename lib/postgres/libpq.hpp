#pragma once
/// The functions of libpq that are used here. The library is loaded when the first of them is
/// needed: linking it would cost every start of the program milliseconds, for all the libraries it
/// brings along, and most runs have no PostgreSQL to talk to. Of interest inside this area only.

#include <libpq-fe.h>

namespace trackier::postgres {

struct Libpq {
  decltype(&PQconnectStartParams) connect_start_params = nullptr;
  decltype(&PQconnectPoll) connect_poll = nullptr;
  decltype(&PQfinish) finish = nullptr;
  decltype(&PQconndefaults) conndefaults = nullptr;
  decltype(&PQconninfoParse) conninfo_parse = nullptr;
  decltype(&PQconninfoFree) conninfo_free = nullptr;
  decltype(&PQgetCancel) get_cancel = nullptr;
  decltype(&PQfreeCancel) free_cancel = nullptr;
  decltype(&PQcancel) cancel = nullptr;
  decltype(&PQdb) db = nullptr;
  decltype(&PQuser) user = nullptr;
  decltype(&PQstatus) status = nullptr;
  decltype(&PQparameterStatus) parameter_status = nullptr;
  decltype(&PQserverVersion) server_version = nullptr;
  decltype(&PQerrorMessage) error_message = nullptr;
  decltype(&PQsocket) socket = nullptr;
  decltype(&PQconnectionNeedsPassword) connection_needs_password = nullptr;
  decltype(&PQsslInUse) ssl_in_use = nullptr;
  decltype(&PQsetErrorVerbosity) set_error_verbosity = nullptr;
  decltype(&PQsetNoticeReceiver) set_notice_receiver = nullptr;
  decltype(&PQsendQuery) send_query = nullptr;
  decltype(&PQsendQueryParams) send_query_params = nullptr;
  decltype(&PQgetResult) get_result = nullptr;
  decltype(&PQisBusy) is_busy = nullptr;
  decltype(&PQconsumeInput) consume_input = nullptr;
  decltype(&PQgetCopyData) get_copy_data = nullptr;
  decltype(&PQresultStatus) result_status = nullptr;
  decltype(&PQresultErrorField) result_error_field = nullptr;
  decltype(&PQntuples) ntuples = nullptr;
  decltype(&PQnfields) nfields = nullptr;
  decltype(&PQgetvalue) getvalue = nullptr;
  decltype(&PQgetlength) getlength = nullptr;
  decltype(&PQgetisnull) getisnull = nullptr;
  decltype(&PQclear) clear = nullptr;
  decltype(&PQfreemem) freemem = nullptr;
};

/// Loads the library at the first call. Thread-safe. Throws Error{Code::unavailable} when it is not
/// installed.
const Libpq& libpq();

}  // namespace trackier::postgres
