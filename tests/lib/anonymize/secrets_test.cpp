#include "anonymize/secrets.hpp"

#include <doctest/doctest.h>

#include <array>

#include "job_on_text.hpp"

namespace trackier::anonymize {

using test::anonymized;
using test::Change;

TEST_CASE("tokens are found by their shape") {
  constexpr auto changes = std::to_array<Change>({
      {"t eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl x", "t [jwt] x"},
      {"t eyJhbGciOiJIUzI1NiJ9.eyJzdW", "t [jwt]"},
      {"Authorization: Bearer abc.def-123", "Authorization: [token]"},
      {"sent Bearer abc.def-123 to", "sent Bearer [token] to"},
      {"Bearer%20abc.def-123&x", "Bearer%20[token]&x"},
      {"Bearer token expired", "Bearer token expired"},
      {"eyJ and eyJx.y", "eyJ and eyJx.y"},
      {"keyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0", "keyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
  }
}

TEST_CASE("a key announces its value") {
  constexpr auto changes = std::to_array<Change>({
      {"user=z password=swordfish1 ok=1", "user=[name] password=[password] ok=1"},
      {"/x?token=abc&q=1", "/x?token=[token]&q=1"},
      {"/x?a=1&api_key=abc HTTP/1.1", "/x?a=1&api_key=[api-key] HTTP/1.1"},
      {"user[password]=abc&x", "user[password]=[password]&x"},
      {"%26token=abc", "%26token=[token]"},
      {"\"token\": \"x y\", \"n\": 1", "\"token\": \"[token]\", \"n\": 1"},
      {"\"token\":\"x\"", "\"token\":\"[token]\""},
      {"{'password': 'x y'}", "{'password': '[password]'}"},
      {"{\\\"token\\\":\\\"x y\\\",\\\"n\\\":1}", "{\\\"token\\\":\\\"[token]\\\",\\\"n\\\":1}"},
      {"{\\\"token\\\": \\\"a\\\\\\\"b\\\",1}", "{\\\"token\\\": \\\"[token]\\\",1}"},
      {"password=\"a \\\" b\" z", "password=\"[password]\" z"},
      {"password=\"a\\\\\" z", "password=\"[password]\" z"},
      {"Password: hunter2, next", "Password: [password], next"},
      {"X-Api-Key: abc", "X-Api-Key: [api-key]"},
      {"headers.authorization=abc", "headers.authorization=[token]"},
      {"Authorization: Basic dXNlcjpwYXNz x", "Authorization: [token] x"},
      {"Authorization: Digest username=\"u\", realm=\"x\"\nn", "Authorization: [token]\nn"},
      {"-H 'Authorization: Digest a=b c' -v", "-H 'Authorization: [token]' -v"},
      {"Cookie: a=b; sid=c\r\nx", "Cookie: [cookie]\r\nx"},
      {"curl -H \"Cookie: a=b; c=d\" x", "curl -H \"Cookie: [cookie]\" x"},
      {"email=none password=null token=- pin=", "email=none password=null token=- pin="},
      {"password=\"unclosed to the end\nnext", "password=\"[password]\nnext"},
      {"\"/?token=\" \"Mozilla/5.0\"", "\"/?token=\" \"Mozilla/5.0\""},
      {"name: nobody, user: anybody", "name: nobody, user: anybody"},
      {"tokens=3 passwordless=1", "tokens=3 passwordless=1"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
  }
}

TEST_CASE("in a query a value goes on to what no URL holds as it is, or to the next parameter") {
  constexpr auto changes = std::to_array<Change>({
      {"/x?last_name=O'Connor-Smith&q=1 x", "/x?last_name=[name]&q=1 x"},
      {"/x?street=5%20High%20St%20(Flat%202)&q", "/x?street=[address]&q"},
      {"/x?street=5%20High%20St%20(Flat%202) x", "/x?street=[address] x"},
      {"/x?a=1&password=pa)ss'w0rd!&q", "/x?a=1&password=[password]&q"},
      {"/x?token=abc|secret&name=Doe,John;Jr&q", "/x?token=[token]&name=[name]&q"},
      {"\"/x?name=Jos\\u00e9%20Garc\\u00eda\\u0026q=1\"", "\"/x?name=[name]\\u0026q=1\""},
      {"u=%3Fname%3DO'Connor%26q", "u=%3Fname%3D[name]%26q"},
      {"see '/x?token=abc', (/x?token=abc) [/x?token=abc] {'u': '/x?token=abc'}; /x?token=abc, no",
       "see '/x?token=[token]', (/x?token=[token]) [/x?token=[token]] {'u': "
       "'/x?token=[token]'}; /x?token=[token], no"},
      {"f(token=abc) token=abc,x=1", "f(token=[token]) token=[token],x=1"},
      {"/x;jsessionid=ABC?offer_id=9&sub=1", "/x;jsessionid=[cookie]?offer_id=9&sub=1"},
      {"/x?a=1;token=ab?c;b=1", "/x?a=1;token=[token];b=1"},
      {"/x?a=1\\u0026name=%22John%20Doe%22", "/x?a=1\\u0026name=%22[name]%22"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
    CHECK(anonymized(after) == after);
  }
}

TEST_CASE("parameters may be arrays") {
  constexpr auto changes = std::to_array<Change>({
      {"/x?email[]=jj&q", "/x?email[]=[email]&q"},
      {"/x?phone%5B%5D=123&q", "/x?phone%5B%5D=[phone]&q"},
      {"/x?name[0]=a%20b&user[0][name][]=c,d&q", "/x?name[0]=[name]&user[0][name][]=[name]&q"},
      {"[]=jj x=[email][]=jj", "[]=jj x=[email][]=jj"},
      {"%22[email]=jj \\u0026[email]=jj", "%22[email]=jj \\u0026[email]=jj"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
  }
}

TEST_CASE("in JSON no value reaches over the string that its key stands in") {
  constexpr auto changes = std::to_array<Change>({
      {R"({"q":"x password=","b":"y"})", R"({"q":"x password=","b":"y"})"},
      {R"({"q":"password='x","b":"y's"})", R"({"q":"password='[password]","b":"y's"})"},
      {R"({"h":"Authorization: Digest n=\"u\", r","b":1})",
       R"({"h":"Authorization: [token]","b":1})"},
      {R"({"h":"Cookie: a=b","b":1})", R"({"h":"Cookie: [cookie]","b":1})"},
      {R"({"m":"{\"password\": \"hunter2\"}"})", R"({"m":"{\"password\": \"[password]\"}"})"},
      {R"({"m":"{\"password\":\"hunter2\",\"x\":1}"})",
       R"({"m":"{\"password\":\"[password]\",\"x\":1}"})"},
      {R"({"m":"{\"m\":\"{\\\"token\\\":\\\"a\\\",\\\"z\\\":1}\"}"})",
       R"({"m":"{\"m\":\"{\\\"token\\\":\\\"[token]\\\",\\\"z\\\":1}\"}"})"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before, Format::json) == after);
  }
}

TEST_CASE("a kind that the profile does not look for is not looked for behind keys") {
  Profile profile = built_in_profile();
  profile.detect[Kind::token] = false;
  CHECK(anonymized("token=a password=b", Format::plain, profile) == "token=a password=[password]");
  profile.known_names = false;
  CHECK(anonymized("token=a password=b", Format::plain, profile) == "token=a password=b");
}

TEST_CASE("a redaction is known by its brackets") {
  CHECK(is_redaction("[email]"));
  CHECK(is_redaction("[unparsed record]"));
  CHECK_FALSE(is_redaction("[]"));
  CHECK_FALSE(is_redaction("[Email]"));
  CHECK_FALSE(is_redaction("[a][b]"));
  CHECK_FALSE(is_redaction("email"));
}

}  // namespace trackier::anonymize
