#include "anonymize/emails.hpp"

#include <doctest/doctest.h>

#include <array>

#include "job_on_text.hpp"

namespace trackier::anonymize {

using test::anonymized;
using test::Change;

TEST_CASE("e-mail addresses are replaced whole") {
  constexpr auto changes = std::to_array<Change>({
      {"rcpt bob@example.com ok", "rcpt [email] ok"},
      {"from=<bob@example.com>, to=<eve@example.org>", "from=<[email]>, to=<[email]>"},
      {"mailto:bob.smith+tag@mail.example.co.uk?x", "mailto:[email]?x"},
      {"\"bob@example.com\"", "\"[email]\""},
      {"o'neil@example.com", "[email]"},
      {"'bob@example.com'", "'[email]'"},
      {"j\xC3\xB6rg@b\xC3\xBC"
       "cher.example",
       "[email]"},
      {"bob@xn--bcher-kva.example", "[email]"},
      {"bob@b\xC3\xBC"
       "cher.\xE4\xB8\xAD\xE5\x9B\xBD",
       "[email]"},
      {"bob@[192.0.2.1] x", "[email] x"},
      {"bob@192.0.2.1 x", "[email] x"},
      {"BOB@EXAMPLE.COM.", "[email]."},
      {"192.0.2.1@example.com", "[email]"},
      {"a@example.com,b@example.com", "[email],[email]"},
      {"<bob@example.com>", "<[email]>"},
      {"line\\nbob@example.com", "line\\n[email]"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
  }
}

TEST_CASE("units, repositories, message ids and pictures are no e-mail addresses") {
  constexpr auto kept = std::to_array<std::string_view>({
      "user@1000.service: Succeeded.",
      "getty@tty1.service",
      "git clone git@example.com:group/project.git",
      "ssh://git@example.com/x.git",
      "message-id=<20260131.12.AB@mail.example.com>",
      "Message-ID: <abc@mail.example.com>",
      "/img/logo@2x.png",
      "npm install react@18.2.0",
      "a@b",
      "@example.com",
      "bob@",
      "@@@@",
  });
  for (const std::string_view text : kept) {
    CHECK(anonymized(text) == text);
  }
}

TEST_CASE("user and password before the host of a URL are replaced") {
  constexpr auto changes = std::to_array<Change>({
      {"https://bob:secret@example.com/x", "https://[credentials]@example.com/x"},
      {"postgres://app:pass@db.example:5432/x", "postgres://[credentials]@db.example:5432/x"},
      {"https:\\/\\/bob:secret@example.com\\/x", "https:\\/\\/[credentials]@example.com\\/x"},
      {"ftp://bob@[2001:db8:1::]/x", "ftp://[credentials]@[2001:db8:1::]/x"},
      {"https://[credentials]@example.com/", "https://[credentials]@example.com/"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
  }
}

}  // namespace trackier::anonymize
