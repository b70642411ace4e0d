#pragma once
/// The functions of libcurl that are used here. The library is loaded when the first of them is
/// needed: linking it would cost every start of the program milliseconds, for all the libraries it
/// brings along, and most runs talk to no server. Of interest inside this area only.

#include <curl/curl.h>

#include <memory>
#include <string>

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

struct EndHandle {
  void operator()(CURL* handle) const noexcept { curl().cleanup(handle); }
};
struct EndList {
  void operator()(curl_slist* list) const noexcept { curl().slist_free_all(list); }
};

/// One request, and the strings it needs.
class Handle {
 public:
  /// Throws as curl(), and std::bad_alloc.
  Handle();

  /// Throws Error{Code::unavailable} when this library does not know the option, or lacks what it
  /// is about, and Error{Code::bug} when it refuses the value.
  template <typename Value>
  void set(CURLoption option, Value value) const {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg) the library has no other way
    expect_set(curl().setopt(handle_.get(), option, value));
  }

  template <typename Value>
  void get(CURLINFO info, Value* value) const {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg) the library has no other way
    static_cast<void>(curl().getinfo(handle_.get(), info, value));
  }

  /// What no request of this program wants: proxies, logins from .netrc, signals.
  void refuse_surroundings() const;

  /// TLS 1.2 or later, with a certificate that is trusted: by the authorities in `ca_file`, or
  /// where it is empty by those of the system.
  void expect_trusted_tls(const std::string& ca_file) const;

  [[nodiscard]] CURLcode perform() const { return curl().perform(handle_.get()); }

  /// What the library says of a failure of the last perform(); printable.
  [[nodiscard]] std::string reason(CURLcode code) const;

 private:
  static void expect_set(CURLcode code);

  std::unique_ptr<CURL, EndHandle> handle_;
  std::string error_;  ///< the library writes into it
};

/// Puts a line at the end of a list. Throws std::bad_alloc.
void append(std::unique_ptr<curl_slist, EndList>& list, const std::string& line);

}  // namespace trackier::net
