// What is refused before a server is called; tests/cli/breach_smtp_test.py has the servers.
#include "net/smtp.hpp"

#include <doctest/doctest.h>

#include <stop_token>
#include <string>
#include <vector>

#include "os/signals.hpp"
#include "support/errors.hpp"

namespace trackier::net {
namespace {

using test::contains;
using test::error_of;
using test::message_of;

/// Nobody listens at port 1.
const MailServer nobody{
    .host = "127.0.0.1", .port = 1, .ca_file = "", .user = "", .timeout = std::chrono::seconds{5}};

void send(const std::string& from, const std::vector<std::string>& to, const std::string& message,
          const MailServer& server = nobody) {
  bool has_begun = false;
  const Handover handover{.begins = [&] { has_begun = true; }, .accepted = {}};
  try {
    send_mail(server, {}, {.from = from, .to = to, .message = as_bytes(message)}, handover, {});
  } catch (const Error&) {
    CHECK_FALSE(has_begun);
    throw;
  }
}

TEST_CASE("an address that could end its command is sent to nobody") {
  for (const std::string bad : {"", "a b@example.org", "a@example.org>\r\nRCPT TO:<b@example.org",
                                "<a@example.org>", "a@example.org\n", "\xc3\xa4@example.org"}) {
    CAPTURE(bad);
    CHECK(error_of([&] { send(bad, {"b@example.org"}, "x\r\n"); }).code() == Code::bug);
    CHECK(error_of([&] {
            send("a@example.org", {"b@example.org", bad}, "x\r\n");
          }).code() == Code::bug);
  }
  CHECK(error_of([&] { send("a@example.org", {}, "x\r\n"); }).code() == Code::bug);
}

TEST_CASE("a message whose lines could be read in two ways is sent to nobody") {
  for (const std::string bad :
       {"", "x", "x\n", "x\r", "x\n.\n\r\n", "x\r.\r\n", "\nx\r\n", "\r\r\n", "x\r\n.\ny\r\n"}) {
    CAPTURE(bad);
    CHECK(error_of([&] { send("a@example.org", {"b@example.org"}, bad); }).code() == Code::bug);
  }
}

TEST_CASE("a server that is not there is named") {
  for (const MailServer::Security security :
       {MailServer::Security::starttls, MailServer::Security::tls}) {
    for (const std::string host : {"127.0.0.1", "::1"}) {
      MailServer server = nobody;
      server.security = security;
      server.host = host;
      const Error error =
          error_of([&] { send("a@example.org", {"b@example.org"}, ".\r\n\r\n", server); });
      CHECK(error.code() == Code::unavailable);
      CHECK(contains(error.what(), "the mail server " + host + ":1 cannot be reached: "));
    }
  }
}

TEST_CASE("who was stopped calls nobody") {
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(
      send_mail(nobody, {}, {.from = "a@example.org", .to = {"b@example.org"}, .message = {}}, {},
                stop.get_token()),
      os::Interrupted);
}

}  // namespace
}  // namespace trackier::net
