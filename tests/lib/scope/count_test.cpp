#include "scope/count.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "codec/encoder.hpp"
#include "core/hexadecimal.hpp"
#include "counting.hpp"
#include "crypto/digest.hpp"
#include "support/errors.hpp"
#include "support/streams.hpp"

namespace trackier::scope {
namespace {

using test::error_of;
using test::message_of;

using namespace test_counting;

std::string encoded(codec::Encoding encoding, const std::string& text) {
  std::vector<std::byte> out;
  codec::Encoder::make(encoding)->encode(as_bytes(text), out);
  return std::string{as_text(out)};
}

TEST_CASE("every line is counted once, whatever it is") {
  const std::string log =
      "{" + noon + R"(,"tenant_id":"a","user":"u1","country":"IN","status":200})" + "\n" + "{" +
      noon + R"(,"tenant_id":"a","user":"u1","country":"DE","status":200})" + "\r\n" + "{" + noon +
      R"(,"tenant_id":"b","user":17,"status":200})" + "\n" + "{" + noon +
      R"(,"tenant_id":"b","user":null,"status":200})" + "\n" + "{" + noon +
      R"(,"user":"u2","status":200})" + "\n" + "{" + noon +
      R"(,"tenant_id":"a","user":"u3","status":404})" + "\n" + "\n  \r\n" +
      "garbage\n"
      "{\"ts\":\n" +
      R"({"ts":"soon","tenant_id":"a","user":"u4","status":200})" + "\n" +
      R"({"tenant_id":"a","user":"u4","status":404})" + "\n" +
      R"({"ts":"2026-11-26T23:59:59.999999Z","tenant_id":"a","user":"u5","status":200})" + "\n" +
      R"(192.0.2.7 - u1 [27/Nov/2026:22:47:31 +0530] "GET /a HTTP/1.1" 200 512)";
  Request asked = request("status == 200", {"user", "remote_user"});
  const Result result = count(asked, {"\xEF\xBB\xBF" + log});
  CHECK(shown(result).starts_with(
      "lines 14 blank 2 unparsed 2 untimed 2 untimed_exposed 1 outside 1 matched 6 "
      "without_tenant 2 without_person 1\n"
      "[] [] exposures 2 records 2 people 2 to 2\n"
      "[a] [] exposures 2 records 2 people 1 to 1\n"
      "[b] [] exposures 1 records 2 people 1 to 2\n"
      "[] [] exposures 2 records 2 people 2 to 2\n"
      "[a] [DE] exposures 1 records 1 people 1 to 1\n"
      "[a] [IN] exposures 1 records 1 people 1 to 1\n"
      "[b] [] exposures 1 records 2 people 1 to 2\n"));
  REQUIRE(result.tokens.size() == 3);
  CHECK(result.tokens[1].tenant == "a");
  CHECK(result.tokens[1].tokens == std::vector{token_of("u1")});
  CHECK(result.tokens[2].tokens == std::vector{token_of("17")});
  REQUIRE(result.inputs.size() == 1);
  CHECK(result.inputs[0].name == "log.0");
  CHECK(result.inputs[0].lines == 14);
  CHECK(result.inputs[0].bytes == log.size() + 3);
  CHECK(result.inputs[0].sha256 == hexadecimal(crypto::sha256(as_bytes("\xEF\xBB\xBF" + log))));
}

TEST_CASE("the window has its beginning and lacks its end") {
  const auto matched = [](const std::string& time) {
    const Result result = count(request(), {"{\"ts\":\"" + time + "\"}\n"});
    CHECK(result.matched + result.outside_window == 1);
    return result.matched == 1;
  };
  CHECK_FALSE(matched("2026-11-26T23:59:59.999999Z"));
  CHECK(matched("2026-11-27T00:00:00Z"));
  CHECK(matched("2026-11-27T05:30:00+05:30"));
  CHECK_FALSE(matched("2026-11-27T05:29:59+05:30"));
  CHECK(matched("2026-11-27T23:59:59.9999999Z"));
  CHECK_FALSE(matched("2026-11-28T00:00:00Z"));
  CHECK_FALSE(matched("2026-11-28T00:00:00.000001Z"));
}

TEST_CASE("identifiers are compared as said") {
  const auto tokens = [](const std::string& value) {
    const Result result = count(request(), {"{" + noon + ",\"user\":" + value + "}\n"});
    REQUIRE(result.tokens.size() == 1);
    return result.tokens[0].tokens;
  };
  CHECK(tokens(R"("Anna@Example.ORG")") == std::vector{token_of("anna@example.org")});
  CHECK(tokens(R"("  anna@example.org\n")") == std::vector{token_of("anna@example.org")});
  CHECK(tokens(R"("\u0061nna")") == std::vector{token_of("anna")});
  CHECK(tokens(R"(" Anna")") == std::vector{token_of(" Anna")});
  CHECK(tokens("42") == tokens(R"("42")"));
  for (const char* nobody : {"null", "true", "false", "\"\"", "{}", "[\"anna\"]"}) {
    CHECK(tokens(nobody).empty());
  }
}

/// Two hundred tenants, and enough lines for many chunks.
std::string large_log() {
  std::mt19937 random{7};
  std::string log;
  for (int i = 0; i < 12'000; ++i) {
    const auto person = random() % 5000;
    log += fmt::format(
        "{{{},\"tenant_id\":\"tenant-{:03}\",\"country\":\"{}\",\"user\":{},\"email\":\"p{}@"
        "example.org\","
        "\"status\":{},\"padding\":\"{}\"}}\n",
        noon, person % 200, person % 3 == 0 ? "IN" : "DE", person,
        random() % 10 == 0 ? random() % 5000 : person, random() % 5 == 0 ? 404 : 200,
        std::string(random() % 300, 'x'));
    if (i % 1000 == 0) {
      log += "garbage\n";
    }
  }
  return log;
}

TEST_CASE("threads, pieces and compression change nothing") {
  const std::string log = large_log();
  Request asked = request("status == 200", {"user", "email"});
  const Result one = count(asked, {log});
  CHECK(one.tenants.size() == 200);
  CHECK(one.unparsed == 12);
  CHECK(one.lines == 12'012);
  const std::string expected = shown(one);
  for (const unsigned threads : {2U, 3U, 8U}) {
    asked.threads = threads;
    CHECK(shown(count(asked, {log})) == expected);
    CHECK(shown(count(asked, {log}, 1000)) == expected);
  }
  for (const codec::Encoding encoding : {codec::Encoding::gzip, codec::Encoding::zstd}) {
    const std::string packed = encoded(encoding, log);
    const Result result = count(asked, {packed});
    CHECK(shown(result) == expected);
    CHECK(result.inputs[0].bytes == packed.size());
    CHECK(result.inputs[0].lines == 12'012);
    CHECK(result.inputs[0].sha256 == hexadecimal(crypto::sha256(as_bytes(packed))));
  }
  const std::size_t half = log.find('\n', log.size() / 2) + 1;
  const Result two =
      count(asked, {log.substr(half), encoded(codec::Encoding::gzip, log.substr(0, half))});
  CHECK(shown(two) == expected);
  CHECK(two.inputs.size() == 2);
  CHECK(two.inputs[0].lines + two.inputs[1].lines == 12'012);
}

TEST_CASE("a damaged file is an error that names it") {
  std::string packed = encoded(codec::Encoding::gzip, large_log());
  packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 0x20);
  for (const std::string& damaged : {packed, packed.substr(0, packed.size() / 3)}) {
    for (const unsigned threads : {1U, 3U}) {
      Request asked = request();
      asked.threads = threads;
      const Error error = error_of([&] { (void)count(asked, {damaged}); });
      CHECK(error.code() == Code::data);
      CHECK(message_of(error).starts_with("log.0: "));
    }
  }
}

TEST_CASE("a line longer than can be held is counted, and what follows is read") {
  const std::string longest = "{" + noon + ",\"user\":\"" + std::string(17 << 20U, 'x') + "\"}\n";
  const std::string next = "{" + noon + ",\"user\":\"u\"}\n";
  for (const unsigned threads : {1U, 2U}) {
    Request asked = request();
    asked.threads = threads;
    const Result result = count(asked, {next + longest + next});
    CHECK(result.lines == 3);
    CHECK(result.unparsed == 1);
    CHECK(result.matched == 2);
  }
}

TEST_CASE("no identifier is in the result as it was") {
  const Result result = count(request("user != null", {"user", "email"}), {large_log()});
  const std::string all = shown(result);
  CHECK_FALSE(test::contains(all, "@"));
  CHECK_FALSE(test::contains(all, "example.org"));
  // Nor is it to be had without the key.
  Counter other{request(), crypto::Secret::copy_of(as_bytes("another key of thirty-two bytes!"))};
  test::MemorySource source{"{" + noon + ",\"user\":\"u\"}\n"};
  other.add("log", source, {});
  CHECK(other.finish().tokens.at(0).tokens != std::vector{token_of("u")});
}

TEST_CASE("nothing at all") {
  CHECK(shown(count(request(), {})) ==
        "lines 0 blank 0 unparsed 0 untimed 0 untimed_exposed 0 outside 0 matched 0 "
        "without_tenant 0 without_person 0\n");
  const Result empty = count(request(), {""});
  CHECK(empty.inputs.size() == 1);
  CHECK(empty.inputs[0].bytes == 0);
  CHECK(empty.lines == 0);
}

TEST_CASE("a count that is stopped returns") {
  std::stop_source stop;
  stop.request_stop();
  Counter counter{request(), crypto::Secret::copy_of(as_bytes(key_text))};
  test::MemorySource source{large_log()};
  counter.add("log", source, stop.get_token());
  CHECK(counter.finish().inputs.empty());
}

TEST_CASE("requests that make no sense are refused") {
  const auto refusal = [](Request asked) {
    const Error error = error_of([&] {
      Counter{std::move(asked), crypto::Secret::copy_of(as_bytes(key_text))};
    });
    CHECK(error.code() == Code::usage);
    return message_of(error);
  };
  Request asked = request();
  asked.to = asked.from;
  CHECK(refusal(asked) == "--from is not before --to");
  CHECK(refusal(request("true", {})) == "--person: a field is missing");
  CHECK(refusal(request("true", {"a", ""})) == "--person: a field is missing");
  CHECK(refusal(request("true", {"a b"})) == "--person: a b is not a field");
  asked = request();
  asked.tenant_field = "x..y";
  CHECK(refusal(asked) == "--tenant-field: x..y is not a field");
  asked = request();
  asked.time_field = "";
  CHECK(refusal(asked) == "--time-field: a field is missing");
}

TEST_CASE("without fields of tenant and country all are one") {
  Request asked = request();
  asked.tenant_field = "";
  asked.country_field = "";
  const Result result = count(asked, {"{" + noon + R"(,"tenant_id":"a","country":"IN","user":1})"});
  REQUIRE(result.countries.size() == 1);
  CHECK(result.countries[0].tenant.empty());
  CHECK(result.countries[0].country.empty());
  CHECK(result.without_tenant == 1);
}

}  // namespace
}  // namespace trackier::scope
