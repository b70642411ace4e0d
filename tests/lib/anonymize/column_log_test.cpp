// Logs that name their columns: W3C extended, CloudFront, Zeek; and the formats of load balancers.
#include <doctest/doctest.h>

#include <array>

#include "anonymize/anonymizer.hpp"
#include "anonymize/chunker.hpp"
#include "anonymize/detect_format.hpp"
#include "job_on_text.hpp"

namespace trackier::anonymize {

namespace {

constexpr std::string_view iis =
    "\xEF\xBB\xBF#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n"
    "#Fields: date time cs-method cs-uri-query cs-username c-ip cs(User-Agent) cs(Cookie) "
    "sc-status sc-substatus time-taken\r\n"
    "2026-01-31 12:00:01 GET q=mara%40example.com EXAMPLE\\mara 198.51.100.17 Mozilla/5.0+(X11) "
    "sid=abc;+x=1 200 200 3400\r\n"
    "#Fields: date time c-ip cs-username\r\n"
    "2026-01-31 12:00:02 host.example.net -\r\n"
    "2026-01-31 12:00:03 2001:db8:1:2::3 otto\r\n";

constexpr std::string_view zeek =
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\thttp\n"
    "#fields\tts\tuid\tid.orig_h\tusername\tpassword\n#types\ttime\tstring\taddr\tstring\tstring\n"
    "1.5\tCxyz1\t198.51.100.17\tmara\thunter2\n"
    "1.6\tCxyz2\t198.51.100.18\t-\t(empty)\n"
    "#close\t2026-01-31-12-00-00\n"
    "#separator \\x2c\n#unset_field,~\n#fields,ts,user,id.orig_h\n#types,time,string,addr\n"
    "1.7,~,198.51.100.19\n1.8,otto,2001:db8:1:2::3\n";

constexpr std::string_view cloudfront =
    "#Version: 1.0\n#Fields: date time x-edge-location c-ip cs(User-Agent) cs(Cookie) "
    "x-forwarded-for\n"
    "2026-01-31\t12:00:00\tFRA2\t198.51.100.17\tMozilla/5.0%2520(mara%2540example.com)\tsid=1\t"
    "-\n";

constexpr std::string_view alb =
    "https 2026-01-31T12:34:56.123456Z app/lb/50dc6c495c0c9188 [2001:db8:1:2::3]:2817 "
    "192.0.2.5:80 0.000 0.001 0.000 200 200 3400 366 "
    "\"GET https://www.example.com:443/?email=mara@example.com HTTP/1.1\" \"curl \\\"7\\\"\" "
    "ECDHE TLSv1.2 arn:aws:x \"Root=1-58337262\" \"www.example.com\" \"-\" 0 "
    "2026-01-31T12:34:56.000000Z \"forward\" \"-\" \"-\" \"192.0.2.5:80\" \"200\" \"-\" \"-\" T\n"
    "h2 2026-01-31T12:34:57.123456Z app/lb/50dc6c495c0c9188 198.51.100.17:2817 - -1 -1 -1 460 - "
    "0 0 \"- http://x:80- -\" \"-\" - - arn:aws:x \"Root=1-58337262\"\n";

constexpr std::string_view elb =
    "2026-01-31T12:34:56.123456Z lb 198.51.100.17:2817 192.0.2.5:80 0.1 0.2 0.3 200 200 3400 57 "
    "\"GET https://www.example.com:443/ HTTP/1.1\" \"curl/7\" DHE TLSv1.2\n"
    "2026-01-31T12:34:57.123456Z lb 198.51.100.17:2817 - -1 -1 -1 504 0 0 0 \"GET / HTTP/1.1\"\n";

constexpr std::string_view haproxy =
    "Feb  6 12:14:14 lb haproxy[14389]: 198.51.100.17:33317 [06/Feb/2026:12:14:14.655] in~ "
    "static/srv1 10/0/30/69/109 200 2750 SESS=abc - ---- 1/1/1/1/0 0/0 {www|curl} {} \"GET /a "
    "HTTP/1.1\"\n"
    "2001:db8:1:2::3:33317 [06/Feb/2026:12:14:14.655] in static/srv1 10/0/30/69/109 200 2750 - - "
    "---- 1/1/1/1/0 0/0 {www|{x}} \"GET /{y} HTTP/1.1\"\n"
    "<134>Feb  6 12:14:14 haproxy[1]: 198.51.100.17:33317 [06/Feb/2026:12:14:14.655] in "
    "static/<NOSRV> 10/-1/-1/-1/109 503 212 - - SC-- 1/1/1/1/0 0/0 \"GET / HTTP/1.1\"\n"
    "Feb  6 12:14:14 lb haproxy[14389]: 198.51.100.17:33317 [06/Feb/2026:12:14:14.655] tcp "
    "back/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0\n"
    "Feb  6 12:14:14 lb haproxy[14389]: 198.51.100.17:33317 [06/Feb/2026:12:14:14.655] in/1: SSL "
    "handshake failure\n"
    "Feb  6 12:14:14 lb haproxy[14389]: Proxy http_in started.\n";

struct Sample {
  Format format;
  std::string_view text;
};

constexpr auto samples = std::to_array<Sample>({{Format::w3c, iis},
                                                {Format::zeek, zeek},
                                                {Format::cloudfront, cloudfront},
                                                {Format::alb, alb},
                                                {Format::elb, elb},
                                                {Format::haproxy, haproxy}});

/// Cut into chunks of about `chunk_bytes`.
std::string in_chunks(const Sample& sample, const Profile& profile, std::size_t chunk_bytes,
                      Tally& tally) {
  trackier::test::MemorySource source{std::string{sample.text}};
  Chunker chunker{source, {.chunk_bytes = chunk_bytes, .record_bytes = 4096}};
  chunker.set_format(sample.format, {});
  std::string out;
  Chunk chunk;
  while (chunker.next(chunk)) {
    // Each chunk by a worker that has seen none of those before it.
    const Task task{.profile = profile,
                    .pseudonymizer = test::test_pseudonymizer(),
                    .format = sample.format,
                    .columns = {}};
    Anonymizer anonymizer{task};
    anonymizer.process(chunk.bytes.text(), chunk.first, out, tally, chunk.lines,
                       chunk.directives ? std::string_view{*chunk.directives} : std::string_view{});
  }
  return out;
}

}  // namespace

TEST_CASE("each format is told by its first lines, and all of its records are of it") {
  for (const Sample& sample : samples) {
    CAPTURE(name_of(sample.format));
    const FormatGuess guess = guess_format(sample.text, true, 0.9);
    CHECK(name_of(guess.format) == name_of(sample.format));
    CHECK(guess.share == 1.0);
    CHECK(test::run_text(sample.text, built_in_profile(), {}).tally.unparsed == 0);
  }
}

TEST_CASE("keeping everything changes no byte") {
  for (const Sample& sample : samples) {
    CAPTURE(name_of(sample.format));
    CHECK(test::run_text(sample.text, test::profile_with({.action = Action::keep}), {}).output ==
          sample.text);
  }
}

TEST_CASE("W3C: fields by name, columns that change, numbers that are no phone") {
  CHECK(test::anonymized(iis, Format::w3c) ==
        "\xEF\xBB\xBF#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n"
        "#Fields: date time cs-method cs-uri-query cs-username c-ip cs(User-Agent) cs(Cookie) "
        "sc-status sc-substatus time-taken\r\n"
        "2026-01-31 12:00:01 GET q=[email] [name] 198.51.100.0 Mozilla/5.0+(X11) [cookie] 200 200 "
        "3400\r\n"
        "#Fields: date time c-ip cs-username\r\n"
        "2026-01-31 12:00:02 [ip] -\r\n"
        "2026-01-31 12:00:03 2001:db8:1:: [name]\r\n");
  CHECK(test::anonymized(
            "#Fields: a c-ip cs(User-Agent)\n\"x y\" \"198.51.100.17\" \"a \"\"b\"\"\"\n",
            Format::w3c, test::profile_with_field("user_agent", {.label = "agent"})) ==
        "#Fields: a c-ip cs(User-Agent)\n\"x y\" \"198.51.100.0\" \"[agent]\"\n");
  CHECK(test::anonymized("#Fields: date-time,client-ip,recipient-address\n1,198.51.100.17,x\n",
                         Format::w3c,
                         test::profile_with_field("recipient-address", {.action = Action::drop})) ==
        "#Fields: date-time,client-ip,recipient-address\n1,198.51.100.0,\n");
}

TEST_CASE("W3C: records before the columns are known, or with others, are unparsed") {
  const Profile profile = test::profile_with_field("c-ip", {.action = Action::drop});
  CHECK(test::anonymized("a 192.0.2.1\n#Fields: x c-ip\na 192.0.2.1\na b 192.0.2.1\n", Format::w3c,
                         profile) == "[unparsed record]\n#Fields: x c-ip\na \n[unparsed record]\n");
}

TEST_CASE("Zeek: names and types tell what is personal, the header tells what is no value") {
  CHECK(test::anonymized(zeek, Format::zeek) ==
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\thttp\n"
        "#fields\tts\tuid\tid.orig_h\tusername\tpassword\n"
        "#types\ttime\tstring\taddr\tstring\tstring\n"
        "1.5\tCxyz1\t198.51.100.0\t[name]\t[password]\n"
        "1.6\tCxyz2\t198.51.100.0\t-\t(empty)\n"
        "#close\t2026-01-31-12-00-00\n"
        "#separator \\x2c\n#unset_field,~\n#fields,ts,user,id.orig_h\n#types,time,string,addr\n"
        "1.7,~,198.51.100.0\n1.8,[name],2001:db8:1::\n");
}

TEST_CASE("CloudFront: what is encoded twice is found") {
  const std::string out = test::anonymized(cloudfront, Format::cloudfront);
  CHECK(out.find("198.51.100.0\tMozilla/5.0%2520([email])\t[cookie]\t-\n") != std::string::npos);
}

TEST_CASE("load balancers: the client is a field without its port") {
  const Profile profile = test::profile_with_field("client", {.label = "client"});
  const std::string application = test::anonymized(alb, Format::alb, profile);
  CHECK(application.find(" [[client]]:2817 192.0.2.0:80 ") != std::string::npos);
  CHECK(application.find(" [client]:2817 - -1 -1 -1 460 - 0 0 ") != std::string::npos);
  CHECK(application.find(" 200 200 3400 366 \"GET https://www.example.com:443/?email=[email] ") !=
        std::string::npos);
  const std::string classic = test::anonymized(elb, Format::elb, profile);
  CHECK(
      classic.starts_with("2026-01-31T12:34:56.123456Z lb [client]:2817 192.0.2.0:80 0.1 0.2 0.3 "
                          "200 200 3400 57 \"GET"));
}

TEST_CASE("HAProxy: HTTP, TCP and errors, with what syslog puts in front and without") {
  const std::string out = test::anonymized(
      haproxy, Format::haproxy, test::profile_with_field("captured_request_headers", {}));
  CHECK(out ==
        "Feb  6 12:14:14 lb haproxy[14389]: 198.51.100.0:33317 [06/Feb/2026:12:14:14.655] in~ "
        "static/srv1 10/0/30/69/109 200 2750 [cookie] - ---- 1/1/1/1/0 0/0 {[field]} {} \"GET /a "
        "HTTP/1.1\"\n"
        "2001:db8:1:0:0:0:0:0:33317 [06/Feb/2026:12:14:14.655] in static/srv1 10/0/30/69/109 200 "
        "2750 - - "
        "---- 1/1/1/1/0 0/0 {[field]} \"GET /{y} HTTP/1.1\"\n"
        "<134>Feb  6 12:14:14 haproxy[1]: 198.51.100.0:33317 [06/Feb/2026:12:14:14.655] in "
        "static/<NOSRV> 10/-1/-1/-1/109 503 212 - - SC-- 1/1/1/1/0 0/0 \"GET / HTTP/1.1\"\n"
        "Feb  6 12:14:14 lb haproxy[14389]: 198.51.100.0:33317 [06/Feb/2026:12:14:14.655] tcp "
        "back/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0\n"
        "Feb  6 12:14:14 lb haproxy[14389]: 198.51.100.0:33317 [06/Feb/2026:12:14:14.655] in/1: "
        "SSL handshake failure\n"
        "Feb  6 12:14:14 lb haproxy[14389]: Proxy http_in started.\n");
}

TEST_CASE("columns are right wherever the chunks are cut, and for a worker that sees one alone") {
  Profile profile = test::profile_with_field("c-ip", {.action = Action::drop});
  profile.fields.push_back({.selector = "user", .transform = {.label = "who"}});
  for (const Sample& sample : samples) {
    CAPTURE(name_of(sample.format));
    const std::string whole = test::anonymized(sample.text, sample.format, profile);
    for (std::size_t bytes = 1; bytes <= sample.text.size(); ++bytes) {
      CAPTURE(bytes);
      Tally tally{profile};
      REQUIRE(in_chunks(sample, profile, bytes, tally) == whole);
      REQUIRE(tally.unparsed == 0);
    }
  }
}

TEST_CASE("mutated records never lose a byte when all is kept, and are parsable again") {
  constexpr std::uint32_t seed = 20260201;
  CAPTURE(seed);
  std::mt19937 random{seed};
  const Profile keep = test::profile_with({.action = Action::keep});
  for (const Sample& sample : samples) {
    for (int round = 0; round < 400; ++round) {
      std::string text{sample.text};
      for (int change = 0; change < 4; ++change) {
        text[random() % text.size()] = "\" \t\n[]{}-#,1aZ\\\x80"[random() % 17];
      }
      CAPTURE(text);
      const test::Run kept = test::run_text(text, keep, {.format = sample.format, .min_share = 0});
      REQUIRE(kept.output == text);
      const test::Run once =
          test::run_text(text, built_in_profile(), {.format = sample.format, .min_share = 0});
      const test::Run twice = test::run_text(once.output, built_in_profile(),
                                             {.format = sample.format, .min_share = 0});
      REQUIRE(once.tally.unparsed == kept.tally.unparsed);
      REQUIRE(twice.tally.unparsed <= once.tally.unparsed);
      if (twice.tally.unparsed == once.tally.unparsed) {
        REQUIRE(twice.output == once.output);
      }
    }
  }
}

}  // namespace trackier::anonymize
