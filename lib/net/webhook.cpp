#include "net/webhook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"
#include "crypto/mac.hpp"
#include "net/curl.hpp"
#include "os/signals.hpp"

namespace trackier::net {
namespace {

std::string seconds_of(Time now) {
  return fmt::format(
      "{}", std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
}

std::size_t on_body(char* /*text*/, std::size_t size, std::size_t count, void* data) noexcept {
  constexpr std::size_t most = std::size_t{1} << 20U;
  auto& read = *static_cast<std::size_t*>(data);
  read += size * count;
  return read > most ? 0 : size * count;
}

int on_progress(void* data, curl_off_t /*all*/, curl_off_t /*done*/, curl_off_t /*all_up*/,
                curl_off_t /*done_up*/) noexcept {
  return static_cast<const std::stop_token*>(data)->stop_requested() ? 1 : 0;
}

/// A text with a NUL at its end, in memory of its own.
crypto::Secret terminated(const crypto::Secret& text) {
  crypto::Secret copy{text.size() + 1};
  std::ranges::copy(text.bytes(), copy.writable().begin());
  return copy;
}

Error failure(CURLcode code, const std::string& reason, const std::string& name,
              const std::string& ca_file) {
  if (code == CURLE_PEER_FAILED_VERIFICATION) {
    return Error{Code::unavailable,
                 fmt::format("{}: the certificate is not trusted: {}", name, reason),
                 "it has to be for the host in the address, and signed by an authority of the "
                 "system, or of ca_file"};
  }
  if (code == CURLE_SSL_CACERT_BADFILE) {
    return Error{
        Code::no_input,
        fmt::format("{} has no certificates that can be read: {}", printable(ca_file), reason),
        "name a file of certificates in PEM"};
  }
  return Error{Code::unavailable, fmt::format("{} cannot be reached: {}", name, reason)};
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, port);
  return parsed.ec == std::errc{} && parsed.ptr == end && port > 0;
}

void judge(long status, const std::string& name) {
  constexpr long timeout = 408;
  constexpr long too_many = 429;
  if (status / 100 == 2) {
    return;
  }
  if (status / 100 == 5 || status == timeout || status == too_many) {
    throw Error{Code::unavailable, fmt::format("{} does not take it now: HTTP {}", name, status)};
  }
  throw Error{Code::verdict, fmt::format("{} does not take it: HTTP {}", name, status),
              status / 100 == 3 ? "it redirects, which is not followed: name the place itself"
                                : "look at its address, at the key, and at how much it takes"};
}

}  // namespace

void post(const Webhook& webhook, const WebhookMessage& message, Time now, const std::string& name,
          const std::stop_token& stop) {
  os::throw_if_stopped(stop);
  if (!is_https_url(as_text(webhook.url.bytes()))) {
    throw Error{
        Code::config, fmt::format("{}: this is no address of HTTPS that can be used", name),
        "write it like \"https://hooks.example.org/T1\": small letters in front, no login, no #"};
  }
  const crypto::Secret url = terminated(webhook.url);
  const Handle handle;
  handle.set(CURLOPT_PROTOCOLS_STR, "https");
  handle.set(CURLOPT_URL, as_text(url.bytes()).data());
  handle.expect_trusted_tls(webhook.ca_file);
  handle.refuse_surroundings();
  handle.set(CURLOPT_FOLLOWLOCATION, 0L);
  const long seconds = webhook.timeout.count();
  handle.set(CURLOPT_CONNECTTIMEOUT, seconds);
  handle.set(CURLOPT_TIMEOUT, seconds);
  handle.set(CURLOPT_USERAGENT, "trackier-ctl");
  handle.set(CURLOPT_XFERINFOFUNCTION, &on_progress);
  handle.set(CURLOPT_XFERINFODATA, static_cast<const void*>(&stop));
  handle.set(CURLOPT_NOPROGRESS, 0L);
  std::size_t read = 0;
  handle.set(CURLOPT_WRITEFUNCTION, &on_body);
  handle.set(CURLOPT_WRITEDATA, static_cast<void*>(&read));

  std::unique_ptr<curl_slist, EndList> headers;
  append(headers, "Content-Type: application/json");
  append(headers, "Expect:");
  append(headers, "webhook-id: " + message.id);
  append(headers, "webhook-timestamp: " + seconds_of(now));
  if (!webhook.key.empty()) {
    append(headers, "webhook-signature: " + webhook_signature(webhook.key.bytes(), message, now));
  }
  handle.set(CURLOPT_HTTPHEADER, headers.get());
  handle.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(message.body.size()));
  handle.set(CURLOPT_POSTFIELDS, message.body.c_str());

  const CURLcode code = handle.perform();
  long status = 0;
  handle.get(CURLINFO_RESPONSE_CODE, &status);
  if (status == 0 || (code != CURLE_OK && code != CURLE_WRITE_ERROR)) {
    os::throw_if_stopped(stop);
    throw failure(code, handle.reason(code), name, webhook.ca_file);
  }
  judge(status, name);
}

std::string webhook_signature(Bytes key, const WebhookMessage& message, Time now) {
  const std::string signed_text =
      fmt::format("{}.{}.{}", message.id, seconds_of(now), message.body);
  return "v1," + crypto::padded_base64(crypto::MacKey{key}.mac(as_bytes(signed_text)));
}

crypto::Secret webhook_key(const crypto::Secret& text) {
  constexpr std::string_view mark = "whsec_";
  std::string_view rest = as_text(text.bytes());
  if (rest.empty()) {
    throw Error{Code::config, "the key of a webhook is empty"};
  }
  if (!rest.starts_with(mark)) {
    return crypto::Secret::copy_of(text.bytes());
  }
  rest.remove_prefix(mark.size());
  auto key = crypto::bytes_from_padded_base64(rest);
  if (!key || key->empty()) {
    throw Error{Code::config, "the key of a webhook begins with whsec_, and no base64 follows"};
  }
  auto made = crypto::Secret::copy_of(as_bytes(*key));
  crypto::wipe(as_writable_bytes(std::span{*key}));
  return made;
}

bool is_https_url(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  const bool is_plain = std::ranges::all_of(url, [](char each) {
    return each > ' ' && each < 0x7f && each != '@' && each != '#' && each != '\\';
  });
  if (!is_plain || !url.starts_with(scheme)) {
    return false;
  }
  const std::string_view authority =
      url.substr(scheme.size(), url.find_first_of("/?", scheme.size()) - scheme.size());
  const std::size_t colon = authority.find(':', authority.find(']') + 1);  // behind [2001:db8::1]
  return colon != 0 && !authority.empty() &&
         (colon == std::string_view::npos || is_port(authority.substr(colon + 1)));
}

}  // namespace trackier::net
