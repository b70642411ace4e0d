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

TEST_CASE("letters outside ASCII may be written as escapes") {
  constexpr auto changes = std::to_array<Change>({
      {"jos\\u00e9@example.com x", "[email] x"},
      {"ren\\u00e9e.garc\\u00eda@example.com x", "[email] x"},
      {"\\u0438\\u0432\\u0430\\u043d@example.ru", "[email]"},
      {"hans@m\\u00fcller.de x", "[email] x"},
      {"john@m%C3%BCnchen.de", "[email]"},
      {"to=jos%C3%A9@example.com&x", "to=[email]&x"},
      {"jos\\xC3\\xA9@example.com", "[email]"},
      {"jos&#233;@example.com &#xe9;ve@example.com", "[email] [email]"},
      {"a%20bob@example.com", "a%20[email]"},
      {"a%20git@example.com", "a%20git@example.com"},
      {"a\\nbob@example.com\\n", "a\\n[email]\\n"},
      {"//\\u00e9:x%20y@example.com/", "//[credentials]@example.com/"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
    CHECK(anonymized(after) == after);
  }
}

TEST_CASE("a local part may stand in quotes") {
  constexpr auto changes = std::to_array<Change>({
      {"to \"john.doe\"@example.com x", "to [email] x"},
      {"to <\"john doe\"@example.com>", "to <[email]>"},
      {"\"\\\"john.doe\\\"@example.com\"", "\"[email]\""},
      {"\"\"\"john.doe\"\"@example.com\"", "\"[email]\""},
      {"q=%22john.doe%22@example.com", "q=[email]"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
  }
  for (const std::string_view kept :
       {R"("john","@example.com")", R"("john" : "@example.com")", R"("", "@example.com")",
        R"("john" and "@example.com")", R"("@example.com")", R"("\"john"@example.com")"}) {
    CHECK(anonymized(kept) == kept);
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
