// What is signed, and what is refused before a server is called; tests/cli/alert_test.py has the
// servers.
#include "net/webhook.hpp"

#include <doctest/doctest.h>

#include "core/bytes.hpp"
#include "crypto/base64.hpp"
#include "support/errors.hpp"

namespace trackier::net {
namespace {

using test::contains;
using test::error_of;

crypto::Secret secret(std::string_view text) {
  return crypto::Secret::copy_of(as_bytes(text));
}

TEST_CASE("the signature is that of Standard Webhooks") {
  // The vector of its reference libraries.
  const auto key = webhook_key(secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  const WebhookMessage message{.id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
                               .body = R"({"test": 2432232314})"};
  const Time at{std::chrono::seconds{1'614'265'330}};
  CHECK(webhook_signature(key.bytes(), message, at) ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("a key is what it says, or what follows whsec_") {
  CHECK(as_text(webhook_key(secret("any words")).bytes()) == "any words");
  CHECK(as_text(webhook_key(secret("whsec_aGVsbG8=")).bytes()) == "hello");
  for (const std::string_view bad : {"", "whsec_", "whsec_?", "whsec_aGVsbG8"}) {
    CAPTURE(bad);
    CHECK(error_of([&] { static_cast<void>(webhook_key(secret(bad))); }).code() == Code::config);
  }
}

TEST_CASE("nothing goes to a place that is not of HTTPS") {
  for (const std::string_view bad :
       {"", "http://localhost/", "https://", "https:///x", "https://a b/", "https://u@localhost/",
        "https://localhost/#x", "https://localhost:65536/", "https://localhost:/x",
        "https://:443/x", "file:///etc/passwd", "HTTPS\n://x"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_https_url(bad));
    const Error error = error_of([&] {
      post({.url = secret(bad), .ca_file = {}, .key = {}}, {.id = "1", .body = "{}"}, Time{},
           "the webhook of ops", {});
    });
    CHECK(error.code() == Code::config);
    CHECK(contains(error.what(), "the webhook of ops"));
  }
  CHECK(is_https_url("https://hooks.example.org:8443/T1?x=1"));
  CHECK(is_https_url("https://[2001:db8::1]:443"));
  CHECK(is_https_url("https://[2001:db8::1]/T1"));
  CHECK(is_https_url("https://hooks.example.org?at=10:20"));
}

TEST_CASE("a server that is not there is an error, and its address is not told") {
  const Error error = error_of([] {
    post({.url = secret("https://127.0.0.1:1/secret-of-the-hook"), .ca_file = {}, .key = {}},
         {.id = "1", .body = "{}"}, Time{}, "the webhook of ops", {});
  });
  CHECK(error.code() == Code::unavailable);
  CHECK(contains(error.what(), "the webhook of ops cannot be reached: "));
  CHECK_FALSE(contains(error.what(), "secret"));
}

}  // namespace
}  // namespace trackier::net
