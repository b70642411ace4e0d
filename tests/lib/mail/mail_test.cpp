#include "mail/mail.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "core/error.hpp"
#include "mail/mime.hpp"
#include "notice/value.hpp"
#include "os/program.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::mail {
namespace {

using notice::Value;
using test::contains;
using test::error_of;
using test::message_of;

Mail example() {
  return {.from_name = "Asha Rao",
          .from_address = "privacy@attribution.example",
          .to_name = "Mary O'Brien",
          .to_address = "mary@customer.example",
          .subject = "Security incident TI-2026-0007: first notice to O'Brien & Sons",
          .plain = "Hello\n",
          .html = "<!doctype html>\n<p>Hello</p>\n",
          .message_id = "ti-2026-0007.1@attribution.example",
          .date = *parse_rfc3339("2026-11-27T22:47:00Z")};
}

Value expected_of(const Mail& mail, const std::string& date) {
  Value value;
  value.set("defects", Value::List{});
  value.set("subject", mail.subject);
  value.set("from", Value::List{mail.from_name, mail.from_address});
  value.set("to", Value::List{mail.to_name, mail.to_address});
  value.set("date", date);
  value.set("id", "<" + mail.message_id + ">");
  value.set("types", Value::List{"multipart/alternative", "text/plain", "text/html"});
  value.set("plain", mail.plain);
  value.set("html", mail.html);
  return value;
}

void check_read_by_python(const Mail& mail, const std::string& date = "2026-11-27T22:47:00+00:00") {
  const std::filesystem::path python = "/usr/bin/python3";
  if (!std::filesystem::exists(python)) {
    MESSAGE("SKIPPED: there is no /usr/bin/python3 to read the mail");
    return;
  }
  const test::TemporaryDirectory directory;
  const os::Printed said =
      os::run_program({.program = python,
                       .arguments = {TRACKIER_SOURCE_DIR "/tests/lib/mail/read_mail.py",
                                     directory.write("mail.eml", to_eml(mail)).native()},
                       .environment = {"PYTHONIOENCODING=utf-8"}},
                      std::size_t{1} << 20);
  REQUIRE_MESSAGE(said.ended.well(), said.ended.complaints);
  CHECK(to_json(notice::parse(said.output)) == to_json(expected_of(mail, date)));
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) {
    all += text;
  }
  return all;
}

TEST_CASE("a mail is these bytes") {
  std::string expected =
      "Date: Fri, 27 Nov 2026 22:47:00 +0000\r\n"
      "From: \"Asha Rao\" <privacy@attribution.example>\r\n"
      "To: \"Mary O'Brien\" <mary@customer.example>\r\n"
      "Subject: Security incident TI-2026-0007: first notice to O'Brien & Sons\r\n"
      "Message-ID: <ti-2026-0007.1@attribution.example>\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: multipart/alternative;\r\n"
      " boundary=\"=_BOUNDARY\"\r\n"
      "\r\n"
      "--=_BOUNDARY\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n"
      "\r\n"
      "Hello\r\n"
      "\r\n"
      "--=_BOUNDARY\r\n"
      "Content-Type: text/html; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n"
      "\r\n"
      "<!doctype html>\r\n"
      "<p>Hello</p>\r\n"
      "\r\n"
      "--=_BOUNDARY--\r\n";
  constexpr std::string_view placeholder = "BOUNDARY";
  for (std::size_t at = expected.find(placeholder); at != std::string::npos;
       at = expected.find(placeholder)) {
    expected.replace(at, placeholder.size(), "1da481ff5f02f912e1f70e6f24b4b14f");
  }
  CHECK(to_eml(example()) == expected);
}

TEST_CASE("another program reads what was meant") {
  check_read_by_python(example());
  Mail mail = example();
  mail.from_name = "Zoë \"Zed\" O'Neill \\ Ünïcode, Ltd. <x@y.example>";
  mail.to_name = "李小龍 " + repeated("株式会社", 20);
  mail.subject = repeated("Sicherheitsvorfall für Müller & Söhne – ", 5) + "🔒";
  mail.plain = "Zoë: a = b\n.dot\nFrom here\n  two spaces  \n\ttab\t\n" + repeated("long é ", 60) +
               "\n\n\nno end of line";
  mail.html = "<p style=\"color: red\">" + repeated("x", 200) + "=_ " + repeated("長", 90) + "</p>";
  mail.date = *parse_rfc3339("2027-01-03T04:05:06Z");
  check_read_by_python(mail, "2027-01-03T04:05:06+00:00");
}

