// Rules and answers judged; tests/cli/host_check_test.py has the servers.
#include <doctest/doctest.h>

#include <map>

#include "check/endpoints.hpp"
#include "check/postgres.hpp"
#include "host.hpp"
#include "support/errors.hpp"

namespace trackier::check {
namespace {

using net::ProbeAnswer;
using net::ProbeRequest;
using test::error_of;
using test::finding_of;
using End = ProbeAnswer::End;
using Manner = ProbeRequest::Manner;

HbaRule rule(const std::string& type, const std::string& address, const std::string& method,
             const std::string& database = "all", const std::string& netmask = "") {
  return {.line = "1",
          .type = type,
          .databases = {database},
          .users = {"all"},
          .address = address,
          .netmask = netmask,
          .method = method};
}

bool is_open(const std::vector<HbaRule>& rules) {
  return open_rule(rules) != nullptr;
}

TEST_CASE("hostssl proves nothing while another rule takes who does not match it") {
  const HbaRule good = rule("hostssl", "all", "scram-sha-256");
  CHECK_FALSE(is_open({good}));
  CHECK_FALSE(is_open({rule("local", "", "peer"), good, rule("hostgssenc", "all", "gss")}));
  for (const char* const type : {"host", "hostnossl", "hostnogssenc"}) {
    for (const char* const method : {"trust", "md5", "scram-sha-256", "password", "cert"}) {
      CHECK(is_open({good, rule(type, "all", method)}));
      CHECK(is_open({good, rule(type, "samenet", method)}));
      CHECK(is_open({good, rule(type, "db.example", method)}));
    }
  }
}

TEST_CASE("the machine itself is no network, and near it is one") {
  const std::string one = "255.255.255.255";
  CHECK_FALSE(is_open({rule("host", "127.0.0.1", "md5", "all", one)}));
  CHECK_FALSE(
      is_open({rule("host", "::1", "md5", "all", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}));
  CHECK(is_open({rule("host", "127.0.0.1", "md5", "all", "0.0.0.0")}));
  CHECK(is_open({rule("host", "10.0.0.1", "md5", "all", one)}));
  CHECK(is_open({rule("host", "::1", "md5", "all", "::")}));
}

TEST_CASE("a rule after one that rejects everybody does not count") {
  const HbaRule open = rule("host", "all", "trust");
  CHECK_FALSE(is_open({rule("hostnossl", "all", "reject"), open}));
  CHECK(is_open({open, rule("hostnossl", "all", "reject")}));
  CHECK(is_open({rule("hostssl", "all", "reject"), open}));
  const HbaRule v4 = rule("host", "0.0.0.0", "reject", "all", "0.0.0.0");
  const HbaRule v6 = rule("host", "::", "reject", "all", "::");
  CHECK(is_open({v4, open}));
  CHECK_FALSE(is_open({v4, v6, open}));
  CHECK(is_open({rule("host", "10.0.0.0", "reject", "all", "255.0.0.0"), open}));
  CHECK(is_open({rule("host", "all", "reject", "shop"), open}));
  HbaRule some = rule("host", "all", "reject");
  some.users = {"clerk"};
  CHECK(is_open({some, open}));
}

TEST_CASE("all databases are not replication") {
  const HbaRule open = rule("host", "all", "trust", "replication");
  CHECK(is_open({rule("host", "all", "reject"), open}));
  CHECK_FALSE(is_open({rule("host", "all", "reject", "replication"), open}));
}

TEST_CASE("a line the server cannot read is an error") {
  HbaRule bad = rule("", "", "");
  bad.error = "invalid authentication method \"nonsense\"";
  CHECK(error_of([&] { open_rule({bad}); }).code() == Code::data);
}

const Time now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 27};

/// A server that is as it should be, but for what is changed.
struct Web {
  std::map<Manner, ProbeAnswer> answers{
      {Manner::plain, {.end = End::unreachable, .said = "refused"}},
      {Manner::tls, {.end = End::answered, .is_connected = true}},
      {Manner::trusted,
       {.end = End::answered,
        .is_connected = true,
        .certificate_ends = now + std::chrono::days{30}}},
      {Manner::tls_of_old, {.end = End::turned_away, .is_connected = true, .said = "alert"}}};
  bool may_redirect = false;

