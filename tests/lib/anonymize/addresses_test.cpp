#include "anonymize/addresses.hpp"

#include <doctest/doctest.h>

#include <string>

#include <random>

#include <array>

#include "job_on_text.hpp"

namespace trackier::anonymize {

using test::anonymized;
using test::Change;

TEST_CASE("an IPv4 address loses its last octet wherever it stands") {
  constexpr auto changes = std::to_array<Change>({
      {"peer 203.0.113.5 up", "peer 203.0.113.0 up"},
      {"203.0.113.5", "203.0.113.0"},
      {"10.20.30.41:51234 -> 192.0.2.8:443", "10.20.30.0:51234 -> 192.0.2.0:443"},
      {"IP 192.0.2.8.443 > 198.51.100.7.51000: S", "IP 192.0.2.0.443 > 198.51.100.0.51000: S"},
      {"block(1): tcp/connect ]: 0.0.0.0 192.0.2.8.4885",
       "block(1): tcp/connect ]: 0.0.0.0 192.0.2.0.4885"},
      {"X-Forwarded-For: 192.0.2.43, 198.51.100.17", "X-Forwarded-For: 192.0.2.0, 198.51.100.0"},
      {"Forwarded: for=192.0.2.43;by=\"198.51.100.17:80\"",
       "Forwarded: for=192.0.2.0;by=\"198.51.100.0:80\""},
      {"http://192.0.2.9/x?u=http://192.0.2.10/", "http://192.0.2.0/x?u=http://192.0.2.0/"},
      {"GET /ip/192.0.2.9/ HTTP/1.1", "GET /ip/192.0.2.0/ HTTP/1.1"},
      {"host/192.0.2.9:8080 refused", "host/192.0.2.0:8080 refused"},
      {"/192.0.2.9:8080 refused", "/192.0.2.0:8080 refused"},
      {"Via: SIP/2.0/UDP 192.0.2.9:5060 UDP/192.0.2.9/5061",
       "Via: SIP/2.0/UDP 192.0.2.0:5060 UDP/192.0.2.0/5061"},
      {"198.051.100.007", "198.051.100.0"},
      {"x\t203.0.113.10\ty", "x\t203.0.113.0\ty"},
      {"\xC3\xA9"
       "203.0.113.9\xC3\xA9",
       "\xC3\xA9"
       "203.0.113.0\xC3\xA9"},
      {"at 203.0.113.9.", "at 203.0.113.0."},
      {"(203.0.113.9),[203.0.113.8];203.0.113.7|", "(203.0.113.0),[203.0.113.0];203.0.113.0|"},
      {"q=%20203.0.113.9&z", "q=%20203.0.113.0&z"},
      {"rhost=203.0.113.9 user", "rhost=203.0.113.0 user"},
      {"\x1B[31m203.0.113.9\x1B[0m", "\x1B[31m203.0.113.0\x1B[0m"},
      {"203.0.113.9/32", "203.0.113.0/32"},
      {"203.0.113.9-203.0.113.20", "203.0.113.0-203.0.113.0"},
      {"ip-192-0-2-17 sshd", "ip-192-0-2-0 sshd"},
      {"ec2-203-0-113-11.compute.example", "ec2-203-0-113-0.compute.example"},
      {"192-0-2-17.example.net", "192-0-2-0.example.net"},
      {"17.2.0.192.in-addr.arpa", "0.2.0.192.in-addr.arpa"},
      {"17.2.0.192.dialup.example", "0.2.0.0.dialup.example"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
  }
}

TEST_CASE("versions, times and names are no addresses") {
  constexpr auto kept = std::to_array<std::string_view>({
      "\"Mozilla/5.0 Chrome/121.0.0.0 Safari/537.36\"",
      "OPR/85.0.4341.18 Edg/120.0.2210.91",
      "Mozilla/5.0 (Windows NT 10.0; rv:1.9.2.28) Gecko",
      "v4.3.2.1 and V4.3.2.1",
      "version 4.3.2.1, version: \"4.3.2.1\", Version=4.3.2.1",
      "lib 4.3.2.1.0 ok",
      "OID 1.3.6.1.4.1.311",
      "300.12.400.7",
      "10.0.19041.1",
      "192.0.2.",
      "1.2.3",
      "12:34:56 std::move a::b",
      "2026-01-31T12:34:56 10:05:03",
      "std::bad_alloc ::operator",
      "pci 0000:00:1f.2",
      "20-20-20-20 1-2-3-4",
      "sha1 aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd",
      "192.0.2.0 and 0.0.0.0 have been cut",
      "192.0.2.000",
      "00:00:5e:00:00:00",
  });
  for (const std::string_view text : kept) {
    CHECK(anonymized(text) == text);
  }
}

TEST_CASE("when in doubt a number is taken for an address") {
  CHECK(anonymized("build-host 4.3.2.1") == "build-host 4.3.2.0");
  CHECK(anonymized("curl/192.0.2.9") == "curl/192.0.2.0");
}

TEST_CASE("an IPv6 address keeps 48 bits in all its spellings") {
  constexpr auto changes = std::to_array<Change>({
      {"2001:db8:1:2::3", "2001:db8:1::"},
      {"[2001:db8:9::1]:443 open", "[2001:db8:9::]:443 open"},
      {"2001:DB8:A:2::3 up", "2001:db8:a:: up"},
      {"fe80::a00:27ff:fe4e:66a1%en0 up", "fe80::%en0 up"},
      {"::ffff:203.0.113.6 up", "::ffff:203.0.113.0 up"},
      {"::FFFF:203.0.113.6", "::ffff:203.0.113.0"},
      {"::ffff:cb00:7106", "::ffff:203.0.113.0"},
      {"64:ff9b::192.0.2.17", "64:ff9b::192.0.2.0"},
      {"64:ff9b::c000:211", "64:ff9b::192.0.2.0"},
      {"64:ff9b:1::c000:211", "64:ff9b:1::"},
      {"2002:c000:211:5::1", "2002:c000:200::"},
      {"2001:0:4136:e378:8000:63bf:3fff:fdee", "2001:0:4136::"},
      {"fe80::5efe:192.0.2.17", "fe80::"},
      {"2001:0db8:0001:0002:0003:0004:0005:0006", "2001:db8:1::"},
      {"1a00:c820:1180:c84c:ad3f:4024:d991:ec2e:49225 x", "1a00:c820:1180:0:0:0:0:0:49225 x"},
      {"2001:db8::1:46824 x", "2001:db8:0:0:0:0:0:0:46824 x"},
      {"src:2001:db8:1:2::9 x", "src:2001:db8:1:: x"},
      {"user@[IPv6:2001:db8::1]", "[email]"},
      {"2001:db8:1:2::3: in a sentence", "2001:db8:1::: in a sentence"},
      {"::1", "::"},
      {"b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
       "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
      {"08:00:27:4e:66:a1 seen", "08:00:27:00:00:00 seen"},
      {"HWaddr 08:00:27:4E:66:A1", "HWaddr 08:00:27:00:00:00"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
  }
}

TEST_CASE("a shorter prefix cuts more, and an address of an address is cut as that address") {
  Profile profile = built_in_profile();
  profile.transforms[Kind::ipv4].ipv4_prefix = 16;
  profile.transforms[Kind::ipv6].ipv6_prefix = 32;
  profile.transforms[Kind::ipv6].ipv4_prefix = 16;
  CHECK(anonymized("192.0.2.17", Format::plain, profile) == "192.0.0.0");
  CHECK(anonymized("198.051.100.007", Format::plain, profile) == "198.051.0.0");
  CHECK(anonymized("2001:db8:1:2::3", Format::plain, profile) == "2001:db8::");
  CHECK(anonymized("::ffff:192.0.2.17", Format::plain, profile) == "::ffff:192.0.0.0");
  CHECK(anonymized("17.2.0.192.in-addr.arpa", Format::plain, profile) == "0.0.0.192.in-addr.arpa");
  profile.transforms[Kind::ipv4].ipv4_prefix = 20;
  CHECK(anonymized("192.0.255.17", Format::plain, profile) == "192.0.240.0");
}

TEST_CASE("networks of the profile stay") {
  Profile profile = built_in_profile();
  profile.keep_networks = {"10.0.0.0/8", "2001:db8::/32", "192.0.2.7"};
  CHECK(anonymized("10.1.2.3 11.1.2.3 192.0.2.7 192.0.2.8", Format::plain, profile) ==
        "10.1.2.3 11.1.2.0 192.0.2.7 192.0.2.0");
  CHECK(anonymized("2001:db8::1 2001:db9::1 ::ffff:10.1.2.3", Format::plain, profile) ==
        "2001:db8::1 2001:db9:: ::ffff:10.1.2.3");
}

TEST_CASE("a network is an address and a number of bits it can have") {
  CHECK(Network::parse("10.0.0.0/8"));
  CHECK(Network::parse("::1"));
  for (const std::string_view text : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x",
                                      "10.0.0/8", "", "/8", "::/129", "example.com"}) {
    CHECK_FALSE(Network::parse(text));
  }
}

TEST_CASE("every IPv4 address is found between every pair of neighbours") {
  for (const std::string_view before : {"", " ", "\"", "[", "(", "=", ",", "/", "\t", "'", "<"}) {
    for (const std::string_view after :
         {"", " ", "\"", "]", ")", ",", ":80", "\t", "/x", ";", ">"}) {
      for (const std::string_view address : {"1.2.3.4", "255.255.255.255", "100.20.3.45"}) {
        const std::string text = std::string{before}.append(address).append(after);
        const std::string cut{address.substr(0, address.rfind('.'))};
        CHECK(anonymized(text) == std::string{before}.append(cut).append(".0").append(after));
      }
    }
  }
}

TEST_CASE("networks are searched as one by one would find them") {
  std::mt19937 random{20'261'127};
  const auto address = [&](bool v6) {
    Address made;
    made.v6 = v6;
    for (std::size_t i = 0; i < (v6 ? 16U : 4U); ++i) {
      made.bytes[i] = static_cast<std::uint8_t>(random() % 4);
    }
    return made;
  };
  const auto text = [](const Address& of) {
    std::string made;
    append_spelled({}, Form::plain, of, made);
    return made;
  };
  Networks networks;
  std::vector<std::pair<Address, int>> alone;
  for (int i = 0; i < 300; ++i) {
    const bool v6 = i % 2 == 0;
    const Address network = address(v6);
    const int prefix = static_cast<int>(random() % (v6 ? 129U : 33U)) / 2 + (v6 ? 40 : 12);
    CHECK(networks.add(text(network) + "/" + std::to_string(prefix)));
    alone.emplace_back(network, prefix);
  }
  for (int i = 0; i < 3000; ++i) {
    const Address looked_for = address(i % 2 == 0);
    const bool expected = std::ranges::any_of(alone, [&](const auto& network) {
      const auto cut = [&](const Address& of) {
        return truncated(of, network.second, network.second);
      };
      return network.first.v6 == looked_for.v6 && cut(network.first) == cut(looked_for);
    });
    CHECK(networks.contains(looked_for) == expected);
  }
  CHECK(Networks{}.empty());
  CHECK_FALSE(Networks{}.add("home"));
  Networks named;
  CHECK(named.add("private"));
  CHECK(named.contains(*parse_address("172.31.255.255")));
  CHECK_FALSE(named.contains(*parse_address("172.32.0.0")));
  CHECK(named.contains(*parse_address("::ffff:10.0.0.1")));
  CHECK(named.contains(*parse_address("fdff::1")));
}

}  // namespace trackier::anonymize
