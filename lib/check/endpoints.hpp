#pragma once
/// Whether web servers are spoken to over TLS alone, and with a certificate that lasts.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "check/finding.hpp"
#include "core/time.hpp"
#include "net/https_probe.hpp"

namespace trackier::check {

struct Endpoint {
  std::string url;  ///< as the settings have it, printable
  std::string host;
  std::uint16_t port = 443;
  std::string path = "/";
};

struct EndpointsSubject {
  std::vector<Endpoint> endpoints;
  std::uint16_t plain_port = 80;
  /// A redirection to https:// is content with having read the first request in plain text.
  bool may_redirect = false;
  std::chrono::days certificate_days{21};
  std::string ca_file;  ///< empty: the authorities of the system
};

/// As net::probe does it.
using ProbeFunction = std::function<net::ProbeAnswer(const net::ProbeRequest&)>;

Findings check_endpoints(const EndpointsSubject& subject, const ProbeFunction& probe, Time now);

}  // namespace trackier::check