  [[nodiscard]] Findings look() const {
    const EndpointsSubject subject{
        .endpoints = {{.url = "https://a.example/", .host = "a.example"}},
        .may_redirect = may_redirect};
    return check_endpoints(
        subject, [this](const ProbeRequest& request) { return answers.at(request.manner); }, now);
  }
  [[nodiscard]] Status status(const char* id) const { return finding_of(look(), id).status; }
};

TEST_CASE("a server that is as it should be") {
  CHECK(is_well(Web{}.look()));
  CHECK(Web{}.look().size() == 3);
}

TEST_CASE("nothing is refused by a machine that is down") {
  Web web;
  for (auto& [manner, answer] : web.answers) {
    answer = {.end = End::silent, .said = "timeout"};
  }
  for (const Finding& each : web.look()) {
    CHECK(each.status == Status::error);
  }
}

TEST_CASE("plain HTTP: what is a refusal and what is none") {
  Web web;
  for (const End end : {End::silent, End::turned_away, End::unreachable}) {
    web.answers[Manner::plain] = {.end = end};
    CHECK(web.status("endpoints.plain_http") == Status::pass);
  }
  web.answers[Manner::plain] = {.end = End::unknown};
  CHECK(web.status("endpoints.plain_http") == Status::error);
  for (const long code : {200L, 204L, 301L, 302L, 401L, 404L, 500L, 503L, 0L}) {
    web.answers[Manner::plain] = {.end = End::answered, .status = code};
    CHECK(web.status("endpoints.plain_http") == Status::fail);
  }
  for (const long code : {400L, 403L, 421L, 426L}) {
    web.answers[Manner::plain] = {.end = End::answered, .status = code};
    CHECK(web.status("endpoints.plain_http") == Status::pass);
  }
  web.answers[Manner::plain] = {
      .end = End::answered, .status = 308, .location = "https://a.example/"};
  CHECK(web.status("endpoints.plain_http") == Status::fail);
  web.may_redirect = true;
  CHECK(web.status("endpoints.plain_http") == Status::pass);
  web.answers[Manner::plain].location = "http://a.example/";
  CHECK(web.status("endpoints.plain_http") == Status::fail);
}

TEST_CASE("old TLS that this side cannot speak is not checked") {
  Web web;
  web.answers[Manner::tls_of_old] = {.end = End::unknown, .said = "no protocols available"};
  CHECK(web.status("endpoints.tls") == Status::not_checked);
  web.answers[Manner::tls_of_old] = {.end = End::answered};
  CHECK(web.status("endpoints.tls") == Status::fail);
  web.answers[Manner::tls_of_old] = {.end = End::unreachable};
  CHECK(web.status("endpoints.tls") == Status::not_checked);
}

TEST_CASE("a certificate lasts long enough, or its end is not known") {
  Web web;
  ProbeAnswer& answer = web.answers[Manner::trusted];
  answer.certificate_ends = now + std::chrono::days{21};
  CHECK(web.status("endpoints.certificate") == Status::pass);
  answer.certificate_ends = now + std::chrono::days{21} - std::chrono::seconds{1};
  CHECK(web.status("endpoints.certificate") == Status::fail);
  answer.certificate_ends.reset();
  CHECK(web.status("endpoints.certificate") == Status::not_checked);
  answer.end = End::untrusted;
  CHECK(web.status("endpoints.certificate") == Status::fail);
}

TEST_CASE("times of certificates, as libcurl writes them") {
  using net::parse_certificate_time;
  CHECK(parse_certificate_time("Nov 27 00:00:00 2026 GMT") == now);
  CHECK(parse_certificate_time("2026-11-27 00:00:00 GMT") == now);
  CHECK(parse_certificate_time("Nov  7 01:02:03 2026 GMT").has_value());
  for (const char* const bad : {"", "Nov", "Nov 31 00:00:00 2026 GMT", "Now 27 00:00:00 2026 GMT",
                                "Nov 27 00:00:00 2026 CET", "never", "Bad time value"}) {
    CHECK_FALSE(parse_certificate_time(bad).has_value());
  }
}

}  // namespace
}  // namespace trackier::check
