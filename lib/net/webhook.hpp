#pragma once
/// Telling a web server of something, in the manner of Standard Webhooks (standardwebhooks.com,
/// version 1.0.0): a POST over HTTPS, signed, with an id by which the receiver knows it again. By
/// libcurl; nothing of what the server answers is kept but its status.

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "crypto/secret.hpp"

namespace trackier::net {

struct Webhook {
  crypto::Secret url;   ///< https://..., and nothing else; often a secret by itself
  std::string ca_file;  ///< as of net::MailServer
  crypto::Secret key;   ///< that signs; empty: it is not signed
  std::chrono::seconds timeout{30};
};

struct WebhookMessage {
  std::string id;    ///< printable ASCII without blanks; the same when it is sent again
  std::string body;  ///< JSON
};

/// Sends it, and returns when the server has taken it (2xx). Redirections are not followed, proxies
/// do not count. now: of the attempt. name: what errors call the receiver, for the address is never
/// told.
///
/// Throws Error{Code::unavailable} when the server cannot be reached, is not trusted, or answers
/// with 5xx, 408 or 429, Error{Code::verdict} for any other answer, Error{Code::config} for a URL
/// that is not of HTTPS, Error{Code::no_input} for a ca_file that cannot be read, and
/// os::Interrupted when `stop` asks for it.
void post(const Webhook& webhook, const WebhookMessage& message, Time now, const std::string& name,
          const std::stop_token& stop);

/// "v1,BASE64": HMAC-SHA-256 of "ID.SECONDS.BODY".
std::string webhook_signature(Bytes key, const WebhookMessage& message, Time now);

/// The key in "whsec_BASE64", as receivers print it; other texts are the key themselves. Throws
/// Error{Code::config} for one that begins so and is no base64, and for an empty one.
crypto::Secret webhook_key(const crypto::Secret& text);

/// Whether it is https:// and a host, in printable ASCII without blanks, login and fragment.
bool is_https_url(std::string_view url);

}  // namespace trackier::net
