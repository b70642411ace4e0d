#pragma once
/// The functions of libcurl that are used here. The library is loaded when the first of them is
/// needed: linking it would cost every start of the program milliseconds, for all the libraries it
/// brings along, and most runs talk to no server. Of interest inside this area only.

#include <curl/curl.h>

namespace trackier::net {

struct Curl {
  decltype(&curl_global_init) global_init = nullptr;
  decltype(&curl_easy_init) init = nullptr;
  decltype(&curl_easy_cleanup) cleanup = nullptr;
  decltype(&curl_easy_setopt) setopt = nullptr;
  decltype(&curl_easy_perform) perform = nullptr;
  decltype(&curl_easy_getinfo) getinfo = nullptr;
  decltype(&curl_easy_strerror) strerror = nullptr;
  decltype(&curl_slist_append) slist_append = nullptr;
  decltype(&curl_slist_free_all) slist_free_all = nullptr;
};

/// Loads the library at the first call. Thread-safe. Throws Error{Code::unavailable} when it is not
/// installed.
const Curl& curl();

}  // namespace trackier::net
