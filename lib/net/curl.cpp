#include "net/curl.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "os/shared_library.hpp"

namespace trackier::net {
namespace {

Curl load() {
  const os::SharedLibrary library{"libcurl.so.4",
                                  {.missing = "mail and HTTPS need libcurl, which is not installed",
                                   .cure = "apt-get install libcurl4",
                                   .least = "libcurl 7.85"}};
  Curl table;
  library.find("curl_global_init", table.global_init);
  library.find("curl_easy_init", table.init);
  library.find("curl_easy_cleanup", table.cleanup);
  library.find("curl_easy_setopt", table.setopt);
  library.find("curl_easy_perform", table.perform);
  library.find("curl_easy_getinfo", table.getinfo);
  library.find("curl_easy_strerror", table.strerror);
  library.find("curl_slist_append", table.slist_append);
  library.find("curl_slist_free_all", table.slist_free_all);
  if (const CURLcode code = table.global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK) {
    throw Error{Code::unavailable, fmt::format("libcurl cannot begin: {}", table.strerror(code))};
  }
  return table;
}

}  // namespace

const Curl& curl() {
  static const Curl table = load();  // tried again at the next call when it throws
  return table;
}

}  // namespace trackier::net
