#include "net/curl.hpp"

#include <fmt/format.h>

#include <new>

#include "core/error.hpp"
#include "core/text.hpp"
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

Handle::Handle() : handle_(curl().init()), error_(CURL_ERROR_SIZE, '\0') {
  if (!handle_) {
    throw std::bad_alloc{};
  }
  set(CURLOPT_ERRORBUFFER, error_.data());
}

void Handle::refuse_surroundings() const {
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_NOSIGNAL, 1L);
}

void Handle::expect_trusted_tls(const std::string& ca_file) const {
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!ca_file.empty()) {
    set(CURLOPT_CAINFO, ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
}

std::string Handle::reason(CURLcode code) const {
  const std::string said = error_.substr(0, error_.find('\0'));
  return printable(said.empty() ? curl().strerror(code) : said);
}

void Handle::expect_set(CURLcode code) {
  if (code == CURLE_UNKNOWN_OPTION || code == CURLE_NOT_BUILT_IN) {
    throw Error{Code::unavailable, "this libcurl is too old, or cannot do TLS",
                "install libcurl 7.85 or later: apt-get install libcurl4"};
  }
  if (code != CURLE_OK) {
    throw Error{Code::bug, fmt::format("libcurl refuses an option: {}", curl().strerror(code))};
  }
}

void append(std::unique_ptr<curl_slist, EndList>& list, const std::string& line) {
  curl_slist* const longer = curl().slist_append(list.get(), line.c_str());
  if (longer == nullptr) {
    throw std::bad_alloc{};
  }
  static_cast<void>(list.release());
  list.reset(longer);
}

}  // namespace trackier::net
