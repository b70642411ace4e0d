#include "postgres/plain_probe.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "core/text.hpp"
#include "postgres/libpq.hpp"
#include "postgres/server_error.hpp"
#include "postgres/wait.hpp"

namespace trackier::postgres {
namespace {

using Outcome = PlainProbe::Outcome;
using Clock = std::chrono::steady_clock;

struct Closer {
  void operator()(PGconn* connection) const noexcept { libpq().finish(connection); }
};

/// Sent when the server asks, so that libpq looks for no other.
constexpr const char* no_password = "this is a probe and no password";

/// What the server says while it decides on pg_hba.conf, as against what it says when it has let
/// somebody in, is said by this function of it, in whatever language. src/backend/libpq/auth.c.
constexpr std::string_view deciding = "\nLOCATION:  ClientAuthentication, ";

/// Without what stands between quotation marks: names, which anybody may have chosen.
std::string without_names(const std::string& text) {
  std::string made;
  bool is_name = false;
  for (const char each : text) {
    is_name = is_name != (each == '"');
    if (!is_name) {
      made += each;
    }
  }
  return made;
}

Outcome meaning_of(std::string_view text, const ServerComplaint& complaint) {
  if (complaint.sqlstate.empty()) {
    return Outcome::unknown;
  }
  constexpr std::array<std::string_view, 5> before{"57", "53", "58", "XX", "0A"};
  for (const std::string_view each : before) {  // starting up, full, broken
    if (complaint.sqlstate.starts_with(each)) {
      return Outcome::unknown;
    }
  }
  const std::string words = ascii_lower(without_names(complaint.text));
  const bool is_rule =
      complaint.sqlstate == "28000" && (text.find(deciding) != std::string_view::npos ||
                                        words.find("pg_hba.conf") != std::string::npos);
  // Poolers and servers of providers have words of their own: "SSL required".
  const bool is_wanted =
      (words.find("ssl") != std::string::npos || words.find("tls") != std::string::npos) &&
      words.find("require") != std::string::npos;
  if (is_rule || is_wanted) {
    return Outcome::refused;
  }
  return complaint.sqlstate.starts_with("28") || complaint.sqlstate.starts_with("3D") ||
                 complaint.sqlstate.starts_with("42")
             ? Outcome::accepted
             : Outcome::unknown;
}

std::string words_of(const ServerComplaint& complaint) {
  constexpr std::size_t most = 300;
  return complaint.sqlstate.empty()
             ? printable(complaint.text, most)
             : fmt::format("{} (SQLSTATE {})", printable(complaint.text, most), complaint.sqlstate);
}

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts{""};
  for (const char each : list) {
    if (each == ',') {
      parts.emplace_back();
    } else {
      parts.back() += each;
    }
  }
  return parts;
}

/// libpq is content with one of several hosts: each is asked alone here.
std::vector<ConnectionParameters> each_host(const ConnectionParameters& parameters) {
  constexpr std::array<const char*, 3> lists{"host", "hostaddr", "port"};
  std::size_t count = 1;
  for (const char* const name : lists) {
    const auto found = parameters.find(name);
    count = std::max(count, found == parameters.end() ? 1 : parts_of(found->second).size());
  }
  std::vector<ConnectionParameters> all(count, parameters);
  for (std::size_t i = 0; i < count; ++i) {
    for (const char* const name : lists) {
      const auto found = parameters.find(name);
      if (found != parameters.end()) {
        const auto parts = parts_of(found->second);
        all[i][name] = parts.size() == count ? parts[i] : parts.front();
      }
    }
  }
  return all;
}

bool is_unix(int descriptor) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  return ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
         address.ss_family == AF_UNIX;
}

PlainProbe probe_one(const ConnectionParameters& parameters, std::chrono::seconds timeout) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : parameters) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  const std::unique_ptr<PGconn, Closer> connection{
      libpq().connect_start_params(keywords.data(), values.data(), 0)};
  if (!connection) {
    throw std::bad_alloc{};
  }
  libpq().set_error_verbosity(connection.get(), PQERRORS_VERBOSE);
  bool is_socket = false;
  const auto judged = [&](PlainProbe probe) {  // a service file may have named a socket
    if (is_socket && probe.outcome != Outcome::unknown) {
      return PlainProbe{.outcome = Outcome::local_socket,
                        .said = "the connection goes through a socket of the machine"};
    }
    return probe;
  };
  const auto failure = [&] {
    const std::string text = libpq().error_message(connection.get());
    const ServerComplaint complaint = parse_startup_complaint(text);
    return judged({.outcome = meaning_of(text, complaint), .said = words_of(complaint)});
  };
  if (libpq().status(connection.get()) == CONNECTION_BAD) {
    return failure();
  }
  const auto deadline = Clock::now() + timeout;
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    is_socket = is_unix(libpq().socket(connection.get()));
    while (!is_ready(libpq().socket(connection.get()), events)) {
      if (Clock::now() > deadline) {
        return {.outcome = Outcome::unknown,
                .said = fmt::format("no answer within {} seconds", timeout.count())};
      }
      wait_a_step(libpq().socket(connection.get()), events);
    }
    state = libpq().connect_poll(connection.get());
    if (state == PGRES_POLLING_FAILED) {
      return failure();
    }
  }
  return judged({.outcome = Outcome::accepted, .said = "it let the connection in"});
}

}  // namespace

PlainProbe probe_plaintext(const ConnectionOptions& options) {
  ConnectionParameters parameters = plain_parameters(options);
  if (is_local_socket(options)) {
    return {.outcome = Outcome::local_socket,
            .said = "the connection goes through a socket of the machine"};
  }
  // What would fail here already, before the server is asked.
  for (const char* const keyword :
       {"channel_binding", "require_auth", "sslnegotiation", "target_session_attrs"}) {
    parameters.erase(keyword);
  }
  parameters["channel_binding"] = "disable";
  parameters["sslmode"] = "disable";
  parameters["gssencmode"] = "disable";
  parameters["password"] = no_password;
  PlainProbe worst{.outcome = Outcome::local_socket, .said = {}};
  const auto rank = [](Outcome outcome) {
    switch (outcome) {
      case Outcome::accepted:
        return 3;
      case Outcome::unknown:
        return 2;
      case Outcome::refused:
        return 1;
      case Outcome::local_socket:
        break;
    }
    return 0;
  };
  for (const ConnectionParameters& each : each_host(parameters)) {
    PlainProbe probe = probe_one(each, options.connect_timeout);
    if (worst.said.empty() || rank(probe.outcome) > rank(worst.outcome)) {
      worst = std::move(probe);
    }
  }
  return worst;
}

}  // namespace trackier::postgres