TEST_CASE("names and subjects of any length are read back") {
  for (std::size_t size = 1; size < 160; size += 13) {
    Mail mail = example();
    mail.from_name = repeated("a\"", size) + "b";
    mail.to_name = std::string(size % 5, 'x') + repeated("é", size);
    mail.subject = std::string(size % 4 + 1, 'y') + " " + repeated("word ", size) + "end";
    mail.to_address = "mary@" + repeated("sub.", size / 12) + "customer.example";
    check_read_by_python(mail);
    mail.subject = std::string(size, 'z') + " =?UTF-8?B?eA==?= " + repeated("é漢🔒", size);
    mail.from_name = "";
    check_read_by_python(mail);
  }
  Mail mail = example();
  mail.subject = " two  spaces ";
  check_read_by_python(mail);
  mail.subject = "=?UTF-8?B?eA==?=";
  mail.from_name = "=?UTF-8?Q?x?=";
  check_read_by_python(mail);
}

TEST_CASE("nothing can begin another header") {
  const auto refusal = [](std::string Mail::*part, const std::string& value) {
    Mail mail = example();
    mail.*part = value;
    const Error error = error_of([&] { (void)to_eml(mail); });
    CHECK(error.code() == Code::data);
    return message_of(error);
  };
  const std::string nul{"a\0b", 3};
  for (const std::string& bad : {std::string{"a\r\nBcc: x@y.example"}, std::string{"a\nb"},
                                 std::string{"a\rb"}, nul, std::string{"a\x7f"}}) {
    for (auto part : {&Mail::subject, &Mail::from_name, &Mail::to_name}) {
      CHECK(contains(refusal(part, bad), "has a line break or control character"));
    }
    for (auto part : {&Mail::from_address, &Mail::to_address, &Mail::message_id}) {
      CHECK(contains(refusal(part, bad + "@x.example"), "is no address"));
    }
  }
  CHECK(contains(refusal(&Mail::subject, "\xff"), "is no UTF-8"));
  CHECK(contains(refusal(&Mail::plain, "\xc3"), "the plain text is no UTF-8"));
  CHECK(refusal(&Mail::subject, " ") == "the subject is blank");
}

TEST_CASE("an address is name@domain") {
  for (const char* good :
       {"a@b", "a.b+c@d-e.example", "o'brien@x.example", "x@xn--mller-kva.example"}) {
    CHECK_NOTHROW(check_address(good, "address"));
  }
  for (const char* bad : {"", "a", "@", "a@", "@b", "a@b@c", "a b@c", "<a@b>", "\"a\"@b", "a@b.",
                          ".a@b", "a..b@c", "a@-b", "a@b,c@d", "a@[1.2.3.4]", "a(x)@b", "a@b;"}) {
    CAPTURE(bad);
    CHECK(error_of([&] { check_address(bad, "address"); }).code() == Code::data);
  }
  CHECK(error_of([] { check_address("a@b\xc3\xbc.example", "address"); }).hint() ==
        "write the domain in its xn-- form");
}

TEST_CASE("the boundary depends on what is inside, and is in no body") {
  Mail mail = example();
  const auto boundary = [](const std::string& eml) {
    const std::size_t at = eml.find("boundary=\"") + 10;
    return eml.substr(at, eml.find('"', at) - at);
  };
  const std::string first = boundary(to_eml(mail));
  mail.plain = "--" + first + "--\n";
  const std::string second = boundary(to_eml(mail));
  CHECK(first != second);
  mail.plain = "--" + second + "--\n";
  check_read_by_python(mail);
}

TEST_CASE("quoted-printable keeps lines short and ends visible") {
  CHECK(quoted_printable("a b \nc\t\n=é\n") == "a b=20\r\nc=09\r\n=3D=C3=A9\r\n");
  CHECK(quoted_printable(".x\nFrom y\n") == "=2Ex\r\n=46rom y\r\n");
  CHECK(quoted_printable(std::string(76, 'a')) == std::string(76, 'a'));
  CHECK(quoted_printable(std::string(77, 'a')) == std::string(75, 'a') + "=\r\naa");
  CHECK(quoted_printable("a\r\nb\rc\n") == "a\r\nb\r\nc\r\n");
}

TEST_CASE("a mail of a program is plain text to several, and says that no machine answers it") {
  Mail mail = example();
  mail.html.clear();
  mail.more_to = {"second@customer.example", "third@customer.example"};
  mail.is_automatic = true;
  CHECK(to_eml(mail) ==
        "Date: Fri, 27 Nov 2026 22:47:00 +0000\r\n"
        "From: \"Asha Rao\" <privacy@attribution.example>\r\n"
        "To: \"Mary O'Brien\" <mary@customer.example>,\r\n"
        " second@customer.example,\r\n"
        " third@customer.example\r\n"
        "Subject: Security incident TI-2026-0007: first notice to O'Brien & Sons\r\n"
        "Message-ID: <ti-2026-0007.1@attribution.example>\r\n"
        "MIME-Version: 1.0\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
        "Hello\r\n\r\n");
  mail.more_to.push_back("a@b>\r\nBcc: c@d.example");
  CHECK(error_of([&] { to_eml(mail); }).code() == Code::data);
}

}  // namespace
}  // namespace trackier::mail
