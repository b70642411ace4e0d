#include "net/https_probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/text.hpp"
#include "net/curl.hpp"
#include "os/signals.hpp"

namespace trackier::net {
namespace {

using Manner = ProbeRequest::Manner;
using End = ProbeAnswer::End;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::size_t on_body(char* /*text*/, std::size_t /*size*/, std::size_t /*count*/,
                    void* /*data*/) noexcept {
  return 0;  // the status is all that is wanted
}

int on_progress(void* data, curl_off_t /*all*/, curl_off_t /*done*/, curl_off_t /*all_up*/,
                curl_off_t /*done_up*/) noexcept {
  return static_cast<const std::stop_token*>(data)->stop_requested() ? 1 : 0;
}

class Probe {
 public:
  Probe(const ProbeRequest& request, const std::stop_token& stop)
      : request_(request), stop_(stop) {}

  ProbeAnswer run() {
    prepare();
    const CURLcode code = handle_.perform();
    os::throw_if_stopped(stop_);
    ProbeAnswer answer;
    curl_off_t connected = 0;
    handle_.get(CURLINFO_CONNECT_TIME_T, &connected);
    handle_.get(CURLINFO_RESPONSE_CODE, &answer.status);
    // Of a handshake that fails libcurl does not say how long connecting took.
    answer.is_connected =
        connected > 0 || code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION;
    const std::string said = handle_.reason(code);
    answer.end = end_of(code, said, answer);
    if (answer.end != End::answered) {
      answer.said = said;
    }
    const char* location = nullptr;
    handle_.get(CURLINFO_REDIRECT_URL, &location);
    answer.location = location == nullptr ? "" : printable(location);
    answer.certificate_ends = certificate_ends();
    return answer;
  }

 private:
  void prepare() {
    const bool is_plain = request_.manner == Manner::plain;
    const bool is_literal = contains(request_.host, ":");
    handle_.set(CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");
    handle_.set(CURLOPT_URL,
                fmt::format("{}://{}{}{}:{}{}", is_plain ? "http" : "https", is_literal ? "[" : "",
                            request_.host, is_literal ? "]" : "", request_.port, request_.path)
                    .c_str());
    const long seconds = request_.timeout.count();
    handle_.refuse_surroundings();
    handle_.set(CURLOPT_FOLLOWLOCATION, 0L);
    handle_.set(CURLOPT_CONNECTTIMEOUT, seconds);
    handle_.set(CURLOPT_TIMEOUT, seconds * 2);
    handle_.set(CURLOPT_USERAGENT, "trackier-ctl check");
    handle_.set(CURLOPT_WRITEFUNCTION, &on_body);
    handle_.set(CURLOPT_XFERINFOFUNCTION, &on_progress);
    handle_.set(CURLOPT_XFERINFODATA, static_cast<const void*>(&stop_));
    handle_.set(CURLOPT_NOPROGRESS, 0L);
    if (!is_plain) {
      prepare_tls();
    }
  }

  void prepare_tls() {
    const bool is_old = request_.manner == Manner::tls_of_old;
    const bool is_checked = request_.manner == Manner::trusted;
    handle_.set(CURLOPT_CONNECT_ONLY, 1L);  // a handshake, and no request
    handle_.set(CURLOPT_CERTINFO, 1L);
    handle_.set(CURLOPT_SSL_VERIFYPEER, is_checked ? 1L : 0L);
    handle_.set(CURLOPT_SSL_VERIFYHOST, is_checked ? 2L : 0L);
    if (is_checked && !request_.ca_file.empty()) {
      handle_.set(CURLOPT_CAINFO, request_.ca_file.c_str());
      handle_.set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    if (!is_old) {
      handle_.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
      return;
    }
    // What OpenSSL 3 signs with in TLS 1.1 is below its usual level.
    constexpr int to_most = 16;  // CURL_SSLVERSION_MAX_TLSv1_1, which g++ takes for no enumerator
    handle_.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_0) |
                                        (static_cast<long>(CURL_SSLVERSION_TLSv1_1) << to_most));
    handle_.set(CURLOPT_SSL_CIPHER_LIST, "ALL:@SECLEVEL=0");
  }

  /// Only what the server has done counts as its doing.
  [[nodiscard]] End end_of(CURLcode code, const std::string& said,
                           const ProbeAnswer& answer) const {
    const bool is_plain = request_.manner == Manner::plain;
    if (code == CURLE_OK || (is_plain && answer.status > 0)) {
      return End::answered;
    }
    switch (code) {
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_CONNECT:
        return End::unreachable;
      case CURLE_OPERATION_TIMEDOUT:
        return answer.is_connected ? End::unknown : End::silent;
      case CURLE_PEER_FAILED_VERIFICATION:
        return End::untrusted;
      case CURLE_GOT_NOTHING:
      case CURLE_RECV_ERROR:
      case CURLE_SEND_ERROR:
      case CURLE_WEIRD_SERVER_REPLY:
        return answer.is_connected ? End::turned_away : End::unknown;
      case CURLE_UNSUPPORTED_PROTOCOL:  // what came was no HTTP
        return is_plain && answer.is_connected ? End::turned_away : End::unknown;
      case CURLE_SSL_CONNECT_ERROR: {
        constexpr std::array<std::string_view, 6> of_server{
            " alert ",        "Connection reset",      "SSL_ERROR_SYSCALL",
            "unexpected eof", "SSL_ERROR_ZERO_RETURN", "Connection was reset"};
        return std::ranges::any_of(of_server, [&](auto part) { return contains(said, part); })
                   ? End::turned_away
                   : End::unknown;
      }
      default:
        return End::unknown;
    }
  }

  [[nodiscard]] std::optional<Time> certificate_ends() const {
    curl_certinfo* chain = nullptr;
    handle_.get(CURLINFO_CERTINFO, &chain);
    std::optional<Time> first;
    for (int i = 0; chain != nullptr && i < chain->num_of_certs; ++i) {
      for (const curl_slist* each = chain->certinfo[i]; each != nullptr; each = each->next) {
        constexpr std::string_view key = "Expire date:";
        const std::string_view text = each->data;
        if (text.starts_with(key)) {
          const auto time = parse_certificate_time(std::string{text.substr(key.size())});
          if (!time) {
            return std::nullopt;
          }
          first = first ? std::min(*first, *time) : *time;
        }
      }
    }
    return first;
  }

  const ProbeRequest& request_;
  const std::stop_token& stop_;
  Handle handle_;
};

}  // namespace

ProbeAnswer probe(const ProbeRequest& request, const std::stop_token& stop) {
  os::throw_if_stopped(stop);
  return Probe{request, stop}.run();
}

std::optional<Time> parse_certificate_time(const std::string& text) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::istringstream words{text};
  std::string first;
  std::string second;
  words >> first >> second;
  if (first.size() == 3) {
    std::string clock;
    std::string year;
    std::string zone;
    words >> clock >> year >> zone;
    const auto month = std::ranges::find(months, first);
    if (month == months.end() || zone != "GMT") {
      return std::nullopt;
    }
    return parse_rfc3339(
        fmt::format("{}-{:02}-{:0>2}T{}Z", year, month - months.begin() + 1, second, clock));
  }
  return parse_rfc3339(fmt::format("{}T{}Z", first, second));
}

}  // namespace trackier::net
