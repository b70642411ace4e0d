#include "access/request.hpp"

#include <fmt/format.h>

#include <chrono>

#include "access/field_lines.hpp"
#include "core/error.hpp"
#include "envelope/stanza.hpp"

namespace trackier::access {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr std::string_view kind = "trackier-request/1";
constexpr days longest_validity{31};
constexpr hours clock_difference{1};

std::string write(const Request& request) {
  return FieldWriter{kind}
      .add("envelope", envelope::to_text(request.envelope))
      .add("set", request.set)
      .add("file", request.file)
      .add("requester", request.requester)
      .add("reason", request.reason)
      .add("made", request.made)
      .add("expires", request.expires)
      .add("one-time-key", request.one_time)
      .text();
}

bool is_validity(const Request& request) {
  return request.expires > request.made && request.expires - request.made <= longest_validity;
}

}  // namespace

std::string to_text(const Request& request) {
  for (const auto& [name, value] :
       {std::pair{"file name", request.file}, std::pair{"requester", request.requester},
        std::pair{"reason", request.reason}}) {
    if (!is_plain_line(value)) {
      throw Error{Code::usage, fmt::format("the {} is not a line of plain text", name),
                  "give 1 to 500 bytes without control characters"};
    }
  }
  if (!is_validity(request)) {
    throw Error{Code::usage, "a request expires after it is made, and within 31 days"};
  }
  return write(request);
}

Request parse_request(std::string_view text, const std::string& name) {
  Request request;
  FieldReader fields{text, kind, name};
  const auto wrong = [&](const char* what) {
    return Error{Code::data, fmt::format("{}: {}", name, what)};
  };
  if (!envelope::parse_id(fields.text("envelope"), request.envelope)) {
    throw wrong("the envelope's id is not 32 hexadecimal digits");
  }
  request.set = fields.text("set");
  envelope::KeyId set{};  // of the same shape
  if (!envelope::parse_id(request.set, set)) {
    throw wrong("the set of shares is not 16 hexadecimal digits");
  }
  request.file = fields.text("file");
  request.requester = fields.text("requester");
  request.reason = fields.text("reason");
  request.made = fields.time("made");
  request.expires = fields.time("expires");
  fields.bytes("one-time-key", request.one_time);
  fields.end();
  if (!is_validity(request)) {
    throw wrong("it is valid for longer than 31 days, or never");
  }
  return request;
}

crypto::Sha256Digest digest_of(const Request& request) {
  return crypto::sha256(as_bytes(write(request)));
}

void check_time(const Request& request, Time now) {
  if (now > request.expires) {
    throw Error{Code::no_permission,
                fmt::format("the request expired at {}", to_rfc3339(request.expires)),
                "have a new one made and approved"};
  }
  if (now + clock_difference < request.made) {
    throw Error{
        Code::no_permission,
        fmt::format("the request was made at {}, which is still to come", to_rfc3339(request.made)),
        "set the clock of this machine right"};
  }
}

}  // namespace trackier::access
