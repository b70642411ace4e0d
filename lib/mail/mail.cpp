#include "mail/mail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "core/words.hpp"
#include "crypto/digest.hpp"
#include "mail/mime.hpp"

namespace trackier::mail {
namespace {

constexpr std::string_view end_of_line = "\r\n";

void check_header(std::string_view value, std::string_view what) {
  const bool controls = std::any_of(value.begin(), value.end(), [](char character) {
    return static_cast<unsigned char>(character) < 0x20 || character == 0x7f;
  });
  if (controls) {
    throw Error{
        Code::data,
        fmt::format("the {} has a line break or control character: {}", what, printable(value)),
        "write it on one line"};
  }
  if (!is_utf8(value)) {
    throw Error{Code::data, fmt::format("the {} is no UTF-8: {}", what, printable(value))};
  }
}

void check_body(std::string_view body, std::string_view what) {
  if (!is_utf8(body)) {
    throw Error{Code::data, fmt::format("the {} is no UTF-8", what)};
  }
}

/// "Fri, 27 Nov 2026 22:47:00 +0000" (RFC 5322, section 3.3).
std::string date_of(Time time) {
  constexpr std::array<std::string_view, 7> days = {"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format(
      "{}, {} {} {:04} {:02}:{:02}:{:02} +0000", days.at(std::chrono::weekday{day}.c_encoding()),
      static_cast<unsigned>(date.day()), months.at(static_cast<unsigned>(date.month()) - 1),
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
      clock.seconds().count());
}

/// "=_" cannot occur in quoted-printable text, where "=" is followed by a hexadecimal digit or a
/// line break: no body can contain the boundary.
std::string boundary_of(const Mail& mail) {
  crypto::Sha256 digest;
  for (const std::string* part : {&mail.message_id, &mail.plain, &mail.html}) {
    digest.add(as_bytes(std::to_string(part->size()) + ":"));
    digest.add(as_bytes(*part));
  }
  return "=_" + hexadecimal(digest.finish()).substr(0, 32);
}

std::string part(std::string_view type, std::string_view body) {
  return fmt::format(
      "Content-Type: {}; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n"
      "\r\n"
      "{}\r\n",
      type, quoted_printable(body));
}

std::string body_of(const Mail& mail) {
  if (mail.html.empty()) {
    return part("text/plain", mail.plain);
  }
  const std::string boundary = boundary_of(mail);
  return fmt::format(
      "Content-Type: multipart/alternative;\r\n boundary=\"{0}\"\r\n\r\n"
      "--{0}\r\n{1}--{0}\r\n{2}--{0}--\r\n",
      boundary, part("text/plain", mail.plain), part("text/html", mail.html));
}

/// Dots apart, RFC 5322's atoms.
bool is_dot_atom(std::string_view text, std::string_view marks) {
  return !text.empty() && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [&](char character) {
           return is_alphanumeric(character) || character == '.' ||
                  marks.find(character) != std::string_view::npos;
         });
}

}  // namespace

void check_address(std::string_view address, std::string_view what) {
  constexpr std::size_t most_local = 64;  // RFC 5321, section 4.5.3.1
  constexpr std::size_t most = 254;
  const std::size_t at = address.find('@');
  const std::string_view domain = at == std::string_view::npos ? "" : address.substr(at + 1);
  const bool ascii = std::all_of(address.begin(), address.end(), [](char character) {
    return static_cast<unsigned char>(character) < 0x80;
  });
  if (!ascii) {
    throw Error{Code::data, fmt::format("the {} is not ASCII: {}", what, printable(address)),
                "write the domain in its xn-- form"};
  }
  if (address.size() > most || at > most_local || !is_dot_atom(domain, "-") ||
      domain.front() == '-' ||
      !is_dot_atom(address.substr(0, std::min(at, address.size())), "!#$%&'*+-/=?^_`{|}~")) {
    throw Error{Code::data, fmt::format("the {} is no address: {}", what, printable(address)),
                "write name@example.com, without spaces, quotes or angle brackets"};
  }
}

std::string to_eml(const Mail& mail) {
  check_header(mail.from_name, "sender's name");
  check_header(mail.to_name, "recipient's name");
  check_header(mail.subject, "subject");
  check_address(mail.from_address, "sender's address");
  check_address(mail.to_address, "recipient's address");
  for (const std::string& each : mail.more_to) {
    check_address(each, "recipient's address");
  }
  check_address(mail.message_id, "message id");
  check_body(mail.plain, "plain text");
  check_body(mail.html, "HTML text");
  if (is_blank(mail.subject)) {
    throw Error{Code::data, "the subject is blank"};
  }
  to_rfc3339(mail.date);  // refuses a year that is not four digits
  std::string eml = fmt::format("Date: {}\r\n", date_of(mail.date));
  eml += mailbox_header("From", mail.from_name, mail.from_address);
  eml += mailbox_header("To", mail.to_name, mail.to_address);
  for (const std::string& each : mail.more_to) {
    eml.insert(eml.size() - end_of_line.size(), ",");
    eml += fmt::format(" {}\r\n", each);
  }
  eml += text_header("Subject", mail.subject);
  eml += fmt::format("Message-ID: <{}>\r\n", mail.message_id);
  eml += "MIME-Version: 1.0\r\n";
  if (mail.is_automatic) {
    eml += "Auto-Submitted: auto-generated\r\n";
  }
  return eml + body_of(mail);
}

}  // namespace trackier::mail
