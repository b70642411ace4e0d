#include "check/endpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "check/host.hpp"

namespace trackier::check {
namespace {

using Manner = net::ProbeRequest::Manner;
using End = net::ProbeAnswer::End;

/// RFC 9110: the request is not answered by what it asked for.
constexpr std::array<long, 4> refusals{400, 403, 421, 426};

Finding with(Finding finding, Status status, std::string found, std::string cure = {}) {
  finding.status = status;
  finding.found = std::move(found);
  finding.cure = std::move(cure);
  return finding;
}

class One {
 public:
  One(const EndpointsSubject& subject, const Endpoint& endpoint, const ProbeFunction& probe,
      Time now)
      : subject_(subject), endpoint_(endpoint), probe_(probe), now_(now) {}

  void look(Findings& findings) {
    const Finding tls = named("endpoints.tls",
                              "handshakes of TLS 1.2 and later, and of TLS 1.1 and "
                              "1.0");
    looking(findings, tls, [&] { return look_at_tls(tls); });
    const Finding plain = named(
        "endpoints.plain_http",
        fmt::format("GET http://{}:{}{}", endpoint_.host, subject_.plain_port, endpoint_.path));
    looking(findings, plain, [&] { return look_at_plain(plain); });
    const Finding certificate =
        named("endpoints.certificate", "a handshake that checks the certificate");
    looking(findings, certificate, [&] { return look_at_certificate(certificate); });
  }

 private:
  [[nodiscard]] Finding named(const char* id, std::string probed) const {
    return {.id = id, .subject = endpoint_.url, .probed = std::move(probed)};
  }

  [[nodiscard]] net::ProbeAnswer ask(Manner manner) const {
    return probe_({.manner = manner,
                   .host = endpoint_.host,
                   .port = manner == Manner::plain ? subject_.plain_port : endpoint_.port,
                   .path = endpoint_.path,
                   .ca_file = subject_.ca_file});
  }

  Finding look_at_tls(const Finding& finding) {
    const auto modern = ask(Manner::tls);
    is_reachable_ = modern.is_connected;
    if (!modern.is_connected) {
      return with(finding, Status::error, "it cannot be reached: " + modern.said,
                  "see whether it runs, and whether the settings name it rightly");
    }
    if (modern.end == End::turned_away) {
      return with(finding, Status::fail, "TLS 1.2 or later is not offered: " + modern.said,
                  "offer TLS 1.2 and 1.3, and nothing else");
    }
    if (modern.end != End::answered) {
      const bool is_old = ask(Manner::tls_of_old).end == End::answered;
      return is_old ? with(finding, Status::fail, "TLS 1.1 or 1.0 is all that is offered",
                           "offer TLS 1.2 and 1.3, and nothing else")
                    : with(finding, Status::error, "the handshake fails: " + modern.said,
                           "see what its log says");
    }
    const auto old = ask(Manner::tls_of_old);
    if (old.end == End::answered) {
      return with(finding, Status::fail, "TLS 1.1 or 1.0 is taken as well",
                  "allow TLS 1.2 and 1.3 alone: ssl_protocols TLSv1.2 TLSv1.3, for nginx");
    }
    if (old.end != End::turned_away) {
      return with(finding, Status::not_checked,
                  "whether TLS 1.1 is refused cannot be seen from here: " + old.said,
                  "look from a host whose OpenSSL still speaks TLS 1.1");
    }
    return with(finding, Status::pass, "TLS 1.2 or later is offered, and 1.1 refused: " + old.said);
  }

  Finding look_at_plain(const Finding& finding) {
    const std::string cure = fmt::format("let nothing answer at port {}", subject_.plain_port);
    const auto answer = ask(Manner::plain);
    switch (answer.end) {
      case End::answered:
        return judge_answer(finding, answer);
      case End::unreachable:
      case End::silent:
      case End::turned_away:
        // Nothing was refused by a machine that is down, or is not the one that was meant.
        return is_reachable_
                   ? with(finding, Status::pass, "it is refused: " + answer.said)
                   : with(finding, Status::error,
                          "the endpoint cannot be reached at all: " + answer.said,
                          "see whether it runs, and whether the settings name it rightly");
      case End::untrusted:
      case End::unknown:
        break;
    }
    return with(finding, Status::error, "it is neither refused nor answered: " + answer.said, cure);
  }

  [[nodiscard]] Finding judge_answer(const Finding& finding, const net::ProbeAnswer& answer) const {
    if (std::ranges::find(refusals, answer.status) != refusals.end()) {
      return with(finding, Status::pass, fmt::format("it is refused, with {}", answer.status));
    }
    if (answer.location.starts_with("https://")) {
      return subject_.may_redirect
                 ? with(finding, Status::pass,
                        fmt::format("it redirects, with {}, to {}", answer.status, answer.location))
                 : with(finding, Status::fail,
                        fmt::format("it redirects, with {}, to {}, when the first request was sent "
                                    "in plain text",
                                    answer.status, answer.location),
                        "let nothing answer there; or set check.plain_http to \"redirect\", for "
                        "pages that people open by hand");
    }
    return with(finding, Status::fail,
                fmt::format("plain HTTP is answered, with {}", answer.status),
                fmt::format("let nothing answer at port {}", subject_.plain_port));
  }

  [[nodiscard]] Finding look_at_certificate(const Finding& finding) const {
    const auto answer = ask(Manner::trusted);
    if (answer.end == End::untrusted) {
      return with(finding, Status::fail, "the certificate is not trusted: " + answer.said,
                  "renew it; it has to be for this name, of an authority that is known here or by "
                  "check.ca_file");
    }
    if (answer.end != End::answered) {
      return with(finding, Status::error, "no certificate was seen: " + answer.said,
                  "see endpoints.tls");
    }
    if (!answer.certificate_ends) {
      return with(finding, Status::not_checked, "libcurl does not say when the certificate ends",
                  "use a libcurl with OpenSSL: apt-get install libcurl4");
    }
    const auto left = std::chrono::floor<std::chrono::days>(*answer.certificate_ends - now_);
    const std::string found = fmt::format(
        "the certificate is trusted and ends {}, in {} days; {} are wanted",
        to_rfc3339(*answer.certificate_ends), left.count(), subject_.certificate_days.count());
    return left >= subject_.certificate_days
               ? with(finding, Status::pass, found)
               : with(finding, Status::fail, found, "renew it, and see why nothing else has");
  }

  const EndpointsSubject& subject_;
  const Endpoint& endpoint_;
  const ProbeFunction& probe_;
  Time now_;
  bool is_reachable_ = false;
};

}  // namespace

Findings check_endpoints(const EndpointsSubject& subject, const ProbeFunction& probe, Time now) {
  Findings findings;
  for (const Endpoint& each : subject.endpoints) {
    One{subject, each, probe, now}.look(findings);
  }
  if (subject.endpoints.empty()) {
    for (const char* const id :
         {"endpoints.plain_http", "endpoints.tls", "endpoints.certificate"}) {
      findings.push_back({.id = id,
                          .status = Status::not_applicable,
                          .probed = "the settings",
                          .found = "check.endpoints names none"});
    }
  }
  return findings;
}

}  // namespace trackier::check
