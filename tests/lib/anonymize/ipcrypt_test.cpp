#include "anonymize/ipcrypt.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "core/error.hpp"
#include "support/shared_data.hpp"

namespace trackier::anonymize {
namespace {

std::vector<std::byte> bytes_of_hex(std::string_view text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(
        static_cast<std::byte>(std::stoul(std::string{text.substr(i, 2)}, nullptr, 16)));
  }
  return bytes;
}

std::string hex_of(Bytes bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  }
  return text;
}

Address parsed(std::string_view text) {
  const auto address = parse_address(text);
  REQUIRE(address);
  return *address;
}

unsigned common_bits(const Address& one, const Address& other) {
  const unsigned bits = one.v6 ? 128 : 32;
  for (unsigned i = 0; i < bits; ++i) {
    if (((one.bytes[i / 8] ^ other.bytes[i / 8]) >> (7 - i % 8) & 1U) != 0) {
      return i;
    }
  }
  return bits;
}

constexpr std::string_view two_keys =
    "0123456789abcdeffedcba98765432101032547698badcfeefcdab8967452301";
constexpr std::string_view other_two =
    "2b7e151628aed2a6abf7158809cf4f3ca9f5ba40db214c3798f2e1c23456789a";

struct Sample {
  std::string_view key;
  std::string_view address;
  std::string_view encrypted;
};

}  // namespace

/// draft-denis-ipcrypt, appendix of test vectors.
TEST_CASE("prefixes are encrypted as the draft's vectors say") {
  const auto samples = std::to_array<Sample>({
      {two_keys, "0.0.0.0", "151.82.155.134"},
      {two_keys, "255.255.255.255", "94.185.169.89"},
      {two_keys, "192.0.2.1", "100.115.72.131"},
      {two_keys, "2001:db8::1", "c180:5dd4:2587:3524:30ab:fa65:6ab6:f88"},
      {two_keys, "2001:db8::2", "c180:5dd4:2587:3524:30ab:fa65:6ab6:f8a"},
      {other_two, "10.0.0.47", "19.214.210.244"},
  });
  for (const Sample& sample : samples) {
    CAPTURE(sample.address);
    PrefixIpcrypt ipcrypt{bytes_of_hex(sample.key)};
    std::array<Address, 1> address{parsed(sample.address)};
    ipcrypt.encrypt(address);
    CHECK(address[0] == parsed(sample.encrypted));
    CHECK(ipcrypt.decrypt(address[0]) == parsed(sample.address));
  }
}

TEST_CASE("addresses are encrypted as the other vectors of the draft say") {
  const auto file = ::trackier::test::shared_data("logs/vectors");
  if (!file) {
    return;
  }
  std::ifstream stream{*file / "ipcrypt_test_vectors.json"};
  const auto vectors = nlohmann::json::parse(stream);
  REQUIRE(vectors.size() > 10);
  for (const auto& each : vectors) {
    const auto variant = each.at("variant").get<std::string>();
    const auto key = bytes_of_hex(each.at("key").get<std::string>());
    const AddressBytes address = bytes_of(parsed(each.at("ip").get<std::string>()));
    CAPTURE(each.dump());
    if (variant == "ipcrypt-deterministic") {
      DeterministicIpcrypt ipcrypt{key};
      const AddressBytes made = ipcrypt.encrypt(address);
      CHECK(address_of(made) == parsed(each.at("encrypted_ip").get<std::string>()));
      CHECK(ipcrypt.decrypt(made) == address);
      continue;
    }
    const auto tweak = bytes_of_hex(each.at("tweak").get<std::string>());
    if (variant == "ipcrypt-nd") {
      const NdIpcrypt ipcrypt{key};
      const NdIpcrypt::Result made = ipcrypt.encrypt(address, tweak);
      CHECK(hex_of(made) == each.at("output").get<std::string>());
      CHECK(ipcrypt.decrypt(made) == address);
    } else {
      REQUIRE(variant == "ipcrypt-ndx");
      NdxIpcrypt ipcrypt{key};
      const NdxIpcrypt::Result made = ipcrypt.encrypt(address, tweak);
      CHECK(hex_of(made) == each.at("output").get<std::string>());
      CHECK(ipcrypt.decrypt(made) == address);
    }
  }
}

