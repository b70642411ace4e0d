#include "net/curl.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include "core/error.hpp"

namespace trackier::net {
namespace {

constexpr const char* library_name = "libcurl.so.4";

template <typename Function>
void find(void* library, const char* name, Function& function) {
  void* const found = ::dlsym(library, name);
  if (found == nullptr) {
    throw Error{Code::unavailable, fmt::format("{} has no {}", library_name, name),
                "install libcurl 7.85 or later: apt-get install libcurl4"};
  }
  function = reinterpret_cast<Function>(found);  // as POSIX has it: a pointer, whatever it leads to
}

Curl load() {
  // Never closed: what it has registered for the end of the process stays callable.
  void* const library = ::dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error{Code::unavailable, "mail and HTTPS need libcurl, which is not installed",
                "apt-get install libcurl4"};
  }
  Curl table;
  find(library, "curl_global_init", table.global_init);
  find(library, "curl_easy_init", table.init);
  find(library, "curl_easy_cleanup", table.cleanup);
  find(library, "curl_easy_setopt", table.setopt);
  find(library, "curl_easy_perform", table.perform);
  find(library, "curl_easy_getinfo", table.getinfo);
  find(library, "curl_easy_strerror", table.strerror);
  find(library, "curl_slist_append", table.slist_append);
  find(library, "curl_slist_free_all", table.slist_free_all);
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
