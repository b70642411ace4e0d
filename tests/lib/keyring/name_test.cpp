#include "keyring/name.hpp"

#include <doctest/doctest.h>

#include <string>

namespace trackier::keyring {
namespace {

TEST_CASE("a key is called by tenant, purpose and version") {
  const auto name = parse_key_name("acme/encrypt/3");
  REQUIRE(name);
  CHECK(name->tenant == "acme");
  CHECK(name->purpose == Purpose::encrypt);
  CHECK(name->version == 3);
  CHECK(to_text(name->series()) == "acme/encrypt");
  for (const char* const text :
       {"house/audit-sign/1", "0/backup/999999", "a-b_c.d/pseudonymize/10", "acme/encrypt/3"}) {
    const auto parsed = parse_key_name(text);
    REQUIRE(parsed);
    CHECK(to_text(*parsed) == text);
  }
}

TEST_CASE("what is not written so is no name") {
  for (const char* const text : {"",
                                 "/",
                                 "//",
                                 "acme",
                                 "acme/encrypt",
                                 "acme/encrypt/",
                                 "acme/encrypt/0",
                                 "acme/encrypt/01",
                                 "acme/encrypt/+1",
                                 "acme/encrypt/-1",
                                 "acme/encrypt/1 ",
                                 "acme/encrypt/1000000",
                                 "acme/encrypt/99999999999",
                                 "acme/Encrypt/1",
                                 "acme/sign/1",
                                 "Acme/encrypt/1",
                                 "/encrypt/1",
                                 "-acme/encrypt/1",
                                 ".acme/encrypt/1",
                                 "ac me/encrypt/1",
                                 "a/b/encrypt/1",
                                 "acme/encrypt/1/2",
                                 "acme/encrypt/one",
                                 "\xc3\xa4/encrypt/1"}) {
    INFO(text);
    CHECK_FALSE(parse_key_name(text));
  }
  CHECK_FALSE(parse_key_name(std::string{"a\0b/encrypt/1", 13}));
  CHECK(is_tenant(std::string(63, 'a')));
  CHECK_FALSE(is_tenant(std::string(64, 'a')));
}

TEST_CASE("a series is a name without version") {
  const auto series = parse_series("acme/audit-sign");
  REQUIRE(series);
  CHECK(to_text(*series) == "acme/audit-sign");
  for (const char* const text :
       {"", "acme", "acme/", "acme/encrypt/", "acme/encrypt/1", "/backup"}) {
    INFO(text);
    CHECK_FALSE(parse_series(text));
  }
}

TEST_CASE("names are ordered by tenant, purpose and number of the version") {
  CHECK(*parse_key_name("a/backup/9") < *parse_key_name("b/encrypt/1"));
  CHECK(*parse_key_name("a/encrypt/9") < *parse_key_name("a/encrypt/10"));
  CHECK(*parse_key_name("a/encrypt/10") < *parse_key_name("a/backup/1"));
}

TEST_CASE("encrypt and backup keys seal envelopes, the others do not") {
  CHECK(seals_envelopes(Purpose::encrypt));
  CHECK(seals_envelopes(Purpose::backup));
  CHECK_FALSE(seals_envelopes(Purpose::pseudonymize));
  CHECK_FALSE(seals_envelopes(Purpose::audit_sign));
}

}  // namespace
}  // namespace trackier::keyring