TEST_CASE("the length of a common prefix stays, in batches of any size") {
  std::mt19937 random{20'261'127};
  PrefixIpcrypt ipcrypt{bytes_of_hex(two_keys)};
  std::vector<Address> plain;
  for (int i = 0; i < 400; ++i) {
    Address address;
    address.v6 = random() % 2 == 0;
    const std::size_t size = address.v6 ? 16 : 4;
    for (std::size_t byte = 0; byte < size; ++byte) {
      address.bytes[byte] = static_cast<std::uint8_t>(random());
    }
    if (!plain.empty() && random() % 4 != 0) {  // near to another one
      const Address& near = plain[random() % plain.size()];
      const auto bits = random() % (near.v6 ? 129U : 33U);
      Address mixed = near;
      for (unsigned bit = static_cast<unsigned>(bits); bit < (near.v6 ? 128U : 32U); ++bit) {
        mixed.bytes[bit / 8] =
            static_cast<std::uint8_t>(mixed.bytes[bit / 8] ^ (random() % 2 << (7 - bit % 8)));
      }
      address = mixed;
    }
    plain.push_back(address);
  }
  std::vector<Address> encrypted = plain;
  ipcrypt.encrypt(encrypted);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    std::array<Address, 1> alone{plain[i]};
    ipcrypt.encrypt(alone);
    CHECK(alone[0] == encrypted[i]);
    for (std::size_t j = 0; j < i; ++j) {
      if (plain[i].v6 == plain[j].v6) {
        CHECK(common_bits(plain[i], plain[j]) == common_bits(encrypted[i], encrypted[j]));
      }
    }
  }
}

TEST_CASE("a whole network is permuted") {
  PrefixIpcrypt ipcrypt{bytes_of_hex(two_keys)};
  std::vector<Address> network(65536, parsed("203.0.0.0"));
  for (std::size_t i = 0; i < network.size(); ++i) {
    network[i].bytes[2] = static_cast<std::uint8_t>(i >> 8U);
    network[i].bytes[3] = static_cast<std::uint8_t>(i);
  }
  ipcrypt.encrypt(network);
  std::vector<bool> seen(65536);
  for (const Address& address : network) {
    CHECK_UNARY(address.bytes[0] == network[0].bytes[0]);
    const std::size_t low = std::size_t{address.bytes[2]} << 8U | address.bytes[3];
    if (seen[low]) {
      FAIL("two addresses became one");
    }
    seen[low] = true;
  }
}

TEST_CASE("the processor's rounds and ours are the same") {
  std::mt19937 random{7};
  for (int round = 0; round < 300; ++round) {
    std::vector<std::byte> key(16);
    crypto::AesBlock block{};
    crypto::Kiasu::Tweak tweak{};
    for (auto* bytes : {key.data(), block.data()}) {
      std::generate_n(bytes, 16, [&] { return static_cast<std::byte>(random()); });
    }
    std::ranges::generate(tweak, [&] { return static_cast<std::byte>(round == 0 ? 0 : random()); });
    const crypto::Kiasu kiasu{key};
    const crypto::AesBlock made = kiasu.encrypt(block, tweak);
    CHECK(made == kiasu.encrypt_portably(block, tweak));
    CHECK(kiasu.decrypt(made, tweak) == block);
    if (round == 0) {  // without a tweak it is AES
      crypto::AesBlocks aes{key};
      crypto::AesBlock expected{};
      aes.encrypt({&block, 1}, {&expected, 1});
      CHECK(made == expected);
    }
  }
}

TEST_CASE("keys whose halves are the same are refused") {
  CHECK_THROWS_AS((PrefixIpcrypt{std::vector<std::byte>(32)}), Error);
  CHECK_THROWS_AS((NdxIpcrypt{std::vector<std::byte>(32)}), Error);
  CHECK_THROWS_AS((NdxIpcrypt{std::vector<std::byte>(31)}), Error);
  CHECK_THROWS_AS((DeterministicIpcrypt{std::vector<std::byte>(15)}), Error);
}

}  // namespace trackier::anonymize
