// Every spelling of an address that logs have: what has to vanish, what has to stay, and that all
// spellings of one address have one pseudonym.
#include <doctest/doctest.h>

#include <array>

#include "anonymize/addresses.hpp"
#include "job_on_text.hpp"

namespace trackier::anonymize {

using test::anonymized;
using test::Change;

TEST_CASE("an address is cut in the names of hosts") {
  constexpr auto changes = std::to_array<Change>({
      {"ip-10-77-20-248.ec2.internal", "ip-10-77-20-0.ec2.internal"},
      {"ip-10-77-20-248 up", "ip-10-77-20-0 up"},
      {"host-203-0-113-7.isp.example", "host-203-0-113-0.isp.example"},
      {"nat-203-0-113-7-8.isp.example", "nat-203-0-113-0-0.isp.example"},
      {"pool-5-203-0-113-7.isp.example", "pool-5-203-0-0-0.isp.example"},
      {"ec2-203-0-113-7-8080.isp.example", "ec2-203-0-113-0-8080.isp.example"},
      {"nat-203-0-113-7-8080 up", "nat-203-0-113-0-8080 up"},
      {"2026-01-31-12-34-56.log", "2026-01-31-12-34-0.log"},
      {"h=host%2D203%2D0-113-7.isp.example", "h=host%2D203-0-113-0.isp.example"},
      {"h=7%2E113.0.203.in-addr.arpa", "h=0.113.0.203.in-addr.arpa"},
      {"203-0-113-7.static.isp.example", "203-0-113-0.static.isp.example"},
      {"dyn203-0-113-7.isp.example", "dyn203-0-113-0.isp.example"},
      {"cpe-203-000-113-007.isp.example", "cpe-203-000-113-0.isp.example"},
      {"203.0.113.7.static.isp.example", "0.0.113.0.static.isp.example"},
      {"static.7.113.0.203.isp.example", "static.0.113.0.0.isp.example"},
      {"7.113.0.203.in-addr.arpa", "0.113.0.203.in-addr.arpa"},
      {"7.0-127.113.0.203.in-addr.arpa", "0.113.0.203.in-addr.arpa"},
      {"7.0/25.113.0.203.in-addr.arpa", "0.113.0.203.in-addr.arpa"},
      {"0/25.113.0.203.in-addr.arpa", "0/0.113.0.203.in-addr.arpa"},
      {"\\\\2001-db8-1-2--7.ipv6-literal.net\\share", "\\\\2001-db8-1--.ipv6-literal.net\\share"},
      {"2001-db8-1-2-3-4-5-6.ipv6-literal.net", "2001-db8-1--.ipv6-literal.net"},
      {"fe80--a00-27ff-fe4e-66a1s4.ipv6-literal.net", "fe80--s4.ipv6-literal.net"},
      {"pd-2001-db8-1-2--7.dyn.isp.example", "pd-2001-db8-1--.dyn.isp.example"},
      {"2001-db8-1-2-3-4-5-6-dyn.isp.example", "2001-db8-1---dyn.isp.example"},
      {"cb007107.dialup.isp.example", "cb007100.dialup.isp.example"},
      {"0xcb007107.isp.example", "0xcb007100.isp.example"},
      {"pCB007107.dip0.t-ipconnect.example", "pCB007100.dip0.t-ipconnect.example"},
      {"2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "0.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
    CHECK(anonymized(after) == after);
  }
}

TEST_CASE("of a zone as many numbers go as of an address") {
  Profile profile = built_in_profile();
  for (const Kind kind : {Kind::ipv4, Kind::ipv6}) {
    profile.transforms[kind] = *truncation_preset("three-octets");
  }
  const auto cut = [&](std::string_view text) { return anonymized(text, Format::plain, profile); };
  CHECK(cut("113.0.203.in-addr.arpa") == "0.0.203.in-addr.arpa");
  CHECK(cut("x 99.203.in-addr.arpa") == "x 0.203.in-addr.arpa");
  CHECK(cut("203.in-addr.arpa") == "203.in-addr.arpa");
  CHECK(cut("c.d.8.b.d.0.1.0.0.2.ip6.arpa") == "0.0.0.0.d.0.1.0.0.2.ip6.arpa");
}

TEST_CASE("an address is cut in the bases that programs read") {
  constexpr auto changes = std::to_array<Change>({
      {"GET http://3405803783/ x", "GET http://3405803776/ x"},
      {"http://3405803783:8080/", "http://3405803776:8080/"},
      {"http://bob:pw@3405803783/", "http://[credentials]@3405803776/"},
      {"http://0xCB007107/", "http://0xCB007100/"},
      {"\"http://0xcb.0x00.0x71.0x07\"", "\"http://203.0.113.0\""},
      {"http://0313.0.0161.07/", "http://203.0.113.0/"},
      {"http://203.28935/", "http://203.0.113.0/"},
      {"ip=3405803783&x=3405803783", "ip=3405803776&x=3405803783"},
      {"client_ip=cb007107 up", "client_ip=cb007100 up"},
      {"{\"client_ip\":3405803783}", "{\"client_ip\":3405803776}"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
    CHECK(anonymized(after) == after);
  }
  CHECK(anonymized("{\"ip\":3405803783,\"n\":3405803783}\n", Format::json) ==
        "{\"ip\":3405803776,\"n\":3405803783}\n");
  CHECK(anonymized("{\"ip\":\"cb007107\"}\n", Format::json) == "{\"ip\":\"cb007100\"}\n");
}

TEST_CASE("an address is cut beside its port, zone and brackets") {
  constexpr auto changes = std::to_array<Change>({
      {"IP 203.0.113.7.51234 > 198.51.100.2.443: S", "IP 203.0.113.0.51234 > 198.51.100.0.443: S"},
      {"IP6 2001:db8:1:2::3.51234 > x", "IP6 2001:db8:1::.51234 > x"},
      {"helo [IPv6:2001:db8:1:2::3]", "helo [IPv6:2001:db8:1::]"},
      {"[2001:db8:1:2::3]:443", "[2001:db8:1::]:443"},
      {"2001:db8:1:2::3#53", "2001:db8:1::#53"},
      {"203.0.113.7#40000", "203.0.113.0#40000"},
      {"fe80::a00:27ff:fe4e:66a1%eth0", "fe80::%eth0"},
      {"Via: SIP/2.0/UDP 203.0.113.7:5060;UDP/203.0.113.7/5061",
       "Via: SIP/2.0/UDP 203.0.113.0:5060;UDP/203.0.113.0/5061"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
  }
}

TEST_CASE("an address behind an escape is found, and the escape stays whole") {
  constexpr auto changes = std::to_array<Change>({
      {"{\"m\":\"\\u000a2001:db8:1:2::3\"}\n", "{\"m\":\"\\u000a2001:db8:1::\"}\n"},
      {"{\"m\":\"\\f2001:db8:1:2::3\"}\n", "{\"m\":\"\\f2001:db8:1::\"}\n"},
      {"{\"m\":\"\\n2001-db8-1-2--3.isp.example\"}\n", "{\"m\":\"\\n2001-db8-1--.isp.example\"}\n"},
      {"{\"m\":\"x \\u000a::fa1 y\"}\n", "{\"m\":\"x \\u000a:: y\"}\n"},
      {"{\"m\":\"\\u001b08:00:27:4e:66:a1\"}\n", "{\"m\":\"\\u001b08:00:27:00:00:00\"}\n"},
      {"{\"m\":\"\\u001b08-00-27-4e-66-a1\"}\n", "{\"m\":\"\\u001b08-00-27-00-00-00\"}\n"},
      {"{\"m\":\"q=%202001:db8:1:2::3\"}\n", "{\"m\":\"q=%202001:db8:1::\"}\n"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before, Format::json) == after);
  }
  CHECK(anonymized("\\x1b2001:db8:1:2::3") == "\\x1b2001:db8:1::");
}

TEST_CASE("a MAC address loses its device in every spelling") {
  constexpr auto changes = std::to_array<Change>({
      {"08:00:27:4e:66:a1 up", "08:00:27:00:00:00 up"},
      {"at 0:8:27:4e:66:a1 on en0", "at 0:8:27:00:00:00 on en0"},
      {"Physical Address: 08-00-27-4E-66-A1", "Physical Address: 08-00-27-00-00-00"},
      {"wlan-08-00-27-4e-66-a1", "wlan-08-00-27-00-00-00"},
      {"EUI 08-00-27-ff-fe-4e-66-a1", "EUI 08-00-27-00-00-00-00-00"},
      {"0800.274e.66a1 dynamic Gi0/1", "0800.2700.0000 dynamic Gi0/1"},
      {"mac=0800274e66a1", "mac=080027000000"},
      {"{\"mac\":\"0800274E66A1\"}", "{\"mac\":\"080027000000\"}"},
      {"mac: 0800274e66a1", "mac: 080027000000"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
    CHECK(anonymized(after) == after);
  }
  CHECK(anonymized("{\"mac\":\"0800274e66a1\",\"os\":{\"mac\":\"11.6 of bob@b.example\"}}\n",
                   Format::json) ==
        "{\"mac\":\"080027000000\",\"os\":{\"mac\":\"11.6 of [email]\"}}\n");
}

TEST_CASE("an IPv4 address within an IPv6 address is cut however long the prefix is") {
  Profile profile = built_in_profile();
  profile.transforms[Kind::ipv6].ipv6_prefix = 128;
  constexpr auto changes = std::to_array<Change>({
      {"::ffff:203.0.113.7", "::ffff:203.0.113.0"},
      {"::ffff:cb00:7107", "::ffff:203.0.113.0"},
      {"64:ff9b::cb00:7107", "64:ff9b::203.0.113.0"},
      {"64:ff9b:1:cb00:71:700::", "64:ff9b:1:cb00::"},
      {"2002:cb00:7107:5::1", "2002:cb00:7100::"},
      {"2001:0:c000:201:8000:63bf:34ff:8ef8", "2001:0:c000:201:8000:63bf:34ff:8e00"},
      {"2001:db8:1:2:0:5efe:cb00:7107", "2001:db8:1:2:0:5efe:cb00:7100"},
      {"fe80::200:5efe:203.0.113.7", "fe80::200:5efe:cb00:7100"},
      {"::ffff:0:203.0.113.7", "::ffff:0:cb00:7100"},
      {"::203.0.113.7", "::203.0.113.0"},
      {"2001:db8::203:7", "2001:db8::203:7"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before, Format::plain, profile) == after);
    CHECK(anonymized(after, Format::plain, profile) == after);
  }
}

TEST_CASE("what only looks like an unusual spelling stays") {
  constexpr auto kept = std::to_array<std::string_view>({
      "order 3405803783, n=3405803783, \"n\":3405803783",
      "commit cb007107 and cb007107. cb007107.patch cb007107.tar.gz",
      "sha 0xCB007107 at 0xdeadbeef",
      "access-20260131.log 20260131.static.example 3f7a9b2c.js",
      "cb007107.cdn.example cb0071.dialup.example acb007107.dialup.example",
      "backup-26-01-31-12-34-56 2026-01-31-12-34-56 26-01-31-12-34-56",
      "2026-01-31-12-34-56-123-01 x",
      "key AB-CD-EF-01-23 aa-bb-cc-dd-ee-ff-00",
      "--help -- ---- -----BEGIN x--y a--b.example xn--bcher-kva.example",
      "2023.1234.5678 1234.5678.9012 v1.2345.6789 face.cafe",
      "http://2/ http://12.5/ urn://1.0 http://1.2.3/",
      "http://34058037830/ http://3405803783x/ http://3405803783.example/",
      "mac=osx mac=10.15 \"mac\":\"none\"",
      "12:34:56:7:8:9 1:2:3:4:5:6",
      "in-addr.arpa 1.5-rc2 x.2-in",
      "ip=high client_ip=12 ip=-",
      "OID 1.3.6.1.4.1.311 phone 555-01-02-03-04-05",
      "0800-274e-66a1",
  });
  for (const std::string_view text : kept) {
    CHECK(anonymized(text) == text);
  }
}

TEST_CASE("an address has one pseudonym in all its spellings") {
  Profile profile = built_in_profile();
  for (const Kind kind : {Kind::ipv4, Kind::ipv6, Kind::mac}) {
    profile.transforms[kind] = {.action = Action::hash};
  }
  const auto hash_of = [&](std::string_view text) {
    const std::string out = anonymized(text, Format::plain, profile);
    for (std::size_t at = 0; at + 32 <= out.size(); ++at) {
      if (out.substr(at, 32).find_first_not_of("0123456789abcdef") == std::string::npos) {
        return out.substr(at, 32);
      }
    }
    return out;
  };
  const std::string ipv4 = hash_of("203.0.113.7");
  for (const std::string_view text :
       {"203.000.113.007", "ip-203-0-113-7", "7.113.0.203.in-addr.arpa",
        "7.0-127.113.0.203.in-addr.arpa", "http://3405803783/", "http://0xCB.0.0x71.7/",
        "http://203.28935/", "cb007107.dialup.isp.example", "ip=3405803783", "::ffff:203.0.113.7",
        "::ffff:cb00:7107", "64:ff9b::cb00:7107", "203%2E0%2E113%2E7"}) {
    CAPTURE(text);
    CHECK(hash_of(text) == ipv4);
  }
  const std::string ipv6 = hash_of("2001:db8:1:2::7");
  for (const std::string_view text :
       {"2001:0DB8:1:2:0:0:0:7", "[2001:db8:1:2::7]:443", "2001-db8-1-2--7.ipv6-literal.net",
        "2001-db8-1-2-0-0-0-7.dyn.isp.example",
        "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"}) {
    CAPTURE(text);
    CHECK(hash_of(text) == ipv6);
  }
  const std::string mac = hash_of("08:00:27:4e:66:a1");
  for (const std::string_view text :
       {"08-00-27-4E-66-A1", "8:0:27:4e:66:a1", "0800.274e.66a1", "mac=0800274E66A1"}) {
    CAPTURE(text);
    CHECK(hash_of(text) == mac);
  }
}

}  // namespace trackier::anonymize
